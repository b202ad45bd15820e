//! A token bucket.

use tokio::time::Instant;

use super::Throttle;

/// The number of tokens at a time.
pub(super) struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    pub(super) fn full(throttle: Throttle, now: Instant) -> Self {
        Self { tokens: throttle.burst.into(), at: now }
    }

    /// Takes a token. Returns whether there was one.
    pub(super) fn take(&mut self, throttle: Throttle, now: Instant) -> bool {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        self.tokens = (self.tokens + seconds * throttle.rate).min(throttle.burst.into());
        let one = self.tokens >= 1.0;
        if one {
            self.tokens -= 1.0;
        }
        one
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_gives_the_burst_at_once_and_then_the_rate() {
        let throttle = Throttle { rate: 2.0, burst: 3 };
        let start = Instant::now() + Duration::from_secs(60);
        let mut bucket = Bucket::full(throttle, start);
        let mut taken = |millis| {
            let now = start + Duration::from_millis(millis);
            (0..10).filter(|_| bucket.take(throttle, now)).count()
        };
        assert_eq!([0, 0, 499, 500, 1000, 900, 60_000].map(&mut taken), [3, 0, 0, 1, 1, 0, 3]);
    }

    proptest! {
        #[test]
        fn a_bucket_never_gives_more_than_burst_and_rate(
            rate in 0.1..500.0f64,
            burst in 1..500u32,
            pauses in proptest::collection::vec(0..400u64, 1..300),
        ) {
            let throttle = Throttle { rate, burst };
            let start = Instant::now();
            let mut bucket = Bucket::full(throttle, start);
            let mut now = start;
            let mut taken = 0.0;
            for pause in pauses {
                now += Duration::from_millis(pause);
                taken += f64::from(u8::from(bucket.take(throttle, now)));
                let most = f64::from(burst) + rate * (now - start).as_secs_f64();
                prop_assert!(taken <= most + 1e-6, "{taken} of {most}");
            }
        }
    }
}
