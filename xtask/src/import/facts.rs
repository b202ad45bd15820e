//! A description as a flat list of facts, and the difference between two lists.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::Result;
use crate::api::Api;

/// The facts: a subject, such as `shape UserIdList.max`, and its value. A fact that something exists, such as a
/// member, has no value.
pub(super) type Facts = BTreeMap<String, Option<String>>;

/// Returns all facts of a description, except for the order of members.
pub(super) fn of(api: &Api) -> Result<Facts> {
    let mut facts = Facts::new();
    if let Value::Object(whole) = serde_json::to_value(api)? {
        for (key, value) in &whole {
            match (key.as_str(), value) {
                ("metadata", Value::Object(entries)) => {
                    for (key, value) in entries {
                        attribute(format!("metadata {key}"), value, &mut facts);
                    }
                }
                ("operations", Value::Object(operations)) => {
                    operations.iter().for_each(|(name, it)| item("operation", name, it, &mut facts))
                }
                ("shapes", Value::Object(shapes)) => {
                    shapes.iter().for_each(|(name, it)| item("shape", name, it, &mut facts))
                }
                _ => attribute(format!("description {key}"), value, &mut facts),
            }
        }
    }
    Ok(facts)
}

/// Returns a line for each added, removed or altered fact, in the order of the facts.
pub(super) fn difference(old: &Facts, new: &Facts) -> Vec<String> {
    let line = |verb: &str, fact: &str, value: &Option<String>| match value {
        Some(value) => format!("{verb:8} {fact}: {value}"),
        None => format!("{verb:8} {fact}"),
    };
    let all: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    all.into_iter()
        .filter_map(|fact| match (old.get(fact), new.get(fact)) {
            (None, Some(value)) => Some(line("added", fact, value)),
            (Some(value), None) => Some(line("removed", fact, value)),
            (Some(Some(old)), Some(Some(new))) if old != new => {
                Some(format!("{:8} {fact}: {old} -> {new}", "altered"))
            }
            _ => None,
        })
        .collect()
}

/// Adds the facts of a named item: that it exists, its parts, and its attributes.
fn item(kind: &str, name: &str, said: &Value, facts: &mut Facts) {
    facts.insert(format!("{kind} {name}"), None);
    for (key, value) in said.as_object().into_iter().flatten() {
        match (key.as_str(), value) {
            ("members", Value::Object(members)) => {
                for (member, reference) in members {
                    item("member", &format!("{name}.{member}"), reference, facts);
                }
            }
            ("enum", Value::Array(values)) => {
                present(values, facts, |value| format!("enum value {name}.{value}"));
            }
            ("required", Value::Array(members)) => {
                present(members, facts, |member| format!("required {name}.{member}"));
            }
            ("errors", Value::Array(errors)) => {
                present(errors, facts, |error| format!("error {name}: {error}"));
            }
            _ => attribute(format!("{kind} {name}.{key}"), value, facts),
        }
    }
}

/// Adds a fact for each item of an unordered list, with its text or the name of its shape.
fn present(list: &[Value], facts: &mut Facts, name: impl Fn(&str) -> String) {
    for entry in list {
        facts.insert(name(&text(entry.get("shape").unwrap_or(entry))), None);
    }
}

fn attribute(path: String, value: &Value, facts: &mut Facts) {
    match value {
        Value::Object(entries) => {
            entries.iter().for_each(|(key, value)| attribute(format!("{path}.{key}"), value, facts))
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(text).collect();
            facts.insert(path, Some(values.join(", ")));
        }
        _ => {
            facts.insert(path, Some(text(value)));
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests;
