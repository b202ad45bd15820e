//! JSON documents in place of types: a row and a document are enough for a call.

use bytes::Bytes;
use chime_model::{OperationInfo, Shape, Structure, TimestampFormat, timestamp};
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
    retain_known(structure, &mut members);
    for (name, value) in &mut members {
        if let Some(member) = structure.member(name) {
            each_timestamp(member.shape, value, &mut |_, value| {
                write(TimestampFormat::Iso8601, value);
            });
        }
    }
    Ok(members)
}

/// Writes the timestamps of an input in the formats of their members. Documents may hold each as text
/// or as seconds since 1970.
pub fn format_timestamps(info: &'static OperationInfo, input: &mut Map<String, Value>) {
    for (name, value) in input {
        if let Some(member) = info.input.member(name) {
            each_timestamp(member.shape, value, &mut write);
        }
    }
}

/// Removes members that are null or not in the structure, at every depth.
fn retain_known(structure: &Structure, members: &mut Map<String, Value>) {
    members.retain(|name, value| match structure.member(name) {
        Some(member) if !value.is_null() => {
            retain_known_in(member.shape, value);
            true
        }
        _ => false,
    });
}

fn retain_known_in(shape: &Shape, value: &mut Value) {
    match (shape, value) {
        (Shape::Structure(structure), Value::Object(members)) => retain_known(structure, members),
        (Shape::List(list), Value::Array(items)) => {
            items.iter_mut().for_each(|item| retain_known_in(list.item, item));
        }
        (Shape::Map(map), Value::Object(entries)) => {
            entries.values_mut().for_each(|value| retain_known_in(map.value, value));
        }
        _ => {}
    }
}

fn each_timestamp(
    shape: &Shape,
    value: &mut Value,
    change: &mut impl FnMut(TimestampFormat, &mut Value),
) {
    match (shape, value) {
        (Shape::Structure(structure), Value::Object(members)) => {
            for (name, value) in members {
                if let Some(member) = structure.member(name) {
                    each_timestamp(member.shape, value, change);
                }
            }
        }
        (Shape::List(list), Value::Array(items)) => {
            items.iter_mut().for_each(|item| each_timestamp(list.item, item, change));
        }
        (Shape::Timestamp(format), value) => change(*format, value),
        _ => {}
    }
}

/// Writes a timestamp in this format. Leaves anything else as it is.
fn write(format: TimestampFormat, value: &mut Value) {
    let time = match (&*value, format) {
        (Value::Number(seconds), TimestampFormat::Iso8601) => {
            seconds.as_f64().and_then(timestamp::from_seconds)
        }
        (Value::String(text), TimestampFormat::EpochSeconds) => timestamp::parse(text).ok(),
        _ => None,
    };
    let Some(time) = time else { return };
    let written = match format {
        TimestampFormat::Iso8601 => timestamp::format(time).map(Value::from),
        TimestampFormat::EpochSeconds => {
            timestamp::serialize_seconds(&time, serde_json::value::Serializer).ok()
        }
    };
    if let Some(written) = written {
        *value = written;
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
