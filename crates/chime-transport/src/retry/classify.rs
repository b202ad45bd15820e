//! What an attempt's failure means for the next one.

use std::time::Duration;

use http::header::{HeaderMap, HeaderName, RETRY_AFTER};
use http::{Response, StatusCode};

use crate::connection::ConnectionError;
use crate::{BoxError, Error, ErrorKind, error_code};

/// A failure that another attempt may mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FailureKind {
    /// It asked us to slow down.
    Throttling,
    /// It, or the way to it, was out of order for the moment.
    Transient,
}

const THROTTLING_CODES: [&str; 14] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];
/// Chime's own, which no AWS client knows.
const CHIME_THROTTLING_CODES: [&str; 2] = ["Throttled", "ThrottledClientException"];
/// What a service answers to a signature with a wrong date, among other things.
const CLOCK_CODES: [&str; 5] = [
    "AccessDeniedException",
    "AuthFailure",
    "InvalidSignatureException",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];
/// A date that is off by less is no reason to refuse: services take 5 to 15 minutes.
const TOLERATED_SKEW_MILLIS: u64 = 4 * 60 * 1000;
const TRANSIENT_CODES: [&str; 2] = ["RequestTimeout", "RequestTimeoutException"];

/// The failure in a response; `None` if it is final.
pub(super) fn of_response<R>(response: &Response<R>) -> Option<FailureKind> {
    let status = response.status();
    if status.is_success() {
        return None;
    }
    let code = error_code(response).unwrap_or_default();
    let throttled = status == StatusCode::TOO_MANY_REQUESTS
        || THROTTLING_CODES.contains(&code) && !is_final_limit(status, code)
        || CHIME_THROTTLING_CODES.contains(&code);
    if throttled {
        return Some(FailureKind::Throttling);
    }
    let transient = matches!(
        status,
        StatusCode::INTERNAL_SERVER_ERROR
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    ) || TRANSIENT_CODES.contains(&code);
    transient.then_some(FailureKind::Transient)
}

/// Whether a response asks us to slow down, and how long it asks us to wait: nothing if it does not
/// say.
pub(crate) fn throttling<R>(response: &Response<R>) -> Option<Duration> {
    of_response(response)
        .filter(|kind| *kind == FailureKind::Throttling)
        .map(|_| hint(response.headers()).unwrap_or_default())
}

/// Whether a response comes from a service that is out of order for the moment.
pub(crate) fn is_transient<R>(response: &Response<R>) -> bool {
    of_response(response) == Some(FailureKind::Transient)
}

/// The failure in a refusal that comes from a clock which is off; `None` if it is not.
pub(super) fn of_clock<R>(response: &Response<R>, skew_millis: i64) -> Option<FailureKind> {
    if response.status().is_success() || skew_millis.unsigned_abs() <= TOLERATED_SKEW_MILLIS {
        return None;
    }
    let code = error_code(response)?;
    CLOCK_CODES.contains(&code).then_some(FailureKind::Transient)
}

/// A limit that waiting does not lift.
fn is_final_limit(status: StatusCode, code: &str) -> bool {
    code == "LimitExceededException" && status == StatusCode::BAD_REQUEST
}

/// The failure in an error of the layers below; `None` if it is final.
pub(super) fn of_error(error: &BoxError) -> Option<FailureKind> {
    stage(error).is_transient().then_some(FailureKind::Transient)
}

/// Whether the service may have acted on a request that ended like this.
pub(crate) fn may_have_acted<R>(outcome: Result<&Response<R>, &BoxError>) -> bool {
    match outcome {
        Ok(response) => match of_response(response) {
            Some(FailureKind::Throttling) => false,
            // 503 is a refusal; the others may come from work half done.
            Some(FailureKind::Transient) => response.status() != StatusCode::SERVICE_UNAVAILABLE,
            // So is all that blames the request, unless it was too slow in coming.
            None => {
                let status = response.status();
                !status.is_client_error() || status == StatusCode::REQUEST_TIMEOUT
            }
        },
        Err(error) => match (error.downcast_ref::<Error>(), error.downcast_ref()) {
            (Some(error), _) => error.may_have_acted(),
            // Others leave it to a name in the body, which may have been cut off.
            (_, Some(ConnectionError::Body(status, _))) => !matches!(status.as_u16(), 429 | 503),
            _ => stage(error).may_have_acted(),
        },
    }
}

impl ErrorKind {
    fn is_transient(self) -> bool {
        !matches!(self, Self::Request | Self::Pacing | Self::TooLarge)
    }
}

