//! The way without types: an operation's row and JSON documents.

use bytes::Bytes;
use chime_model::{OperationInfo, Shape, Structure, timestamp};
use http::Response;
use serde_json::{Map, Value};

use crate::response::{ResponseError, body_of_success, reason, undecodable};

/// The output in a response, as a JSON document in the form that the row describes: members that
/// are null or unknown are left out, and timestamps are ISO 8601.
///
/// # Errors
/// What the service answered if it is no success, and what is wrong with a success that is no
/// JSON object.
pub fn decode_document(
    info: &'static OperationInfo,
    response: &Response<Bytes>,
) -> Result<Map<String, Value>, ResponseError> {
    let body = body_of_success(response)?;
    let Some(structure) = info.output else { return Ok(Map::new()) };
    let members: Map<String, Value> = serde_json::from_slice(body)
        .map_err(|error| undecodable(response, reason(info, body, &error)))?;
    Ok(shaped_members(structure, members))
}

fn shaped_members(structure: &Structure, members: Map<String, Value>) -> Map<String, Value> {
    members
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .filter_map(|(name, value)| {
            let shape = structure.member(&name)?.shape;
            Some((name, shaped(shape, value)))
        })
        .collect()
}

fn shaped(shape: &Shape, value: Value) -> Value {
    match (shape, value) {
        (Shape::Structure(structure), Value::Object(members)) => {
            Value::Object(shaped_members(structure, members))
        }
        (Shape::List(list), Value::Array(items)) => {
            items.into_iter().map(|item| shaped(list.item, item)).collect()
        }
        (Shape::Timestamp, Value::Number(seconds)) => seconds
            .as_f64()
            .and_then(timestamp::from_seconds)
            .and_then(timestamp::format)
            .map_or(Value::Number(seconds), Value::String),
        (_, value) => value,
    }
}

/// A document without the members that are null: null stands for absence, at every depth.
#[must_use]
pub fn without_nulls(document: Map<String, Value>) -> Map<String, Value> {
    fn clean(value: Value) -> Value {
        match value {
            Value::Object(members) => Value::Object(without_nulls(members)),
            Value::Array(items) => items.into_iter().map(clean).collect(),
            other => other,
        }
    }
    document
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name, clean(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chime_model::Operation;
    use chime_model::chime::{DeleteRoomRequest, GetRoomRequest};
    use serde_json::json;

    fn decode(info: &'static OperationInfo, body: &'static str) -> Value {
        let response = Response::new(Bytes::from_static(body.as_bytes()));
        Value::Object(decode_document(info, &response).unwrap())
    }

    #[test]
    fn nulls_and_strangers_are_left_out_and_times_are_text() {
        let body = r#"{"Room":{"Name":null,"RoomId":"r","Colour":"red","CreatedTimestamp":1.5,
            "UpdatedTimestamp":"2019-12-02T22:29:31Z"},"Extra":1}"#;
        let expected = json!({"Room": {
            "RoomId": "r",
            "CreatedTimestamp": "1970-01-01T00:00:01.500Z",
            "UpdatedTimestamp": "2019-12-02T22:29:31Z",
        }});
        assert_eq!(decode(GetRoomRequest::INFO, body), expected);
    }

    #[test]
    fn an_empty_answer_is_an_empty_document() {
        for body in ["", "{}", "null", " "] {
            assert_eq!(decode(GetRoomRequest::INFO, body), json!({}));
            assert_eq!(decode(DeleteRoomRequest::INFO, body), json!({}));
        }
    }

    #[test]
    fn nulls_go_at_every_depth() {
        let Value::Object(document) = json!({"A": null, "B": {"C": null, "D": [{"E": null}]}})
        else {
            unreachable!()
        };
        assert_eq!(Value::Object(without_nulls(document)), json!({"B": {"D": [{}]}}));
    }
}
