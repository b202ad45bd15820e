//! Calls with JSON documents instead of types, which need only the row of the operation.

use bytes::Bytes;
use chime_model::{OperationInfo, Shape, Structure, TimestampFormat, timestamp};
use http::Response;
use serde_json::{Map, Value};

use crate::response::{ResponseError, body_of_success, invalid};

/// Decodes the output in a response as a JSON document. Leaves out members that are null or not in the
/// row, and converts numeric timestamps to ISO 8601.
///
/// # Errors
/// Returns the service's error if the response is not a success, and [`ResponseError::Undecodable`] if the
/// body is not a JSON object.
pub fn decode_document(
    info: &'static OperationInfo,
    response: &Response<Bytes>,
) -> Result<Map<String, Value>, ResponseError> {
    let body = body_of_success(response)?;
    let members: Map<String, Value> =
        serde_json::from_slice(body).map_err(|_| invalid(info, response))?;
    let Some(structure) = info.output else { return Ok(Map::new()) };
    Ok(visit_members(structure, members, &mut |shape, value| match (shape, value) {
        (Shape::Structure(structure), Value::Object(members)) => {
            members.retain(|name, value| structure.member(name).is_some() && !value.is_null());
        }
        // Text timestamps stay as the service wrote them.
        (Shape::Timestamp(_), value) if value.is_number() => {
            write(TimestampFormat::Iso8601, value);
        }
        _ => {}
    }))
}

/// Converts the timestamps of an input, given as text or as seconds since 1970, to the formats of their
/// members.
#[must_use]
pub fn format_timestamps(
    info: &'static OperationInfo,
    input: Map<String, Value>,
) -> Map<String, Value> {
    visit_members(info.input, input, &mut |shape, value| {
        if let Shape::Timestamp(format) = shape {
            write(*format, value);
        }
    })
}

/// Applies `change` to a structure and to all values inside it, outer values first.
fn visit_members(
    structure: &'static Structure,
    members: Map<String, Value>,
    change: &mut impl FnMut(&Shape, &mut Value),
) -> Map<String, Value> {
    let mut whole = Value::Object(members);
    visit(&Shape::Structure(structure), &mut whole, change);
    match whole {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn visit(shape: &Shape, value: &mut Value, change: &mut impl FnMut(&Shape, &mut Value)) {
    change(shape, value);
    match (shape, value) {
        (Shape::Structure(structure), Value::Object(members)) => {
            for (name, value) in members {
                if let Some(member) = structure.member(name) {
                    visit(member.shape, value, change);
                }
            }
        }
        (Shape::List(list), Value::Array(items)) => {
            items.iter_mut().for_each(|item| visit(list.item, item, change));
        }
        (Shape::Map(map), Value::Object(entries)) => {
            entries.values_mut().for_each(|value| visit(map.value, value, change));
        }
        _ => {}
    }
}

/// Converts a timestamp to this format, text in UTC. Leaves other values unchanged.
fn write(format: TimestampFormat, value: &mut Value) {
    let time = match (&*value, format) {
        (Value::Number(seconds), TimestampFormat::Iso8601) => {
            seconds.as_f64().and_then(timestamp::from_seconds)
        }
        (Value::String(text), _) => timestamp::parse(text).ok(),
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

/// Removes members that are null, which means unset, at every depth.
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
    use chime_model::media_pipelines::CreateMediaInsightsPipelineRequest;
    use chime_model::messaging::ListChannelMessagesRequest;
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
    fn an_input_has_each_timestamp_in_the_format_of_its_member() {
        let range = |start: Value, end: Value| {
            let range = json!({"StartTimestamp": start, "EndTimestamp": end});
            let source = json!({"FragmentSelector": {"TimestampRange": range}});
            json!({"KinesisVideoStreamRecordingSourceRuntimeConfiguration": source})
        };
        let format = |input: Value| match input {
            Value::Object(input) => {
                Value::Object(format_timestamps(CreateMediaInsightsPipelineRequest::INFO, input))
            }
            other => other,
        };
        let text = range(json!("2026-11-23T15:07:45.5Z"), json!("2026-11-23T15:07:46Z"));
        let seconds = range(json!(1_795_446_465.5), json!(1_795_446_466));
        assert_eq!(format(text), seconds);
        assert_eq!(format(seconds.clone()), seconds);
        let invalid = range(json!("soon"), json!(null));
        assert_eq!(format(invalid.clone()), invalid);
    }

    #[test]
    fn timestamps_of_an_input_are_converted_to_utc() {
        let Value::Object(input) = json!({"NotBefore": "2026-11-23T15:07:45.5+05:45",
            "NotAfter": 1_795_446_465})
        else {
            unreachable!()
        };
        let expected = json!({"NotBefore": "2026-11-23T09:22:45.500Z", "NotAfter": "2026-11-23T15:07:45.000Z"});
        let formatted = format_timestamps(ListChannelMessagesRequest::INFO, input);
        assert_eq!(Value::Object(formatted), expected);
    }

    #[test]
    fn an_empty_body_is_an_empty_document() {
        for body in ["", "{}", "null", " "] {
            assert_eq!(decode(GetRoomRequest::INFO, body), json!({}));
            assert_eq!(decode(DeleteRoomRequest::INFO, body), json!({}));
        }
    }

    #[test]
    fn nulls_are_removed_at_every_depth() {
        let Value::Object(document) = json!({"A": null, "B": {"C": null, "D": [{"E": null}]}})
        else {
            unreachable!()
        };
        assert_eq!(Value::Object(without_nulls(document)), json!({"B": {"D": [{}]}}));
    }
}
