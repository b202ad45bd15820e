//! The policy: whether there is another attempt, and when.

use std::time::Duration;

use http::Response;

use super::backoff::pause;
use super::budget::Budget;
use super::classify::{self, FailureKind, of_clock, of_error, of_response, stage};
use super::{Progress, Stop};
use crate::config::Config;
use crate::pacing::GaveUp;
use crate::{BoxError, Clock, ErrorKind, Random};

/// Decides after each attempt whether there is another. Clones share the budget.
#[derive(Clone, Debug)]
pub(super) struct RetryPolicy {
    max_attempts: u32,
    budget: Budget,
    random: Random,
    clock: Clock,
    // The rest is of one call, which has a clone of the policy to itself.
    /// What the last retry took from the budget.
    paid: Option<u32>,
    /// Whether an attempt was made for a clock that was off: one is enough.
    corrected: bool,
}

impl RetryPolicy {
    /// The policy of `config`, with a budget of its own.
    pub(super) fn new(config: &Config) -> Self {
        Self {
            max_attempts: config.max_attempts.max(1),
            budget: Budget::default(),
            random: config.random.clone(),
            clock: config.clock.clone(),
            paid: None,
            corrected: false,
        }
    }

    /// The pause before another attempt than this one, or why there is none.
    pub(super) fn next<R>(
        &mut self,
        progress: &Progress,
        attempt: u32,
        repeatable: bool,
        outcome: Result<&Response<R>, &BoxError>,
    ) -> Result<Duration, Stop> {
        if let Ok(response) = outcome {
            progress.answered(response.status().as_u16());
        }
        if outcome.is_ok_and(|response| response.status().is_success()) {
            self.budget.give_back(self.paid);
            return Err(Stop::Final);
        }
        // By this outcome, or by one that a layer of somebody else's kept to itself.
        let may_have_acted = progress.was_out();
        if may_have_acted {
            progress.may_have_acted();
        }
        let failure = match outcome {
            Ok(response) => self.of_response(response),
            Err(error) => of_error(error),
        };
        let Some(kind) = failure else {
            let too_late = outcome.is_err_and(|error| stage(error) == ErrorKind::Pacing);
            return Err(if too_late { Stop::Deadline } else { Stop::Final });
        };
        let gave_up = outcome.ok().and_then(|response| response.extensions().get());
        if let Some(GaveUp(why)) = gave_up {
            return Err(*why);
        }
        if !progress.has_time_after(Duration::ZERO) {
            return Err(Stop::Deadline);
        }
        if attempt >= self.max_attempts {
            return Err(Stop::Attempts);
        }
        if may_have_acted && !repeatable {
            return Err(Stop::Unsafe);
        }
        let hint = outcome.ok().and_then(|response| classify::hint(response.headers()));
        let pause = pause(&self.random, kind, attempt - 1, hint);
        if !progress.has_time_after(pause) {
            return Err(Stop::Deadline);
        }
        self.paid = Some(self.budget.take(kind).ok_or(Stop::Budget)?);
        tracing::debug!(attempts = attempt, ?kind, ?pause, "trying again after a pause");
        Ok(pause)
    }

    fn of_response<R>(&mut self, response: &Response<R>) -> Option<FailureKind> {
        let failure = of_response(response);
        if failure.is_some() || self.corrected {
            return failure;
        }
        let skew_millis = self.clock.skew_millis();
        let by_clock = of_clock(response, skew_millis);
        if by_clock.is_some() {
            self.corrected = true;
            tracing::debug!(skew_millis, "refused, perhaps since the clock was off");
        }
        by_clock
    }
}
