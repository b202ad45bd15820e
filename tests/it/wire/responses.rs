//! What a server answers and a client reads of it, for every operation.

use std::fmt::Debug;

use bytes::Bytes;
use chime_model::Operation;
use chime_wire::{decode_response, encode_response};
use http::Response;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::requests::objects;
use super::{everywhere, typed};
use crate::generated::operations::every_operation;
use crate::strategies::{answered, check};

#[test]
fn a_response_decodes_to_itself() {
    fn law<O: Operation>()
    where
        O::Output: PartialEq + Debug,
    {
        let Some(structure) = O::INFO.output else {
            let response = encode_response::<O>(&typed_unit::<O>());
            assert!(decode_response::<O>(&response).is_ok());
            return;
        };
        check(O::INFO.name, answered(structure), |output| {
            let output: O::Output = typed(&output);
            let mut response = encode_response::<O>(&output);
            prop_assert_eq!(response.status().as_u16(), O::INFO.status);
            if O::INFO.status == 204 {
                // The one output that HTTP does not let through: a body that came would be read.
                prop_assert!(response.body().is_empty() && decode_response::<O>(&response).is_ok());
                *response.body_mut() = serde_json::to_vec(&output).unwrap().into();
            }
            prop_assert_eq!(decode_response::<O>(&response).unwrap(), output);
            Ok(())
        });
    }
    every_operation!(law);
}

fn typed_unit<O: Operation>() -> O::Output {
    serde_json::from_value(Value::Null).unwrap()
}

#[test]
fn keys_come_in_the_order_of_their_names_and_what_is_not_set_is_null() {
    fn law<O: Operation>() {
        let Some(structure) = O::INFO.output.filter(|_| O::INFO.status != 204) else { return };
        check(O::INFO.name, answered(structure), |mut output| {
            let response = encode_response::<O>(&typed::<O::Output>(&output));
            everywhere(structure, &mut output, |structure, members| {
                for member in structure.members {
                    members.entry(member.name).or_insert(Value::Null);
                }
            });
            // A map of serde_json is sorted, and its text compact.
            prop_assert_eq!(response.body(), &Value::Object(output).to_string());
            Ok(())
        });
    }
    every_operation!(law, chime);
    every_operation!(law, media_pipelines);
}

#[test]
fn what_the_model_does_not_know_is_passed_over() {
    fn law<O: Operation>()
    where
        O::Output: PartialEq + Debug,
    {
        let Some(structure) = O::INFO.output else { return };
        check(O::INFO.name, answered(structure), |mut output| {
            let expected: O::Output = typed(&output);
            output.insert("OfTheFuture".to_owned(), json!({"Deep": [1, null, "x"]}));
            for member in structure.members.iter().filter(|member| !member.required) {
                output.entry(member.name).or_insert(Value::Null);
            }
            let response = Response::new(Bytes::from(serde_json::to_vec(&output).unwrap()));
            prop_assert_eq!(decode_response::<O>(&response).unwrap(), expected);
            Ok(())
        });
    }
    every_operation!(law, chime);
    every_operation!(law, media_pipelines);
}

#[test]
fn an_array_is_not_read_as_a_structure() {
    fn law<O: Operation>() {
        let Some(structure) = O::INFO.output else {
            assert!(decode_response::<O>(&Response::new(Bytes::from("[]"))).is_err());
            return;
        };
        check(O::INFO.name, answered(structure), |output| {
            let output = Value::Object(output);
            for pointer in objects(&output, "") {
                let mut changed = output.clone();
                let object = changed.pointer_mut(&pointer).unwrap();
                // serde takes the items as the members by position.
                *object = object.as_object().unwrap().values().cloned().collect();
                let response = Response::new(Bytes::from(changed.to_string()));
                prop_assert!(decode_response::<O>(&response).is_err(), "{pointer}");
            }
            Ok(())
        });
    }
    every_operation!(law, chime);
    every_operation!(law, media_pipelines);
}
