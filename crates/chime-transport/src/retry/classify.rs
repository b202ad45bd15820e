//! What the outcome of an attempt means for the next one.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use http::{Extensions, Response, StatusCode};

use super::Attempts;
use crate::{BoxError, Clock, Error, ErrorKind, error_code};

/// A failure that a retry may mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The service asked to slow down, and did not act.
    Throttling,
    /// The service, or the connection to it, failed for the moment.
    Transient,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// With a response.
    #[non_exhaustive]
    Response {
        /// Its status.
        status: StatusCode,
        /// Its headers.
        headers: &'a HeaderMap,
        /// Its extensions.
        extensions: &'a Extensions,
    },
    /// Without a response.
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

/// Tells which failures a retry may mend.
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
    /// A classifier that calls `classify`; `None` is a success or a final failure.
    pub fn new(classify: impl Fn(Outcome<'_>) -> Option<Failure> + Send + Sync + 'static) -> Self {
        Self(Arc::new(classify))
    }

    /// The default: the standard of AWS clients. On top of it, any 429 is throttling, and so are the
    /// names that Amazon Chime uses for it.
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

impl fmt::Debug for Classifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Classifier")
    }
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
/// The names of the Amazon Chime family, which other AWS clients do not know.
const CHIME_THROTTLING_CODES: [&str; 2] = ["Throttled", "ThrottledClientException"];
const TRANSIENT_CODES: [&str; 2] = ["RequestTimeout", "RequestTimeoutException"];

fn of_response(status: StatusCode, code: Option<&str>) -> Option<Failure> {
    if status.is_success() {
        return None;
    }
    let code = code.unwrap_or_default();
    // In the Amazon Chime family this is a quota of resources, which waiting does not lift.
    let is_final = code == "LimitExceededException" && status == StatusCode::BAD_REQUEST;
    let throttled = status == StatusCode::TOO_MANY_REQUESTS
        || THROTTLING_CODES.contains(&code) && !is_final
        || CHIME_THROTTLING_CODES.contains(&code);
    if throttled {
        return Some(Failure::Throttling);
    }
    let transient = is_transient_status(status) || TRANSIENT_CODES.contains(&code);
    transient.then_some(Failure::Transient)
}

/// Whether a response with this status comes from a service that failed for the moment.
pub(crate) fn is_transient_status(status: StatusCode) -> bool {
    matches!(status.as_u16(), 500 | 502 | 503 | 504)
}

/// Whether it is certain that the service did not act on an attempt that ended like this, and that
/// the classifier holds for this failure.
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
            // A request that was too slow in coming may have been acted on.
            let slow = status == StatusCode::REQUEST_TIMEOUT
                || error_code(response).is_some_and(|code| TRANSIENT_CODES.contains(&code));
            status == StatusCode::SERVICE_UNAVAILABLE || status.is_client_error() && !slow
        }
        Err(error) => match error.downcast_ref::<Error>() {
            Some(error) => !error.may_have_acted(),
            None => !stage(error).may_have_acted(),
        },
    }
}

/// The stage that an attempt failed at.
pub(crate) fn stage(error: &BoxError) -> ErrorKind {
    if let Some(error) = error.downcast_ref::<Error>() {
        return error.kind();
    }
    // The error of another HTTP client: its causes may say that it did not connect.
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error.as_ref());
    while let Some(error) = cause {
        if is_unsent(error) {
            return ErrorKind::Connect;
        }
        cause = error.source();
    }
    ErrorKind::Exchange
}

/// Whether an error, without its causes, says that the request did not reach the service.
pub(crate) fn is_unsent(error: &(dyn StdError + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
        return error.is_connect();
    }
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        return error.is_canceled();
    }
    #[cfg(feature = "http2")]
    if let Some(error) = error.downcast_ref::<h2::Error>() {
        // The server refused the stream, or closed the connection to new streams before it got to
        // this one.
        let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        return error.is_remote() && (refused || error.is_go_away());
    }
    // Other kinds may come from an established connection.
    let refused = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    error.downcast_ref().is_some_and(refused)
}

/// How long the service asks to wait: in milliseconds, or as HTTP has it, in seconds or as a date.
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
    let until = httpdate::parse_http_date(text).ok()?;
    let date =
        headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    Some(until.duration_since(date.unwrap_or_else(|| clock.now())).unwrap_or_default())
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

    /// What a response means, and whether the service may have acted.
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
        // The names of all AWS clients, as their documentation of retries lists them.
        let codes = "BandwidthLimitExceeded EC2ThrottledException LimitExceededException \
            PriorRequestNotComplete ProvisionedThroughputExceededException RequestLimitExceeded \
            RequestThrottled RequestThrottledException SlowDown ThrottledException Throttling \
            ThrottlingException TooManyRequestsException TransactionInProgressException";
        for code in codes.split(' ') {
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
