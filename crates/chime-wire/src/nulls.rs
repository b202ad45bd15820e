//! Writes JSON as the service does: members that are not set are there, as null.

use std::io::{self, Write};

use chime_model::{Shape, Structure};
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Most answers about one thing fit in, and grow no buffer.
const USUAL_LENGTH: usize = 512;

/// `value` as JSON, with a null for each member of its structure that it leaves out.
pub(crate) fn to_json<T: Serialize + ?Sized>(
    structure: &'static Structure,
    value: &T,
) -> serde_json::Result<Vec<u8>> {
    let mut json = Vec::with_capacity(USUAL_LENGTH);
    let formatter = WithNulls { stack: Vec::new(), root: structure, in_key: false };
    value.serialize(&mut Serializer::with_formatter(&mut json, formatter))?;
    Ok(json)
}

/// A formatter that follows the value along its shape.
struct WithNulls {
    stack: Vec<Inside>,
    root: &'static Structure,
    /// Whether a key is written now.
    in_key: bool,
}

enum Inside {
    Structure {
        members: &'static Structure,
        /// Which members were written, a bit each.
        seen: u64,
        /// The shape of the member that is written now.
        current: Option<&'static Shape>,
    },
    List(Option<&'static Shape>),
    Unknown,
}

impl WithNulls {
    /// The shape of the value that comes next.
    fn current(&self) -> Option<&'static Shape> {
        match self.stack.last()? {
            Inside::Structure { current, .. } => *current,
            Inside::List(item) => *item,
            Inside::Unknown => None,
        }
    }
}

impl Formatter for WithNulls {
    fn begin_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        let members = match self.current() {
            _ if self.stack.is_empty() => Some(self.root),
            Some(Shape::Structure(structure)) => Some(*structure),
            _ => None,
        };
        self.stack.push(match members {
            Some(members) => Inside::Structure { members, seen: 0, current: None },
            None => Inside::Unknown,
        });
        writer.write_all(b"{")
    }

    fn end_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        if let Some(Inside::Structure { members, seen, .. }) = self.stack.pop() {
            let mut first = seen == 0;
            for (position, member) in members.members.iter().enumerate() {
                if seen & (1 << position) == 0 {
                    let before: &[u8] = if first { b"\"" } else { b",\"" };
                    for part in [before, member.name.as_bytes(), b"\":null"] {
                        writer.write_all(part)?;
                    }
                    first = false;
                }
            }
        }
        writer.write_all(b"}")
    }

    fn begin_object_key<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.in_key = true;
        if first { Ok(()) } else { writer.write_all(b",") }
    }

    fn end_object_key<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.in_key = false;
        Ok(())
    }

    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if self.in_key
            && let Some(Inside::Structure { members, seen, current }) = self.stack.last_mut()
        {
            // A name needs no escapes, so that it comes in one fragment.
            let position = members.members.iter().position(|member| member.name == fragment);
            *seen |= position.map_or(0, |position| 1 << position);
            *current = position.map(|position| members.members[position].shape);
        }
        writer.write_all(fragment.as_bytes())
    }

    fn begin_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        let item = match self.current() {
            Some(Shape::List(list)) => Some(list.item),
            _ => None,
        };
        self.stack.push(Inside::List(item));
        writer.write_all(b"[")
    }

    fn end_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.stack.pop();
        writer.write_all(b"]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chime_model::Describe;
    use chime_model::chime::{ListRoomsResponse, Room};

    #[test]
    fn every_member_is_there_at_every_depth() {
        let rooms = ListRoomsResponse::default().rooms([Room::default().room_id("r")]);
        let json = to_json(ListRoomsResponse::SHAPE, &rooms).unwrap();
        assert_eq!(
            String::from_utf8(json).unwrap(),
            r#"{"Rooms":[{"RoomId":"r","Name":null,"AccountId":null,"CreatedBy":null,"CreatedTimestamp":null,"UpdatedTimestamp":null}],"NextToken":null}"#
        );
        let empty = to_json(ListRoomsResponse::SHAPE, &ListRoomsResponse::default()).unwrap();
        assert_eq!(empty, br#"{"Rooms":null,"NextToken":null}"#);
    }
}
