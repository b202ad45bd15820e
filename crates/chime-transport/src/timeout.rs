//! Ends what takes too long: the whole call, and each of its attempts.
//!
//! Position in the stack: that of the call around everything, since the caller's patience knows no
//! attempts; that of an attempt inside the retries, so that a hanging one leaves time for another.
//! Nothing goes on behind the back of one that was cut off: its future is dropped. Time begins once the
//! service inside is ready. The [retries](crate::retry) always are: below a deadline, getting ready is
//! part of an attempt and of its time.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::{Request, Response};
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};
use tower::{Layer, Service};

use crate::retry::{Attempt, Progress};
use crate::{BoxError, Error, ErrorKind};

/// How long this one call may take, in place of the client's setting; `None` for ever. An extension
/// of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallTimeout(pub Option<Duration>);

/// How long each attempt of this one call may take, in place of the client's setting; `None` for
/// ever. An extension of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptTimeout(pub Option<Duration>);

/// Ends calls that take longer than this, attempts and pauses included.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// use std::future::pending;
/// use std::time::Duration;
/// use chime_transport::{ErrorKind, timeout};
/// use tower::{ServiceBuilder, ServiceExt};
///
/// let service = ServiceBuilder::new()
///     .layer(timeout::call_layer(Some(Duration::from_secs(120))))
///     .service_fn(|_: http::Request<()>| pending::<std::io::Result<http::Response<()>>>());
/// let error = service.oneshot(http::Request::new(())).await.unwrap_err();
/// let error = error.downcast::<chime_transport::Error>().unwrap();
/// assert_eq!(error.kind(), ErrorKind::OperationTimeout);
/// # });
/// ```
#[must_use]
pub fn call_layer(limit: Option<Duration>) -> TimeoutLayer {
    TimeoutLayer { scope: Scope::Call, limit }
}

/// Ends attempts that take longer than this: up to the answer of the service inside, which has the body
/// in it if it comes from a [`Connection`](crate::Connection).
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// use std::future::pending;
/// use std::time::Duration;
/// use chime_transport::{ErrorKind, timeout};
/// use tower::{ServiceBuilder, ServiceExt};
///
/// let service = ServiceBuilder::new()
///     .layer(timeout::attempt_layer(Some(Duration::from_secs(30))))
///     .service_fn(|_: http::Request<()>| pending::<std::io::Result<http::Response<()>>>());
/// // This one has less patience than the others.
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(timeout::AttemptTimeout(Some(Duration::from_secs(1))));
/// let error = service.oneshot(request).await.unwrap_err();
/// let error = error.downcast::<chime_transport::Error>().unwrap();
/// assert_eq!(error.kind(), ErrorKind::AttemptTimeout);
/// # });
/// ```
#[must_use]
pub fn attempt_layer(limit: Option<Duration>) -> TimeoutLayer {
    TimeoutLayer { scope: Scope::Attempt, limit }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Scope {
    Call,
    Attempt,
}

/// Limits the time of the service inside: see [`call_layer`] and [`attempt_layer`].
#[derive(Clone, Copy, Debug)]
pub struct TimeoutLayer {
    scope: Scope,
    limit: Option<Duration>,
}

impl<S> Layer<S> for TimeoutLayer {
    type Service = Timeout<S>;

    fn layer(&self, inner: S) -> Timeout<S> {
        Timeout { inner, settings: *self }
    }
}

/// The service of a [`TimeoutLayer`].
#[derive(Clone, Debug)]
pub struct Timeout<S> {
    inner: S,
    settings: TimeoutLayer,
}

impl<S, B, R> Service<Request<B>> for Timeout<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Into<BoxError>,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let TimeoutLayer { scope, limit } = self.settings;
        let extensions = request.extensions_mut();
        let own = match scope {
            Scope::Call => extensions.get().map(|CallTimeout(limit)| *limit),
            Scope::Attempt => extensions.get().map(|AttemptTimeout(limit)| *limit),
        };
        let limit = own.unwrap_or(limit);
        if scope == Scope::Call {
            extensions.insert(Progress::new(limit));
            // Of another call, if the request is a copy of one on its way.
            extensions.remove::<Attempt>();
        }
        let progress = Progress::of(extensions);
        ResponseFuture { inner: self.inner.call(request), sleep: limit.map(sleep), scope, progress }
    }
}

pin_project! {
    /// The future of a [`Timeout`].
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        #[pin]
        sleep: Option<Sleep>,
        scope: Scope,
        // How far the call is.
        progress: Progress,
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    E: Into<BoxError>,
{
    type Output = Result<Response<R>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // An answer that comes with the last second counts.
        if let Poll::Ready(result) = this.inner.poll(cx) {
            let outcome = result.map_err(Into::into);
            return Poll::Ready(match this.scope {
                Scope::Call => this.progress.tell(outcome),
                Scope::Attempt => outcome,
            });
        }
        let Some(sleep) = this.sleep.as_pin_mut() else { return Poll::Pending };
        ready!(sleep.poll(cx));
        let error = match this.scope {
            Scope::Call => Error::elapsed(ErrorKind::OperationTimeout, this.progress),
            Scope::Attempt => {
                Error { attempts: None, ..Error::elapsed(ErrorKind::AttemptTimeout, this.progress) }
            }
        };
        Poll::Ready(Err(error.into()))
    }
}
