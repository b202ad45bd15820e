//! Tries again what may go well the next time.
//!
//! Position in the stack: inside the deadline of the whole call and outside everything that
//! belongs to one attempt, so that each has headers, an address and a signature of its own.
//!
//! The numbers are those of the standard mode of AWS clients: three attempts, pauses of up to
//! 50 ms times a power of two (1 s after throttling) at random, 20 s at most, and a budget that
//! stops a client from hammering a service that is down. On top of it: any 429 is throttling,
//! which Chime's own exception for it needs; and what the service may have acted on is repeated
//! only where that does no harm.

mod backoff;
mod budget;
mod classify;
mod progress;

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use tokio::time::{Sleep, sleep};
use tower::retry::{Policy, RetryLayer};

use crate::config::Config;
use crate::pacing::GaveUp;
use crate::{BoxError, Clock, Error, ErrorKind, Random};

pub use classify::{ErrorCode, header_error_code};
pub(crate) use classify::{stage, throttling};
pub(crate) use progress::Progress;
pub use progress::{Attempts, Stop};

use backoff::pause;
use budget::Budget;
use classify::{Failure, of_clock, of_error, of_response};

/// Whether a request may be sent again after a failure that leaves open whether the service acted.
///
/// An extension of the request. Without it, the HTTP method decides: GET, PUT and DELETE may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeatable(pub bool);

/// Which attempt of its call a request is, from 1. An extension of the request.
///
/// It is counted as [`max_attempts`](Config::max_attempts) counts: what pacing sends again after
/// throttling, or signing after its credentials expired, is still the same attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt(pub u32);

impl Default for Attempt {
    fn default() -> Self {
        Self(1)
    }
}

/// Decides after each attempt whether there is another. Clones share the budget.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    max_attempts: u32,
    budget: Budget,
    random: Random,
    error_code: ErrorCode,
    clock: Clock,
    call: Call,
}

/// What the policy knows of one call: each call has a clone of the policy to itself.
#[derive(Clone, Debug, Default)]
struct Call {
    /// Set when the call begins.
    progress: Option<Progress>,
    /// What the last retry took from the budget.
    paid: Option<u32>,
    /// Whether an attempt was made for a clock that was off: one is enough.
    corrected: bool,
}

impl RetryPolicy {
    /// The policy of `config`, with a budget of its own.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            max_attempts: config.max_attempts.max(1),
            budget: Budget::default(),
            random: config.random.clone(),
            error_code: config.error_code,
            clock: config.clock.clone(),
            call: Call::default(),
        }
    }

    /// The pause before the next attempt, or why there is none.
    fn next(
        &mut self,
        progress: &Progress,
        repeatable: bool,
        outcome: Outcome<'_>,
    ) -> Result<Duration, Stop> {
        let failure = match outcome {
            Ok(response) => self.of_response(response),
            Err(error) => of_error(error),
        };
        let Some(failure) = failure else {
            match outcome.map(Response::status) {
                Ok(status) if status.is_success() => self.budget.give_back(self.call.paid),
                // No code that means to be tried again; nor one that says that nothing was done.
                Ok(status) if status.is_server_error() => progress.may_have_acted(),
                Err(error) if stage(error).may_have_acted() => progress.may_have_acted(),
                _ => {}
            }
            let too_late = outcome.is_err_and(|error| stage(error) == ErrorKind::Pacing);
            return Err(if too_late { Stop::Deadline } else { Stop::Final });
        };
        if failure.may_have_acted {
            progress.may_have_acted();
        }
        let attempts = progress.attempts();
        let gave_up = outcome.ok().and_then(|response| response.extensions().get());
        if let Some(GaveUp(why)) = gave_up {
            return Err(*why);
        }
        if attempts >= self.max_attempts {
            return Err(Stop::Attempts);
        }
        if failure.may_have_acted && !repeatable {
            return Err(Stop::Unsafe);
        }
        let hint = outcome.ok().and_then(|response| classify::hint(response.headers()));
        let pause = pause(&self.random, failure.kind, attempts - 1, hint);
        if !progress.has_time_after(pause) {
            return Err(Stop::Deadline);
        }
        self.call.paid = Some(self.budget.take(failure.kind).ok_or(Stop::Budget)?);
        let Failure { kind, .. } = failure;
        tracing::debug!(attempts, ?kind, ?pause, "trying again after a pause");
        Ok(pause)
    }

    fn of_response(&mut self, response: &Response<Bytes>) -> Option<Failure> {
        let failure = of_response(response, self.error_code);
        if failure.is_some() || self.call.corrected {
            return failure;
        }
        let by_clock = of_clock(response, self.error_code, self.clock.skew_millis());
        self.call.corrected = by_clock.is_some();
        by_clock
    }
}

type Outcome<'a> = Result<&'a Response<Bytes>, &'a BoxError>;

impl<B: Clone> Policy<Request<B>, Response<Bytes>, BoxError> for RetryPolicy {
    type Future = Sleep;

    fn retry(
        &mut self,
        request: &mut Request<B>,
        result: &mut Result<Response<Bytes>, BoxError>,
    ) -> Option<Sleep> {
        let progress = self.call.progress.get_or_insert_with(|| Progress::new(None)).clone();
        if let Ok(response) = result {
            progress.answered(response.status().as_u16());
        }
        let stop = match self.next(&progress, is_repeatable(request), result.as_ref()) {
            Ok(pause) => {
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
                    Err(source) => Error { kind, attempts: Some(attempts), source }.into(),
                };
            }
        }
        None
    }

    fn clone_request(&mut self, request: &Request<B>) -> Option<Request<B>> {
        // Called before each attempt: before the first one with the policy that all calls share.
        if !matches!(request.extensions().get(), Some(Attempt(2..))) {
            let deadline = request.extensions().get::<Progress>().cloned();
            self.call.progress = Some(deadline.unwrap_or_else(|| Progress::new(None)));
        }
        if let Some(progress) = &self.call.progress {
            progress.begin_attempt();
        }
        Some(request.clone())
    }
}

fn is_repeatable<B>(request: &Request<B>) -> bool {
    match request.extensions().get() {
        Some(Repeatable(repeatable)) => *repeatable,
        None => matches!(*request.method(), Method::GET | Method::PUT | Method::DELETE),
    }
}

/// Retries by the policy of `config`.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// use bytes::Bytes;
/// use chime_transport::{Attempts, BoxError, Config, retry};
/// use tower::{ServiceBuilder, ServiceExt};
///
/// let service = ServiceBuilder::new().layer(retry::layer(&Config::default())).service_fn(
///     |_: http::Request<Bytes>| async move {
///         let throttled = http::Response::builder().status(429).body(Bytes::new());
///         Ok::<_, BoxError>(throttled?)
///     },
/// );
/// let response = service.oneshot(http::Request::new(Bytes::new())).await.unwrap();
/// assert_eq!(response.extensions().get::<Attempts>().unwrap().made, 3);
/// # });
/// ```
#[must_use]
pub fn layer(config: &Config) -> RetryLayer<RetryPolicy> {
    RetryLayer::new(RetryPolicy::new(config))
}

impl ErrorKind {
    fn is_transient(self) -> bool {
        !matches!(self, Self::Request | Self::Pacing | Self::TooLarge)
    }
}
