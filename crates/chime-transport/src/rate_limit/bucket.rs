//! A token bucket in whole nanoseconds, so that its bound is exact.
//!
//! Instead of a number of tokens, the bucket stores the time at which it is full again (the generic
//! cell rate algorithm). So it needs no refill and no rounding.

use std::time::Duration;

use tokio::time::Instant;

/// The longest time between two requests. It prevents overflow in sums of times.
const MAX_INTERVAL: Duration = Duration::from_secs(86_400);

/// Admits at most `burst + rate × t` requests in any time `t`.
#[derive(Debug)]
pub(super) struct Bucket {
    /// When the bucket is full again.
    full_at: Instant,
}

/// The rate at which a bucket fills, and its size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// The time that one request takes out of the bucket.
    interval: Duration,
    /// The time that may be missing in the bucket when a request is admitted.
    slack: Duration,
}

impl Pace {
    /// Allows `rate` requests per second, and `burst` at once after a pause.
    pub(super) fn new(rate: f64, burst: u32) -> Self {
        let interval = interval(rate);
        Self { interval, slack: interval.saturating_mul(burst.max(1) - 1) }
    }

    /// Allows `rate` requests per second. Requests that are late by up to `slack` catch up.
    pub(super) fn with_slack(rate: f64, slack: Duration) -> Self {
        Self { interval: interval(rate), slack }
    }
}

/// Returns the time between two requests, rounded up so that the rate is never exceeded.
fn interval(rate: f64) -> Duration {
    let nanos = (1e9 / rate.max(0.0)).ceil();
    if nanos < MAX_INTERVAL.as_nanos() as f64 {
        Duration::from_nanos(nanos.max(1.0) as u64)
    } else {
        MAX_INTERVAL
    }
}

impl Bucket {
    pub(super) fn full(now: Instant) -> Self {
        Self { full_at: now }
    }

    /// Creates a bucket that admits its first request at `opens`, and the next ones at intervals.
    pub(super) fn opening(opens: Instant, pace: Pace) -> Self {
        Self { full_at: opens + pace.slack }
    }

    /// Returns the time until a request is admitted, with `ahead` others before it.
    pub(super) fn wait(&self, ahead: u32, pace: Pace, now: Instant) -> Duration {
        let missing = self.full_at.saturating_duration_since(now);
        missing.saturating_add(pace.interval.saturating_mul(ahead)).saturating_sub(pace.slack)
    }

    /// Takes one request out.
    pub(super) fn take(&mut self, pace: Pace, now: Instant) {
        self.full_at = self.full_at.max(now) + pace.interval;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn admitted(pace: Pace, gaps: &[u64]) -> Vec<Duration> {
        let start = Instant::now();
        let (mut bucket, mut now) = (Bucket::full(start), start);
        let mut times = Vec::new();
        for gap in gaps {
            now += Duration::from_micros(*gap);
            now += bucket.wait(0, pace, now);
            bucket.take(pace, now);
            times.push(now - start);
        }
        times
    }

    #[test]
    fn admits_the_burst_and_then_the_rate() {
        let times = admitted(Pace::new(10.0, 3), &[0; 6]);
        let millis: Vec<_> = times.iter().map(Duration::as_millis).collect();
        assert_eq!(millis, [0, 0, 0, 100, 200, 300]);
    }

    #[test]
    fn an_invalid_rate_admits_one_request_a_day() {
        for rate in [0.0, -1.0, f64::NAN, f64::MIN_POSITIVE, f64::NEG_INFINITY] {
            let now = Instant::now();
            let mut bucket = Bucket::full(now);
            bucket.take(Pace::new(rate, u32::MAX), now);
            assert_eq!(bucket.wait(0, Pace::new(rate, 1), now), MAX_INTERVAL, "{rate}");
        }
        assert_eq!(interval(f64::INFINITY), Duration::from_nanos(1));
    }

    #[test]
    fn an_opening_bucket_admits_one_request_when_it_opens() {
        let (pace, now) = (Pace::new(10.0, 1), Instant::now());
        let opens = now + Duration::from_secs(3);
        let mut bucket = Bucket::opening(opens, pace);
        assert_eq!(bucket.wait(0, pace, now), Duration::from_secs(3));
        assert_eq!(bucket.wait(0, pace, opens), Duration::ZERO);
        bucket.take(pace, opens);
        assert_eq!(bucket.wait(0, pace, opens), Duration::from_millis(100));
    }

    proptest! {
        #[test]
        fn no_window_holds_more_than_the_burst_and_the_rate(
            rate in 0.5f64..5_000.0,
            burst in 1u32..50,
            gaps in prop::collection::vec(prop_oneof![Just(0u64), 0u64..200_000], 1..200),
        ) {
            let times = admitted(Pace::new(rate, burst), &gaps);
            for (i, first) in times.iter().enumerate() {
                for (j, last) in times.iter().enumerate().skip(i) {
                    let allowed = f64::from(burst) + rate * (*last - *first).as_secs_f64();
                    prop_assert!((j - i + 1) as f64 <= allowed + 1e-9);
                }
            }
        }

        #[test]
        fn never_panics(rate: f64, burst: u32, ahead: u32, millis in 0u64..1 << 40) {
            let (pace, now) = (Pace::new(rate, burst), Instant::now());
            let mut bucket = Bucket::opening(now + Duration::from_millis(millis), pace);
            bucket.take(pace, now);
            bucket.wait(ahead, pace, now);
        }
    }
}
