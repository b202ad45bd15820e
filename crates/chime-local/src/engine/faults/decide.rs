//! Decides what goes wrong with one call.

use std::collections::HashMap;
use std::time::Duration;

use chime_model::{Exception, OperationInfo, ServiceError};
use tokio::time::Instant;

use super::bucket::Bucket;
use super::{CutPoint, Fault, FaultError, Faults};

/// The faults with what they remember from call to call.
#[derive(Default)]
pub(crate) struct Injector {
    faults: Faults,
    buckets: HashMap<String, Bucket>,
}

/// What goes wrong with one call.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    /// How long the response is delayed.
    pub(crate) delay: Duration,
    /// After how many seconds the caller may try again, if the outcome is an error that says so.
    pub(crate) retry_after: Option<u32>,
    pub(crate) outcome: Outcome,
}

/// How a call ends.
#[derive(Debug, Default, PartialEq)]
pub(crate) enum Outcome {
    #[default]
    Answer,
    Error(ServiceError),
    Cut(CutPoint),
}

impl Injector {
    pub(crate) fn new(faults: Faults) -> Self {
        Self { faults, buckets: HashMap::new() }
    }

    /// The faults, with how often they strike yet.
    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Decides what goes wrong with a call. `random` returns numbers from 0 to below 1.
    pub(crate) fn decide(
        &mut self,
        info: &OperationInfo,
        caller: &str,
        mut random: impl FnMut() -> f64,
    ) -> Verdict {
        let mut verdict = Verdict::default();
        if self.is_throttled(caller) {
            let own = info.errors.contains(&Exception::Throttling).then_some(Exception::Throttling);
            let exception = own.unwrap_or(Exception::ThrottledClient);
            verdict.outcome = Outcome::Error(ServiceError::new(exception, "Rate exceeded"));
            return verdict;
        }
        for fault in &mut self.faults.faults {
            if !fault.names(info.service, info.name) || !fault.strikes(&mut random) {
                continue;
            }
            verdict.delay += Duration::from_millis(fault.delay_millis.unwrap_or_default().into());
            verdict.outcome = match (&fault.error, fault.cut) {
                (Some(error), _) => {
                    verdict.retry_after = error.retry_after_seconds;
                    Outcome::Error(error.to_error())
                }
                (None, Some(point)) => Outcome::Cut(point),
                (None, None) => continue,
            };
            break;
        }
        verdict
    }

    /// Tokens come back by the clock of the timers around the engine, which tests can pause.
    fn is_throttled(&mut self, caller: &str) -> bool {
        let Some(throttle) = self.faults.throttle else { return false };
        let now = Instant::now();
        let bucket = self.buckets.entry(caller.to_owned());
        !bucket.or_insert_with(|| Bucket::full(throttle, now)).take(throttle, now)
    }
}

impl Fault {
    /// Whether it strikes this call; then there is one time less.
    fn strikes(&mut self, random: impl FnOnce() -> f64) -> bool {
        if self.times == Some(0) {
            return false;
        }
        let strikes = self.probability >= 1.0 || random() < self.probability;
        if strikes && let Some(times) = &mut self.times {
            *times -= 1;
        }
        strikes
    }
}

impl FaultError {
    fn to_error(&self) -> ServiceError {
        let exception = Exception::from(self.exception.as_str());
        let status = exception.status().unwrap_or_else(|| common_status(&self.exception));
        let message = self.message.as_deref().unwrap_or("Injected by a fault rule");
        ServiceError::new(exception, message).with_status(status)
    }
}

/// The status of an error that all AWS services share, by their common documentation.
fn common_status(exception: &str) -> u16 {
    match exception {
        "NotAuthorized" => 401,
        "ExpiredTokenException"
        | "InvalidClientTokenId"
        | "MissingAuthenticationTokenException"
        | "OptInRequired"
        | "RequestTimeTooSkewed"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException" => 403,
        "UnknownOperationException" => 404,
        "RequestTimeoutException" => 408,
        "RequestEntityTooLargeException" => 413,
        "InternalFailure" | "InternalServerError" | "InternalServerException" => 500,
        "NotImplementedException" => 501,
        "ServiceUnavailable" => 503,
        _ => 400,
    }
}
