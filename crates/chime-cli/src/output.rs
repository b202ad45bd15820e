//! Prints a result as the AWS CLI does: JSON, indented by four spaces, members in the order of the
//! API.

use std::io::{self, Write};

use chime_client::model::{Shape, Structure};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::ser::PrettyFormatter;
use serde_json::{Map, Value};

use crate::terminal::{Escaping, escaped_json};

/// Prints the result, or nothing if it is empty.
///
/// # Errors
/// Returns the error of the writer. A reader that has closed the pipe, such as `head`, is not an
/// error.
pub(crate) fn print(
    to: &mut impl Write,
    structure: Option<&Structure>,
    result: &Map<String, Value>,
) -> io::Result<()> {
    let Some(structure) = structure.filter(|_| !result.is_empty()) else { return Ok(()) };
    let mut json = Vec::new();
    let formatter = PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut json, formatter);
    Members(structure, result).serialize(&mut serializer)?;
    json.push(b'\n');
    write(to, &escaped_json(&String::from_utf8_lossy(&json)))
}

/// Writes the text at once, with control characters escaped.
///
/// # Errors
/// As for [`print()`].
pub(crate) fn write(to: &mut impl Write, text: &str) -> io::Result<()> {
    let mut to = Escaping(to);
    match to.write_all(text.as_bytes()).and_then(|()| to.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// The members of a structure, in the order of its row.
struct Members<'a>(&'a Structure, &'a Map<String, Value>);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for member in self.0.members {
            if let Some(value) = self.1.get(member.name) {
                map.serialize_entry(member.name, &Shaped(member.shape, value))?;
            }
        }
        map.end()
    }
}

/// A value with its shape.
struct Shaped<'a>(&'a Shape, &'a Value);

impl Serialize for Shaped<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0, self.1) {
            (Shape::Structure(structure), Value::Object(members)) => {
                Members(structure, members).serialize(serializer)
            }
            (Shape::List(list), Value::Array(items)) => {
                serializer.collect_seq(items.iter().map(|item| Shaped(list.item, item)))
            }
            (_, value) => value.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chime_client::model::chime::API;
    use serde_json::json;

    fn printed(operation: &str, result: Value) -> String {
        let Value::Object(result) = result else { panic!("{result}") };
        let mut text = Vec::new();
        print(&mut text, API.operation(operation).unwrap().output, &result).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn members_are_in_the_order_of_the_api_at_every_depth() {
        let member = json!({"AccountId": "a", "FullName": "Zoë", "MemberId": "m"});
        let membership = json!({"UpdatedTimestamp": "2019-12-02T22:29:31Z", "InvitedBy": "u",
            "Role": "Member", "RoomId": "r", "Member": member});
        let result = json!({"NextToken": "t", "RoomMemberships": [membership]});
        let expected = r#"{
    "RoomMemberships": [
        {
            "RoomId": "r",
            "Member": {
                "MemberId": "m",
                "FullName": "Zoë",
                "AccountId": "a"
            },
            "Role": "Member",
            "InvitedBy": "u",
            "UpdatedTimestamp": "2019-12-02T22:29:31Z"
        }
    ],
    "NextToken": "t"
}
"#;
        assert_eq!(printed("ListRoomMemberships", result), expected);
    }

    #[test]
    fn an_empty_result_prints_nothing_and_an_empty_list_is_a_result() {
        assert_eq!(printed("DeleteRoom", json!({})), "");
        assert_eq!(printed("GetRoom", json!({})), "");
        assert_eq!(printed("ListRooms", json!({"Rooms": []})), "{\n    \"Rooms\": []\n}\n");
    }

    /// A writer that always fails in the same way.
    struct Failing(io::ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_not_an_error_and_a_full_disk_is() {
        assert!(write(&mut Failing(io::ErrorKind::BrokenPipe), "text").is_ok());
        assert!(write(&mut Failing(io::ErrorKind::StorageFull), "text").is_err());
    }
}
