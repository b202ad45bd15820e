//! Lists, takes, restores and deletes snapshots.

use http::StatusCode;
use serde_json::json;

use super::reply::{Problem, Reply, document, done};
use crate::engine::core::Engine;
use crate::engine::world::World;

/// The maximum length of a name in bytes.
const NAME_LENGTH: usize = 128;

pub(super) fn route<W: World>(engine: &Engine<W>, method: &str, path: &[&str]) -> Reply {
    match (method, path) {
        ("GET", []) => return document(&json!({"Snapshots": engine.store().snapshots()?})),
        ("PUT", [name]) => engine.take_snapshot(&checked(name)?)?,
        ("DELETE", [name]) => engine.store().remove_snapshot(&checked(name)?)?,
        ("POST", [name, "restore"]) => engine.restore_snapshot(&checked(name)?)?,
        (_, [] | [_] | [_, "restore"]) => return Err(Problem::method(method)),
        _ => {
            let message = "unknown path; in the name of a snapshot, encode / as %2F";
            return Err(Problem::new(StatusCode::NOT_FOUND, message));
        }
    }
    done()
}

fn checked(name: &str) -> Result<String, Problem> {
    let name = super::decode(name)?;
    if name.is_empty() || name.len() > NAME_LENGTH || name.contains(char::is_control) {
        let rule = format!(
            "the name of a snapshot must have 1 to {NAME_LENGTH} bytes and no control characters"
        );
        return Err(Problem::bad_request(rule));
    }
    Ok(name)
}
