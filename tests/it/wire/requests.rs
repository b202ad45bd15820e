//! What a server reads in requests that no client of ours sends, for every operation.

use std::fmt::Debug;

use bytes::Bytes;
use chime_model::{Operation, Place, Rule, SERVICES, Violation, Violations};
use chime_wire::{Router, decode_request};
use http::Request;

use crate::generated::operations::*;

/// A message for the operation: its path as the template has it, without the braces.
fn message<O: Operation>(query: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    let path = O::INFO.path.replace(['{', '}'], "");
    let literals: String = O::INFO.query.iter().map(|(k, v)| format!("{k}={v}&")).collect();
    Request::builder()
        .method(O::INFO.method.as_str())
        .uri(format!("{path}?{literals}{query}"))
        .body(body.into())
        .unwrap()
}

fn decoded<O: Operation>(message: &Request<Bytes>) -> Result<O, Violations> {
    let route = Router::new(SERVICES).route(message.method(), message.uri()).unwrap();
    assert_eq!(route.info.name, O::INFO.name);
    decode_request(&route, message)
}

#[test]
fn parameters_that_are_no_text_are_refused_by_name() {
    fn law<O: Operation + Debug>() {
        for member in O::SHAPE.members {
            let Place::Query(parameter) = member.place else { continue };
            let message = message::<O>(&format!("{parameter}=%FF"), "");
            let expected = Violation::new(member.name, Rule::Type { expected: "UTF-8" });
            assert_eq!(decoded::<O>(&message).unwrap_err(), expected.into(), "{}", O::INFO.name);
        }
    }
    every_operation!(law);
}
