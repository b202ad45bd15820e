//! The pause before a retry.

use std::time::Duration;

use super::Failure;
use crate::Random;

/// Exponential backoff with full jitter: before retry `n`, counted from 0, a random part of
/// `base × 2^n`.
///
/// The defaults are those of the standard retry mode of AWS clients.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backoff {
    /// The base after a transient failure. Default: 50 ms.
    pub transient: Duration,
    /// The base after throttling. Default: 1 s.
    pub throttling: Duration,
    /// The maximum pause. Default: 20 s.
    pub max: Duration,
    /// The maximum by which the service can extend that pause, with `x-amz-retry-after` in milliseconds
    /// or `Retry-After` in seconds or as a date. Default: 5 s.
    pub max_extra: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            transient: Duration::from_millis(50),
            throttling: Duration::from_secs(1),
            max: Duration::from_secs(20),
            max_extra: Duration::from_secs(5),
        }
    }
}

impl Backoff {
    /// Returns a backoff without pauses, for tests. It ignores what the service asks for.
    #[must_use]
    pub fn none() -> Self {
        let zero = Duration::ZERO;
        Self { transient: zero, throttling: zero, max: zero, max_extra: zero }
    }

    /// Returns the pause before a retry, counted from 0. `hint` is the pause that the service asks for.
    pub(crate) fn pause(
        &self,
        random: &Random,
        failure: Failure,
        retry: u32,
        hint: Option<Duration>,
    ) -> Duration {
        let base = match failure {
            Failure::Throttling => self.throttling,
            Failure::Transient => self.transient,
        };
        let factor = 1u32.checked_shl(retry).unwrap_or(u32::MAX);
        let longest = base.saturating_mul(factor).min(self.max);
        let pause = longest.mul_f64(random.fraction());
        hint.map_or(pause, |hint| hint.clamp(pause, pause.saturating_add(self.max_extra)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HALF: u64 = 1 << 63;

    fn half(failure: Failure, retry: u32, hint: Option<u64>) -> u128 {
        let (random, hint) = (Random::new(|| HALF), hint.map(Duration::from_millis));
        Backoff::default().pause(&random, failure, retry, hint).as_millis()
    }

    #[test]
    fn spans_double_up_to_a_limit() {
        use Failure::{Throttling, Transient};
        assert_eq!([0, 1, 2].map(|retry| half(Transient, retry, None)), [25, 50, 100]);
        assert_eq!([0, 1, 2].map(|retry| half(Throttling, retry, None)), [500, 1000, 2000]);
        assert_eq!(half(Throttling, 40, None), 10_000);
    }

    #[test]
    fn the_service_may_ask_for_more_but_not_for_less() {
        assert_eq!(half(Failure::Transient, 0, Some(1)), 25);
        assert_eq!(half(Failure::Transient, 0, Some(2000)), 2000);
        assert_eq!(half(Failure::Transient, 0, Some(60_000)), 5025);
    }

    proptest! {
        #[test]
        fn no_pause_is_longer_than_its_limit(bits: u64, retry: u32, hint: Option<u64>) {
            let hint = hint.map(Duration::from_millis);
            let random = Random::new(move || bits);
            let backoff = Backoff::default();
            let pause = backoff.pause(&random, Failure::Throttling, retry, hint);
            prop_assert!(pause <= backoff.max + backoff.max_extra);
            prop_assert!(hint.is_some() || pause < backoff.max);
            let none = Backoff::none().pause(&random, Failure::Throttling, retry, hint);
            prop_assert_eq!(none, Duration::ZERO);
        }
    }
}
