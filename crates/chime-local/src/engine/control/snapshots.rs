//! Takes, restores and forgets snapshots.

use http::StatusCode;
use serde_json::json;

use super::reply::{Problem, Reply, document, done};
use crate::engine::core::Engine;
use crate::engine::world::World;

/// How long a name can be, in bytes.
const NAME_LENGTH: usize = 128;

pub(super) fn route<W: World>(engine: &Engine<W>, method: &str, path: &[&str]) -> Reply {
    match (method, path) {
        ("GET", []) => return document(&json!({"Snapshots": engine.store().snapshots()?})),
        ("PUT", [name]) => engine.take_snapshot(&checked(name)?)?,
        ("DELETE", [name]) => engine.store().remove_snapshot(&checked(name)?)?,
        ("POST", [name, "restore"]) => engine.restore_snapshot(&checked(name)?)?,
        (_, [] | [_] | [_, "restore"]) => return Err(Problem::method(method)),
        _ => return Err(Problem::new(StatusCode::NOT_FOUND, "a snapshot has one name")),
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
