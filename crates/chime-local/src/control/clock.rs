//! Reads and moves the time of a Chime.

use chime_model::timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::Duration;

use super::reply::{Refusal, Reply, document};
use crate::{Clock, ClockMode};

#[derive(Deserialize, Serialize)]
enum Mode {
    Running,
    Frozen,
}

/// What to change; what is absent stays.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Setting {
    now: Option<String>,
    mode: Option<Mode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Advance {
    seconds: i64,
}

pub(super) fn read(clock: &Clock) -> Reply {
    let mode = match clock.mode() {
        ClockMode::Running { .. } => Mode::Running,
        ClockMode::Frozen { .. } => Mode::Frozen,
    };
    document(&json!({"Now": timestamp::format(clock.now()), "Mode": mode}))
}

pub(super) fn put(clock: &Clock, setting: &Setting) -> Reply {
    let now = setting.now.as_deref().map(timestamp::parse).transpose();
    let now = now.map_err(|error| Refusal::bad_request(format!("Now: {error}")))?;
    match setting.mode {
        Some(Mode::Running) => clock.run(),
        Some(Mode::Frozen) => clock.freeze(),
        None => {}
    }
    if let Some(now) = now {
        clock.set(now);
    }
    read(clock)
}

pub(super) fn advance(clock: &Clock, by: &Advance) -> Reply {
    clock.advance(Duration::seconds(by.seconds));
    read(clock)
}
