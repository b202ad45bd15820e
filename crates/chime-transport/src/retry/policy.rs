//! The policy: whether there is another attempt, and when.

use std::time::Duration;

use http::Response;

use super::classify::retry_after;
use super::{Backoff, Budget, Classifier, Failure, Stop};
use crate::call::Call;
use crate::{BoxError, Clock, Config, Random};

/// When to send a request again. Clones share the [`Budget`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How many attempts a call may make that fail for other reasons than throttling. Default: 3, as
    /// in every AWS client. 1 sends a single request, whatever happens; 0 counts as 1.
    pub max_attempts: u32,
    /// How many requests a call may send in all, throttled ones included. Default: 8. Never less than
    /// `max_attempts`.
    pub max_requests: u32,
    /// How long to pause.
    pub backoff: Backoff,
    /// How many retries may fail before further ones are withheld.
    pub budget: Budget,
    /// Which failures a retry may mend.
    pub classifier: Classifier,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            max_requests: 8,
            backoff: Backoff::default(),
            budget: Budget::default(),
            classifier: Classifier::default(),
        }
    }
}

impl RetryPolicy {
    /// The policy of `config`, with a budget of its own.
    #[must_use]
    pub fn from_config(config: &Config) -> Self {
        Self {
            max_attempts: config.max_attempts,
            max_requests: config.max_requests,
            backoff: config.backoff.clone(),
            budget: Budget::default(),
            classifier: config.classifier.clone(),
        }
    }

    /// How many requests a call may send in all, where the rate limiter takes care of throttling.
    pub(super) fn request_limit(&self, is_adaptive: bool) -> u32 {
        match self.max_attempts {
            0 | 1 => 1,
            max if is_adaptive => max.max(self.max_requests),
            max => max,
        }
    }
}

/// What the policy knows of one call.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Attempts that failed for other reasons than throttling, or all if the rate limiter does not
    /// take care of throttling.
    failed: u32,
    /// What the last retry took from the budget.
    taken: Option<u32>,
    /// Whether the request was signed anew after a refusal: once is enough.
    resigned: bool,
}

/// What else decides about a retry.
pub(super) struct Circumstances<'a> {
    pub(super) call: &'a Call,
    pub(super) idempotent: bool,
    /// Whether the rate limiter takes care of throttling.
    pub(super) is_adaptive: bool,
    pub(super) random: &'a Random,
    pub(super) clock: &'a Clock,
}

impl Progress {
    /// The pause before another attempt, or why there is none. After throttling that the rate
    /// limiter takes care of, the pause is zero: the limiter knows when the request may go.
    pub(super) fn next<R>(
        &mut self,
        policy: &RetryPolicy,
        circumstances: &Circumstances<'_>,
        result: &Result<Response<R>, BoxError>,
        failure: Option<Failure>,
    ) -> Result<Duration, Stop> {
        let Circumstances { call, idempotent, is_adaptive, random, clock } = *circumstances;
        if result.as_ref().is_ok_and(|response| response.status().is_success()) {
            policy.budget.give_back(self.taken);
            return Err(Stop::Final);
        }
        let resign = failure.is_none() && call.wants_resign() && !self.resigned;
        let failure = match failure {
            Some(failure) => failure,
            None if resign => Failure::Transient,
            None => return Err(Stop::Final),
        };
        if !call.has_time_after(Duration::ZERO) {
            return Err(Stop::Deadline);
        }
        let by_limiter = failure == Failure::Throttling && is_adaptive;
        self.failed += u32::from(!by_limiter);
        if self.failed >= policy.max_attempts.max(1)
            || call.requests() >= policy.request_limit(is_adaptive)
        {
            return Err(Stop::Attempts);
        }
        if call.may_have_acted() && !idempotent {
            return Err(Stop::Unsafe);
        }
        if by_limiter {
            return Ok(Duration::ZERO);
        }
        let pause = if resign {
            Duration::ZERO
        } else {
            let hint = result.as_ref().ok();
            let hint = hint.and_then(|response| retry_after(response.headers(), clock));
            policy.backoff.pause(random, failure, self.failed - 1, hint)
        };
        if !call.has_time_after(pause) {
            return Err(Stop::Deadline);
        }
        self.taken = Some(policy.budget.take(failure).ok_or(Stop::Budget)?);
        self.resigned |= resign;
        tracing::debug!(attempts = call.requests(), ?failure, ?pause, "retrying after a pause");
        Ok(pause)
    }
}
