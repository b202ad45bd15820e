//! Reads, sets and moves the clock of an emulator.

use chime_model::timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::Duration;

use super::reply::{Problem, Reply, document};
use crate::engine::clock::{Clock, ClockMode};
use crate::engine::core::Engine;
use crate::engine::world::World;

#[derive(Deserialize, Serialize)]
enum Mode {
    Running,
    Frozen,
}

/// What to change. Unset members stay unchanged.
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

pub(super) fn put<W: World>(engine: &Engine<W>, setting: &Setting) -> Reply {
    let now = setting.now.as_deref().map(timestamp::parse).transpose();
    let now =
        now.map_err(|_| Problem::bad_request("Now: must be a time such as 2025-03-05T12:00:00Z"))?;
    engine.move_clock(|clock| {
        match setting.mode {
            Some(Mode::Running) => clock.run(),
            Some(Mode::Frozen) => clock.freeze(),
            None => {}
        }
        if let Some(now) = now {
            clock.set(now);
        }
    })?;
    read(engine.clock())
}

pub(super) fn advance<W: World>(engine: &Engine<W>, by: &Advance) -> Reply {
    engine.move_clock(|clock| clock.shift(Duration::seconds(by.seconds)))?;
    read(engine.clock())
}
