//! Time, randomness and trace ids, injected so that tests can control them.

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderValue;

/// The precision of dates in responses.
const PRECISION_MILLIS: u64 = 1000;

/// A clock. Default: the system's. Clones share the measured skew.
#[derive(Clone)]
pub struct Clock(Arc<Inner<dyn Fn() -> SystemTime + Send + Sync>>);

struct Inner<F: ?Sized> {
    skew_millis: AtomicI64,
    now: F,
}

impl Clock {
    /// Creates a clock that returns what `now` returns.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { skew_millis: AtomicI64::new(0), now }))
    }

    /// Returns by how many milliseconds the service's clock is ahead of this one, as measured from its
    /// responses.
    #[must_use]
    pub fn skew_millis(&self) -> i64 {
        self.0.skew_millis.load(Ordering::Relaxed)
    }

    /// Returns the time, corrected by the measured skew.
    pub(crate) fn now(&self) -> SystemTime {
        Self::corrected(self.uncorrected(), self.skew_millis())
    }

    /// Corrects a time by a skew.
    pub(crate) fn corrected(now: SystemTime, skew: i64) -> SystemTime {
        let by = Duration::from_millis(skew.unsigned_abs());
        let corrected = if skew < 0 { now.checked_sub(by) } else { now.checked_add(by) };
        // The clock may have been set back since the measurement. A time before 1970 could not be
        // signed, so the skew would never be measured again.
        corrected.filter(|time| *time >= UNIX_EPOCH).unwrap_or(now)
    }

    /// Returns the time without correction.
    pub(crate) fn uncorrected(&self) -> SystemTime {
        (self.0.now)()
    }

    pub(crate) fn correct(&self, skew_millis: i64) {
        // Most responses change nothing, and threads would contend for the write.
        if self.skew_millis().abs_diff(skew_millis) >= PRECISION_MILLIS {
            self.0.skew_millis.store(skew_millis, Ordering::Relaxed);
        }
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

/// A source of trace ids for the header `X-Amzn-Trace-Id` in AWS Lambda.
#[derive(Clone)]
pub struct TraceId(Arc<dyn Fn() -> Option<String> + Send + Sync>);

impl TraceId {
    /// Creates a source that returns what `now` returns.
    pub fn new(now: impl Fn() -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub(crate) fn now(&self) -> Option<String> {
        (self.0)()
    }
}

debug_by_name!(TraceId);

/// A source of random bits. Default: seeded by the system.
#[derive(Clone)]
pub struct Random(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Random {
    /// Creates a source that returns what `next` returns.
    pub fn new(next: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(next))
    }

    pub(crate) fn next(&self) -> u64 {
        (self.0)()
    }

    /// Returns a version 4 UUID.
    #[must_use]
    pub fn uuid(&self) -> String {
        self.uuid_digits().map(char::from).iter().collect()
    }

    /// Returns a version 4 UUID as a header value.
    pub(crate) fn uuid_header(&self) -> HeaderValue {
        let digits = HeaderValue::from_bytes(&self.uuid_digits());
        digits.unwrap_or(HeaderValue::from_static(""))
    }

    fn uuid_digits(&self) -> [u8; 36] {
        let bits = (u128::from(self.next()) << 64) | u128::from(self.next());
        let bits = bits & !(0xf << 76) & !(0xc << 60) | (0x4 << 76) | (0x8 << 60);
        let (mut text, mut bytes) = ([b'-'; 36], &bits.to_be_bytes()[..]);
        for group in [0..8, 9..13, 14..18, 19..23, 24..36] {
            bytes = write_hex(&mut text[group], bytes);
        }
        text
    }

    /// Returns a number from 0 (inclusive) to 1 (exclusive).
    #[must_use]
    pub fn fraction(&self) -> f64 {
        // A double has 53 bits of precision.
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Fills `text` with hexadecimal digits, two for each of the first bytes. Returns the other bytes.
pub(crate) fn write_hex<'b>(text: &mut [u8], bytes: &'b [u8]) -> &'b [u8] {
    // Arithmetic, which the compiler vectorizes, unlike a table.
    let digit = |value| value + if value < 10 { b'0' } else { b'a' - 10 };
    let (own, rest) = bytes.split_at(text.len() / 2);
    for (pair, byte) in text.chunks_exact_mut(2).zip(own) {
        pair.copy_from_slice(&[byte >> 4, byte & 15].map(digit));
    }
    rest
}

impl Default for Random {
    fn default() -> Self {
        // Each `RandomState` has other random keys.
        Self::new(|| RandomState::new().build_hasher().finish())
    }
}

debug_by_name!(Random);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_stays_below_one() {
        assert_eq!(Random::new(|| 0).fraction(), 0.0);
        assert!(Random::new(|| u64::MAX).fraction() < 1.0);
    }

    #[test]
    fn a_clock_that_was_set_right_ignores_the_skew_of_the_wrong_one() {
        let seconds = Arc::new(AtomicI64::new(4_102_444_800));
        let set = seconds.clone();
        let clock = Clock::new(move || {
            UNIX_EPOCH + Duration::from_secs(set.load(Ordering::Relaxed).unsigned_abs())
        });
        // The clock showed 2100 in 2026.
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
