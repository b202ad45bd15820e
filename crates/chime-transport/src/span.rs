//! Tracing spans, with stable names.
//!
//! The [retry layer](crate::retry) runs each attempt in a span, to which the events of the inner layers
//! and of hyper belong. The client adds a span for the whole call.
//!
//! | span | field | value |
//! | --- | --- | --- |
//! | `chime.call` | `rpc.system` | `aws-api` |
//! | | `rpc.service` | the service id, such as `Chime` |
//! | | `rpc.method` | the operation |
//! | | `server.address`, `server.port` | the endpoint; no port if it is the default of the scheme |
//! | | `error.type` | as below, of the last attempt |
//! | `chime.attempt` | `http.request.method` | the method |
//! | | `http.request.resend_count` | the number of earlier attempts; absent on the first |
//! | | `http.response.status_code` | the status of the response |
//! | | `aws.request_id` | the request id of the service |
//! | | `error.type` | the error code, or else the status; the [stage](ErrorKind) without a response |
//!
//! The names follow the OpenTelemetry conventions for RPC, HTTP and AWS. Both spans have the level
//! `DEBUG`. They contain no path, query or body, which can identify people. Without a subscriber, a span
//! costs one comparison.
//!
//! Whenever a call waits, an event of level `DEBUG` says for what: a pause before a retry, a rate-limit
//! slot, or credentials.

use http::{Request, Response};
use tracing::Span;
use tracing::field::{Empty, debug};

use crate::call::Call;
use crate::retry::stage;
use crate::{BoxError, Error, ErrorKind, error_code};

/// Creates the span of an attempt.
pub(crate) fn attempt<B>(request: &Request<B>, call: &Call) -> Span {
    tracing::debug_span!(
        "chime.attempt",
        http.request.method = request.method().as_str(),
        http.request.resend_count = Some(call.requests()).filter(|n| *n > 1).map(|n| n - 1),
        http.response.status_code = Empty,
        aws.request_id = Empty,
        "error.type" = Empty,
    )
}

/// Records the outcome of an attempt in its span, and as an event for subscribers that ignore spans.
pub(crate) fn record_outcome<R>(span: &Span, result: &Result<Response<R>, BoxError>) {
    if span.is_disabled() {
        return;
    }
    if let Ok(response) = result {
        span.record("http.response.status_code", response.status().as_u16());
        let id = response.headers().get("x-amzn-requestid");
        span.record("aws.request_id", id.and_then(|id| id.to_str().ok()));
    }
    record_error(span, result.as_ref().map_err(stage));
    span.in_scope(|| match result {
        Ok(_) => tracing::debug!("received a response"),
        Err(error) if error.is::<Error>() => tracing::debug!(%error, "received no response"),
        // The error of another HTTP client may contain the URL.
        Err(error) => tracing::debug!(stage = ?stage(error), "received no response"),
    });
}

/// Records the field `error.type` of a span, unless the outcome is a success.
pub fn record_error<R>(span: &Span, outcome: Result<&Response<R>, ErrorKind>) {
    match outcome {
        Ok(response) if response.status().is_success() => {}
        Ok(response) => {
            let status = response.status();
            span.record("error.type", error_code(response).unwrap_or(status.as_str()));
        }
        Err(stage) => {
            span.record("error.type", debug(stage));
        }
    }
}
