//! How long to pause before an attempt.

use std::time::Duration;

use super::classify::FailureKind;
use crate::Random;

const MAX: Duration = Duration::from_secs(20);
/// How much longer than our own pause the service may ask us to wait.
const MAX_HINT_EXCESS: Duration = Duration::from_secs(5);

/// A random part of an exponentially growing span. `retry` counts from 0.
pub(super) fn pause(
    random: &Random,
    kind: FailureKind,
    retry: u32,
    hint: Option<Duration>,
) -> Duration {
    let base = match kind {
        FailureKind::Throttling => Duration::from_secs(1),
        FailureKind::Transient => Duration::from_millis(50),
    };
    let span = base.saturating_mul(1u32.checked_shl(retry).unwrap_or(u32::MAX)).min(MAX);
    let own = span.mul_f64(random.fraction());
    hint.map_or(own, |hint| hint.clamp(own, own + MAX_HINT_EXCESS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HALF: u64 = 1 << 63;

    fn half(kind: FailureKind, retry: u32, hint: Option<u64>) -> u128 {
        pause(&Random::new(|| HALF), kind, retry, hint.map(Duration::from_millis)).as_millis()
    }

    #[test]
    fn spans_double_up_to_a_limit() {
        use FailureKind::{Throttling, Transient};
        assert_eq!([0, 1, 2].map(|retry| half(Transient, retry, None)), [25, 50, 100]);
        assert_eq!([0, 1, 2].map(|retry| half(Throttling, retry, None)), [500, 1000, 2000]);
        assert_eq!(half(Throttling, 40, None), 10_000);
    }

    #[test]
    fn the_service_may_ask_for_more_but_not_for_less() {
        assert_eq!(half(FailureKind::Transient, 0, Some(1)), 25);
        assert_eq!(half(FailureKind::Transient, 0, Some(2000)), 2000);
        assert_eq!(half(FailureKind::Transient, 0, Some(60_000)), 5025);
    }

    proptest! {
        #[test]
        fn no_pause_is_longer_than_its_limit(bits: u64, retry: u32, hint: Option<u64>) {
            let hint = hint.map(Duration::from_millis);
            let random = Random::new(move || bits);
            let pause = pause(&random, FailureKind::Throttling, retry, hint);
            prop_assert!(pause <= MAX + MAX_HINT_EXCESS);
            prop_assert!(hint.is_some() || pause < MAX);
        }
    }
}
