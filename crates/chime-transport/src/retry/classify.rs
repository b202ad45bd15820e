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
    /// codes of the Amazon Chime family count as throttling, and connecting is not retried after an error
    /// that is not temporary, such as an invalid certificate or setting.
    #[must_use]
    pub fn standard(outcome: Outcome<'_>) -> Option<Failure> {
        match outcome {
            Outcome::Response { status, headers, extensions } => {
                of_response(status, error_code::find(headers, extensions))
            }
            Outcome::Error(error) => {
                let stage = stage(error);
                let is_final = stage == ErrorKind::Connect && is_permanent(error.as_ref());
                (stage.is_transient() && !is_final).then_some(Failure::Transient)
            }
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
    causes(error).any(says_unsent)
}

/// Returns whether connecting would fail again: a setting is invalid, a proxy denies access, or the
/// server has an invalid certificate or does not speak our TLS.
fn is_permanent(error: &(dyn StdError + 'static)) -> bool {
    use io::ErrorKind::{InvalidInput, PermissionDenied};
    use rustls::Error::{InvalidCertificate, InvalidMessage, PeerIncompatible};
    let denied = |error: &io::Error| matches!(error.kind(), InvalidInput | PermissionDenied);
    let invalid = |error: &rustls::Error| {
        matches!(error, InvalidCertificate(_) | InvalidMessage(_) | PeerIncompatible(_))
    };
    causes(error).any(|error| {
        error.downcast_ref().is_some_and(denied) || error.downcast_ref().is_some_and(invalid)
    })
}

/// Returns an error and its causes.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    iter::successors(Some(error), |&error| {
        // The source of an I/O error is not the error in it, but the source of that.
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        inner.map_or_else(|| error.source(), |inner| Some(inner))
    })
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
mod tests;
