//! Credentials and their providers.

#[cfg(feature = "aws-credential-types")]
mod aws;
mod cached;
mod process;
mod provider;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use zeroize::Zeroizing;

use crate::Clock;

pub use self::cached::Cached;
pub use self::process::Process;
pub use self::provider::{CredentialsError, Load, Provider, SharedProvider};

/// AWS credentials: an access key id and a secret access key, and for temporary credentials a session
/// token and an expiry. Clones are cheap.
///
/// `Debug` does not show secrets. Expired credentials are not used for signing.
#[derive(Clone)]
pub struct Credentials(Arc<Parts>);

/// Secrets are erased from memory on drop.
#[derive(Clone)]
struct Parts {
    access_key_id: String,
    secret_access_key: Zeroizing<String>,
    session_token: Option<Zeroizing<String>>,
    expiry: Option<SystemTime>,
}

impl Credentials {
    /// Creates long-term credentials.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Self::from_parts(access_key_id, secret_access_key, None, None)
    }

    /// Adds a session token.
    #[must_use]
    pub fn with_session_token(mut self, token: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.0).session_token = Some(Zeroizing::new(token.into()));
        self
    }

    /// Adds the time at which the credentials expire.
    #[must_use]
    pub fn with_expiry(mut self, expiry: SystemTime) -> Self {
        Arc::make_mut(&mut self.0).expiry = Some(expiry);
        self
    }

    /// Returns the access key id, which is not a secret.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.0.access_key_id
    }

    /// Returns the time at which the credentials expire. `None` if they do not expire or it is unknown.
    #[must_use]
    pub fn expiry(&self) -> Option<SystemTime> {
        self.0.expiry
    }

    /// Creates credentials with optional parts.
    pub(crate) fn from_parts(
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<String>,
        session_token: Option<&str>,
        expiry: Option<SystemTime>,
    ) -> Self {
        Self(Arc::new(Parts {
            access_key_id: access_key_id.into(),
            secret_access_key: Zeroizing::new(secret_access_key.into()),
            session_token: session_token.map(|token| Zeroizing::new(token.to_owned())),
            expiry,
        }))
    }

    pub(crate) fn secret_access_key(&self) -> &str {
        &self.0.secret_access_key
    }

    pub(crate) fn session_token(&self) -> Option<&str> {
        self.0.session_token.as_ref().map(|token| token.as_str())
    }

    /// Returns whether the credentials expire.
    pub(crate) fn are_temporary(&self) -> bool {
        self.0.session_token.is_some() || self.expiry().is_some()
    }

    /// Returns the credentials unless they have expired by this clock, with and without its correction.
    /// The clock may have been set since it was corrected, and only a response corrects it again.
    fn unexpired(self, clock: &Clock) -> Result<Self, CredentialsError> {
        let now = || clock.now().min(clock.uncorrected());
        match self.expiry() {
            Some(expiry) if expiry <= now() => Err(CredentialsError::new(
                "the credentials have already expired: renew them, and check that the system's \
                 clock is right",
            )),
            _ => Ok(self),
        }
    }

    /// Returns whether access key, secret and session token are the same.
    pub(crate) fn are(&self, other: &Self) -> bool {
        let (a, b) = (&self.0, &other.0);
        a.access_key_id == b.access_key_id
            && a.secret_access_key == b.secret_access_key
            && a.session_token == b.session_token
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id())
            .field("secret_access_key", &"[redacted]")
            .field("expiry", &self.expiry())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    #[test]
    fn secrets_do_not_show() {
        let credentials = Credentials::new("AKID", "very-secret").with_session_token("a-token");
        let provider = SharedProvider::from(credentials.clone());
        for shown in [format!("{credentials:?}"), format!("{provider:?}")] {
            assert!(shown.contains("AKID"));
            assert!(!shown.contains("very-secret") && !shown.contains("a-token"), "{shown}");
        }
    }

    #[test]
    fn adding_a_part_keeps_the_others() {
        let key = Credentials::new("a", "b");
        let one = key.clone().with_session_token("t").with_expiry(UNIX_EPOCH);
        let other = key.clone().with_expiry(UNIX_EPOCH).with_session_token("t");
        assert!(
            one.are(&other) && !one.are(&key) && !one.are(&one.clone().with_session_token("u"))
        );
        assert_eq!(other.expiry(), Some(UNIX_EPOCH));
        assert!(one.are_temporary() && !key.are_temporary());
    }
}
