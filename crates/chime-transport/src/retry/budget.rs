//! A budget of retries, so that clients do not overload a service that is down.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::Failure;

const CAPACITY: u32 = 500;
const RETRY_COST: u32 = 14;
/// Less than for other retries, since a service that throttles is up.
const THROTTLING_COST: u32 = 5;
/// The number of tokens that a call returns if it succeeds without a retry.
const REWARD: u32 = 1;

/// A number of tokens that retries take and successes return, as in the standard retry mode of AWS
/// clients. A retry takes 14, or 5 after throttling. A success returns what the last retry of its call
/// took, or 1. Clones share the tokens.
#[derive(Clone, Debug)]
pub struct Budget {
    /// `None` means no limit.
    tokens: Option<Arc<AtomicU32>>,
    capacity: u32,
}

impl Default for Budget {
    /// Creates a budget of 500 tokens.
    fn default() -> Self {
        Self::new(CAPACITY)
    }
}

impl Budget {
    /// Creates a budget of `capacity` tokens.
    #[must_use]
    pub fn new(capacity: u32) -> Self {
        Self { tokens: Some(Arc::new(AtomicU32::new(capacity))), capacity }
    }

    /// Creates a budget without a limit.
    #[must_use]
    pub fn unlimited() -> Self {
        Self { tokens: None, capacity: u32::MAX }
    }

    /// Takes the cost of a retry and returns it. `None` if too few tokens are left.
    pub(super) fn take(&self, failure: Failure) -> Option<u32> {
        let cost = match failure {
            Failure::Throttling => THROTTLING_COST,
            Failure::Transient => RETRY_COST,
        };
        let Some(tokens) = &self.tokens else { return Some(cost) };
        let subtract = |tokens: u32| tokens.checked_sub(cost);
        tokens.fetch_update(Relaxed, Relaxed, subtract).ok().map(|_| cost)
    }

    /// Returns the tokens that the last retry of a successful call took, or [`REWARD`] without a retry.
    pub(super) fn give_back(&self, taken: Option<u32>) {
        let Some(tokens) = &self.tokens else { return };
        let add = |tokens: u32| {
            // Threads would contend for the write in every call.
            let is_full = tokens >= self.capacity;
            let more = tokens.saturating_add(taken.unwrap_or(REWARD));
            (!is_full).then_some(more.min(self.capacity))
        };
        let _ = tokens.fetch_update(Relaxed, Relaxed, add);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Failure::{Throttling, Transient};

    #[test]
    fn a_budget_runs_out_and_fills_again() {
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
    fn an_unlimited_budget_is_never_spent() {
        let budget = Budget::unlimited();
        for _ in 0..1000 {
            assert_eq!(budget.take(Transient), Some(14));
        }
        budget.give_back(None);
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
