//! Why a request cannot be signed.

use std::fmt;

use aws_sigv4::http_request::SigningError;

/// The signer's own error, without the aws crate in a public signature.
#[derive(Debug)]
pub(super) struct CannotSign(pub(super) SigningError);

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
