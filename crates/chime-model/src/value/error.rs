//! The error of converting values.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

/// The error of converting a [`Value`](crate::Value) into another type, with the path and the expected type. It
/// contains no text of the value, so it can be logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    path: String,
    message: String,
}

impl ValueError {
    /// Adds the name of the member in which the error was found.
    pub(super) fn in_member(mut self, name: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        self.path = format!("{name}{dot}{}", self.path);
        self
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.is_empty() {
            true => f.write_str(&self.message),
            false => write!(f, "{}: {}", self.path, self.message),
        }
    }
}

impl std::error::Error for ValueError {}

impl Error for ValueError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { path: String::new(), message: message.to_string() }
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("invalid type: {}, expected {expected}", kind(unexpected)))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("invalid value: {}, expected {expected}", kind(unexpected)))
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::custom("unknown variant")
    }
}

/// Removes the text from a description of the actual value.
fn kind(unexpected: Unexpected<'_>) -> Unexpected<'_> {
    match unexpected {
        Unexpected::Str(_) => Unexpected::Other("string"),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use crate::Value;

    #[test]
    fn an_error_names_the_member_and_contains_no_text() {
        #[derive(Debug, Deserialize)]
        struct Outer {
            _inner: Vec<Inner>,
        }
        #[derive(Debug, Deserialize)]
        struct Inner {
            _seats: Option<u8>,
        }
        let value = |json| serde_json::from_str::<Value>(json).unwrap();
        for (json, expected) in [
            (
                r#"{"_inner":[{"_seats":"secret"}]}"#,
                "_inner._seats: invalid type: string, expected u8",
            ),
            (
                r#"{"_inner":[{"_seats":300}]}"#,
                "_inner._seats: invalid value: integer `300`, expected u8",
            ),
            (r#"{}"#, "missing field `_inner`"),
        ] {
            assert_eq!(Outer::deserialize(value(json)).unwrap_err().to_string(), expected);
        }
    }
}
