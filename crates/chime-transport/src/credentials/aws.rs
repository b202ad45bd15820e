//! Any provider of the AWS SDK: with aws-config, its whole chain.

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

use super::{Credentials, CredentialsError, Load, Provider, SharedProvider};

struct Aws<P>(P);

impl<P: ProvideCredentials> Provider for Aws<P> {
    fn load(&self) -> Load<'_> {
        Box::pin(async {
            let keys = self.0.provide_credentials().await.map_err(|error| {
                CredentialsError::new("the AWS credentials provider failed").because(error)
            })?;
            Ok(Credentials::from(keys))
        })
    }
}

impl SharedProvider {
    /// Keeps what a provider of the AWS SDK gets. With the feature `aws-credential-types`.
    ///
    /// With `aws-config` as a dependency of yours, its whole chain (roles, SSO, containers, EC2) is
    /// one line:
    ///
    /// ```text
    /// config.credentials = aws_config::load_defaults(BehaviorVersion::latest())
    ///     .await.credentials_provider().map(Into::into);
    /// ```
    ///
    /// A provider of your own goes the same way:
    ///
    /// ```
    /// use aws_credential_types::Credentials;
    /// use aws_credential_types::provider::{ProvideCredentials, future};
    /// use chime_transport::Config;
    /// use chime_transport::credentials::SharedProvider;
    ///
    /// #[derive(Debug)]
    /// struct Vault;
    ///
    /// impl ProvideCredentials for Vault {
    ///     fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    ///     where
    ///         Self: 'a,
    ///     {
    ///         let key = Credentials::new("AKID", "secret", None, None, "vault");
    ///         future::ProvideCredentials::ready(Ok(key))
    ///     }
    /// }
    ///
    /// let config = Config::new(SharedProvider::aws(Vault));
    /// ```
    pub fn aws(provider: impl ProvideCredentials + 'static) -> Self {
        Self::new(Aws(provider))
    }
}

impl From<SharedCredentialsProvider> for SharedProvider {
    fn from(provider: SharedCredentialsProvider) -> Self {
        Self::aws(provider)
    }
}

impl From<aws_credential_types::Credentials> for Credentials {
    fn from(keys: aws_credential_types::Credentials) -> Self {
        Self::wrap(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, Endpoint, ErrorKind, stack};
    use aws_credential_types::Credentials as Keys;
    use aws_credential_types::provider::{error::CredentialsError as Failed, future};
    use bytes::Bytes;
    use http::{Request, Response};
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::{Duration, UNIX_EPOCH};
    use tower::ServiceExt;

    /// Gets a first and a second key, in a second each, and no third.
    #[derive(Debug, Default)]
    struct Foreign(AtomicU32);

    impl ProvideCredentials for Foreign {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            future::ProvideCredentials::new(async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                match self.0.fetch_add(1, Ordering::Relaxed) {
                    2.. => Err(Failed::provider_error("no third")),
                    n => Ok(Keys::new(format!("KEY{n}"), "s", Some("token".to_owned()), None, "x")),
                }
            })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_foreign_provider_signs_the_calls_of_the_stack() {
        let config = Config::new(SharedProvider::aws(Foreign::default()));
        let endpoint = Endpoint::new("http://127.0.0.1:9", "us-east-1", "chime").unwrap();
        let (connection, mut driver) = tower_test::mock::pair::<Request<Bytes>, Response<Bytes>>();
        let transport = stack(&config, endpoint, connection).unwrap();
        let call = || tokio::spawn(transport.clone().oneshot(Request::new(Bytes::new())));
        // The first key serves twice, then it has expired; the second one serves, expires, and is
        // the last: the answer says more than that there is none.
        for (keys, status) in [(&[0][..], 200), (&[0, 1], 200), (&[1], 403)] {
            let call = call();
            for (i, key) in keys.iter().enumerate() {
                let (request, respond) = driver.next_request().await.unwrap();
                let signature = request.headers()["authorization"].to_str().unwrap();
                assert!(signature.contains(&format!("Credential=KEY{key}/")), "{signature}");
                assert_eq!(request.headers()["x-amz-security-token"], "token");
                let expired = Response::builder().status(403);
                let expired = expired.header("x-amzn-errortype", "ExpiredToken");
                let last = i + 1 == keys.len() && status == 200;
                let answer = if last { Response::builder() } else { expired };
                respond.send_response(answer.body(Bytes::new()).unwrap());
            }
            assert_eq!(call.await.unwrap().unwrap().status(), status);
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
        let error = call().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request);
    }

    #[tokio::test]
    async fn its_credentials_are_ours() {
        let keys = Keys::new("AKID", "very-secret", Some("t".to_owned()), Some(UNIX_EPOCH), "x");
        let provider = SharedProvider::from(SharedCredentialsProvider::new(keys));
        assert!(!format!("{provider:?}").contains("very-secret"));
        let credentials = provider.load().await.unwrap();
        assert!(credentials.are(&Credentials::new("AKID", "very-secret").with_session_token("t")));
        assert_eq!(credentials.expiry(), Some(UNIX_EPOCH));
    }
}
