//! Decodes and encodes responses.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use chime_model::{Operation, OperationInfo, Rule, ServiceError, Violation, WithNulls, check};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use serde::de::{IgnoredAny, IntoDeserializer};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{decode_error, request_id};
use crate::foreign;

/// An error response of the service, or a response that could not be decoded.
#[derive(Debug)]
pub enum ResponseError {
    /// The service returned an error.
    Service(ServiceError),
    /// The response has a 2xx status, but its body could not be decoded.
    Undecodable(Undecodable),
}

impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(error) => error.fmt(f),
            Self::Undecodable(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ResponseError {}

/// A response with a 2xx status whose body could not be decoded. Neither `Debug` nor `Display`
/// shows the body.
#[non_exhaustive]
pub struct Undecodable {
    /// What is wrong with the body. Contains no values of it.
    pub reason: String,
    /// The HTTP status.
    pub status: u16,
    /// The request id, if the response has one.
    pub request_id: Option<String>,
    /// The body as received.
    pub body: Bytes,
}

impl fmt::Debug for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Undecodable")
            .field("reason", &self.reason)
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("body", &format_args!("[{} bytes]", self.body.len()))
            .finish()
    }
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the response (HTTP {}) could not be decoded: {}", self.status, self.reason)
    }
}

impl std::error::Error for Undecodable {}

