//! Providers of credentials.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{Cached, Credentials};
use crate::{BoxError, Clock};

/// The future of a [`Provider`].
pub type Load<'a> =
    Pin<Box<dyn Future<Output = Result<Credentials, CredentialsError>> + Send + 'a>>;

/// A source of credentials, such as a process, a vault or another service.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use chime_transport::credentials::{Load, Provider, SharedProvider};
/// use chime_transport::{Config, Credentials};
///
/// struct Vault;
///
/// impl Provider for Vault {
///     fn load(&self) -> Load<'_> {
///         Box::pin(async { Ok(Credentials::new("AKIDEXAMPLE", "a-secret")) })
///     }
/// }
///
/// let config = Config::new(SharedProvider::new(Vault));
/// let credentials = config.credentials.unwrap().load().await.unwrap();
/// assert_eq!(credentials.access_key_id(), "AKIDEXAMPLE");
/// # });
/// ```
pub trait Provider: Send + Sync {
    /// Loads credentials that are valid now.
    fn load(&self) -> Load<'_>;

    /// Reports that the service rejected these credentials as expired. A provider with a cache should
    /// load new ones the next time.
    fn refused(&self, _credentials: &Credentials) {}
}

impl Provider for Credentials {
    fn load(&self) -> Load<'_> {
        Box::pin(std::future::ready(Ok(self.clone())))
    }
}

/// Fixed credentials, or a [`Provider`] with or without a cache. Clones are cheap and share the cache.
///
/// `Debug` does not show secrets.
#[derive(Clone)]
pub struct SharedProvider(Source);

#[derive(Clone)]
enum Source {
    Fixed(Credentials),
    Cached(Cached),
    Uncached(Arc<dyn Provider>),
    /// Always fails.
    Unsupported(CredentialsError),
}

impl SharedProvider {
    /// Caches the credentials of `provider` until shortly before they expire: see [`Cached`].
    pub fn new(provider: impl Provider + 'static) -> Self {
        Self(Source::Cached(Cached::new(provider, Clock::default())))
    }

    /// Calls `provider` for every attempt of every call. Use it for providers that have their own cache.
    pub fn uncached(provider: impl Provider + 'static) -> Self {
        Self(Source::Uncached(Arc::new(provider)))
    }

    /// Loads credentials that are valid now, by the system's clock.
    ///
    /// # Errors
    /// If the provider fails, or if its credentials have already expired.
    pub async fn load(&self) -> Result<Credentials, CredentialsError> {
        self.load_by(&Clock::default()).await
    }

    /// Loads credentials that are valid by `clock`, which may be corrected to the service's time.
    pub(crate) async fn load_by(&self, clock: &Clock) -> Result<Credentials, CredentialsError> {
        let credentials = match &self.0 {
            Source::Cached(cached) => return cached.get(clock).await,
            Source::Fixed(credentials) => credentials.clone(),
            Source::Uncached(provider) => provider.load().await?,
            Source::Unsupported(error) => return Err(error.clone()),
        };
        credentials.unexpired(clock)
    }

    /// Reports that the service rejected these credentials as expired. Returns whether the next load may
    /// return others.
    pub fn refused(&self, credentials: &Credentials) -> bool {
        match &self.0 {
            Source::Fixed(_) | Source::Unsupported(_) => false,
            Source::Cached(cached) => cached.reject(credentials),
            Source::Uncached(provider) => {
                provider.refused(credentials);
                true
            }
        }
    }

    /// Returns fixed credentials that never expire, which callers need not wait for.
    pub(crate) fn fixed(&self) -> Option<&Credentials> {
        match &self.0 {
            Source::Fixed(credentials) if credentials.expiry().is_none() => Some(credentials),
            _ => None,
        }
    }

    /// Creates a provider that always fails, for a profile whose property `key` selects credentials that
    /// this crate cannot load.
    pub(crate) fn unsupported(profile: &str, key: &str) -> Self {
        Self(Source::Unsupported(CredentialsError::new(format!(
            "profile {profile:?} gets its credentials from {key}, which needs a command built with \
             the feature aws-config (cargo install chime-cli --features aws-config), or in code a \
             credentials provider such as that of aws-config"
        ))))
    }
}

impl From<Credentials> for SharedProvider {
    fn from(credentials: Credentials) -> Self {
        Self(Source::Fixed(credentials))
    }
}

impl From<&Credentials> for SharedProvider {
    fn from(credentials: &Credentials) -> Self {
        credentials.clone().into()
    }
}

impl From<&SharedProvider> for SharedProvider {
    fn from(provider: &SharedProvider) -> Self {
        provider.clone()
    }
}

impl fmt::Debug for SharedProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Fixed(credentials) => credentials.fmt(f),
            _ => f.write_str("SharedProvider"),
        }
    }
}

/// An error from loading credentials.
#[derive(Clone, Debug)]
pub struct CredentialsError {
    message: Cow<'static, str>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl CredentialsError {
    /// Creates an error with a message. It must not contain secrets, since it is shown and logged.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), source: None }
    }

    /// Adds the cause of the error. It must not contain secrets either.
    #[must_use]
    pub fn with_source(self, source: impl Into<BoxError>) -> Self {
        Self { source: Some(source.into().into()), ..self }
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for CredentialsError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    #[tokio::test]
    async fn expired_credentials_are_an_error() {
        let credentials = |expiry| Credentials::new("a", "b").with_expiry(expiry);
        let hour = Duration::from_secs(3600);
        let load = async |expiry| {
            let fixed = SharedProvider::from(credentials(expiry));
            assert!(fixed.fixed().is_none());
            let uncached = SharedProvider::uncached(credentials(expiry));
            let cached = SharedProvider::new(credentials(expiry));
            let results = [fixed.load().await, uncached.load().await, cached.load().await];
            results.map(|result| result.map(|_| ()).map_err(|error| error.to_string()))
        };
        assert_eq!(load(SystemTime::now() + hour).await, [Ok(()), Ok(()), Ok(())]);
        for expiry in [UNIX_EPOCH, SystemTime::now() - hour] {
            for result in load(expiry).await {
                assert!(result.unwrap_err().contains("already expired"));
            }
        }
    }
}
