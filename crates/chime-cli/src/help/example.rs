//! Examples of command lines, from the row of the operation, with placeholders such as
//! `<account-id>`.

use chime_client::model::{MemberInfo, OperationInfo, Place, Shape, Structure};

use crate::names::kebab;
use crate::shapes::is_scalar;

const TIME: &str = "2026-01-31T12:00:00Z";

/// The example of a command with its heading, quoted for a shell.
pub(super) fn text(name: &str, info: &OperationInfo) -> String {
    let flags = needed(info).map(|member| format!(" \\\n    {}", flag(member)));
    format!("Example:\n  {name}{}", flags.collect::<String>())
}

/// The members that a call needs. What travels in a header is required, even where the API description
/// marks it as optional.
pub(super) fn needed(info: &OperationInfo) -> impl Iterator<Item = &'static MemberInfo> {
    let is_needed =
        |member: &&MemberInfo| member.required || matches!(member.place, Place::Header(_));
    info.input.members.iter().filter(is_needed)
}

/// The flag of a member with an example of its value, quoted for a shell.
pub(super) fn flag(member: &MemberInfo) -> String {
    words(member).iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// Puts quotes around a word that a shell would not take as it is. No word has a quote in it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.,:/=+@".contains(c);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{word}'") }
}

/// The words of [`flag`].
pub(super) fn words(member: &MemberInfo) -> Vec<String> {
    let name = kebab(member.name);
    let mut words = vec![format!("--{name}")];
    match member.shape {
        // The flag alone says true.
        Shape::Boolean => {}
        Shape::List(list) => words.extend(items(&name, list.min, |name| match list.item {
            Shape::List(_) => nested(member.shape, name, &[]),
            item => value(item, name),
        })),
        shape => words.push(value(shape, &name)),
    }
    words
}

/// Makes as many items as a list needs, each with the name of one item.
fn items(name: &str, min: Option<usize>, item: impl Fn(&str) -> String) -> Vec<String> {
    let name = match (name.strip_suffix("-list"), name.strip_suffix('s')) {
        (Some(single), _) => single,
        (None, Some(single)) if !single.ends_with(['e', 's']) => single,
        _ => name,
    };
    (0..min.unwrap_or(1).max(1)).map(|_| item(name)).collect()
}

/// Writes the value of a flag: shorthand without braces around it.
fn value(shape: &Shape, name: &str) -> String {
    match shape {
        Shape::Structure(inner) if inner.members.is_empty() => "{}".to_owned(),
        Shape::Structure(inner) => members(inner, &[]),
        Shape::Map(map) => entry(map.key, map.value, &[]),
        scalar => nested(scalar, name, &[]),
    }
}

/// Writes a value inside of another one.
fn nested(shape: &Shape, name: &str, around: &[&str]) -> String {
    match shape {
        Shape::Text(_) => format!("<{name}>"),
        Shape::Enumeration(names) => names.values.first().copied().unwrap_or_default().to_owned(),
        Shape::Boolean => "true".to_owned(),
        Shape::Integer(limits) | Shape::Float(limits) => {
            let least = limits.min.unwrap_or(1).max(1);
            limits.max.map_or(least, |max| least.min(max)).to_string()
        }
        Shape::Timestamp(_) => TIME.to_owned(),
        Shape::List(list) => {
            let items = items(name, list.min, |name| nested(list.item, name, around));
            format!("[{}]", items.join(","))
        }
        Shape::Map(map) => format!("{{{}}}", entry(map.key, map.value, around)),
        Shape::Structure(inner) => format!("{{{}}}", members(inner, around)),
        _ => String::new(),
    }
}

/// Writes the required members of a structure, or else its first one. `around` has the names of the
/// structures that this one is part of: some contain themselves.
fn members(structure: &Structure, around: &[&str]) -> String {
    if around.contains(&structure.name) {
        return String::new();
    }
    let around = [around, &[structure.name]].concat();
    let is_simple = |member: &&MemberInfo| is_scalar(member.shape);
    let mut chosen: Vec<_> = structure.members.iter().filter(|member| member.required).collect();
    if chosen.is_empty() {
        let simple = structure.members.iter().find(is_simple);
        chosen.extend(simple.or(structure.members.first()));
    }
    let member = |member: &&MemberInfo| {
        let MemberInfo { name, shape, .. } = member;
        format!("{name}={}", nested(shape, &kebab(name), &around))
    };
    chosen.iter().map(member).collect::<Vec<_>>().join(",")
}

fn entry(key: &Shape, value: &Shape, around: &[&str]) -> String {
    let key = match key {
        Shape::Enumeration(_) => nested(key, "", around),
        // A key of shorthand has no angle brackets.
        _ => "key".to_owned(),
    };
    format!("{key}={}", nested(value, "value", around))
}
