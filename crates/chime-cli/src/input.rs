//! Reads the input of an operation from the command line.

mod shorthand;
mod typed;

use std::fs;
use std::path::PathBuf;

use chime_client::model::{MemberInfo, OperationInfo, Shape};
use chime_wire::without_nulls;
use clap::ArgMatches;
use serde_json::{Map, Value};

use self::shorthand::Fault;
pub(crate) use self::typed::typed;
use crate::failure::Failure;
use crate::flags::{self, CLI_INPUT_JSON, CLI_INPUT_YAML};
use crate::names::kebab;
use crate::shapes::is_scalar;

/// Reads the input: the members of `--cli-input-json` or `--cli-input-yaml`, overridden by those of
/// the flags.
///
/// Values are converted to the type of their shape where possible. Validation reports all that do not
/// fit, at once.
///
/// # Errors
/// Returns an error if a file cannot be read or a value cannot be parsed. The error does not quote
/// the value, which may be private.
pub(crate) fn read(
    info: &OperationInfo,
    given: &ArgMatches,
) -> Result<Map<String, Value>, Failure> {
    let mut input = document(given)?;
    for member in info.input.members {
        if let Some(value) = value(member, given)? {
            input.insert(member.name.to_owned(), value);
        }
    }
    Ok(without_nulls(input))
}

/// The members that a document sets.
fn document(given: &ArgMatches) -> Result<Map<String, Value>, Failure> {
    let (flag, value) = if let Some(text) = given.get_one::<String>(CLI_INPUT_JSON) {
        let json = json(CLI_INPUT_JSON, text, &content(CLI_INPUT_JSON, text)?);
        (CLI_INPUT_JSON, json?)
    } else if let Some(text) = given.get_one::<String>(CLI_INPUT_YAML) {
        let yaml = serde_norway::from_str(&content(CLI_INPUT_YAML, text)?);
        // The message of the parser may quote the document.
        let fault = |error: serde_norway::Error| {
            let place = error.location().map_or_else(String::new, |place| {
                format!(" at line {}, column {}", place.line(), place.column())
            });
            Failure::flag(CLI_INPUT_YAML, format!("invalid YAML{place}"))
        };
        (CLI_INPUT_YAML, yaml.map_err(fault)?)
    } else {
        return Ok(Map::new());
    };
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(Failure::flag(
            flag,
            "must be an object with the members of the input by name, or file://<path> for a file with \
             one",
        )),
    }
}

/// The value of a member, if a flag sets it.
fn value(member: &MemberInfo, given: &ArgMatches) -> Result<Option<Value>, Failure> {
    if let Shape::Boolean = member.shape {
        return Ok(match (given.get_flag(member.name), given.get_flag(&flags::no(member))) {
            (true, _) => Some(Value::Bool(true)),
            (_, true) => Some(Value::Bool(false)),
            _ => None,
        });
    }
    let words = given.get_many::<String>(member.name).map(Vec::from_iter);
    let Some(words) = words else { return Ok(None) };
    let flag = kebab(member.name);
    match (member.shape, words.as_slice()) {
        (Shape::List(list), [word]) => {
            let text = content(&flag, word)?;
            if text.trim_start().starts_with('[') {
                return json(&flag, word, &text).map(Some);
            }
            Ok(Some(Value::Array(vec![item(&flag, list.item, word, text)?])))
        }
        (Shape::List(list), words) => {
            let items = words.iter().map(|word| item(&flag, list.item, word, (*word).clone()));
            items.collect::<Result<_, _>>().map(|items| Some(Value::Array(items)))
        }
        (shape, [word]) => item(&flag, shape, word, content(&flag, word)?).map(Some),
        // clap accepts only one value here.
        (_, _) => Ok(None),
    }
}

/// Parses a value of the shape: scalars are plain text, everything else is JSON or shorthand. `text` is the
/// content of the file that `word` names, or `word` itself.
fn item(flag: &str, shape: &Shape, word: &str, text: String) -> Result<Value, Failure> {
    if is_scalar(shape) {
        return Ok(typed(shape, text.into()));
    }
    if text.trim_start().starts_with(['{', '[']) {
        return json(flag, word, &text);
    }
    let file = |text: &str| content(flag, text).map_err(|failure| failure.to_string());
    match shorthand::parse(&text, &file) {
        Ok(members) => Ok(typed(shape, members.into())),
        Err(Fault { position, reason }) => Err(Failure::flag(
            flag,
            format!(
                "{reason} (character {position}); write Name=value,Other=value, JSON, or \
                 file://<path>"
            ),
        )),
    }
}

/// Returns the text, or the content of the file that it names.
fn content(flag: &str, text: &str) -> Result<String, Failure> {
    let path = text.strip_prefix("file://").or_else(|| text.strip_prefix("fileb://"));
    let Some(path) = path else { return Ok(text.to_owned()) };
    let content = fs::read_to_string(expand_home(path))
        .map_err(|error| Failure::flag(flag, format!("cannot read {text}: {error}")))?;
    // Windows editors put a byte order mark in front of UTF-8.
    Ok(content.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(content))
}

/// Expands a leading `~/`, which shells do not do after `file://`.
fn expand_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

fn json(flag: &str, word: &str, text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|error| {
        let reason = if word != text {
            format!("invalid JSON in {word}: {error}")
        } else if text.trim_start().starts_with(['{', '[']) {
            format!(
                "invalid JSON: {error}; put single quotes around it if the shell removes its quotes"
            )
        } else {
            "must be JSON, or file://<path> for a file with JSON".to_owned()
        };
        Failure::flag(flag, reason)
    })
}

#[cfg(test)]
mod tests;
