//! Time and chance, injected so that tests can hold them still.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A clock; the system's, unless a test brings its own. Clones share what was learned of its error.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    skew_millis: Arc<AtomicI64>,
}

impl Clock {
    /// A clock that tells what `now` says.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(now), skew_millis: Arc::default() }
    }

    /// How far the service's clock was ahead of this one, by its last response.
    #[must_use]
    pub fn skew_millis(&self) -> i64 {
        self.skew_millis.load(Ordering::Relaxed)
    }

    /// The time by the service's clock, as far as it is known.
    pub(crate) fn now(&self) -> SystemTime {
        let (now, skew) = (self.uncorrected(), self.skew_millis());
        let by = Duration::from_millis(skew.unsigned_abs());
        let corrected = if skew < 0 { now.checked_sub(by) } else { now.checked_add(by) };
        // It was set since, and right perhaps: a time before all services would keep it from being
        // corrected.
        corrected.filter(|time| *time >= UNIX_EPOCH).unwrap_or(now)
    }

    /// The time by this clock alone.
    pub(crate) fn uncorrected(&self) -> SystemTime {
        (self.now)()
    }

    pub(crate) fn correct(&self, skew_millis: i64) {
        self.skew_millis.store(skew_millis, Ordering::Relaxed);
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(SystemTime::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("skew_millis", &self.skew_millis()).finish_non_exhaustive()
    }
}

/// Tells the trace that this process works for at the moment, for `X-Amzn-Trace-Id`: in AWS Lambda it
/// is another one for each invocation.
#[derive(Clone)]
pub struct TraceId(Arc<dyn Fn() -> Option<String> + Send + Sync>);

impl TraceId {
    /// The trace that `now` tells, if there is one.
    pub fn new(now: impl Fn() -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub(crate) fn now(&self) -> Option<String> {
        (self.0)()
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TraceId")
    }
}

/// A source of random bits; the thread's own, unless a test brings another.
#[derive(Clone)]
pub struct Random(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Random {
    /// A source that gives what `next` says.
    pub fn new(next: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(next))
    }

    pub(crate) fn next(&self) -> u64 {
        (self.0)()
    }

    /// A version 4 UUID.
    #[must_use]
    pub fn uuid(&self) -> String {
        let bits = (u128::from(self.next()) << 64) | u128::from(self.next());
        let bits = bits & !(0xf << 76) & !(0xc << 60) | (0x4 << 76) | (0x8 << 60);
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            bits >> 96,
            (bits >> 80) & 0xffff,
            (bits >> 64) & 0xffff,
            (bits >> 48) & 0xffff,
            bits & 0xffff_ffff_ffff,
        )
    }

    /// A fraction from 0 up to, and without, 1.
    pub(crate) fn fraction(&self) -> f64 {
        // The 53 bits that a double holds.
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

impl Default for Random {
    fn default() -> Self {
        Self::new(|| fastrand::u64(..))
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_stays_below_one() {
        assert_eq!(Random::new(|| 0).fraction(), 0.0);
        assert!(Random::new(|| u64::MAX).fraction() < 1.0);
    }

    #[test]
    fn a_clock_that_was_set_right_forgets_what_was_learned_of_the_wrong_one() {
        let seconds = Arc::new(AtomicI64::new(4_102_444_800));
        let set = seconds.clone();
        let clock = Clock::new(move || {
            UNIX_EPOCH + Duration::from_secs(set.load(Ordering::Relaxed).unsigned_abs())
        });
        // It showed 2100 in 2026.
        clock.correct(-2_306_998_335_000);
        let right = UNIX_EPOCH + Duration::from_secs(1_795_446_465);
        assert_eq!(clock.now(), right);
        seconds.store(1_795_446_465, Ordering::Relaxed);
        assert_eq!(clock.now(), right);
    }

    #[test]
    fn a_uuid_has_its_version_and_variant() {
        let all_ones = Random::new(|| u64::MAX).uuid();
        assert_eq!(all_ones, "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
