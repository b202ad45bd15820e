//! The policy: whether there is another attempt, and when.

use std::time::Duration;

use http::{Request, Response};
use tokio::time::{Sleep, sleep};
use tower::retry::Policy;

use super::backoff::pause;
use super::budget::Budget;
use super::classify::{self, FailureKind, may_have_acted, of_clock, of_error, of_response, stage};
use super::{Attempt, Progress, Stop, is_repeatable};
use crate::config::Config;
use crate::pacing::GaveUp;
use crate::{BoxError, Clock, Error, ErrorKind, Random};

/// Decides after each attempt whether there is another. Clones share the budget.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
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

    /// The pause before the next attempt, or why there is none.
    fn next<R>(
        &mut self,
        progress: &Progress,
        repeatable: bool,
        outcome: Result<&Response<R>, &BoxError>,
    ) -> Result<Duration, Stop> {
        if outcome.is_ok_and(|response| response.status().is_success()) {
            self.budget.give_back(self.paid);
            return Err(Stop::Final);
        }
        // A layer of somebody else's may have sent it more than once.
        let may_have_acted = may_have_acted(outcome) || progress.was_out();
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
        let attempts = progress.attempts();
        let gave_up = outcome.ok().and_then(|response| response.extensions().get());
        if let Some(GaveUp(why)) = gave_up {
            return Err(*why);
        }
        if attempts >= self.max_attempts {
            return Err(Stop::Attempts);
        }
        if may_have_acted && !repeatable {
            return Err(Stop::Unsafe);
        }
        let hint = outcome.ok().and_then(|response| classify::hint(response.headers()));
        let pause = pause(&self.random, kind, attempts.saturating_sub(1), hint);
        if !progress.has_time_after(pause) {
            return Err(Stop::Deadline);
        }
        self.paid = Some(self.budget.take(kind).ok_or(Stop::Budget)?);
        tracing::debug!(attempts, ?kind, ?pause, "trying again after a pause");
        Ok(pause)
    }

    fn of_response<R>(&mut self, response: &Response<R>) -> Option<FailureKind> {
        let failure = of_response(response);
        if failure.is_some() || self.corrected {
            return failure;
        }
        let by_clock = of_clock(response, self.clock.skew_millis());
        self.corrected = by_clock.is_some();
        by_clock
    }
}

impl<B: Clone, R> Policy<Request<B>, Response<R>, BoxError> for RetryPolicy {
    type Future = Sleep;

    fn retry(
        &mut self,
        request: &mut Request<B>,
        result: &mut Result<Response<R>, BoxError>,
    ) -> Option<Sleep> {
        let progress = request.extensions().get::<Progress>()?.clone();
        if let Ok(response) = result {
            progress.answered(response.status().as_u16());
        }
        let stop = match self.next(&progress, is_repeatable(request), result.as_ref()) {
            Ok(pause) => {
                progress.hold();
                request.extensions_mut().insert(Attempt(progress.attempts() + 1));
                return Some(sleep(pause));
            }
            Err(stop) => stop,
        };
        let attempts = progress.ended(stop);
        match result {
            Ok(response) => {
                response.extensions_mut().insert(attempts);
            }
            Err(error) => {
                let kind = stage(error);
                *error = match std::mem::replace(error, "taken".into()).downcast::<Error>() {
                    Ok(known) => Error { attempts: Some(attempts), ..*known }.into(),
                    Err(source) => {
                        Error { attempts: Some(attempts), ..Error::new(kind, source) }.into()
                    }
                };
            }
        }
        None
    }

    /// Called before each attempt.
    fn clone_request(&mut self, request: &Request<B>) -> Option<Request<B>> {
        request.extensions().get::<Progress>()?.begin_attempt();
        Some(request.clone())
    }
}
