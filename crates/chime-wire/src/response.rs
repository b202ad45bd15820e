//! Responses, both directions.

use std::fmt;

use bytes::Bytes;
use chime_model::{Operation, OperationInfo, Rule, ServiceError, Violation, WithNulls, check};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use serde::de::IntoDeserializer;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{decode_error, request_id};

/// Why a response gave no output.
#[derive(Debug)]
pub enum ResponseError {
    /// The service refused or failed, and said so.
    Service(ServiceError),
    /// The service agreed, and what it said makes no sense.
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

/// A success that cannot be read. The body is kept; neither `Debug` nor `Display` shows it.
#[non_exhaustive]
pub struct Undecodable {
    /// What is wrong, without any value.
    pub reason: String,
    /// The HTTP status.
    pub status: u16,
    /// The service's name for the exchange.
    pub request_id: Option<String>,
    /// The body as it came.
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
        write!(f, "the answer (HTTP {}) cannot be read: {}", self.status, self.reason)
    }
}

impl std::error::Error for Undecodable {}

/// The output in a response: that of any 2xx, with or without a body.
///
/// # Errors
/// What the service answered if it is no success, and what is wrong with a success that is not
/// the operation's output.
pub fn decode_response<O: Operation>(
    response: &Response<Bytes>,
) -> Result<O::Output, ResponseError> {
    let body = body_of_success(response)?;
    if O::INFO.output.is_none() {
        let nothing = IntoDeserializer::<serde::de::value::Error>::into_deserializer(());
        return O::Output::deserialize(nothing)
            .map_err(|_| undecodable(response, "nothing was expected".to_owned()));
    }
    serde_json::from_slice(body)
        .map_err(|error| undecodable(response, reason(O::INFO, body, &error)))
}

/// The body of a success; `{}` where there is none.
pub(crate) fn body_of_success(response: &Response<Bytes>) -> Result<&[u8], ResponseError> {
    if !response.status().is_success() {
        return Err(ResponseError::Service(decode_error(response)));
    }
    let body = response.body().trim_ascii();
    Ok(if matches!(body, b"" | b"null") { b"{}" } else { body })
}

/// A response that makes no sense, for this reason; it must not quote a value.
pub fn undecodable(response: &Response<Bytes>, reason: String) -> ResponseError {
    ResponseError::Undecodable(Undecodable {
        reason,
        status: response.status().as_u16(),
        request_id: request_id(response.headers()).map(str::to_owned),
        body: response.body().clone(),
    })
}

/// Which member is wrong, if the body is JSON at all. serde's own words may quote a value.
pub(crate) fn reason(
    info: &'static OperationInfo,
    body: &[u8],
    error: &serde_json::Error,
) -> String {
    let wrong_type =
        |violation: &&Violation| matches!(violation.rule, Rule::Type { .. } | Rule::Required);
    if let (Some(structure), Ok(value)) = (info.output, serde_json::from_slice::<Value>(body))
        && let Err(violations) = check(structure, &value)
        && let Some(violation) = violations.as_slice().iter().find(wrong_type)
    {
        return violation.to_string();
    }
    let kind = if error.is_eof() { "the JSON ends early" } else { "no JSON of this operation" };
    format!("{kind} (line {}, column {})", error.line(), error.column())
}

/// Most answers about one thing fit in, and grow no buffer.
const USUAL_LENGTH: usize = 512;

fn to_json<T: Serialize>(value: &T) -> serde_json::Result<Vec<u8>> {
    let mut json = Vec::with_capacity(USUAL_LENGTH);
    serde_json::to_writer(&mut json, value)?;
    Ok(json)
}

/// An output as the service answers it: the keys in the order of their names, unset members as
/// null, no body with 204.
#[must_use]
pub fn encode_response<O: Operation>(output: &O::Output) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::from_u16(O::INFO.status).unwrap_or(StatusCode::OK);
    if response.status() != StatusCode::NO_CONTENT {
        let json = match O::INFO.output {
            Some(_) => to_json(&WithNulls(output)),
            None => Ok(b"{}".to_vec()),
        };
        match json {
            Ok(json) => *response.body_mut() = json.into(),
            // A timestamp beyond the calendar of the API: no output of ours has one.
            Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
