//! Reads the rows of a file: CSV with a column per member, or JSONL with a request per line.

use chime_client::model::{OperationInfo, Shape, check};
use chime_wire::without_nulls;
use csv::{ErrorKind, Reader, StringRecord};
use serde_json::{Map, Value};

use crate::input::typed;
use crate::shapes::is_scalar;

/// A row: the input of one call.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// The number, from 1. Empty lines and the header line do not count.
    pub(super) number: usize,
    pub(super) input: Map<String, Value>,
}

/// Reads all rows and checks them. A text that starts with a brace is JSONL.
///
/// # Errors
/// Returns a message for each invalid row. No message quotes a value.
pub(super) fn read(
    info: &OperationInfo,
    defaults: &Map<String, Value>,
    text: &str,
) -> Result<Vec<Row>, Vec<String>> {
    // Windows editors put a byte order mark in front of UTF-8.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let inputs = match text.trim_start().starts_with(['{', '[']) {
        true => from_jsonl(defaults, text),
        false => from_csv(info, defaults, text).map_err(|reason| vec![reason])?,
    };
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for (index, (line, input)) in inputs.into_iter().enumerate() {
        let number = index + 1;
        let checked = input.map(without_nulls).and_then(|input| {
            let violations = |violations: chime_client::model::Violations| {
                let texts = violations.as_slice().iter().map(ToString::to_string);
                texts.collect::<Vec<_>>().join("; ")
            };
            check(info.input, &input).map_err(violations).map(|()| input)
        });
        match checked {
            Ok(input) => rows.push(Row { number, input }),
            Err(reason) => wrong.push(format!("row {number} (line {line}): {reason}")),
        }
    }
    if wrong.is_empty() { Ok(rows) } else { Err(wrong) }
}

/// The inputs of the rows, each with its line.
type Inputs = Vec<(u64, Result<Map<String, Value>, String>)>;

fn from_jsonl(defaults: &Map<String, Value>, text: &str) -> Inputs {
    let input = |line: &str| {
        let mut input = defaults.clone();
        match serde_json::from_str(line) {
            Ok(Value::Object(members)) => {
                input.extend(members);
                Ok(input)
            }
            Ok(_) => Err("must be a JSON object on a line of its own".to_owned()),
            Err(error) => Err(format!("must be a JSON object: {error}")),
        }
    };
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(number, line)| (number, input(line))).collect()
}

fn from_csv(
    info: &OperationInfo,
    defaults: &Map<String, Value>,
    text: &str,
) -> Result<Inputs, String> {
    let mut reader = Reader::from_reader(text.as_bytes());
    let names = reader.headers().map_err(|error| format!("line 1: {error}"))?.clone();
    let columns = names.iter().map(|name| Column::new(info, name.trim()));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    for (index, column) in columns.iter().enumerate() {
        let later = columns.iter().skip(index + 1);
        if let Some(other) = later.into_iter().find(|other| column.overlaps(other)) {
            return Err(format!(
                "columns '{}' and '{}' set the same member",
                column.path.join("."),
                other.path.join(".")
            ));
        }
    }
    let input = |record: &StringRecord| {
        let mut input = defaults.clone();
        for (column, text) in columns.iter().zip(record).filter(|(_, text)| !text.is_empty()) {
            let value = cell(column.shape, text)
                .map_err(|reason| format!("{}: {reason}", column.path.join(".")))?;
            set(&mut input, &column.path, value);
        }
        Ok(input)
    };
    let mut inputs = Vec::new();
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(inputs),
            Ok(true) => {
                let line = record.position().map_or(0, csv::Position::line);
                inputs.push((line, input(&record)));
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                let reason = match error.kind() {
                    ErrorKind::UnequalLengths { expected_len, len, .. } => {
                        format!("has {len} values for {expected_len} columns")
                    }
                    _ => "is not valid CSV".to_owned(),
                };
                inputs.push((line, Err(reason)));
            }
        }
    }
}

/// A column of a CSV: the member that it sets.
struct Column {
    path: Vec<String>,
    shape: &'static Shape,
}

impl Column {
    fn new(info: &OperationInfo, name: &str) -> Result<Self, String> {
        let unknown = || {
            let members: Vec<&str> = info.input.members.iter().map(|member| member.name).collect();
            let separator = match name.contains([';', '\t']) {
                true => " (values must be separated by commas)",
                false => "",
            };
            format!(
                "unknown column '{name}'{separator}; the members of {} are {}",
                info.name,
                members.join(", ")
            )
        };
        let (first, mut rest) = split(name);
        let mut shape = info.input.member(first).ok_or_else(unknown)?.shape;
        let mut path = vec![first.to_owned()];
        while let Some(name) = rest {
            let (first, inner) = match shape {
                // A key may contain dots.
                Shape::Map(_) => (name, None),
                _ => split(name),
            };
            shape = match shape {
                Shape::Structure(structure) => structure.member(first).ok_or_else(unknown)?.shape,
                Shape::Map(map) => map.value,
                _ => return Err(unknown()),
            };
            path.push(first.to_owned());
            rest = inner;
        }
        Ok(Self { path, shape })
    }

    /// Whether one of the columns sets a part of the other.
    fn overlaps(&self, other: &Self) -> bool {
        self.path.iter().zip(&other.path).all(|(a, b)| a == b)
    }
}

fn split(path: &str) -> (&str, Option<&str>) {
    path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)))
}

/// The value of a cell: scalars are plain text, structures and lists are JSON. A list of scalars may
/// be its only item.
fn cell(shape: &Shape, text: &str) -> Result<Value, String> {
    let is_single = match shape {
        Shape::List(list) => is_scalar(list.item) && !text.trim_start().starts_with('['),
        _ => is_scalar(shape),
    };
    match is_single {
        true => Ok(typed(shape, text.into())),
        false => serde_json::from_str(text).map_err(|error| format!("must be JSON: {error}")),
    }
}

fn set(input: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [] => {}
        [name] => {
            input.insert(name.clone(), value);
        }
        [name, rest @ ..] => {
            let inner = input.entry(name.clone()).or_insert(Value::Null);
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            if let Value::Object(inner) = inner {
                set(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests;
