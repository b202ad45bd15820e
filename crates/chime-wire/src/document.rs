//! Decodes responses without types, from an operation's row to a JSON document.

use bytes::Bytes;
use chime_model::{OperationInfo, Shape, Structure, timestamp};
use http::Response;
use serde_json::{Map, Value};

use crate::response::{ResponseError, body_of_success, invalid};

/// Decodes the output in a response as a JSON document. Members that are null or not in the row are
/// left out, and timestamps become ISO 8601.
///
/// # Errors
/// Returns the service's error if the response is not a success. Returns what is wrong with the
/// body if it is not a JSON object.
pub fn decode_document(
    info: &'static OperationInfo,
    response: &Response<Bytes>,
) -> Result<Map<String, Value>, ResponseError> {
    let body = body_of_success(response)?;
    let mut members: Map<String, Value> =
        serde_json::from_slice(body).map_err(|_| invalid(info, response))?;
    let Some(structure) = info.output else { return Ok(Map::new()) };
    shape_members(structure, &mut members);
    Ok(members)
}

fn shape_members(structure: &Structure, members: &mut Map<String, Value>) {
    members.retain(|name, value| match structure.member(name) {
        Some(member) if !value.is_null() => {
            shape_value(member.shape, value);
            true
        }
        _ => false,
    });
}

fn shape_value(shape: &Shape, value: &mut Value) {
    match (shape, &mut *value) {
        (Shape::Structure(structure), Value::Object(members)) => shape_members(structure, members),
        (Shape::List(list), Value::Array(items)) => {
            items.iter_mut().for_each(|item| shape_value(list.item, item));
        }
        (Shape::Timestamp, Value::Number(seconds)) => {
            let time = seconds.as_f64().and_then(timestamp::from_seconds);
            if let Some(text) = time.and_then(timestamp::format) {
                *value = Value::String(text);
            }
        }
        _ => {}
    }
}

/// Removes the members that are null, at every depth, since null means unset.
#[must_use]
pub fn without_nulls(mut document: Map<String, Value>) -> Map<String, Value> {
    fn clean(members: &mut Map<String, Value>) {
        members.retain(|_, value| !value.is_null());
        members.values_mut().for_each(clean_value);
    }
    fn clean_value(value: &mut Value) {
        match value {
            Value::Object(members) => clean(members),
            Value::Array(items) => items.iter_mut().for_each(clean_value),
            _ => {}
        }
    }
    clean(&mut document);
    document
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
    fn null_and_unknown_members_are_left_out_and_timestamps_are_text() {
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
    fn an_empty_body_is_an_empty_document() {
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
