//! A budget of retries, so that clients do not pile onto a service that is down.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::classify::FailureKind;

const CAPACITY: u32 = 500;
const RETRY_COST: u32 = 14;
/// Throttling says that the service is well: waiting longer is enough.
const THROTTLING_COST: u32 = 5;
/// What a call that needed no retry gives back.
const REWARD: u32 = 1;

/// Tokens that retries take and successes give back. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Budget(Arc<AtomicU32>);

impl Default for Budget {
    fn default() -> Self {
        Self(Arc::new(AtomicU32::new(CAPACITY)))
    }
}

impl Budget {
    /// Takes the cost of a retry and tells it; `None` if there is not enough left.
    pub(super) fn take(&self, kind: FailureKind) -> Option<u32> {
        let cost = match kind {
            FailureKind::Throttling => THROTTLING_COST,
            FailureKind::Transient => RETRY_COST,
        };
        let subtract = |tokens: u32| tokens.checked_sub(cost);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, subtract).ok().map(|_| cost)
    }

    /// After a success: gives back what its last retry took, or a little if it had none.
    pub(super) fn give_back(&self, paid: Option<u32>) {
        let add = |tokens: u32| Some((tokens + paid.unwrap_or(REWARD)).min(CAPACITY));
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use FailureKind::{Throttling, Transient};

    #[test]
    fn it_runs_out_and_fills_again() {
        let budget = Budget::default();
        for _ in 0..35 {
            assert_eq!(budget.take(Transient), Some(14));
        }
        assert_eq!(budget.take(Transient), None, "10 tokens are left");
        assert_eq!(budget.take(Throttling), Some(5));
        budget.give_back(Some(14));
        assert_eq!(budget.take(Transient), Some(14));
        for _ in 0..9 {
            budget.give_back(None);
        }
        assert_eq!(budget.take(Transient), Some(14));
    }

    #[test]
    fn it_never_holds_more_than_its_capacity() {
        let budget = Budget::default();
        budget.give_back(Some(14));
        for _ in 0..100 {
            assert!(budget.take(Throttling).is_some());
        }
        assert_eq!(budget.take(Throttling), None);
    }
}
