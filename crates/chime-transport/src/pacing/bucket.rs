//! A token bucket in whole nanoseconds, so that its bound is exact.
//!
//! It keeps one instant, the time at which it will be full again (the generic cell rate algorithm),
//! in place of a number of tokens: nothing to refill, nothing to round.

use std::time::Duration;

use tokio::time::Instant;

/// Slower than this is as good as never, and keeps sums of times within their type.
const MAX_INTERVAL: Duration = Duration::from_secs(86_400);

/// At most `burst + rate × t` requests in any time `t`.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    /// When it is full. Before the first request it is.
    full_at: Option<Instant>,
}

/// How fast a bucket fills, and how much it holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// The time that one request takes out.
    interval: Duration,
    /// How much time may be out beyond that.
    slack: Duration,
}

impl Pace {
    /// `rate` requests per second after `burst` at once.
    pub(super) fn new(rate: f64, burst: u32) -> Self {
        let interval = interval(rate);
        Self { interval, slack: interval.saturating_mul(burst.max(1) - 1) }
    }

    /// `rate` requests per second, where those that are late by no more than `slack` catch up.
    pub(super) fn with_slack(rate: f64, slack: Duration) -> Self {
        Self { interval: interval(rate), slack }
    }
}

/// Rounded up, so that the rate is never exceeded.
fn interval(rate: f64) -> Duration {
    let nanos = (1e9 / rate.max(0.0)).ceil();
    if nanos < MAX_INTERVAL.as_nanos() as f64 {
        Duration::from_nanos(nanos.max(1.0) as u64)
    } else {
        MAX_INTERVAL
    }
}

impl Bucket {
    /// How long until the next request may go.
    pub(super) fn wait(&self, pace: Pace, now: Instant) -> Duration {
        self.wait_behind(0, pace, now)
    }

    /// How long until a request may go before which so many others do.
    pub(super) fn wait_behind(&self, ahead: u32, pace: Pace, now: Instant) -> Duration {
        let out = self.full_at.map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
        let theirs = pace.interval.saturating_mul(ahead);
        out.saturating_add(theirs).saturating_sub(pace.slack)
    }

    /// Takes out one request.
    pub(super) fn take(&mut self, pace: Pace, now: Instant) {
        self.full_at = Some(self.full_at.map_or(now, |at| at.max(now)) + pace.interval);
    }

    /// Leaves nothing in it: the next request waits its interval.
    pub(super) fn empty(pace: Pace, now: Instant) -> Self {
        Self { full_at: Some(now + pace.interval + pace.slack) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn admitted(pace: Pace, gaps: &[u64]) -> Vec<Duration> {
        let start = Instant::now();
        let (mut bucket, mut now) = (Bucket::default(), start);
        let mut times = Vec::new();
        for gap in gaps {
            now += Duration::from_micros(*gap);
            now += bucket.wait(pace, now);
            bucket.take(pace, now);
            times.push(now - start);
        }
        times
    }

    #[test]
    fn a_burst_then_the_rate() {
        let times = admitted(Pace::new(10.0, 3), &[0; 6]);
        let millis: Vec<_> = times.iter().map(Duration::as_millis).collect();
        assert_eq!(millis, [0, 0, 0, 100, 200, 300]);
    }

    #[test]
    fn a_rate_that_means_nothing_hardly_ever_lets_one_through() {
        for rate in [0.0, -1.0, f64::NAN, f64::MIN_POSITIVE] {
            let pace = Pace::new(rate, u32::MAX);
            let mut bucket = Bucket::default();
            let now = Instant::now();
            bucket.take(pace, now);
            assert_eq!(bucket.wait(Pace::new(rate, 1), now), MAX_INTERVAL, "{rate}");
        }
        assert_eq!(interval(f64::INFINITY), Duration::from_nanos(1));
    }

    #[test]
    fn who_stands_behind_others_waits_for_them_too() {
        let (pace, now) = (Pace::new(10.0, 3), Instant::now());
        let millis = |bucket: &Bucket, ahead| bucket.wait_behind(ahead, pace, now).as_millis();
        let mut bucket = Bucket::default();
        assert_eq!([0, 2, 3, 4].map(|ahead| millis(&bucket, ahead)), [0, 0, 100, 200]);
        bucket.take(pace, now);
        assert_eq!([0, 1, 2, 3].map(|ahead| millis(&bucket, ahead)), [0, 0, 100, 200]);
    }

    #[test]
    fn an_empty_one_has_nothing_left() {
        let (pace, now) = (Pace::new(10.0, 3), Instant::now());
        assert_eq!(Bucket::empty(pace, now).wait(pace, now), Duration::from_millis(100));
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
    }
}
