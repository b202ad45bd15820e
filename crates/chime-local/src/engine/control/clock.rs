//! Reads and moves the time of a Chime.

use chime_model::timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::Duration;

use super::reply::{Refusal, Reply, document};
use crate::{Clock, ClockMode, LocalChime};

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

pub(super) fn put(chime: &LocalChime, setting: &Setting) -> Reply {
    let clock = chime.clock();
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
    chime.keep_clock()?;
    read(clock)
}

pub(super) fn advance(chime: &LocalChime, by: &Advance) -> Reply {
    chime.clock().advance(Duration::seconds(by.seconds));
    chime.keep_clock()?;
    read(chime.clock())
}
