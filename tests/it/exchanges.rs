//! Tests that exchanges in the form of the service survive decoding and encoding.

use std::cell::Cell;

use bytes::Bytes;
use chime_model::chime::API;
use chime_model::{Operation, Validate};
use chime_wire::{
    ResponseError, Router, decode_document, decode_request, decode_response, encode_request,
    encode_response,
};
use http::{Request, Response};
use serde_json::Value;

use crate::generated::operations::every_operation;
use crate::wire::everywhere;

const EXCHANGES: &str = include_str!("exchanges.txt");

struct Exchange<'a> {
    operation: &'a str,
    request: Request<Bytes>,
    response: Response<Bytes>,
}

fn exchanges() -> Vec<Exchange<'static>> {
    EXCHANGES.split("\n## ").skip(1).map(parse).collect()
}

/// Parses the name, the request, a blank line and the response.
fn parse(text: &str) -> Exchange<'_> {
    let (operation, rest) = text.split_once('\n').unwrap();
    let (request, response) = rest.split_once("\n\n").unwrap();
    let (line, body) = request.split_once('\n').unwrap_or((request, ""));
    let (method, uri) = line.split_once(' ').unwrap();
    let request = Request::builder().method(method).uri(uri).body(bytes(body)).unwrap();
    let (line, body) = response.trim_end().split_once('\n').unwrap_or((response.trim_end(), ""));
    let (status, error) = line.split_once(' ').unwrap_or((line, ""));
    let mut response = Response::builder().status(status).header("x-amzn-requestid", "r-1");
    if !error.is_empty() {
        response = response.header("x-amzn-errortype", error);
    }
    Exchange { operation, request, response: response.body(bytes(body)).unwrap() }
}

fn bytes(text: &str) -> Bytes {
    Bytes::from(text.to_owned())
}

fn json(body: &Bytes) -> Value {
    if body.is_empty() { Value::Null } else { serde_json::from_slice(body).unwrap() }
}

#[test]
fn exchanges_survive_a_round_trip() {
    thread_local!(static DONE: Cell<usize> = const { Cell::new(0) });

    fn round_trip<O: Operation>() {
        for exchange in exchanges().iter().filter(|exchange| exchange.operation == O::INFO.name) {
            request_round_trip::<O>(&exchange.request);
            response_round_trip::<O>(&exchange.response);
            DONE.set(DONE.get() + 1);
        }
    }
    every_operation!(round_trip, chime);
    assert_eq!(DONE.get(), exchanges().len(), "each exchange belongs to an operation");
}

fn request_round_trip<O: Operation>(message: &Request<Bytes>) {
    let uri = message.uri();
    let route = Router::new([&API]).route(message.method(), uri.path(), uri.query()).unwrap();
    assert_eq!(route.info.name, O::INFO.name);
    let request: O = decode_request(&route, message).unwrap();
    assert_eq!(request.validate(), Ok(()));
    let encoded = encode_request(&request).unwrap();
    assert_eq!(encoded.method(), message.method());
    assert_eq!(encoded.uri(), message.uri());
    assert_eq!(json(encoded.body()), json(message.body()));
}

/// Checks that the fixture has the form of the service: sorted and compact, also in unknown members.
fn assert_sorted(body: &Bytes) {
    if !body.is_empty() {
        assert_eq!(body, &json(body).to_string());
    }
}

fn response_round_trip<O: Operation>(message: &Response<Bytes>) {
    let output = match decode_response::<O>(message) {
        Ok(output) => output,
        Err(ResponseError::Service(error)) => {
            assert_eq!(error.request_id.as_deref(), Some("r-1"));
            assert_eq!(error.exception.status(), Some(message.status().as_u16()));
            assert_eq!(error.exception.code(), error.code.as_deref());
            let encoded = chime_wire::encode_error(&error);
            assert_eq!(
                encoded.headers()["x-amzn-errortype"],
                message.headers()["x-amzn-errortype"]
            );
            assert_eq!(encoded.body(), message.body());
            return;
        }
        Err(error) => panic!("{}: {error}", O::INFO.name),
    };
    assert_sorted(message.body());
    let encoded = encode_response::<O>(&output);
    assert_eq!(encoded.status(), message.status());
    let same = |message| decode_document(O::INFO, message).unwrap();
    assert_eq!(same(&encoded), same(message));
    // Equal byte for byte, except for unknown members.
    let mut members = json(message.body());
    if let (Some(structure), Value::Object(members)) = (O::INFO.output, &mut members) {
        everywhere(structure, members, |structure, members| {
            members.retain(|name, _| structure.member(name).is_some());
        });
    }
    let expected = if members.is_null() { String::new() } else { members.to_string() };
    assert_eq!(encoded.body(), &expected);
}
