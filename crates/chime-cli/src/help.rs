//! What `--help` and the manual page of an operation say beside its flags, from its row: types and
//! limits, the members of structures, and examples.

mod example;

use std::fmt::Display;

use chime_client::model::{MemberInfo, NumberShape, OperationInfo, Shape, Structure, TextShape};
use clap::Command;

use crate::bulk;
use crate::names::kebab;
use crate::shapes::structure_in;

/// Adds the types of its flags, the members of its structures and an example to the long help of a
/// command with the flags of an operation.
pub(crate) fn described(command: Command, info: &OperationInfo) -> Command {
    // Changed in place, so that the flags keep their order.
    let command = command.mut_args(|flag| {
        let member = info.input.members.iter().find(|member| flag.get_id() == member.name);
        // The help of an enum flag has its values already.
        let is_plain = |shape: &&Shape| matches!(shape, Shape::Enumeration(_) | Shape::Boolean);
        match member.map(|member| member.shape).filter(|shape| !is_plain(shape)).map(kind) {
            Some(kind) if kind != TEXT => {
                let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
                flag.long_help(format!("{help}\nType: {kind}"))
            }
            _ => flag,
        }
    });
    let name = command.get_bin_name().unwrap_or("chime");
    let example = match command.get_arguments().any(|flag| flag.get_id() == bulk::FROM) {
        // The members are columns of the file.
        true => format!("Example:\n  {name} --{} rows.csv", bulk::FROM),
        false => example::text(name, info),
    };
    command.after_long_help(members(info) + &example)
}

/// Describes the members of the structures in the input, with a section for each flag.
fn members(info: &OperationInfo) -> String {
    let mut text = String::new();
    // Each structure is described once: some contain themselves.
    let mut seen = Vec::new();
    for member in info.input.members {
        let Some(structure) = structure_in(member.shape) else { continue };
        text.push_str(&format!("Members of {} in --{}:\n", structure.name, kebab(member.name)));
        text.push_str(&format!("  For example: {}\n", example::flag(member)));
        describe(&mut text, structure, "  ", &mut seen);
        text.push('\n');
    }
    text
}

fn describe(text: &mut String, structure: &Structure, indent: &str, seen: &mut Vec<&'static str>) {
    if seen.contains(&structure.name) {
        text.push_str(&format!("{indent}The members are described above.\n"));
        return;
    }
    seen.push(structure.name);
    for member in structure.members {
        let MemberInfo { name, shape, doc, .. } = member;
        let required = if member.required { " [required]" } else { "" };
        text.push_str(&format!("{indent}{name}{required} ({})\n", kind(shape)));
        for line in doc.lines() {
            text.push_str(format!("{indent}    {line}").trim_end());
            text.push('\n');
        }
        if let Some(inner) = structure_in(shape) {
            describe(text, inner, &format!("{indent}    "), seen);
        }
    }
}

const TEXT: &str = "text";

/// Describes a type with its limits, such as `text, 2 to 64 characters`.
fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Text(TextShape { min, max, pattern, .. }) => {
            let limits = range(*min, *max, "character").map(|limits| format!(", {limits}"));
            let pattern = pattern.map(|pattern| pattern.as_str()).filter(|text| !is_trivial(text));
            let pattern = pattern.map(|text| format!(", matching {text}"));
            format!("{TEXT}{}{}", limits.unwrap_or_default(), pattern.unwrap_or_default())
        }
        Shape::Enumeration(names) => format!("one of {}", names.values.join(", ")),
        Shape::Boolean => "true or false".to_owned(),
        Shape::Integer(NumberShape { min, max }) => number("whole number", *min, *max),
        Shape::Float(NumberShape { min, max }) => number("number", *min, *max),
        Shape::Timestamp(_) => {
            "timestamp: ISO 8601, such as 2026-01-31T12:00:00Z, or seconds since 1970".to_owned()
        }
        Shape::List(list) => {
            let limits = range(list.min, list.max, "item").map(|limits| format!(" of {limits}"));
            format!("list{}; each: {}", limits.unwrap_or_default(), kind(list.item))
        }
        Shape::Map(map) => {
            let limits = range(map.min, map.max, "entry").map(|limits| format!(" of {limits}"));
            let limits = limits.unwrap_or_default();
            format!("map{limits}; each key: {}; each value: {}", kind(map.key), kind(map.value))
        }
        Shape::Structure(structure) => format!("structure {}", structure.name),
        _ => "value".to_owned(),
    }
}

/// Whether a pattern says nothing that helps a reader.
fn is_trivial(pattern: &str) -> bool {
    matches!(pattern, ".*" | r".*\S.*" | r"[\s\S]*")
}

fn number(kind: &str, min: Option<i64>, max: Option<i64>) -> String {
    match range(min, max, "") {
        Some(limits) => format!("{kind}, {limits}"),
        None => kind.to_owned(),
    }
}

/// Describes limits, such as `1 to 50 items`. No length or size is below 0.
fn range<T: Display + PartialEq + From<u8>>(
    min: Option<T>,
    max: Option<T>,
    unit: &str,
) -> Option<String> {
    let is_single = max.as_ref().or(min.as_ref()).is_some_and(|number| *number == T::from(1));
    let unit = match (unit, is_single) {
        ("", _) => String::new(),
        (unit, true) => format!(" {unit}"),
        ("entry", false) => " entries".to_owned(),
        (unit, false) => format!(" {unit}s"),
    };
    let min = match unit.is_empty() {
        true => min,
        false => min.filter(|min| *min != T::from(0)),
    };
    match (min, max) {
        (Some(min), Some(max)) if min == max => Some(format!("{min}{unit}")),
        (Some(min), Some(max)) => Some(format!("{min} to {max}{unit}")),
        (Some(min), None) => Some(format!("at least {min}{unit}")),
        (None, Some(max)) => Some(format!("at most {max}{unit}")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests;
