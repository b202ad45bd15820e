//! Tests of decoding requests that our client never sends, for every operation.

use std::fmt::Debug;

use bytes::Bytes;
use chime_model::chime::*;
use chime_model::{Operation, Place, Rule, Structure, Violation, Violations};
use chime_wire::{decode_request, encode_input};
use http::Request;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use super::{everywhere, router, typed};
use crate::generated::operations::every_operation;
use crate::strategies::{check, complete, valid};

/// Encodes an input.
fn message<O: Operation>(input: &Map<String, Value>) -> Request<Bytes> {
    encode_input(O::INFO, input, None).unwrap().0
}

/// Encodes an input with all members set.
fn whole<O: Operation>() -> Request<Bytes> {
    let mut runner = TestRunner::deterministic();
    message::<O>(&complete(O::SHAPE).new_tree(&mut runner).unwrap().current())
}

fn json_of(message: &Request<Bytes>) -> Value {
    serde_json::from_slice(message.body()).unwrap_or_default()
}

fn decoded<O: Operation>(message: &Request<Bytes>) -> Result<O, Violations> {
    let uri = message.uri();
    let route = router::<O>().route(message.method(), uri.path(), uri.query()).unwrap();
    assert_eq!(route.info.name, O::INFO.name);
    decode_request(&route, message)
}

/// Checks that a body is refused with exactly one violation.
fn assert_refused<O: Operation + Debug>(body: String, violation: Violation) {
    let mut message = whole::<O>();
    *message.body_mut() = body.clone().into();
    assert_eq!(decoded::<O>(&message).unwrap_err(), violation.into(), "{}: {body}", O::INFO.name);
}

/// Returns the JSON pointers of all objects in a value, including the value itself.
pub(super) fn objects(value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    match value {
        Value::Object(members) => {
            found.push(at.to_owned());
            let inner = members.iter().map(|(name, value)| objects(value, &format!("{at}/{name}")));
            found.extend(inner.flatten());
        }
        Value::Array(items) => {
            let inner =
                items.iter().enumerate().map(|(i, item)| objects(item, &format!("{at}/{i}")));
            found.extend(inner.flatten());
        }
        _ => {}
    }
    found
}

/// Converts a JSON pointer to a path: `/Items/0/Name` to `Items[0].Name`.
fn path(pointer: &str) -> String {
    let mut path = String::new();
    for part in pointer.split('/').skip(1) {
        match part.parse::<usize>() {
            Ok(position) => path += &format!("[{position}]"),
            Err(_) if path.is_empty() => path += part,
            Err(_) => path += &format!(".{part}"),
        }
    }
    path
}

#[test]
fn a_list_instead_of_a_structure_is_refused() {
    fn law<O: Operation + Debug>() {
        let body = json_of(&whole::<O>());
        for pointer in objects(&body, "") {
            let mut changed = body.clone();
            let object = changed.pointer_mut(&pointer).unwrap();
            // A derived `Deserialize` would accept this list.
            *object = object.as_object().unwrap().values().cloned().collect();
            let expected = if pointer.is_empty() { "a JSON object" } else { "a structure" };
            let violation = Violation::new(path(&pointer), Rule::Type { expected });
            assert_refused::<O>(changed.to_string(), violation);
        }
    }
    every_operation!(law, chime);
    every_operation!(law, identity);
}

#[test]
fn a_repeated_member_is_refused_by_name() {
    fn law<O: Operation + Debug>() {
        let body = json_of(&whole::<O>());
        for pointer in objects(&body, "") {
            for (name, value) in body.pointer(&pointer).unwrap().as_object().unwrap() {
                for second in [value, &Value::Null] {
                    let mut changed = body.clone();
                    changed.pointer_mut(&pointer).unwrap()["ITS TWIN"] = second.clone();
                    let changed = changed.to_string().replace("ITS TWIN", name);
                    let path = path(&format!("{pointer}/{name}"));
                    assert_refused::<O>(changed, Violation::new(path, Rule::Repeated));
                }
            }
        }
    }
    every_operation!(law, chime);
    every_operation!(law, identity);
}

/// Checks that a change to the body does not change the decoded request.
fn no_difference<O: Operation + PartialEq + Debug>(
    change: fn(&Structure, &mut Map<String, Value>),
) {
    check(O::INFO.name, valid(O::SHAPE), |input| {
        let mut message = message::<O>(&input);
        if let Value::Object(mut body) = json_of(&message) {
            everywhere(O::SHAPE, &mut body, change);
            *message.body_mut() = Value::Object(body).to_string().into();
        }
        prop_assert_eq!(decoded::<O>(&message), Ok(typed(&input)));
        Ok(())
    });
}

#[test]
fn null_counts_as_absent() {
    fn law<O: Operation + PartialEq + Debug>() {
        no_difference::<O>(|structure, members| {
            for member in structure.body().filter(|member| !member.required) {
                members.entry(member.name).or_insert(Value::Null);
            }
        });
    }
    every_operation!(law, chime);
    every_operation!(law, identity);
}

#[test]
fn unknown_members_are_ignored() {
    fn law<O: Operation + PartialEq + Debug>() {
        no_difference::<O>(|structure, members| {
            members.insert("OfTheFuture".to_owned(), json!({"Deep": [1, null, "x"]}));
            // Members of the path, the query and headers are ignored in the body.
            for member in structure.members.iter().filter(|member| member.place != Place::Body) {
                members.insert(member.name.to_owned(), json!(["elsewhere"]));
            }
        });
    }
    every_operation!(law, chime);
    every_operation!(law, identity);
}

#[test]
fn unknown_members_are_ignored_in_an_invalid_body() {
    let body = r#"{"Unknown":1,"UserSettings":{"Unknown":1,"Telephony":[]}}"#;
    let violation =
        Violation::new("UserSettings.Telephony", Rule::Type { expected: "a structure" });
    assert_refused::<UpdateUserSettingsRequest>(body.to_owned(), violation);
}

#[test]
fn a_body_without_required_members_may_be_empty() {
    fn law<O: Operation + PartialEq + Debug>() {
        if O::SHAPE.body().any(|member| member.required) {
            return;
        }
        check(O::INFO.name, valid(O::SHAPE), |mut input| {
            input.retain(|name, _| O::SHAPE.member(name).unwrap().place != Place::Body);
            let mut message = message::<O>(&input);
            for body in ["", "{}", " {} "] {
                *message.body_mut() = body.into();
                prop_assert_eq!(decoded::<O>(&message), Ok(typed(&input)));
            }
            Ok(())
        });
    }
    every_operation!(law, chime);
    every_operation!(law, identity);
}

#[test]
fn parameters_that_are_not_utf8_are_refused_by_name() {
    fn law<O: Operation + Debug>() {
        for member in O::SHAPE.members {
            let Place::Query(parameter) = member.place else { continue };
            let path = O::INFO.path.replace(['{', '}'], "");
            let own: String = O::INFO.query.iter().map(|(k, v)| format!("{k}={v}&")).collect();
            let message = Request::builder()
                .method(O::INFO.method.as_str())
                .uri(format!("{path}?{own}{parameter}=%FF"))
                .body(Bytes::new())
                .unwrap();
            let violation = Violation::new(member.name, Rule::Type { expected: "UTF-8" });
            assert_eq!(decoded::<O>(&message).unwrap_err(), violation.into(), "{}", O::INFO.name);
        }
    }
    every_operation!(law, chime);
    every_operation!(law, identity);
}
