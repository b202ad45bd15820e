//! A tracing span for each attempt, with stable names.
//!
//! Position in the stack: directly inside the [retry layer](crate::retry). Events of the inner layers and
//! of hyper belong to the span of their attempt. The client adds a span for the whole call.
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

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::HeaderMap;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower::{Layer, Service};
use tracing::field::debug;
use tracing::instrument::Instrumented;
use tracing::{Instrument as _, Span};

use crate::call::Call;
use crate::retry::stage;
use crate::{BoxError, Error, ErrorKind, error_code};

/// Runs every request in a span: see the [module](self). Works over any service of HTTP messages.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use chime_transport::span::SpanLayer;
/// use tower::{ServiceBuilder, ServiceExt};
///
/// let service = ServiceBuilder::new().layer(SpanLayer::new()).service_fn(|_: http::Request<()>| {
///     // Events in here belong to the span of the attempt.
///     let span = tracing::Span::current();
///     assert!(span.metadata().is_none_or(|span| span.name() == "chime.attempt"));
///     std::future::ready(http::Response::builder().status(204).body(()))
/// });
/// assert_eq!(service.oneshot(http::Request::new(())).await.unwrap().status(), 204);
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SpanLayer(());

impl SpanLayer {
    /// Creates the layer. It has no settings.
    #[must_use]
    pub fn new() -> Self {
        Self(())
    }
}

impl<S> Layer<S> for SpanLayer {
    type Service = InSpan<S>;

    fn layer(&self, inner: S) -> InSpan<S> {
        InSpan { inner }
    }
}

/// The service of a [`SpanLayer`].
#[derive(Clone, Debug)]
pub struct InSpan<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for InSpan<S>
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
        let call = Call::of(request.extensions());
        let span = tracing::debug_span!(
            "chime.attempt",
            http.request.method = request.method().as_str(),
            http.request.resend_count = call.map(Call::requests).filter(|n| *n > 1).map(|n| n - 1),
            http.response.status_code = tracing::field::Empty,
            aws.request_id = tracing::field::Empty,
            "error.type" = tracing::field::Empty,
        );
        let call = call.filter(|_| !span.is_disabled()).cloned();
        let inner = span.in_scope(|| self.inner.call(request));
        ResponseFuture { inner: inner.instrument(span), call }
    }
}

pin_project! {
    /// The future of an [`InSpan`].
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: Instrumented<F>,
        // The call of this attempt, until the attempt is finished.
        call: Option<Call>,
    }

    impl<F> PinnedDrop for ResponseFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if this.call.as_ref().is_some_and(Call::is_timed_out) {
                this.inner.span().record("error.type", debug(ErrorKind::AttemptTimeout));
            }
        }
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    E: Into<BoxError>,
{
    type Output = Result<Response<R>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let result = ready!(this.inner.as_mut().poll(cx)).map_err(Into::into);
        *this.call = None;
        let span = this.inner.span();
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

/// Emits an event with the outcome of an attempt, for subscribers that ignore spans.
fn tell<R>(result: &Result<Response<R>, BoxError>) {
    match result {
        Ok(_) => tracing::debug!("received a response"),
        Err(error) if error.is::<Error>() => tracing::debug!(%error, "received no response"),
        // The error of another HTTP client may contain the URL.
        Err(error) => tracing::debug!(stage = ?stage(error), "received no response"),
    }
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

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
