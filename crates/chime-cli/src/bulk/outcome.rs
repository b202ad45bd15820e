//! Converts the outcome of a call to lines of the results file.

use chime_client::model::{OperationInfo, ServiceError, Shape, Structure};
use chime_client::{Error, ErrorKind};
use serde_json::{Map, Value, json};

use super::plan::{Call, RowResult};
use super::results::{Line, Outcome};
use crate::failure::chain;

/// A response with the request id.
pub(super) type Response = (Option<String>, Map<String, Value>);

/// The text in place of sensitive values.
const REDACTED: &str = "[redacted]";

/// Errors that do not depend on the row, in addition to those recognized by their status.
const ROW_INDEPENDENT: [&str; 8] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// Creates a line for each row of the call.
pub(super) fn lines(
    info: &'static OperationInfo,
    call: &Call,
    result: Result<Response, Error>,
    is_masked: bool,
) -> Vec<Line> {
    let rows = call.parts.iter().map(|part| part.row);
    match result {
        Ok((request_id, response)) => {
            let line = |(row, result)| {
                let (outcome, result, error) = described(info, result, is_masked);
                let request_id = request_id.clone();
                Line { request_id, result, error, ..Line::new(row, outcome) }
            };
            rows.zip(call.split(info, response)).map(line).collect()
        }
        Err(error) => {
            let outcome = of_error(&error);
            let line = |row| Line {
                request_id: error.request_id().map(str::to_owned),
                error: Some(error_value(&error)),
                ..Line::new(row, outcome)
            };
            rows.map(line).collect()
        }
    }
}

fn described(
    info: &OperationInfo,
    result: RowResult,
    is_masked: bool,
) -> (Outcome, Option<Value>, Option<Value>) {
    let shown = |members: Map<String, Value>| match info.output {
        Some(structure) if is_masked => masked_members(structure, members),
        _ => members,
    };
    match result {
        RowResult::Done(members) => (Outcome::Done, Some(shown(members).into()), None),
        RowResult::Failed(failures) => {
            let name = info.batch.as_ref().map_or("", |batch| batch.failures);
            let error = shown([(name.to_owned(), failures)].into_iter().collect());
            (Outcome::Failed, None, Some(error.into()))
        }
        RowResult::Unclear => {
            let text = "an item of the call failed, and the response does not tell which";
            (Outcome::Unknown, None, Some(json!({"message": text})))
        }
    }
}

fn of_error(error: &Error) -> Outcome {
    match error.kind() {
        _ if error.may_have_acted() => Outcome::Unknown,
        ErrorKind::Invalid(_) => Outcome::Failed,
        ErrorKind::Service(service) if !stops_every_row(service) => Outcome::Failed,
        _ => Outcome::Unsent,
    }
}

fn stops_every_row(error: &ServiceError) -> bool {
    matches!(error.status, 401 | 429 | 503) || ROW_INDEPENDENT.contains(&error.exception.as_str())
}

fn error_value(error: &Error) -> Value {
    match error.service() {
        Some(service) => json!({
            "code": service.exception.as_str(),
            "message": service.message,
            "status": service.status,
        }),
        None => json!({"message": chain(error)}),
    }
}

/// The error of a line as text.
pub(super) fn error_text(error: &Value) -> String {
    let text = |name| error.get(name).and_then(Value::as_str);
    match (text("code"), text("message")) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(text), None) | (None, Some(text)) => text.to_owned(),
        (None, None) => error.to_string(),
    }
}

/// Replaces the sensitive members of a structure, and those that the API does not describe.
fn masked_members(structure: &Structure, members: Map<String, Value>) -> Map<String, Value> {
    let member = |(name, value): (String, Value)| {
        let value = match structure.member(&name) {
            Some(member) => masked(member.shape, value),
            None => REDACTED.into(),
        };
        (name, value)
    };
    members.into_iter().filter(|(_, value)| !value.is_null()).map(member).collect()
}

fn masked(shape: &Shape, value: Value) -> Value {
    match (shape, value) {
        (_, Value::Null) => Value::Null,
        (Shape::Structure(structure), Value::Object(members)) => {
            masked_members(structure, members).into()
        }
        (Shape::List(list), Value::Array(items)) => {
            items.into_iter().map(|item| masked(list.item, item)).collect()
        }
        (Shape::Text(text), value @ Value::String(_)) if !text.sensitive => value,
        (Shape::Enumeration(_) | Shape::Boolean, value) => value,
        (Shape::Integer(_) | Shape::Float(_) | Shape::Timestamp(_), value) => value,
        // A map, a sensitive text, or a value that does not fit.
        (_, _) => REDACTED.into(),
    }
}

#[cfg(test)]
mod tests;