/// What stage an attempt failed at.
pub(crate) fn stage(error: &BoxError) -> ErrorKind {
    if let Some(error) = error.downcast_ref::<Error>() {
        error.kind()
    } else if let Some(error) = error.downcast_ref::<ConnectionError>() {
        error.kind()
    } else {
        // Somebody else's connection: nothing says that the request was not sent.
        ErrorKind::Exchange
    }
}

/// How long the service asks us to wait: in milliseconds, or in the seconds of HTTP.
pub(super) fn hint(headers: &HeaderMap) -> Option<Duration> {
    const AMZ_RETRY_AFTER: HeaderName = HeaderName::from_static("x-amz-retry-after");
    let number = |name| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    number(AMZ_RETRY_AFTER)
        .map(Duration::from_millis)
        .or_else(|| number(RETRY_AFTER).map(Duration::from_secs))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(status: u16, code: &str) -> Option<(FailureKind, bool)> {
        let response =
            Response::builder().status(status).header("x-amzn-errortype", code).body(()).unwrap();
        of_response(&response).map(|kind| (kind, may_have_acted(Ok(&response))))
    }

    #[test]
    fn throttling_in_all_its_forms() {
        for (status, code) in [
            (429, ""),
            (429, "ThrottledClientException"),
            (400, "ThrottlingException"),
            (400, "aws#Throttled:http://x"),
            (429, "LimitExceededException"),
        ] {
            assert_eq!(failure(status, code), Some((FailureKind::Throttling, false)), "{code}");
        }
        assert_eq!(failure(400, "LimitExceededException"), None);
        // The codes of all AWS clients, as their documentation of retries has them.
        let codes = "BandwidthLimitExceeded EC2ThrottledException LimitExceededException \
            PriorRequestNotComplete ProvisionedThroughputExceededException RequestLimitExceeded \
            RequestThrottled RequestThrottledException SlowDown ThrottledException Throttling \
            ThrottlingException TooManyRequestsException TransactionInProgressException";
        for code in codes.split(' ') {
            assert_eq!(failure(403, code), Some((FailureKind::Throttling, false)), "{code}");
        }
    }

    #[test]
    fn what_asks_to_slow_down_may_say_how_long() {
        let throttled = Response::builder().status(429).header("x-amz-retry-after", "20");
        assert_eq!(throttling(&throttled.body(()).unwrap()), Some(Duration::from_millis(20)));
        let throttled = Response::builder().status(429).body(()).unwrap();
        assert_eq!(throttling(&throttled), Some(Duration::ZERO));
        let busy = Response::builder().status(503).header("x-amz-retry-after", "20");
        assert_eq!(throttling(&busy.body(()).unwrap()), None);
    }

    #[test]
    fn a_clock_that_is_off_by_more_than_four_minutes_explains_a_refusal() {
        let refusal = |status: u16, code: &str, skew_millis| {
            let response = Response::builder().status(status).header("x-amzn-errortype", code);
            of_clock(&response.body(()).unwrap(), skew_millis)
        };
        let codes = "AccessDeniedException AuthFailure InvalidSignatureException \
            RequestTimeTooSkewed SignatureDoesNotMatch";
        for code in codes.split(' ') {
            for skew in [240_001, -240_001] {
                let again = Some(FailureKind::Transient);
                assert_eq!(refusal(403, code, skew), again, "{code} {skew}");
            }
            for skew in [240_000, 0, -240_000] {
                assert_eq!(refusal(403, code, skew), None, "{code} {skew}");
            }
        }
        assert_eq!(refusal(403, "ForbiddenException", i64::MIN), None);
        assert_eq!(refusal(200, "AuthFailure", i64::MAX), None);
    }

    #[test]
    fn what_may_have_acted() {
        assert_eq!(
            failure(503, "ServiceUnavailableException"),
            Some((FailureKind::Transient, false))
        );
        for status in [500, 502, 504] {
            assert_eq!(failure(status, ""), Some((FailureKind::Transient, true)));
        }
        for code in ["RequestTimeout", "RequestTimeoutException"] {
            assert_eq!(failure(400, code), Some((FailureKind::Transient, true)));
        }
    }

    #[test]
    fn final_answers() {
        for status in [200, 201, 204, 301, 400, 401, 403, 404, 409, 422, 501] {
            assert_eq!(failure(status, "NotFoundException"), None, "{status}");
        }
    }

    #[test]
    fn hints_that_are_no_numbers_are_ignored() {
        let hint_of = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            hint(&headers)
        };
        assert_eq!(hint_of("x-amz-retry-after", "1500"), Some(Duration::from_millis(1500)));
        assert_eq!(hint_of("retry-after", "2"), Some(Duration::from_secs(2)));
        for nonsense in ["-1", "soon", "1.5", ""] {
            assert_eq!(hint_of("x-amz-retry-after", nonsense), None);
        }
    }
}
