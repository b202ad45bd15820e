//! What the status line shows: why a call waits, and for how long. `--quiet` turns it off, and so does
//! `--debug`, which logs the same.

mod calls;

use std::pin::pin;
use std::process;
use std::time::Duration;

use clap::ArgMatches;
use tokio::select;
use tokio::signal::ctrl_c;
use tokio::time::{Instant, sleep, timeout};

use self::calls::Calls;
use crate::failure::INTERRUPTED;
use crate::flags;
use crate::terminal::line;

/// The time between two drawings of a line that counts seconds.
const TICK: Duration = Duration::from_millis(250);

/// Runs a command that makes one call at a time, and shows what a call waits for.
pub(crate) async fn watched<T>(given: &ArgMatches, command: impl Future<Output = T>) -> T {
    if !turn_on(given) {
        return command.await;
    }
    let calls = Calls::default();
    calls.subscribe();
    let mut command = pin!(command);
    // Until the first tick, Ctrl-C ends the process as usual, even while it blocks in reading the input.
    if let Ok(result) = timeout(TICK, command.as_mut()).await {
        return result;
    }
    let mut interrupt = pin!(ctrl_c());
    loop {
        select! {
            result = &mut command => {
                line::clear();
                return result;
            }
            Ok(()) = &mut interrupt, if line::is_on() => {
                line::clear();
                process::exit(INTERRUPTED.into());
            }
            () = sleep(TICK) => line::show(&calls.line(Instant::now()).unwrap_or_default()),
        }
    }
}

/// Turns the status line on if stderr is a terminal and no flag turns it off. Returns whether it is on.
pub(crate) fn turn_on(given: &ArgMatches) -> bool {
    let is_unwanted = given.get_flag(flags::QUIET) || given.get_flag(flags::DEBUG);
    !is_unwanted && line::turn_on()
}
