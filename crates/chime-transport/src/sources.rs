//! Time and chance, injected so that tests can hold them still.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// A clock; the system's, unless a test brings its own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// A clock that tells what `now` says.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub(crate) fn now(&self) -> SystemTime {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(SystemTime::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
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
    fn a_uuid_has_its_version_and_variant() {
        let all_ones = Random::new(|| u64::MAX).uuid();
        assert_eq!(all_ones, "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
