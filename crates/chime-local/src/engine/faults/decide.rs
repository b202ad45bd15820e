//! Decides which faults apply to a call.

use std::collections::HashMap;
use std::time::Duration;

use chime_model::{Exception, OperationInfo, ServiceError};
use tokio::time::Instant;

use super::bucket::Bucket;
use super::{CutPoint, Fault, FaultError, Faults};

/// The fault rules, and their state between calls.
#[derive(Default)]
pub(crate) struct Injector {
    faults: Faults,
    buckets: HashMap<String, Bucket>,
}

/// The effect of the fault rules on one call.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    /// The delay of the response.
    pub(crate) delay: Duration,
    /// The `Retry-After` header of an error, in seconds.
    pub(crate) retry_after: Option<u32>,
    pub(crate) outcome: Outcome,
}

/// How a call ends.
#[derive(Debug, Default, PartialEq)]
pub(crate) enum Outcome {
    #[default]
    Handle,
    Error(ServiceError),
    Cut(CutPoint),
}

impl Injector {
    pub(crate) fn new(faults: Faults) -> Self {
        Self { faults, buckets: HashMap::new() }
    }

    /// The fault rules, with their `times` counted down.
    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Decides which faults apply to a call. `random` returns numbers from 0 (inclusive) to 1
    /// (exclusive).
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
            if !fault.names(info.service, info.name) || !fault.applies(&mut random) {
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

    /// Whether the caller's bucket is empty. It refills by the tokio clock, which tests can pause.
    fn is_throttled(&mut self, caller: &str) -> bool {
        let Some(throttle) = self.faults.throttle else { return false };
        let now = Instant::now();
        let bucket = self.buckets.entry(caller.to_owned());
        !bucket.or_insert_with(|| Bucket::full(throttle, now)).take(throttle, now)
    }
}

impl Fault {
    /// Whether the rule applies to this call. If so, `times` counts down.
    fn applies(&mut self, random: impl FnOnce() -> f64) -> bool {
        if self.times == Some(0) {
            return false;
        }
        let applies = self.probability >= 1.0 || random() < self.probability;
        if applies && let Some(times) = &mut self.times {
            *times -= 1;
        }
        applies
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

/// The documented status of an error that all AWS services have in common.
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
