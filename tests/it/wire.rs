//! Laws of encoding and decoding, for every operation.

mod requests;
mod responses;

use std::collections::BTreeSet;
use std::fmt::Debug;

use bytes::Bytes;
use chime_model::chime::*;
use chime_model::{APIS, Operation, OperationInfo, Shape, Structure, Validate};
use chime_wire::{
    Router, decode_document, decode_request, decode_response, encode_input, encode_request,
    encode_response,
};
use http::{Method, Request, Response, Uri};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::generated::operations::every_operation;
use crate::strategies::{any_output, check, valid};

/// A router of one service, since different services share paths.
pub(crate) fn router<O: Operation>() -> Router {
    let service = O::INFO.service.id;
    Router::new(APIS.iter().copied().filter(|api| api.service.id == service))
}

fn typed<T: serde::de::DeserializeOwned>(value: &Map<String, Value>) -> T {
    serde_json::from_value(Value::Object(value.clone())).unwrap()
}

/// Applies a change to a structure and to all structures inside it.
pub(crate) fn everywhere(
    structure: &Structure,
    members: &mut Map<String, Value>,
    change: fn(&Structure, &mut Map<String, Value>),
) {
    fn inside(shape: &Shape, value: &mut Value, change: fn(&Structure, &mut Map<String, Value>)) {
        match (shape, value) {
            (Shape::Structure(structure), Value::Object(members)) => {
                everywhere(structure, members, change);
            }
            (Shape::List(list), Value::Array(items)) => {
                items.iter_mut().for_each(|item| inside(list.item, item, change));
            }
            (Shape::Map(map), Value::Object(entries)) => {
                entries.values_mut().for_each(|value| inside(map.value, value, change));
            }
            _ => {}
        }
    }
    for member in structure.members {
        if let Some(value) = members.get_mut(member.name) {
            inside(member.shape, value, change);
        }
    }
    change(structure, members);
}

#[test]
fn a_request_decodes_to_itself() {
    fn law<O: Operation + PartialEq + Debug>() {
        let router = router::<O>();
        check(O::INFO.name, valid(O::SHAPE), |input| {
            let request: O = typed(&input);
            prop_assert_eq!(request.validate(), Ok(()));
            let message = encode_request(&request).unwrap();
            let uri = message.uri();
            let route = router.route(message.method(), uri.path(), uri.query());
            let route = route.ok_or_else(|| TestCaseError::fail("no route"))?;
            prop_assert_eq!(route.info.name, O::INFO.name);
            prop_assert_eq!(decode_request::<O>(&route, &message), Ok(request));
            Ok(())
        });
    }
    every_operation!(law);
}

#[test]
fn untyped_encoding_and_decoding_match_the_typed_functions() {
    fn law<O: Operation>()
    where
        O::Output: PartialEq + Debug,
    {
        check(O::INFO.name, valid(O::SHAPE), |input| {
            let typed = encode_request(&typed::<O>(&input)).unwrap();
            let (untyped, _) = encode_input(O::INFO, &input, None).unwrap();
            prop_assert_eq!(pieces(&typed), pieces(&untyped));
            prop_assert_eq!(
                typed.headers().get("content-type"),
                untyped.headers().get("content-type")
            );
            Ok(())
        });
        if let Some(structure) = O::INFO.output.filter(|_| O::INFO.status != 204) {
            check(O::INFO.name, any_output(structure), |output| {
                let expected = typed::<O::Output>(&output);
                let response = encode_response::<O>(&expected);
                let document = decode_document(O::INFO, &response).unwrap();
                // In documents, all timestamps are text.
                prop_assert_eq!(typed::<O::Output>(&document), expected);
                prop_assert!(document.keys().eq(output.keys()));
                Ok(())
            });
        }
    }
    every_operation!(law);
}

/// Returns the path, the query as a set, and the body as JSON.
fn pieces(request: &Request<Bytes>) -> (String, BTreeSet<String>, Value) {
    let uri = request.uri();
    let query = uri.query().unwrap_or_default().split('&').map(str::to_owned).collect();
    let body = serde_json::from_slice(request.body()).unwrap_or(Value::Null);
    (uri.path().to_owned(), query, body)
}

