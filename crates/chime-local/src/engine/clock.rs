//! The clock of a local Chime.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chime_model::timestamp::Iso8601;
use serde::{Deserialize, Serialize};
use serde_with::As;
use time::{Duration, OffsetDateTime};

const EARLIEST: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
/// The start of the year 9000. Timestamps end with the year 9999, so durations can still be added.
pub(crate) const LATEST: OffsetDateTime =
    EARLIEST.saturating_add(Duration::seconds(221_845_392_000));

/// Two clocks: the machine's, and that of the emulator, which can be frozen and moved.
///
/// Signatures, the `Date` header and logs use [`wall`](Self::wall). Timestamps of resources, and
/// everything that takes time, use [`now`](Self::now), so that a test can skip a week and
/// signatures stay valid. Clones share both clocks.
///
/// ```
/// use std::time::Duration;
///
/// use chime_local::{Clock, Config, LocalChime};
///
/// let clock = Clock::default();
/// let chime = LocalChime::new(Config { clock: clock.clone(), ..Config::sample() })?;
/// clock.freeze();
/// let before = clock.now();
/// clock.advance(Duration::from_hours(7 * 24));
/// assert_eq!(clock.now() - before, Duration::from_hours(7 * 24));
/// # Ok::<_, chime_local::InvalidDocument>(())
/// ```
#[derive(Clone)]
pub struct Clock(Arc<Inner>);

struct Inner {
    wall: Box<dyn Fn() -> OffsetDateTime + Send + Sync>,
    mode: Mutex<ClockMode>,
}

/// The mode of the emulator's clock. Serialized as `{"Mode": "Running", "OffsetMillis": 0}` or
/// `{"Mode": "Frozen", "Now": "2025-03-05T12:00:00.000Z"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "Mode", rename_all_fields = "PascalCase")]
pub enum ClockMode {
    /// It runs as fast as the machine's clock.
    Running {
        /// The offset from the machine's clock in milliseconds; positive if it is ahead.
        offset_millis: i64,
    },
    /// It stands still.
    Frozen {
        /// The time that it shows. Serialized in milliseconds.
        #[serde(with = "As::<Iso8601>")]
        now: OffsetDateTime,
    },
}

impl Clock {
    /// Creates a clock whose machine time comes from a function, such as in a test.
    pub fn from_source(wall: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        let mode = Mutex::new(ClockMode::Running { offset_millis: 0 });
        Self(Arc::new(Inner { wall: Box::new(wall), mode }))
    }

    /// The machine's time.
    #[must_use]
    pub fn wall(&self) -> OffsetDateTime {
        within((self.0.wall)())
    }

    /// The emulator's time.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.read(*self.lock())
    }

    /// Moves the emulator's time forward, to the year 9000 at most. To move it back, [`set`](Self::set)
    /// it.
    pub fn advance(&self, by: std::time::Duration) {
        self.shift(by.try_into().unwrap_or(Duration::MAX));
    }

    /// Moves the emulator's time forward, or back if the duration is negative. The result is clamped
    /// to the years from 1970 to 9000.
    pub(crate) fn shift(&self, by: Duration) {
        self.change(|mode, now| (mode, now.saturating_add(by)));
    }

    /// Sets the emulator's time. It is clamped to the years from 1970 to 9000.
    pub fn set(&self, to: OffsetDateTime) {
        self.change(|mode, _| (mode, to));
    }

    /// Stops the emulator's time.
    pub fn freeze(&self) {
        self.change(|_, now| (ClockMode::Frozen { now }, now));
    }

    /// Makes the emulator's time run on from the current time.
    pub fn run(&self) {
        self.change(|_, now| (ClockMode::Running { offset_millis: 0 }, now));
    }

    /// The mode of the emulator's time.
    #[must_use]
    pub fn mode(&self) -> ClockMode {
        *self.lock()
    }

    /// Sets the mode of the emulator's time.
    pub fn set_mode(&self, mode: ClockMode) {
        *self.lock() = mode;
    }

    /// Replaces mode and time with those that `decide` returns.
    fn change(
        &self,
        decide: impl FnOnce(ClockMode, OffsetDateTime) -> (ClockMode, OffsetDateTime),
    ) {
        let mut mode = self.lock();
        let (kind, to) = decide(*mode, self.read(*mode));
        let to = within(to);
        *mode = match kind {
            ClockMode::Running { .. } => {
                ClockMode::Running { offset_millis: millis(to - self.wall()) }
            }
            ClockMode::Frozen { .. } => ClockMode::Frozen { now: to },
        };
    }

    fn read(&self, mode: ClockMode) -> OffsetDateTime {
        within(match mode {
            ClockMode::Running { offset_millis } => {
                self.wall().saturating_add(Duration::milliseconds(offset_millis))
            }
            ClockMode::Frozen { now } => now,
        })
    }

    fn lock(&self) -> MutexGuard<'_, ClockMode> {
        self.0.mode.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Clamps a time. Comparing seconds takes a fraction of the time of comparing times.
fn within(time: OffsetDateTime) -> OffsetDateTime {
    match time.unix_timestamp() {
        ..0 => EARLIEST,
        seconds if seconds >= LATEST.unix_timestamp() => LATEST,
        _ => time,
    }
}

/// Rounds to the nearest millisecond.
fn millis(duration: Duration) -> i64 {
    let nanos = duration.whole_nanoseconds();
    i64::try_from((nanos + 500_000).div_euclid(1_000_000)).unwrap_or_default()
}

impl Default for Clock {
    /// Both clocks show the system's time.
    fn default() -> Self {
        Self::from_source(OffsetDateTime::now_utc)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.mode()).finish()
    }
}

#[cfg(test)]
mod tests;
