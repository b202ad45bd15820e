//! A JSON-like value, for data outside of the API description.

mod deserializer;
mod error;
#[cfg(feature = "sma")]
mod json;
#[cfg(feature = "sma")]
mod serializer;

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::SensitiveString;

pub use error::ValueError;
#[cfg(feature = "sma")]
pub(crate) use json::json_len;

/// A JSON-like value, for members that this version does not know and for details of unknown events.
///
/// It survives a round trip. It is a serde deserializer, so it converts into any other type. Its text counts as
/// sensitive: `Debug` and [`Masked`](crate::Masked) redact it.
///
/// ```
/// use chime_model::Value;
/// use serde::Deserialize;
///
/// let value: Value = serde_json::from_str(r#"{"name":"ana","seats":[1,2]}"#).unwrap();
/// assert_eq!(value.get("name").and_then(Value::as_text), Some("ana"));
/// assert_eq!(format!("{:?}", value.get("name")), "Some(Text([redacted]))");
///
/// #[derive(Deserialize)]
/// struct Booking {
///     seats: Vec<u8>,
/// }
/// assert_eq!(Booking::deserialize(value).unwrap().seats, [1, 2]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Value {
    /// Null.
    #[default]
    Null,
    /// A boolean.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// An integer greater than `i64::MAX`.
    Unsigned(u64),
    /// A number with a fraction or an exponent.
    Float(f64),
    /// Text.
    Text(SensitiveString),
    /// A list.
    List(Vec<Value>),
    /// A map with text keys.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// The text, if the value is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.expose()),
            _ => None,
        }
    }

    /// The entry with this name, if the value is a map and has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.get(name),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(i64::try_from(number).map_or(Value::Unsigned(number), Value::Integer))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some((name, value)) = access.next_entry()? {
            entries.insert(name, value);
        }
        Ok(Value::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Boolean),
            any::<i64>().prop_map(Value::Integer),
            (i64::MAX as u64 + 1..).prop_map(Value::Unsigned),
            // Binary fractions, because serde_json may read other fractions inexactly.
            any::<i32>().prop_map(|eighths| Value::Float(f64::from(eighths) / 8.0)),
            ".*".prop_map(|text| Value::Text(text.into())),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                proptest::collection::btree_map(".*", inner, 0..4).prop_map(Value::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_is_written_as_it_was_read(value in values()) {
            let json = serde_json::to_string(&value).unwrap();
            let back: Value = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(&serde_json::to_string(&back).unwrap(), &json);
            prop_assert_eq!(Value::deserialize(back.clone()).unwrap(), back);
        }
    }

    #[test]
    fn text_is_redacted() {
        let value: Value = serde_json::from_str(r#"{"a":["secret",null]}"#).unwrap();
        assert_eq!(format!("{value:?}"), r#"Map({"a": List([Text([redacted]), Null])})"#);
        let masked = serde_json::to_string(&crate::Masked(&value)).unwrap();
        assert_eq!(masked, r#"{"a":["[redacted]",null]}"#);
    }

    #[test]
    fn of_repeated_names_the_last_is_used() {
        let value: Value = serde_json::from_str(r#"{"version":"0","version":"1"}"#).unwrap();
        assert_eq!(value.get("version").and_then(Value::as_text), Some("1"));
    }
}
