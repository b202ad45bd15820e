//! JSON that keeps repeated members, so that an error can name them.

use std::fmt;

use chime_model::Shape;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Value;

/// A JSON value with all of its members. A [`Value`] keeps only the last of repeated members.
pub(super) enum Json {
    Object(Vec<(String, Json)>),
    List(Vec<Json>),
    /// A string, a number, a boolean or null.
    Scalar(Value),
}

impl Json {
    /// Removes members that are not in the shape, at every depth.
    pub(super) fn drop_unknown(&mut self, shape: &Shape) {
        match (self, shape) {
            (Self::Object(members), Shape::Structure(structure)) => {
                members.retain_mut(|(name, value)| {
                    let member = structure.member(name);
                    member.inspect(|member| value.drop_unknown(member.shape)).is_some()
                });
            }
            (Self::Object(entries), Shape::Map(map)) => {
                entries.iter_mut().for_each(|(_, value)| value.drop_unknown(map.value));
            }
            (Self::List(items), Shape::List(list)) => {
                items.iter_mut().for_each(|item| item.drop_unknown(list.item));
            }
            _ => {}
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Object(members) => {
                serializer.collect_map(members.iter().map(|(name, value)| (name, value)))
            }
            Self::List(items) => serializer.collect_seq(items),
            Self::Scalar(value) => value.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Json::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Scalar(text.into()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Scalar(value.into()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Scalar(number.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Scalar(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Scalar(number.into()))
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Scalar(Value::Null))
    }
}
