//! The record of the attempts of a call, for its caller.

use std::fmt;
use std::time::Duration;

/// The attempts of a call: part of its error, and an extension of its response unless the first
/// attempt succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempts {
    /// Number of attempts, including throttled ones and those that failed before they were sent.
    pub made: u32,
    /// Duration of the call, including pauses.
    pub elapsed: Duration,
    /// HTTP status of the last response; `None` if there was none.
    pub last_status: Option<u16>,
    /// Why there was no further attempt.
    pub stop: Stop,
    /// Whether the service may have acted on an attempt that failed.
    pub may_have_acted: bool,
}

impl Attempts {
    /// Returns false for a single attempt with a final outcome, which needs no mention.
    #[must_use]
    pub fn are_notable(&self) -> bool {
        self.made > 1 || !matches!(self.stop, Stop::Final | Stop::Attempts)
    }
}

impl fmt::Display for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.made == 1 { "" } else { "s" };
        write!(f, "{} attempt{plural}; {}", self.made, self.stop)
    }
}

/// Why a call made no further attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// The outcome is final: a success, or a failure that a retry would not fix.
    Final,
    /// The call used up its attempts.
    Attempts,
    /// The retry budget is spent: too many retries failed recently.
    Budget,
    /// The deadline was reached, or the next attempt would have started after it.
    Deadline,
    /// The service may have acted, and the call is not idempotent.
    Unsafe,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Final => "a retry would not help",
            Self::Attempts => "no attempts left",
            Self::Budget => "the retry budget is spent",
            Self::Deadline => "no time left",
            Self::Unsafe => "the service may have acted and the call is not idempotent",
        })
    }
}
