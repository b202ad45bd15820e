//! Documents that people write: JSON, or YAML with the feature `yaml`.

use serde_json::Value;

/// Reads a document. The error says where it stops making sense, and nothing of what stands there.
#[cfg(not(feature = "yaml"))]
pub(crate) fn read(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| unreadable("JSON", error.line(), error.column()))
}

/// Reads a document. The error says where it stops making sense, and nothing of what stands there.
#[cfg(feature = "yaml")]
pub(crate) fn read(text: &str) -> Result<Value, String> {
    // JSON is YAML too, but for what nobody writes; its own reader is the faster one.
    if let Ok(document) = serde_json::from_str(text) {
        return Ok(document);
    }
    serde_norway::from_str(text).map_err(|error| match error.location() {
        Some(place) => unreadable("YAML", place.line(), place.column()),
        None => "it is no YAML".to_owned(),
    })
}

fn unreadable(format: &str, line: usize, column: usize) -> String {
    format!("it is no {format}: line {line}, column {column}")
}