/// Decodes the output of an operation from a response with any 2xx status. An empty body and null
/// are decoded as an object without members.
///
/// # Errors
/// Returns [`ResponseError::Service`] if the status is not 2xx. Returns
/// [`ResponseError::Undecodable`] if the body is not the JSON of the output or, for an operation
/// without output, not a JSON object.
pub fn decode_response<O: Operation>(
    response: &Response<Bytes>,
) -> Result<O::Output, ResponseError> {
    let body = body_of_success(response)?;
    let invalid = |_| invalid(O::INFO, response);
    if O::INFO.output.is_none() {
        serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(body).map_err(invalid)?;
        let unit = IntoDeserializer::<serde_json::Error>::into_deserializer(());
        return O::Output::deserialize(unit).map_err(invalid);
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let output = O::Output::deserialize(&mut json).map_err(invalid)?;
    json.end().map_err(invalid)?;
    Ok(output)
}

/// The body of a response with a 2xx status. Returns `{}` for an empty body and null.
pub(crate) fn body_of_success(response: &Response<Bytes>) -> Result<&[u8], ResponseError> {
    if !response.status().is_success() {
        return Err(ResponseError::Service(decode_error(response)));
    }
    let body = response.body().trim_ascii();
    if body.is_empty() {
        return Ok(b"{}");
    }
    if let Some(reason) = foreign::encoded(response.headers()) {
        return Err(undecodable(response, reason));
    }
    Ok(if body == b"null" { b"{}" } else { body })
}

/// Creates the error for a response that cannot be decoded. `reason` must not contain values of the
/// body, because it is shown in logs.
pub fn undecodable(response: &Response<Bytes>, reason: String) -> ResponseError {
    ResponseError::Undecodable(Undecodable {
        reason,
        status: response.status().as_u16(),
        request_id: request_id(response.headers()).map(str::to_owned),
        body: response.body().clone(),
    })
}

/// Creates the error for a body that is not the output. Parses the body again to find the reason,
/// because the messages of serde's errors can contain values.
pub(crate) fn invalid(info: &'static OperationInfo, response: &Response<Bytes>) -> ResponseError {
    let headers = response.headers();
    let problem = match serde_json::from_slice::<Value>(response.body()) {
        Ok(value) if value.is_object() => return undecodable(response, wrong_member(info, &value)),
        Ok(_) => "is not a JSON object".to_owned(),
        Err(error) if error.is_eof() => "ends early".to_owned(),
        Err(error) => format!("is not JSON (line {}, column {})", error.line(), error.column()),
    };
    let content_type = foreign::content_type(headers);
    let mut reason = format!("the body {problem}, {content_type}");
    if foreign::is_labelled_other_than_json(headers) {
        reason += "; a proxy or a captive portal may have responded in place of the service";
    }
    undecodable(response, reason)
}

/// Describes the first member that is missing or has the wrong type.
fn wrong_member(info: &'static OperationInfo, value: &Value) -> String {
    let wrong_type =
        |violation: &&Violation| matches!(violation.rule, Rule::Type { .. } | Rule::Required);
    let violations = info.output.and_then(|structure| check(structure, value).err());
    let first = violations.iter().flat_map(|violations| violations.as_slice()).find(wrong_type);
    first.map_or_else(
        || format!("the body is not the output of {}", info.name),
        Violation::to_string,
    )
}

/// The initial size of the buffer, in bytes. Most outputs fit without a reallocation.
const INITIAL_CAPACITY: usize = 512;
/// The initial number of headers. hyper parses the head of the next request of a connection into the map
/// of a response, and most signed requests fit without another allocation.
const HEADERS: usize = 12;

fn to_json<T: Serialize>(value: &T) -> serde_json::Result<Vec<u8>> {
    let mut json = Vec::with_capacity(INITIAL_CAPACITY);
    serde_json::to_writer(&mut json, value)?;
    Ok(json)
}

/// Encodes an output as the service does: keys sorted by name, unset members as null, and no body
/// with status 204.
#[must_use]
pub fn encode_response<O: Operation>(output: &O::Output) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::from_u16(O::INFO.status).unwrap_or(StatusCode::OK);
    if response.status() != StatusCode::NO_CONTENT {
        let json = match O::INFO.output {
            Some(_) => to_json(&WithNulls(output)),
            // Amazon Chime declares empty output structures, and encodes them as `{}`. The other
            // services declare no output, and send no body. `output` is `None` in both cases.
            None if O::INFO.service.id == "Chime" => Ok(b"{}".to_vec()),
            None => Ok(Vec::new()),
        };
        match json {
            Ok(json) => *response.body_mut() = json.into(),
            // Fails only if a timestamp is outside the range of the API.
            Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
    let headers = response.headers_mut();
    headers.reserve(HEADERS);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode_document;
    use chime_model::chime::{DeleteRoomRequest, GetRoomRequest, ListRoomsRequest};

    fn response(headers: &[(&str, &str)], body: &str) -> Response<Bytes> {
        let mut response = Response::builder().status(200);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        response.body(Bytes::from(body.to_owned())).unwrap()
    }

    /// The reason why a response cannot be decoded. It is the same with and without types.
    fn reason<O: Operation>(headers: &[(&str, &str)], body: &str) -> String {
        let response = response(headers, body);
        let reason = |error| match error {
            Some(ResponseError::Undecodable(error)) => error.reason,
            other => panic!("{body}: {other:?}"),
        };
        let typed = reason(decode_response::<O>(&response).err());
        assert_eq!(reason(decode_document(O::INFO, &response).err()), typed);
        typed
    }

    #[test]
    fn the_error_of_an_encoded_body_names_the_encoding() {
        let gzip = [("content-encoding", "gzip"), ("content-type", "application/json")];
        let expected = "the response is encoded with gzip, which this client does not accept";
        for body in ["\u{1f}\u{8}binary", r#"{"Room":{}}"#] {
            assert_eq!(reason::<GetRoomRequest>(&gzip, body), expected);
            assert_eq!(reason::<DeleteRoomRequest>(&gzip, body), expected);
        }
        for (coding, body) in [("gzip", ""), ("identity", "{}")] {
            let response = response(&[("content-encoding", coding)], body);
            assert!(decode_response::<GetRoomRequest>(&response).is_ok(), "{coding}");
        }
    }

    #[test]
    fn the_error_of_a_body_that_is_not_json_names_the_content_type() {
        let html = [("content-type", "text/html; charset=utf-8")];
        let json = [("content-type", "application/json")];
        let hint = "; a proxy or a captive portal may have responded in place of the service";
        for (headers, body, expected) in [
            (
                &html[..],
                "<html>",
                format!("is not JSON (line 1, column 1), content type text/html{hint}"),
            ),
            (&html, "[]", format!("is not a JSON object, content type text/html{hint}")),
            (&json, r#"{"Room":{"Na"#, "ends early, content type application/json".to_owned()),
            (&json, "[", "ends early, content type application/json".to_owned()),
            (&[], "\"a\"", "is not a JSON object, no content type".to_owned()),
            (&[], "{} {}", "is not JSON (line 1, column 4), no content type".to_owned()),
        ] {
            let expected = format!("the body {expected}");
            assert_eq!(reason::<GetRoomRequest>(headers, body), expected);
            assert_eq!(reason::<DeleteRoomRequest>(headers, body), expected);
        }
    }

    #[test]
    fn an_operation_without_output_accepts_any_object() {
        let html = [("content-type", "text/html")];
        for body in ["", " \n", "null", "{}", r#" {"Of":{"The":["Future",null]}} "#] {
            let response = response(&html, body);
            assert!(decode_response::<DeleteRoomRequest>(&response).is_ok(), "{body}");
            assert!(decode_document(DeleteRoomRequest::INFO, &response).unwrap().is_empty());
        }
    }

    #[test]
    fn an_array_is_not_read_as_a_structure() {
        // Derived implementations of serde accept an array with the members by position.
        assert_eq!(
            reason::<GetRoomRequest>(&[], "[null]"),
            "the body is not a JSON object, no content type"
        );
        for (body, member) in
            [(r#"{"Room":["r"]}"#, "Room"), (r#"{"Room":[null,null,null,null,null,null]}"#, "Room")]
        {
            let error = decode_response::<GetRoomRequest>(&response(&[], body)).unwrap_err();
            let expected = format!("{member}: must be a structure");
            assert!(error.to_string().ends_with(&expected), "{error}");
        }
        let rooms = response(&[], r#"{"Rooms":[{},[]]}"#);
        let error = decode_response::<ListRoomsRequest>(&rooms).unwrap_err();
        assert!(error.to_string().ends_with("Rooms[1]: must be a structure"), "{error}");
    }

    #[test]
    fn only_amazon_chime_encodes_no_output_as_an_empty_object() {
        let redacted = encode_response::<chime_model::chime::RedactRoomMessageRequest>(&());
        assert_eq!((redacted.status().as_u16(), &redacted.body()[..]), (200, &b"{}"[..]));
        let stopped =
            encode_response::<chime_model::meetings::StopMeetingTranscriptionRequest>(&());
        assert_eq!((stopped.status().as_u16(), &stopped.body()[..]), (200, &b""[..]));
    }
}
