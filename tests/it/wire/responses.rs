//! Tests of encoding and decoding responses, for every operation.

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
use crate::strategies::{any_output, check};

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
        check(O::INFO.name, any_output(structure), |output| {
            let output: O::Output = typed(&output);
            let mut response = encode_response::<O>(&output);
            prop_assert_eq!(response.status().as_u16(), O::INFO.status);
            if O::INFO.status == 204 {
                // A 204 response has no body, but a client reads a body if it receives one.
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
fn keys_are_sorted_and_unset_members_are_null() {
    fn law<O: Operation>() {
        let Some(structure) = O::INFO.output.filter(|_| O::INFO.status != 204) else { return };
        check(O::INFO.name, any_output(structure), |mut output| {
            let response = encode_response::<O>(&typed::<O::Output>(&output));
            everywhere(structure, &mut output, |structure, members| {
                for member in structure.members {
                    members.entry(member.name).or_insert(Value::Null);
                }
            });
            // serde_json sorts the keys of maps and writes compact text.
            prop_assert_eq!(response.body(), &Value::Object(output).to_string());
            Ok(())
        });
    }
    every_operation!(law, chime);
    every_operation!(law, media_pipelines);
}

#[test]
fn unknown_members_are_ignored() {
    fn law<O: Operation>()
    where
        O::Output: PartialEq + Debug,
    {
        let Some(structure) = O::INFO.output else { return };
        check(O::INFO.name, any_output(structure), |mut output| {
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
        check(O::INFO.name, any_output(structure), |output| {
            let output = Value::Object(output);
            for pointer in objects(&output, "") {
                let mut changed = output.clone();
                let object = changed.pointer_mut(&pointer).unwrap();
                // A derived `Deserialize` would read the items as members by position.
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
