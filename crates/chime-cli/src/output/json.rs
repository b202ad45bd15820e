//! JSON as the AWS CLI prints it: indented by four spaces, members in the order of the API.

use serde::Serialize;
use serde_json::ser::PrettyFormatter;

use crate::terminal::escaped_json;
use crate::tree::Tree;

/// Writes a value and a line break.
pub(crate) fn json(tree: &Tree) -> String {
    let mut json = Vec::new();
    let formatter = PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut json, formatter);
    // Writing to a vector never fails.
    let _ = tree.serialize(&mut serializer);
    json.push(b'\n');
    escaped_json(&String::from_utf8_lossy(&json)).into_owned()
}
