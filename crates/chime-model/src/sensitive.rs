//! Text that must not be shown.

use std::cell::Cell;
use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::note::noted;

/// What stands in place of sensitive text.
const REDACTED: &str = "[redacted]";

/// Text that the API marks as sensitive: names, addresses, phone numbers, tokens.
///
/// It travels as it is, and never shows in `Debug`. It has no `Display`, so that it cannot slip
/// into a message; reading it is a deliberate [`expose`](Self::expose). [`Masked`] serializes a
/// value without it.
///
/// ```
/// use chime_model::SensitiveString;
///
/// let email = SensitiveString::from("ana@example.com");
/// assert_eq!(format!("{email:?}"), "[redacted]");
/// assert_eq!(email.expose(), "ana@example.com");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct SensitiveString(String);

impl SensitiveString {
    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Serialize for SensitiveString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if MASKING.get() { REDACTED } else { &self.0 })
    }
}

impl fmt::Debug for SensitiveString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
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

/// A value that serializes with its sensitive text redacted, however deeply nested: for logs,
/// audit records and support tickets.
///
/// ```
/// use chime_model::Masked;
/// use chime_model::chime::Room;
///
/// let room = Room::default().room_id("7f3d2b18").name("Secret plans");
/// let shown = serde_json::to_string(&Masked(&room)).unwrap();
/// assert_eq!(shown, r#"{"Name":"[redacted]","RoomId":"7f3d2b18"}"#);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Masked<'a, T: ?Sized>(pub &'a T);

thread_local! {
    /// Whether a [`Masked`] value is being serialized.
    static MASKING: Cell<bool> = const { Cell::new(false) };
}

impl<T: Serialize + ?Sized> Serialize for Masked<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        noted(&MASKING, || self.0.serialize(serializer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masking_ends_with_its_value() {
        let text = SensitiveString::from("secret");
        let shown = serde_json::to_string(&(&text, Masked(&Masked(&text)), &text)).unwrap();
        assert_eq!(shown, r#"["secret","[redacted]","secret"]"#);
    }
}
