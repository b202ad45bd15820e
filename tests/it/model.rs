//! Laws of every request and response as a value: serialization and redaction.

use std::fmt::Debug;

use chime_model::chime::*;
use chime_model::{Masked, Operation, Shape, Structure, Validate};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::generated::operations::every_operation;
use crate::strategies::{any_output, check, complete, valid};

/// Checks a law for the requests and responses of an operation.
macro_rules! check_both {
    ($operation:ident, $law:expr) => {
        let name = $operation::INFO.name;
        check(name, valid($operation::SHAPE), |input| $law(typed::<$operation>(&input)));
        if let Some(structure) = $operation::INFO.output {
            check(name, any_output(structure), |output| $law(typed::<$operation::Output>(&output)));
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
fn unset_members_are_not_written() {
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

/// The text of every sensitive member, which must not show.
pub(crate) const SECRET: &str = "S3CRET";

/// Sets every sensitive member to [`SECRET`]. Returns whether the structure has sensitive members.
pub(crate) fn insert_secrets(
    structure: &'static Structure,
    members: &mut Map<String, Value>,
) -> bool {
    fn insert_into(shape: &'static Shape, value: &mut Value) -> bool {
        match (shape, value) {
            (Shape::Text(text), value) if text.sensitive => {
                *value = Value::from(SECRET);
                true
            }
            (Shape::List(list), Value::Array(items)) => {
                items.iter_mut().map(|item| insert_into(list.item, item)).fold(false, |a, b| a | b)
            }
            (Shape::Structure(structure), Value::Object(members)) => {
                insert_secrets(structure, members)
            }
            (Shape::Map(map), Value::Object(entries)) => {
                let inserted = |mut value: Value| {
                    insert_into(map.value, &mut value);
                    (SECRET.to_owned(), value)
                };
                *entries =
                    std::mem::take(entries).into_iter().map(|(_, it)| inserted(it)).collect();
                !entries.is_empty()
            }
            _ => false,
        }
    }
    let mut inserted = false;
    for member in structure.members {
        if let Some(value) = members.get_mut(member.name) {
            inserted |= insert_into(member.shape, value);
        }
    }
    inserted
}

#[test]
fn sensitive_members_are_redacted() {
    fn shows_nothing<T: Serialize + DeserializeOwned + Debug>(
        structure: &'static Structure,
        mut members: Map<String, Value>,
    ) -> Result<(), TestCaseError> {
        let inserted = insert_secrets(structure, &mut members);
        let value: T = typed(&members);
        let debug = format!("{value:?} {value:#?}");
        prop_assert!(!debug.contains(SECRET), "{}", debug);
        let masked = serde_json::to_string(&Masked(&value)).unwrap();
        prop_assert!(!masked.contains(SECRET), "{}", masked);
        prop_assert_eq!(masked.contains("[redacted]"), inserted);
        let plain = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(plain.contains(SECRET), inserted);
        Ok(())
    }
    fn law<O: Operation + Debug>()
    where
        O::Output: Debug,
    {
        check(O::INFO.name, complete(O::SHAPE), |mut input| {
            shows_nothing::<O>(O::SHAPE, input.clone())?;
            insert_secrets(O::SHAPE, &mut input);
            if let Err(violations) = typed::<O>(&input).validate() {
                let shown = format!("{violations} {violations:?}");
                prop_assert!(!shown.contains(SECRET), "{}", shown);
            }
            Ok(())
        });
        if let Some(structure) = O::INFO.output {
            check(O::INFO.name, any_output(structure), |output| {
                shows_nothing::<O::Output>(structure, output)
            });
        }
    }
    every_operation!(law);
}

#[test]
fn the_pin_of_a_meeting_is_sensitive() {
    let user = User::new("u").personal_pin(SECRET);
    assert!(!format!("{user:?}").contains(SECRET));
}
