//! A span for each attempt, with names that stay.
//!
//! Position in the stack: inside the retries and pacing, outside all else that belongs to one
//! attempt. The events of the layers below, and those of hyper, belong to the span of their attempt;
//! the client puts the span of the whole call around.
//!
//! | span | field | what it is |
//! | --- | --- | --- |
//! | `chime.call` | `rpc.system` | `aws-api` |
//! | | `rpc.service` | the service's id, such as `Chime` |
//! | | `rpc.method` | the operation |
//! | | `server.address`, `server.port` | the endpoint; the port if it is no usual one |
//! | | `error.type` | as below, with all attempts over |
//! | `chime.attempt` | `http.request.method` | the method |
//! | | `http.request.resend_count` | how often the request was sent before; absent the first time |
//! | | `http.response.status_code` | the status of the answer |
//! | | `aws.request_id` | the service's name for the exchange |
//! | | `error.type` | the service's name for the error, the status where it has none, or the [stage](ErrorKind) without an answer |
//!
//! The names are those of OpenTelemetry's conventions for RPC, HTTP and AWS. Both spans are of level
//! `DEBUG`. They hold no path, no query and no body: those of Chime name people. Where nobody
//! listens they cost one comparison.
//!
//! That holds for what this project writes. At level `TRACE`, `aws-sigv4` writes the canonical
//! request that it signs, path and query included. Who reads that level leaves it out by its target,
//! with `RUST_LOG=trace,aws_sigv4=debug` or, with `tracing-subscriber`, in code:
//!
//! ```text
//! Targets::new().with_default(LevelFilter::TRACE).with_target("aws_sigv4", LevelFilter::DEBUG)
//! ```
//!
//! What a layer makes a call wait for is an event of level `DEBUG` that says why: a pause before another
//! attempt, the turn and the slot in a send rate, a place among those under way, credentials.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::HeaderMap;
use http::{Extensions, Request, Response};
use pin_project_lite::pin_project;
use tower::{Layer, Service};
use tracing::instrument::Instrumented;
use tracing::{Instrument as _, Span};

use crate::connection::ConnectionError;
use crate::retry::{Attempt, Progress, stage};
use crate::{BoxError, Error, ErrorKind, error_code};

/// Layers [`Trace`], over any service of HTTP messages.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use chime_transport::trace::TraceLayer;
/// use tower::{ServiceBuilder, ServiceExt};
///
/// let service = ServiceBuilder::new().layer(TraceLayer).service_fn(|_: http::Request<()>| {
///     // What is said in here belongs to the span of the attempt.
///     let span = tracing::Span::current();
///     assert!(span.metadata().is_none_or(|span| span.name() == "chime.attempt"));
///     std::future::ready(http::Response::builder().status(204).body(()))
/// });
/// assert_eq!(service.oneshot(http::Request::new(())).await.unwrap().status(), 204);
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TraceLayer;

impl<S> Layer<S> for TraceLayer {
    type Service = Trace<S>;

    fn layer(&self, inner: S) -> Trace<S> {
        Trace { inner }
    }
}

/// Runs each request in a span: see the [module](self).
#[derive(Clone, Debug)]
pub struct Trace<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for Trace<S>
where
    S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>>,
{
    type Response = Response<R>;
    type Error = BoxError;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let span = tracing::debug_span!(
            "chime.attempt",
            http.request.method = request.method().as_str(),
            http.request.resend_count = resends(request.extensions()),
            http.response.status_code = tracing::field::Empty,
            aws.request_id = tracing::field::Empty,
            "error.type" = tracing::field::Empty,
        );
        let inner = span.in_scope(|| self.inner.call(request));
        ResponseFuture { inner: inner.instrument(span) }
    }
}

pin_project! {
    /// The future of a [`Trace`].
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: Instrumented<F>,
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    E: Into<BoxError>,
{
    type Output = Result<Response<R>, BoxError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let result = ready!(self.as_mut().project().inner.poll(cx)).map_err(Into::into);
        let span = self.inner.span();
        if !span.is_disabled() {
            if let Ok(response) = &result {
                span.record("http.response.status_code", response.status().as_u16());
                span.record("aws.request_id", header(response.headers(), "x-amzn-requestid"));
            }
            record_error(span, result.as_ref().map_err(stage));
            span.in_scope(|| tell(&result));
        }
        Poll::Ready(result)
    }
}

/// How often a request was sent before, by the retries and by pacing.
fn resends(extensions: &Extensions) -> Option<u32> {
    let Attempt(attempt) = extensions.get().copied().unwrap_or_default();
    let sent = extensions.get().map_or(attempt, Progress::sent);
    sent.checked_sub(1).filter(|resends| *resends > 0)
}

/// How the attempt ended, for those who read lines and not spans.
fn tell<R>(result: &Result<Response<R>, BoxError>) {
    match result {
        Ok(_) => tracing::debug!("an attempt was answered"),
        // What somebody else's connection says may hold the whole URL.
        Err(error) if error.is::<Error>() || error.is::<ConnectionError>() => {
            tracing::debug!(%error, "an attempt had no answer");
        }
        Err(error) => tracing::debug!(stage = ?stage(error), "an attempt had no answer"),
    }
}

/// Records in the field `error.type` of a span why there is no success, if there is none.
pub fn record_error<R>(span: &Span, outcome: Result<&Response<R>, ErrorKind>) {
    match outcome {
        Ok(response) if response.status().is_success() => {}
        Ok(response) => {
            let status = response.status();
            span.record("error.type", error_code(response).unwrap_or(status.as_str()));
        }
        Err(stage) => {
            span.record("error.type", tracing::field::debug(stage));
        }
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
