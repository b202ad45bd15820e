//! What gets credentials.

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

/// Gets credentials: from a process, a vault, another service.
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
    /// Gets credentials of use now.
    fn load(&self) -> Load<'_>;

    /// Hears that the service took these for expired: one that keeps credentials gets others the
    /// next time.
    fn refused(&self, _credentials: &Credentials) {}
}

impl Provider for Credentials {
    fn load(&self) -> Load<'_> {
        Box::pin(std::future::ready(Ok(self.clone())))
    }
}

/// A provider for many users: a key that stays, or anything that gets one. Clones are cheap and
/// share what they keep.
///
/// `Debug` shows no secret.
#[derive(Clone)]
pub struct SharedProvider(Source);

#[derive(Clone)]
enum Source {
    Fixed(Credentials),
    Cached(Cached),
    Changing(Arc<dyn Provider>),
}

impl SharedProvider {
    /// Keeps what `provider` gets for as long as it is of use: see [`Cached`].
    pub fn new(provider: impl Provider + 'static) -> Self {
        Self(Source::Cached(Cached::new(provider, Clock::default())))
    }

    /// Asks `provider` for every attempt of every call: for one that keeps credentials itself.
    pub fn uncached(provider: impl Provider + 'static) -> Self {
        Self(Source::Changing(Arc::new(provider)))
    }

    /// Gets credentials of use now.
    ///
    /// # Errors
    /// If there are none.
    pub async fn load(&self) -> Result<Credentials, CredentialsError> {
        match &self.0 {
            Source::Fixed(credentials) => Ok(credentials.clone()),
            Source::Cached(cached) => cached.load().await,
            Source::Changing(provider) => provider.load().await,
        }
    }

    /// Gets credentials of use by this clock, which knows more of the service's.
    pub(crate) async fn load_by(&self, clock: &Clock) -> Result<Credentials, CredentialsError> {
        match &self.0 {
            Source::Cached(cached) => cached.get(clock).await,
            Source::Fixed(_) | Source::Changing(_) => self.load().await,
        }
    }

    /// Tells the provider that the service took these for expired.
    pub fn refused(&self, credentials: &Credentials) {
        match &self.0 {
            Source::Fixed(_) => {}
            Source::Cached(cached) => cached.refused(credentials),
            Source::Changing(provider) => provider.refused(credentials),
        }
    }

    /// The credentials that never change: those there is nothing to wait for.
    pub(crate) fn fixed(&self) -> Option<&Credentials> {
        match &self.0 {
            Source::Fixed(credentials) => Some(credentials),
            Source::Cached(_) | Source::Changing(_) => None,
        }
    }

    /// Fails: for a profile that gets its credentials in a way that is not ours.
    pub(crate) fn unsupported(profile: &str, key: &str) -> Self {
        Self::uncached(Unsupported(format!(
            "the profile {profile} gets its credentials by {key}: give a provider for it in code, \
             such as that of aws-config"
        )))
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
            Source::Cached(_) | Source::Changing(_) => f.write_str("SharedProvider"),
        }
    }
}

struct Unsupported(String);

impl Provider for Unsupported {
    fn load(&self) -> Load<'_> {
        Box::pin(std::future::ready(Err(CredentialsError::new(self.0.clone()))))
    }
}

/// Why there are no credentials.
#[derive(Clone, Debug)]
pub struct CredentialsError {
    what: Cow<'static, str>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl CredentialsError {
    /// What went wrong, without any secret: it is shown and logged.
    pub fn new(what: impl Into<Cow<'static, str>>) -> Self {
        Self { what: what.into(), source: None }
    }

    /// The same, because of `source`, which is shown and logged too.
    #[must_use]
    pub fn because(self, source: impl Into<BoxError>) -> Self {
        Self { source: Some(source.into().into()), ..self }
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl StdError for CredentialsError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
