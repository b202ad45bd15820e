//! Sensitive text and maps, which redact themselves.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};

use crate::note::noted;

/// The text that replaces sensitive text.
pub(crate) const REDACTED: &str = "[redacted]";

/// Returns the text to serialize: `text`, or its replacement inside [`Masked`].
pub(crate) fn shown(text: &str) -> &str {
    if MASKING.get() { REDACTED } else { text }
}

/// Text that the API marks as sensitive, such as names, addresses, phone numbers and tokens.
///
/// It serializes as plain text; [`Masked`] serializes it redacted. `Debug` redacts it, and it has no `Display`,
/// so that it does not get into messages by accident. Call [`expose`](Self::expose) to read it.
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
    /// Returns the text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Converts into the text, without a copy.
    #[must_use]
    pub fn into_inner(self) -> String {
        self.0
    }
}

impl Serialize for SensitiveString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(shown(&self.0))
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

json_schema! { SensitiveString = crate::schema::text(&[]) }

impl From<&String> for SensitiveString {
    fn from(text: &String) -> Self {
        Self(text.clone())
    }
}

impl std::str::FromStr for SensitiveString {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::from(text))
    }
}

/// A page token, sensitive or not.
#[allow(dead_code, reason = "without a service, there are no pages")]
pub(crate) trait PageToken {
    fn text(&self) -> &str;
}

impl PageToken for String {
    fn text(&self) -> &str {
        self
    }
}

impl PageToken for SensitiveString {
    fn text(&self) -> &str {
        self.expose()
    }
}

/// A map whose keys and values the API marks as sensitive, such as metadata, headers and attributes.
///
/// `Debug` shows only the number of entries; [`Masked`] serializes it without entries.
///
/// ```
/// use chime_model::SensitiveMap;
///
/// let headers: SensitiveMap<String> = [("X-Account".to_owned(), "4711".to_owned())].into();
/// assert_eq!(format!("{headers:?}"), "[redacted, 1 entry]");
/// assert_eq!(headers.expose()["X-Account"], "4711");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(transparent)]
pub struct SensitiveMap<V>(BTreeMap<String, V>);

impl<V> SensitiveMap<V> {
    /// The entries.
    #[must_use]
    pub fn expose(&self) -> &BTreeMap<String, V> {
        &self.0
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Converts into the entries, without a copy.
    #[must_use]
    pub fn into_inner(self) -> BTreeMap<String, V> {
        self.0
    }
}

impl<V: Serialize> Serialize for SensitiveMap<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if MASKING.get() && !self.0.is_empty() {
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry(REDACTED, REDACTED)?;
            return map.end();
        }
        self.0.serialize(serializer)
    }
}

impl<V> fmt::Debug for SensitiveMap<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(f, "[redacted, {count} {}]", if count == 1 { "entry" } else { "entries" })
    }
}

impl<V> Default for SensitiveMap<V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<V, M: Into<BTreeMap<String, V>>> From<M> for SensitiveMap<V> {
    fn from(entries: M) -> Self {
        Self(entries.into())
    }
}

impl<V> FromIterator<(String, V)> for SensitiveMap<V> {
    fn from_iter<I: IntoIterator<Item = (String, V)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

/// A wrapper that serializes a value with its sensitive text redacted at any depth, for logs, audit records and
/// support tickets.
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
        noted(&MASKING, true, || self.0.serialize(serializer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masking_ends_after_the_masked_value() {
        let text = SensitiveString::from("secret");
        let shown = serde_json::to_string(&(&text, Masked(&Masked(&text)), &text)).unwrap();
        assert_eq!(shown, r#"["secret","[redacted]","secret"]"#);
    }
}
