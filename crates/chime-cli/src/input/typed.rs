//! Gives values that were written as text the types of their shapes.

use chime_client::model::Shape;
use serde_json::{Map, Value};

/// Converts the text in a value as its shape says. Text that does not fit stays, so that the check
/// against the row reports it.
pub(crate) fn typed(shape: &Shape, value: Value) -> Value {
    match (shape, value) {
        (Shape::Structure(structure), Value::Object(members)) => {
            let member = |(name, value): (String, Value)| match structure.member(&name) {
                Some(member) => (name, typed(member.shape, value)),
                None => (name, value),
            };
            members.into_iter().map(member).collect::<Map<_, _>>().into()
        }
        (Shape::Map(map), Value::Object(members)) => {
            let entry = |(name, value)| (name, typed(map.value, value));
            members.into_iter().map(entry).collect::<Map<_, _>>().into()
        }
        (Shape::List(list), Value::Array(items)) => {
            items.into_iter().map(|item| typed(list.item, item)).collect::<Vec<_>>().into()
        }
        // One value without brackets is a list of one.
        (Shape::List(list), single) => vec![typed(list.item, single)].into(),
        (shape, Value::String(text)) => scalar(shape, text),
        (_, value) => value,
    }
}

fn scalar(shape: &Shape, text: String) -> Value {
    let number = |number: Option<Value>| number.unwrap_or_else(|| text.as_str().into());
    match shape {
        Shape::Integer(_) => number(text.trim().parse::<i64>().ok().map(Value::from)),
        // A timestamp may be given in seconds since 1970.
        Shape::Float(_) | Shape::Timestamp(_) => {
            number(text.trim().parse::<f64>().ok().map(Value::from))
        }
        Shape::Boolean if text.eq_ignore_ascii_case("true") => true.into(),
        Shape::Boolean if text.eq_ignore_ascii_case("false") => false.into(),
        _ => text.into(),
    }
}
