//! The error of a request that cannot get a slot before its deadline.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

/// The next slot is not before the deadline of the call. The request took no slot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TooLate {
    /// The time until the next slot, or less.
    pub(crate) wait: Duration,
    /// The time until the deadline.
    pub(crate) left: Duration,
}

impl TooLate {
    /// Returns the time left until the deadline if the slot is before it.
    pub(super) fn check(wait: Duration, now: Instant, deadline: Instant) -> Result<Duration, Self> {
        let left = deadline.saturating_duration_since(now);
        if wait < left { Ok(left) } else { Err(Self { wait, left }) }
    }
}

impl fmt::Display for TooLate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (wait, left) = (self.wait.as_secs_f64(), self.left.as_secs_f64());
        write!(
            f,
            "the next rate-limit slot is at least {wait:.1} s away, and the call has {left:.1} s left"
        )
    }
}

impl std::error::Error for TooLate {}
