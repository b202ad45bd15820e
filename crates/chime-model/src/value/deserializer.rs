//! Converts values into other types.

use std::collections::btree_map;

use serde::de::value::SeqDeserializer;
use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};

use super::{Value, ValueError};

impl<'de> Deserializer<'de> for Value {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Boolean(value) => visitor.visit_bool(value),
            Self::Integer(number) => visitor.visit_i64(number),
            Self::Unsigned(number) => visitor.visit_u64(number),
            Self::Float(number) => visitor.visit_f64(number),
            Self::Text(text) => visitor.visit_string(text.into_inner()),
            Self::List(items) => {
                let mut items = SeqDeserializer::new(items.into_iter());
                let read = visitor.visit_seq(&mut items)?;
                items.end().map(|()| read)
            }
            Self::Map(entries) => {
                visitor.visit_map(Entries { rest: entries.into_iter(), current: None })
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Self::Null => visitor.visit_none(),
            some => visitor.visit_some(some),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    /// Reads enums without data; the API has no others.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        match self {
            Self::Text(text) => visitor.visit_enum(text.into_inner().into_deserializer()),
            other => other.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl IntoDeserializer<'_, ValueError> for Value {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The entries of a map. Adds the name of the entry to errors in its value.
struct Entries {
    rest: btree_map::IntoIter<String, Value>,
    current: Option<(String, Value)>,
}

impl<'de> MapAccess<'de> for Entries {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ValueError> {
        self.current = self.rest.next();
        let Some((name, _)) = &self.current else { return Ok(None) };
        seed.deserialize(name.as_str().into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, ValueError> {
        let (name, value) = self.current.take().unwrap_or_default();
        seed.deserialize(value).map_err(|error: ValueError| error.in_member(&name))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use crate::Value;

    #[derive(Debug, Deserialize, PartialEq)]
    enum Colour {
        Red,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Id(u64);

    #[test]
    fn a_value_converts_into_other_types() {
        let value: Value =
            serde_json::from_str(r#"[["Red", null, 7, 1.5, [true], {"a": "b"}]]"#).unwrap();
        type Row =
            (Colour, Option<u8>, Id, f32, Vec<bool>, std::collections::HashMap<String, String>);
        let rows: Vec<Row> = Deserialize::deserialize(value).unwrap();
        let [(colour, none, id, fraction, list, map)] = &rows[..] else { panic!("one row") };
        assert_eq!((colour, none, id, fraction), (&Colour::Red, &None, &Id(7), &1.5));
        assert_eq!((&list[..], map["a"].as_str()), (&[true][..], "b"));
        assert!(Colour::deserialize(Value::from("secret")).is_err());
        assert!(Colour::deserialize(Value::Null).is_err());
        let two = Value::List(vec![Value::Integer(1), Value::Integer(2)]);
        assert!(<(u8,)>::deserialize(two).is_err());
    }
}
