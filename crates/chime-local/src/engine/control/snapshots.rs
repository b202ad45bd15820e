//! Takes, restores and forgets snapshots.

use http::StatusCode;
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::reply::{Refusal, Reply, document, done};
use crate::LocalChime;

/// How long a name can be, in bytes.
const NAME_LENGTH: usize = 128;

pub(super) fn route(chime: &LocalChime, method: &str, path: &[&str]) -> Reply {
    match (method, path) {
        ("GET", []) => return document(&json!({"Snapshots": chime.snapshots()?})),
        ("PUT", [name]) => chime.take_snapshot(&decode(name)?)?,
        ("DELETE", [name]) => chime.remove_snapshot(&decode(name)?)?,
        ("POST", [name, "restore"]) => chime.restore_snapshot(&decode(name)?)?,
        (_, [] | [_] | [_, "restore"]) => return Err(Refusal::method(method)),
        _ => return Err(Refusal::new(StatusCode::NOT_FOUND, "a snapshot has one name")),
    }
    done()
}

fn decode(name: &str) -> Result<String, Refusal> {
    let name = percent_decode_str(name).decode_utf8().map_err(Refusal::bad_request)?;
    if name.is_empty() || name.len() > NAME_LENGTH || name.contains(char::is_control) {
        let rule = format!("the name of a snapshot has 1 to {NAME_LENGTH} bytes that can be read");
        return Err(Refusal::bad_request(rule));
    }
    Ok(name.into_owned())
}
