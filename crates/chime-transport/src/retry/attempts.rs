//! How a call went, for its caller.

use std::fmt;
use std::time::Duration;

use http::Response;

use crate::{BoxError, Error};

/// How a call went: an extension of its response, and part of its error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempts {
    /// How many attempts our retries made, those that pacing repeated after throttling included.
    pub made: u32,
    /// How long they took in all, pauses included.
    pub elapsed: Duration,
    /// The HTTP status of the last answer; `None` if there was none.
    pub last_status: Option<u16>,
    /// Why there was no further one.
    pub stop: Stop,
    /// Whether the service may have acted on one of those that failed.
    pub may_have_acted: bool,
}

impl Attempts {
    /// Whether they say more than that one was made, and that this was all there was to do.
    #[must_use]
    pub fn are_notable(&self) -> bool {
        self.made > 1 || !matches!(self.stop, Stop::Final | Stop::Attempts)
    }

    /// The outcome of the call, which tells them.
    pub(super) fn added_to<R>(
        self,
        outcome: Result<Response<R>, BoxError>,
    ) -> Result<Response<R>, BoxError> {
        match outcome {
            Ok(mut response) => {
                response.extensions_mut().insert(self);
                Ok(response)
            }
            Err(error) => Err(Error { attempts: Some(self), ..Error::from(error) }.into()),
        }
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
    /// The outcome is final, good or bad: no attempt would change it.
    Final,
    /// No attempt was left.
    Attempts,
    /// The client has retried too much of late.
    Budget,
    /// No time was left.
    Deadline,
    /// The service may have acted, and acting twice could do harm.
    Unsafe,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Final => "a further one would not help",
            Self::Attempts => "no further one was allowed",
            Self::Budget => "the retry budget is spent",
            Self::Deadline => "its time was over",
            Self::Unsafe => "the service may have acted, and a repeat is not safe",
        })
    }
}
