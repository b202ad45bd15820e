//! Gives the members of a record the names of the API.

use std::collections::BTreeMap;

use crate::{MemberInfo, Shape, Structure, Value};

/// What CloudTrail writes in place of a sensitive value, in any case.
const HIDDEN: [&str; 2] = ["HIDDEN_DUE_TO_SECURITY_REASONS", "HIDDEN_FOR_SECURITY_REASONS"];

/// The value of a structure with the names of the API and without what is hidden.
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

/// The member that CloudTrail writes by that name. Only the case differs; of acronyms, such as
/// `DNIS`, more than the first letter may.
fn member(structure: &Structure, name: &str) -> Option<&'static MemberInfo> {
    let same = |member: &&MemberInfo| member.name.eq_ignore_ascii_case(name);
    structure.members.iter().find(same)
}

/// The value, unless it is hidden. Text stays: a placeholder is text.
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
