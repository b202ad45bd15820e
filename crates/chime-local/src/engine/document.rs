//! Documents that people write: JSON, or YAML with the feature `yaml`.

use std::fmt;

use chime_model::Violations;
use serde_json::Value;

/// What is wrong with a [`Seed`](crate::Seed), with [`Rules`](crate::Rules) or with
/// [`Faults`](crate::Faults), read or made in code. It repeats no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidDocument(Vec<String>);

impl InvalidDocument {
    pub(crate) fn one(problem: impl Into<String>) -> Self {
        Self(vec![problem.into()])
    }

    /// An error, if there are problems.
    pub(crate) fn unless_none(problems: Vec<String>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self(problems)) }
    }

    /// Every problem, such as `Organisations[0].Users[2].UserId: is required`. There is one at least.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for InvalidDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for InvalidDocument {}

impl From<Violations> for InvalidDocument {
    fn from(violations: Violations) -> Self {
        Self(violations.as_slice().iter().map(ToString::to_string).collect())
    }
}

/// Reads a document. The error says where it stops making sense, and nothing of what stands there.
#[cfg(not(feature = "yaml"))]
pub(crate) fn read(text: &str) -> Result<Value, InvalidDocument> {
    serde_json::from_str(text).map_err(|error| unreadable("JSON", error.line(), error.column()))
}

/// Reads a document. The error says where it stops making sense, and nothing of what stands there.
#[cfg(feature = "yaml")]
pub(crate) fn read(text: &str) -> Result<Value, InvalidDocument> {
    // JSON is YAML too, but for what nobody writes; its own reader is the faster one.
    if let Ok(document) = serde_json::from_str(text) {
        return Ok(document);
    }
    serde_norway::from_str(text).map_err(|error| match error.location() {
        Some(place) => unreadable("YAML", place.line(), place.column()),
        None => InvalidDocument::one("it is no YAML"),
    })
}

fn unreadable(format: &str, line: usize, column: usize) -> InvalidDocument {
    InvalidDocument::one(format!("it is no {format}: line {line}, column {column}"))
}
