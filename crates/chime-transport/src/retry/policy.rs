//! The policy decides whether and when to retry.

use std::time::Duration;

use http::{Method, Response};

use super::classify::retry_after;
use super::layer::Settings;
use super::{Backoff, Budget, Classifier, Failure, Stop};
use crate::call::Call;
use crate::{BoxError, Config};

/// When to retry. Clones share the [`Budget`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Maximum number of attempts of a call, not counting throttled requests. Default: 3, as in every AWS
    /// client. 1 sends a single request in any case; 0 counts as 1.
    pub max_attempts: u32,
    /// Maximum number of requests of a call, including throttled ones. Default: 8. `max_attempts` applies
    /// if it is larger, or if the rate limiter does not learn: throttled requests then are attempts.
    pub max_requests: u32,
    /// The pauses before retries.
    pub backoff: Backoff,
    /// The budget that limits retries while the service fails.
    pub budget: Budget,
    /// Decides which failures are retried.
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
    /// Creates the policy of `config`, with a budget of its own.
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

    /// Returns the maximum number of requests of a call.
    pub(super) fn request_limit(&self, learns: bool) -> u32 {
        match self.max_attempts {
            0 | 1 => 1,
            max if learns => max.max(self.max_requests),
            max => max,
        }
    }
}

/// The retries of one call.
pub(super) struct Progress<'a> {
    settings: &'a Settings,
    call: &'a Call,
    idempotent: bool,
    /// Failed attempts, without throttled ones if the rate limiter handles throttling.
    failed: u32,
    /// The tokens that the last retry took from the budget.
    taken: Option<u32>,
    /// Whether the request was signed again after a refusal, which happens only once.
    signed_again: bool,
}

impl<'a> Progress<'a> {
    pub(super) fn new(settings: &'a Settings, call: &'a Call, method: &Method) -> Self {
        let idempotent = call.options.idempotent.unwrap_or(method.is_idempotent());
        Self { settings, call, idempotent, failed: 0, taken: None, signed_again: false }
    }

    /// Returns the pause before the next attempt, or why there is none. The pause is zero after
    /// throttling that the rate limiter handles: the request then waits for a slot.
    pub(super) fn next<R>(
        &mut self,
        result: &Result<Response<R>, BoxError>,
        failure: Option<Failure>,
    ) -> Result<Duration, Stop> {
        let Settings { policy, limiter, clock, random, .. } = self.settings;
        let (call, learns) = (self.call, limiter.learns());
        if result.as_ref().is_ok_and(|response| response.status().is_success()) {
            policy.budget.give_back(self.taken);
            return Err(Stop::Final);
        }
        let sign_again = failure.is_none() && call.wants_new_signature() && !self.signed_again;
        let failure = match failure {
            Some(failure) => failure,
            None if sign_again => Failure::Transient,
            None => return Err(Stop::Final),
        };
        // This reason comes first, since the caller must know that the service may have acted.
        if call.may_have_acted() && !self.idempotent {
            return Err(Stop::Unsafe);
        }
        if !call.has_time_after(Duration::ZERO) {
            return Err(Stop::Deadline);
        }
        let by_limiter = failure == Failure::Throttling && learns;
        self.failed += u32::from(!by_limiter);
        if self.failed >= policy.max_attempts.max(1) || call.requests() >= call.max_requests {
            return Err(Stop::Attempts);
        }
        if by_limiter {
            return Ok(Duration::ZERO);
        }
        let pause = if sign_again {
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
        self.signed_again |= sign_again;
        tracing::debug!(attempts = call.requests(), ?failure, ?pause, "retrying after a pause");
        Ok(pause)
    }
}
