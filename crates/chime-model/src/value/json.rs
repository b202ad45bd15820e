//! The length of a value as JSON, for limits in bytes.

use super::Value;

/// Returns the length of the value as JSON without white space, in bytes.
pub(crate) fn json_len(value: &Value) -> usize {
    match value {
        Value::Null => "null".len(),
        Value::Boolean(value) => value.to_string().len(),
        Value::Integer(number) => number.to_string().len(),
        Value::Unsigned(number) => number.to_string().len(),
        // Like JSON writers, `Debug` uses exponents.
        Value::Float(number) => format!("{number:?}").len(),
        Value::Text(text) => text_len(text.expose()),
        Value::List(items) => in_brackets(items.iter().map(json_len)),
        Value::Map(entries) => {
            in_brackets(entries.iter().map(|(name, value)| text_len(name) + 1 + json_len(value)))
        }
    }
}

/// The length of the brackets, the items and the commas between them.
fn in_brackets(items: impl ExactSizeIterator<Item = usize>) -> usize {
    2 + items.len().saturating_sub(1) + items.sum::<usize>()
}

fn text_len(text: &str) -> usize {
    let escaped = |c: char| match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        other => other.len_utf8(),
    };
    2 + text.chars().map(escaped).sum::<usize>()
}
