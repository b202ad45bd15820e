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
    /// ```
    /// # fn f(loaded: aws_credential_types::Credentials) {
    /// use chime_transport::Config;
    /// use chime_transport::credentials::SharedProvider;
    ///
    /// // Such as `aws_config::load_from_env().await.credentials_provider().unwrap()`.
    /// # let provider = loaded;
    /// let config = Config::new(SharedProvider::aws(provider));
    /// # }
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
    use aws_credential_types::Credentials as Keys;
    use std::time::UNIX_EPOCH;

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
