//! Renames the members of a record to their names in the API.

use std::collections::BTreeMap;

use crate::{MemberInfo, Shape, Structure, Value};

/// The placeholders for sensitive values, compared without regard to case.
const HIDDEN: [&str; 2] = ["HIDDEN_DUE_TO_SECURITY_REASONS", "HIDDEN_FOR_SECURITY_REASONS"];

/// Renames the members of a structure, and removes hidden values that are not text.
pub(super) fn renamed(structure: &Structure, value: Value) -> Value {
    match value {
        Value::Map(members) => Value::Map(renamed_members(structure, members)),
        other => other,
    }
}

fn renamed_members(
    structure: &Structure,
    members: BTreeMap<String, Value>,
) -> BTreeMap<String, Value> {
    let known = |(name, value): (String, Value)| {
        let member = member(structure, &name)?;
        Some((member.name.to_owned(), visible(member.shape, value)?))
    };
    members.into_iter().filter_map(known).collect()
}

/// Finds the member that CloudTrail writes under this name. Only the case differs; in acronyms, such as
/// `DNIS`, not only that of the first letter.
fn member(structure: &Structure, name: &str) -> Option<&'static MemberInfo> {
    let same = |member: &&MemberInfo| member.name.eq_ignore_ascii_case(name);
    structure.members.iter().find(same)
}

/// Returns the value, or `None` if it is hidden. A hidden text stays, since the placeholder is text.
fn visible(shape: &Shape, value: Value) -> Option<Value> {
    match (shape, value) {
        (Shape::Text(_) | Shape::Enumeration(_), text) => Some(text),
        (_, Value::Text(text)) if is_hidden(text.expose()) => None,
        (Shape::Structure(structure), structured) => Some(renamed(structure, structured)),
        (Shape::List(list), Value::List(items)) => {
            let items = items.into_iter().filter_map(|item| visible(list.item, item));
            Some(Value::List(items.collect()))
        }
        (Shape::Map(map), Value::Map(entries)) => {
            let visible = |(key, value)| Some((key, visible(map.value, value)?));
            Some(Value::Map(entries.into_iter().filter_map(visible).collect()))
        }
        (_, other) => Some(other),
    }
}

fn is_hidden(text: &str) -> bool {
    HIDDEN.iter().any(|hidden| hidden.eq_ignore_ascii_case(text))
}