#[test]
fn decoders_do_not_panic() {
    fn law<O: Operation>() {
        let router = router::<O>();
        let path = O::INFO.path.replace(['{', '}'], "");
        let literals: Vec<_> =
            O::INFO.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let garbage = (
            prop_oneof![any::<Vec<u8>>(), json_like().prop_map(String::into_bytes)],
            "[a-z-]{0,12}=[ -~]{0,8}",
            100u16..600,
        );
        check(O::INFO.name, garbage, |(body, query, status)| {
            let mut response = Response::new(Bytes::from(body.clone()));
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
            let _ = decode_response::<O>(&response);
            let _ = decode_document(O::INFO, &response);
            let query =
                query.replace([' ', '"', '<', '>', '`', '{', '}', '#', '|', '\\', '^'], "%");
            let Ok(uri) = format!("{path}?{}&{query}", literals.join("&")).parse::<Uri>() else {
                return Ok(());
            };
            let method: Method = O::INFO.method.as_str().parse().unwrap();
            let mut request = Request::new(Bytes::from(body));
            *request.uri_mut() = uri.clone();
            if let Some(route) = router.route(&method, uri.path(), uri.query()) {
                let _ = decode_request::<O>(&route, &request);
            }
            Ok(())
        });
    }
    every_operation!(law);
}

/// Generates text that is similar to JSON of the API.
fn json_like() -> impl Strategy<Value = String> {
    const WORDS: [&str; 13] = [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "null",
        "1e999",
        "-0",
        "\"Name\"",
        "\"Room\"",
        "true",
        "\"\\ud800\"",
    ];
    proptest::collection::vec(proptest::sample::select(&WORDS[..]), 0..12)
        .prop_map(|words| words.concat())
}

#[test]
fn a_request_has_a_body_if_its_operation_has_body_members() {
    let empty = |info: &'static OperationInfo| {
        let labels = info.input.members.iter().filter(|member| member.required);
        let input: Map<String, Value> = labels
            .filter(|member| matches!(member.place, chime_model::Place::Label(_)))
            .map(|member| (member.name.to_owned(), json!("x")))
            .collect();
        encode_input(info, &input, None).unwrap().0
    };
    for info in APIS.iter().flat_map(|api| api.operations) {
        let request = empty(info);
        let has_body = info.input.body().next().is_some();
        let (body, content_type) = if has_body { ("{}", true) } else { ("", false) };
        assert_eq!(request.body(), body, "{}", info.name);
        assert_eq!(request.headers().contains_key("content-type"), content_type, "{}", info.name);
        let length = request.headers().get("content-length").map(|length| length.to_str().unwrap());
        let expected = if has_body { Some("2") } else { Some("0") };
        let expected = expected.filter(|_| request.method() != Method::GET);
        assert_eq!(length, expected, "{}", info.name);
    }
}

#[test]
fn labels_that_are_invalid_segments_are_refused_by_name() {
    for label in ["", ".", ".."] {
        let request = GetRoomRequest::new("a", label);
        let error = encode_request(&request).unwrap_err();
        assert_eq!(error.to_string(), "RoomId: must not be empty, `.` or `..`");
    }
}

#[test]
fn only_a_missing_token_is_filled_in() {
    let token = |request: &CreateRoomRequest| {
        let encoded = encode_input(CreateRoomRequest::INFO, request, Some("made-up"));
        let (message, is_used) = encoded.unwrap();
        let body: Value = serde_json::from_slice(message.body()).unwrap();
        (body["ClientRequestToken"].as_str().unwrap().to_owned(), is_used)
    };
    let request = CreateRoomRequest::new("a", "name");
    assert_eq!(token(&request), ("made-up".to_owned(), true));
    assert_eq!(token(&request.client_request_token("my-own")), ("my-own".to_owned(), false));
    let (_, is_used) = encode_input(
        GetRoomRequest::INFO,
        &json!({"AccountId": "a", "RoomId": "b"}),
        Some("made-up"),
    )
    .unwrap();
    assert!(!is_used);
}
