//! Adapts providers of the AWS SDK, such as the default chain of aws-config.

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

use super::{Credentials, CredentialsError, Load, Provider, SharedProvider};

struct Aws<P>(P);

impl<P: ProvideCredentials> Provider for Aws<P> {
    fn load(&self) -> Load<'_> {
        Box::pin(async {
            let keys = self.0.provide_credentials().await.map_err(|error| {
                CredentialsError::new("the AWS credentials provider failed").with_source(error)
            })?;
            Ok(Credentials::from(keys))
        })
    }
}

impl SharedProvider {
    /// Caches the credentials of a provider of the AWS SDK. Needs the feature `aws-credential-types`.
    ///
    /// With the crate `aws-config`, the SDK's default chain (roles, SSO, containers, EC2) takes one
    /// line:
    ///
    /// ```text
    /// config.credentials = aws_config::load_defaults(BehaviorVersion::latest())
    ///     .await.credentials_provider().map(Into::into);
    /// ```
    ///
    /// Any other implementation works too:
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
    ///         let credentials = Credentials::new("AKID", "secret", None, None, "vault");
    ///         future::ProvideCredentials::ready(Ok(credentials))
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
    use std::time::{Duration, SystemTime};
    use tower::ServiceExt;

    /// Loads credentials twice, in a second each, and then fails.
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
        // The first credentials sign two calls and expire, and so do the second ones. Then none can
        // be loaded, and the caller gets the response that rejected the second ones.
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
                let response = if last { Response::builder() } else { expired };
                respond.send_response(response.body(Bytes::new()).unwrap());
            }
            assert_eq!(call.await.unwrap().unwrap().status(), status);
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
        let error = call().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request);
    }

    #[tokio::test]
    async fn credentials_are_converted() {
        let expiry = SystemTime::now() + Duration::from_secs(3600);
        let keys = Keys::new("AKID", "very-secret", Some("t".to_owned()), Some(expiry), "x");
        let provider = SharedProvider::from(SharedCredentialsProvider::new(keys));
        assert!(!format!("{provider:?}").contains("very-secret"));
        let credentials = provider.load().await.unwrap();
        assert!(credentials.are(&Credentials::new("AKID", "very-secret").with_session_token("t")));
        assert_eq!(credentials.expiry(), Some(expiry));
    }
}
