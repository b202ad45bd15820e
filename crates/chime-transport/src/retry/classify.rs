//! Classifies the outcomes of attempts.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;
use std::{io, iter};

use http::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use http::{Extensions, Response, StatusCode};

use super::Attempts;
use crate::headers::date;
use crate::{BoxError, Clock, Error, ErrorKind, error_code};

/// A failure that a retry may fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The service throttled the request and did not act.
    Throttling,
    /// The service or the connection failed temporarily.
    Transient,
}

/// The outcome of an attempt.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// A response.
    #[non_exhaustive]
    Response {
        /// Its status.
        status: StatusCode,
        /// Its headers.
        headers: &'a HeaderMap,
        /// Its extensions.
        extensions: &'a Extensions,
    },
    /// No response.
    Error(&'a BoxError),
}

impl<'a> Outcome<'a> {
    pub(super) fn of<R>(result: &'a Result<Response<R>, BoxError>) -> Self {
        match result {
            Ok(response) => Self::Response {
                status: response.status(),
                headers: response.headers(),
                extensions: response.extensions(),
            },
            Err(error) => Self::Error(error),
        }
    }
}

/// Decides which failures a retry may fix.
///
/// ```
/// use chime_transport::retry::{Classifier, Failure, Outcome};
///
/// // As the default, but 409 is transient too.
/// let classifier = Classifier::new(|outcome| match outcome {
///     Outcome::Response { status, .. } if status.as_u16() == 409 => Some(Failure::Transient),
///     outcome => Classifier::standard(outcome),
/// });
/// ```
#[derive(Clone)]
pub struct Classifier(Arc<dyn Fn(Outcome<'_>) -> Option<Failure> + Send + Sync>);

impl Classifier {
    /// Creates a classifier that calls `classify`. `None` means a success or a final failure.
    pub fn new(classify: impl Fn(Outcome<'_>) -> Option<Failure> + Send + Sync + 'static) -> Self {
        Self(Arc::new(classify))
    }

    /// Classifies as the standard retry mode of AWS clients does. In addition, any 429 and the error
    /// codes of the Amazon Chime family count as throttling.
    #[must_use]
    pub fn standard(outcome: Outcome<'_>) -> Option<Failure> {
        match outcome {
            Outcome::Response { status, headers, extensions } => {
                of_response(status, error_code::find(headers, extensions))
            }
            Outcome::Error(error) => stage(error).is_transient().then_some(Failure::Transient),
        }
    }

    pub(super) fn classify<R>(&self, result: &Result<Response<R>, BoxError>) -> Option<Failure> {
        if result.as_ref().is_ok_and(|response| response.status().is_success()) {
            return None;
        }
        (self.0)(Outcome::of(result))
    }
}

impl Default for Classifier {
    fn default() -> Self {
        Self::new(Self::standard)
    }
}

debug_by_name!(Classifier);

/// The last two belong to the Amazon Chime family, and other AWS clients do not know them.
const THROTTLING_CODES: [&str; 16] = [
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
    "Throttled",
    "ThrottledClientException",
];
const TRANSIENT_CODES: [&str; 2] = ["RequestTimeout", "RequestTimeoutException"];

fn of_response(status: StatusCode, code: Option<&str>) -> Option<Failure> {
    if status.is_success() {
        return None;
    }
    let code = code.unwrap_or_default();
    // In the Amazon Chime family, this code means a quota of resources. Waiting does not help.
    let is_final = code == "LimitExceededException" && status == StatusCode::BAD_REQUEST;
    if status == StatusCode::TOO_MANY_REQUESTS || THROTTLING_CODES.contains(&code) && !is_final {
        return Some(Failure::Throttling);
    }
    let transient = is_transient_status(status) || TRANSIENT_CODES.contains(&code);
    transient.then_some(Failure::Transient)
}

/// Returns whether the status means a temporary failure of the service.
pub(crate) fn is_transient_status(status: StatusCode) -> bool {
    matches!(status.as_u16(), 500 | 502 | 503 | 504)
}

/// Returns whether the service certainly did not act on an attempt with this outcome, which the
/// classifier takes for `failure`.
pub(crate) fn is_refusal<R>(
    result: &Result<Response<R>, BoxError>,
    failure: Option<Failure>,
) -> bool {
    if failure == Some(Failure::Throttling) {
        return true;
    }
    match result {
        Ok(response) => {
            if let Some(attempts) = response.extensions().get::<Attempts>() {
                return !attempts.may_have_acted;
            }
            let status = response.status();
            // The service may have acted on a request that arrived too slowly.
            let slow = || {
                status == StatusCode::REQUEST_TIMEOUT
                    || error_code(response).is_some_and(|code| TRANSIENT_CODES.contains(&code))
            };
            status == StatusCode::SERVICE_UNAVAILABLE || status.is_client_error() && !slow()
        }
        Err(error) => match error.downcast_ref::<Error>() {
            Some(error) => !error.may_have_acted(),
            None => !stage(error).may_have_acted(),
        },
    }
}

/// Returns the stage at which an attempt failed.
pub(crate) fn stage(error: &BoxError) -> ErrorKind {
    if let Some(error) = error.downcast_ref::<Error>() {
        return error.kind();
    }
    // The causes in an error of another HTTP client may say that it did not connect.
    if is_unsent(error.as_ref()) { ErrorKind::Connect } else { ErrorKind::Exchange }
}

/// Returns whether an error or one of its causes says that the server did not process the request.
pub(crate) fn is_unsent(error: &(dyn StdError + 'static)) -> bool {
    iter::successors(Some(error), |&error| error.source()).any(says_unsent)
}

fn says_unsent(error: &(dyn StdError + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
        return error.is_connect();
    }
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        return error.is_canceled();
    }
    #[cfg(feature = "http2")]
    if let Some(error) = error.downcast_ref::<h2::Error>() {
        // The server refused the stream, or sent GOAWAY before it processed this one.
        let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        return error.is_remote() && (refused || error.is_go_away());
    }
    // Other kinds can come from an established connection.
    let refused = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    error.downcast_ref().is_some_and(refused)
}

/// Returns how long the service asks to wait: `x-amz-retry-after` in milliseconds, or `Retry-After` in
/// seconds or as a date.
pub(super) fn retry_after(headers: &HeaderMap, clock: &Clock) -> Option<Duration> {
    const AMZ_RETRY_AFTER: HeaderName = HeaderName::from_static("x-amz-retry-after");
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(millis) = text(AMZ_RETRY_AFTER).and_then(|text| text.parse().ok()) {
        return Some(Duration::from_millis(millis));
    }
    let text = text(RETRY_AFTER)?;
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = date(headers, &DATE).unwrap_or_else(|| clock.now());
    Some(date(headers, &RETRY_AFTER)?.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Failure::{Throttling, Transient};
    use std::time::UNIX_EPOCH;

    fn response(status: u16, code: &str) -> Result<Response<()>, BoxError> {
        let response = Response::builder().status(status).header("x-amzn-errortype", code);
        Ok(response.body(()).unwrap())
    }

    /// Returns the class of a response, and whether the service may have acted.
    fn meaning(status: u16, code: &str) -> (Option<Failure>, bool) {
        let result = response(status, code);
        let failure = Classifier::default().classify(&result);
        (failure, !is_refusal(&result, failure))
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
            assert_eq!(meaning(status, code), (Some(Throttling), false), "{code}");
        }
        assert_eq!(meaning(400, "LimitExceededException"), (None, false));
        for code in THROTTLING_CODES {
            assert_eq!(meaning(403, code), (Some(Throttling), false), "{code}");
        }
    }

    #[test]
    fn transient_failures_leave_it_open_whether_the_service_acted() {
        for status in [500, 502, 504] {
            assert_eq!(meaning(status, ""), (Some(Transient), true), "{status}");
        }
        assert_eq!(meaning(503, "ServiceUnavailableException"), (Some(Transient), false));
        for code in ["RequestTimeout", "RequestTimeoutException"] {
            assert_eq!(meaning(400, code), (Some(Transient), true), "{code}");
        }
    }

    #[test]
    fn other_responses_are_final() {
        for (status, acted) in [
            (101, true),
            (200, true),
            (204, true),
            (301, true),
            (400, false),
            (404, false),
            (408, true),
            (409, false),
            (501, true),
            (524, true),
        ] {
            assert_eq!(meaning(status, "NotFoundException"), (None, acted), "{status}");
        }
    }

    #[test]
    fn errors_are_transient_unless_the_request_cannot_be_sent_at_all() {
        for (kind, failure) in [
            (ErrorKind::Request, None),
            (ErrorKind::RateLimited, None),
            (ErrorKind::TooLarge, None),
            (ErrorKind::Connect, Some(Transient)),
            (ErrorKind::Exchange, Some(Transient)),
            (ErrorKind::AttemptTimeout, Some(Transient)),
        ] {
            let result: Result<Response<()>, BoxError> = Err(Error::new(kind, "x").into());
            assert_eq!(Classifier::default().classify(&result), failure, "{kind:?}");
            assert_eq!(is_refusal(&result, failure), !kind.may_have_acted(), "{kind:?}");
        }
    }

    fn hint(headers: &[(&'static str, &'static str)]) -> Option<u128> {
        let now = Clock::new(|| UNIX_EPOCH + Duration::from_secs(1_000_000_000));
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()));
        retry_after(&headers.collect(), &now).map(|hint| hint.as_millis())
    }

    #[test]
    fn the_service_asks_to_wait_in_three_ways() {
        assert_eq!(hint(&[("x-amz-retry-after", "1500"), ("retry-after", "9")]), Some(1500));
        assert_eq!(hint(&[("retry-after", " 2 ")]), Some(2000));
        let date = ("retry-after", "Sun, 09 Sep 2001 01:46:44 GMT");
        assert_eq!(hint(&[date]), Some(4000), "by our clock");
        assert_eq!(hint(&[date, ("date", "Sun, 09 Sep 2001 01:46:43 GMT")]), Some(1000));
        assert_eq!(hint(&[date, ("date", "Sun, 09 Sep 2001 01:46:50 GMT")]), Some(0));
        for nonsense in ["-1", "soon", "1.5", ""] {
            assert_eq!(hint(&[("x-amz-retry-after", nonsense)]), None, "{nonsense}");
            assert_eq!(hint(&[("retry-after", nonsense)]), None, "{nonsense}");
        }
    }
}
