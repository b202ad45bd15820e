//! Who may reach a Chime that listens, and how.

use chime_model::SensitiveString;

use crate::engine::control::token;
use crate::engine::document::InvalidDocument;

/// What the configuration says about it.
#[derive(Clone, Default)]
pub(crate) struct Access {
    pub(crate) control_token: Option<SensitiveString>,
}

impl Access {
    /// # Errors
    /// If the control token is invalid.
    pub(crate) fn check(&self) -> Result<(), InvalidDocument> {
        self.control_token.as_ref().map_or(Ok(()), token::check)
    }
}
