//! The two times that a local Chime goes by.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chime_model::timestamp::Iso8601;
use serde::{Deserialize, Serialize};
use serde_with::As;
use time::{Duration, OffsetDateTime};

/// Before this there was no Chime, and nobody signs.
const EARLIEST: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
/// Years before the last one that a timestamp can spell, so that there is room to reckon with it.
pub(crate) const LATEST: OffsetDateTime =
    EARLIEST.saturating_add(Duration::seconds(221_845_392_000));

/// Two clocks in one: the machine's, and that of the Chime, which can be moved.
///
/// Signatures, the `Date` header and logs go by [`wall`](Self::wall). What the Chime remembers, and
/// what takes it days, goes by [`now`](Self::now): so a week can pass without upsetting a client.
/// Clones share both.
///
/// ```
/// use chime_local::{Clock, Config, LocalChime};
/// use time::Duration;
///
/// let clock = Clock::default();
/// let chime = LocalChime::new(Config { clock: clock.clone(), ..Config::sample() })?;
/// clock.freeze();
/// let before = clock.now();
/// clock.advance(Duration::days(7));
/// assert_eq!(clock.now() - before, Duration::days(7));
/// # Ok::<_, chime_local::InvalidDocument>(())
/// ```
#[derive(Clone)]
pub struct Clock(Arc<Inner>);

struct Inner {
    wall: Box<dyn Fn() -> OffsetDateTime + Send + Sync>,
    mode: Mutex<ClockMode>,
}

/// How the Chime's own time goes. Written as `{"Mode": "Running", "OffsetMillis": 0}` or
/// `{"Mode": "Frozen", "Now": "2025-03-05T12:00:00.000Z"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "Mode", rename_all_fields = "PascalCase")]
pub enum ClockMode {
    /// As fast as the machine's.
    Running {
        /// How far it is ahead of the machine's, in milliseconds.
        offset_millis: i64,
    },
    /// Not at all.
    Frozen {
        /// Where it stands, to the millisecond.
        #[serde(with = "As::<Iso8601>")]
        now: OffsetDateTime,
    },
}

impl Clock {
    /// A clock over another machine's time, as a test may want it.
    pub fn from_source(wall: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        let mode = Mutex::new(ClockMode::Running { offset_millis: 0 });
        Self(Arc::new(Inner { wall: Box::new(wall), mode }))
    }

    /// The machine's time.
    #[must_use]
    pub fn wall(&self) -> OffsetDateTime {
        within((self.0.wall)())
    }

    /// The Chime's time.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.read(*self.lock())
    }

    /// Moves the Chime's time on, or back. It stays between the years 1970 and 9000.
    pub fn advance(&self, by: Duration) {
        self.change(|mode, now| (mode, now.saturating_add(by)));
    }

    /// Moves the Chime's time to a moment, at most to the nearest between the years 1970 and 9000.
    pub fn set(&self, to: OffsetDateTime) {
        self.change(|mode, _| (mode, to));
    }

    /// Stops the Chime's time.
    pub fn freeze(&self) {
        self.change(|_, now| (ClockMode::Frozen { now }, now));
    }

    /// Lets the Chime's time go on from where it stands.
    pub fn run(&self) {
        self.change(|_, now| (ClockMode::Running { offset_millis: 0 }, now));
    }

    /// How the Chime's time goes.
    #[must_use]
    pub fn mode(&self) -> ClockMode {
        *self.lock()
    }

    /// Lets the Chime's time go like that.
    pub fn set_mode(&self, mode: ClockMode) {
        *self.lock() = mode;
    }

    /// Decides from mode and time what they become.
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

fn within(time: OffsetDateTime) -> OffsetDateTime {
    time.clamp(EARLIEST, LATEST)
}

/// To the nearest millisecond.
fn millis(duration: Duration) -> i64 {
    let nanos = duration.whole_nanoseconds();
    i64::try_from((nanos + 500_000).div_euclid(1_000_000)).unwrap_or_default()
}

impl Default for Clock {
    /// The system's clock, and a Chime that goes by it.
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
