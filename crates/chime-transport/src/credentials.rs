//! Who signs.

use std::fmt;

use aws_sigv4::http_request::SigningError;

/// An access key: its id, its secret, and the session token of temporary ones.
///
/// `Debug` shows the id alone.
#[derive(Clone)]
pub struct Credentials(aws_credential_types::Credentials);

impl Credentials {
    /// A long-term key.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        let (id, secret) = (access_key_id.into(), secret_access_key.into());
        Self(aws_credential_types::Credentials::new(id, secret, None, None, "chime"))
    }

    /// The same key with the token of its session.
    #[must_use]
    pub fn with_session_token(self, token: impl Into<String>) -> Self {
        Self(aws_credential_types::Credentials::new(
            self.0.access_key_id(),
            self.0.secret_access_key(),
            Some(token.into()),
            None,
            "chime",
        ))
    }

    /// The id, which is no secret.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        self.0.access_key_id()
    }

    pub(crate) fn inner(&self) -> &aws_credential_types::Credentials {
        &self.0
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id())
            .field("secret_access_key", &"[redacted]")
            .finish_non_exhaustive()
    }
}

/// The signer's own error, without the aws crate in a public signature.
#[derive(Debug)]
pub(crate) struct CannotSign(pub(crate) SigningError);

impl fmt::Display for CannotSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request cannot be signed")
    }
}

impl std::error::Error for CannotSign {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_show() {
        let credentials = Credentials::new("AKID", "very-secret").with_session_token("a-token");
        let shown = format!("{credentials:?}");
        assert!(shown.contains("AKID"));
        assert!(!shown.contains("very-secret") && !shown.contains("a-token"), "{shown}");
    }
}
