//! What holds of every request and every answer as a value: formats, and what must not show.

use std::fmt::Debug;

use chime_model::chime::*;
use chime_model::{Masked, Operation, Shape, Structure, Validate};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::generated::operations::every_operation;
use crate::strategies::{answered, check, complete, valid};

/// Tries a law on the requests and on the answers of an operation.
macro_rules! check_both {
    ($operation:ident, $law:expr) => {
        let name = $operation::INFO.name;
        check(name, valid($operation::SHAPE), |input| $law(typed::<$operation>(&input)));
        if let Some(structure) = $operation::INFO.output {
            check(name, answered(structure), |output| $law(typed::<$operation::Output>(&output)));
        }
    };
}

fn typed<T: DeserializeOwned>(value: &Map<String, Value>) -> T {
    serde_json::from_value(Value::Object(value.clone())).unwrap()
}

#[test]
fn a_value_survives_every_format() {
    fn survives<T: Serialize + DeserializeOwned + PartialEq + Debug>(
        value: T,
    ) -> Result<(), TestCaseError> {
        let json = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), &value);
        let mut cbor = Vec::new();
        ciborium::into_writer(&value, &mut cbor).unwrap();
        prop_assert_eq!(&ciborium::from_reader::<T, _>(&cbor[..]).unwrap(), &value);
        let message_pack = rmp_serde::to_vec_named(&value).unwrap();
        prop_assert_eq!(&rmp_serde::from_slice::<T>(&message_pack).unwrap(), &value);
        let yaml = serde_norway::to_string(&value).unwrap();
        prop_assert_eq!(&serde_norway::from_str::<T>(&yaml).unwrap(), &value);
        Ok(())
    }
    fn law<O: Operation + PartialEq + Debug>()
    where
        O::Output: PartialEq + Debug,
    {
        check_both!(O, survives);
    }
    every_operation!(law, chime);
    every_operation!(law, messaging);
    every_operation!(law, voice);
}

#[test]
fn what_is_not_set_is_not_written() {
    fn complete_or_absent<T: Serialize>(value: T) -> Result<(), TestCaseError> {
        prop_assert!(!has_null(&serde_json::to_value(&value).unwrap()));
        Ok(())
    }
    fn has_null(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(items) => items.iter().any(has_null),
            Value::Object(members) => members.values().any(has_null),
            _ => false,
        }
    }
    fn law<O: Operation>() {
        check_both!(O, complete_or_absent);
    }
    every_operation!(law, chime);
    every_operation!(law, messaging);
}

/// Stands in every sensitive place, and must not show.
pub(crate) const SECRET: &str = "S3CRET";

/// Puts [`SECRET`] in every sensitive place, and tells whether there is one.
pub(crate) fn plant(structure: &'static Structure, members: &mut Map<String, Value>) -> bool {
    fn plant_in(shape: &'static Shape, value: &mut Value) -> bool {
        match (shape, value) {
            (Shape::Text(text), value) if text.sensitive => {
                *value = Value::from(SECRET);
                true
            }
            (Shape::List(list), Value::Array(items)) => {
                items.iter_mut().map(|item| plant_in(list.item, item)).fold(false, |a, b| a | b)
            }
            (Shape::Structure(structure), Value::Object(members)) => plant(structure, members),
            (Shape::Map(map), Value::Object(entries)) => {
                let planted = |mut value: Value| {
                    plant_in(map.value, &mut value);
                    (SECRET.to_owned(), value)
                };
                *entries = std::mem::take(entries).into_iter().map(|(_, it)| planted(it)).collect();
                !entries.is_empty()
            }
            _ => false,
        }
    }
    let mut planted = false;
    for member in structure.members {
        if let Some(value) = members.get_mut(member.name) {
            planted |= plant_in(member.shape, value);
        }
    }
    planted
}

#[test]
fn nothing_sensitive_shows() {
    fn shows_nothing<T: Serialize + DeserializeOwned + Debug>(
        structure: &'static Structure,
        mut members: Map<String, Value>,
    ) -> Result<(), TestCaseError> {
        let planted = plant(structure, &mut members);
        let value: T = typed(&members);
        let debug = format!("{value:?} {value:#?}");
        prop_assert!(!debug.contains(SECRET), "{}", debug);
        let masked = serde_json::to_string(&Masked(&value)).unwrap();
        prop_assert!(!masked.contains(SECRET), "{}", masked);
        prop_assert_eq!(masked.contains("[redacted]"), planted);
        let plain = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(plain.contains(SECRET), planted);
        Ok(())
    }
    fn law<O: Operation + Debug>()
    where
        O::Output: Debug,
    {
        check(O::INFO.name, complete(O::SHAPE), |mut input| {
            shows_nothing::<O>(O::SHAPE, input.clone())?;
            plant(O::SHAPE, &mut input);
            if let Err(violations) = typed::<O>(&input).validate() {
                let shown = format!("{violations} {violations:?}");
                prop_assert!(!shown.contains(SECRET), "{}", shown);
            }
            Ok(())
        });
        if let Some(structure) = O::INFO.output {
            check(O::INFO.name, answered(structure), |output| {
                shows_nothing::<O::Output>(structure, output)
            });
        }
    }
    every_operation!(law);
}

#[test]
fn the_pin_of_a_meeting_is_sensitive_too() {
    let user = User::new("u").personal_pin(SECRET);
    assert!(!format!("{user:?}").contains(SECRET));
}
