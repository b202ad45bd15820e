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
    /// With the crate `aws-config`, the default chain of the SDK (roles, SSO, containers, EC2) takes one
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
        let (id, secret) = (keys.access_key_id(), keys.secret_access_key());
        Self::from_parts(id, secret, keys.session_token(), keys.expiry())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_credential_types::Credentials as Keys;
    use std::error::Error as _;
    use std::time::{Duration, SystemTime};

    #[tokio::test]
    async fn credentials_and_errors_are_converted() {
        let expiry = SystemTime::now() + Duration::from_secs(3600);
        let keys = Keys::new("AKID", "very-secret", Some("t".to_owned()), Some(expiry), "x");
        let provider = SharedProvider::from(SharedCredentialsProvider::new(keys));
        assert!(!format!("{provider:?}").contains("very-secret"));
        let credentials = provider.load().await.unwrap();
        assert!(credentials.are(&Credentials::new("AKID", "very-secret").with_session_token("t")));
        assert_eq!(credentials.expiry(), Some(expiry));
        assert!(provider.refused(&credentials));
        let none = aws_credential_types::credential_fn::provide_credentials_fn(async || {
            Err(aws_credential_types::provider::error::CredentialsError::provider_error("no luck"))
        });
        let error = SharedProvider::aws(none).load().await.unwrap_err();
        assert_eq!(error.to_string(), "the AWS credentials provider failed");
        assert!(error.source().is_some());
    }
}
