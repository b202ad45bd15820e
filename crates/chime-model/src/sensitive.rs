//! Text that must not be shown.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Text that the API marks as sensitive: names, addresses, phone numbers, tokens.
///
/// It travels as it is, and never shows in `Debug`. It has no `Display`, so that it cannot slip
/// into a message; reading it is a deliberate [`expose`](Self::expose).
///
/// ```
/// use chime_model::SensitiveString;
///
/// let email = SensitiveString::from("ana@example.com");
/// assert_eq!(format!("{email:?}"), "[redacted]");
/// assert_eq!(email.expose(), "ana@example.com");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SensitiveString(String);

impl SensitiveString {
    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SensitiveString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<String> for SensitiveString {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for SensitiveString {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}
