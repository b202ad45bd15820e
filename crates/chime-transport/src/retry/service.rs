//! The layer and its service: tower's retries by our policy, over errors of any type.

use std::fmt;
use std::mem::replace;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower::retry::future::ResponseFuture;
use tower::util::{MapErr, Oneshot};
use tower::{Layer, Service, ServiceExt};

use super::Progress;
use super::policy::RetryPolicy;
use crate::{BoxError, Config};

/// Tries again as the standard of AWS clients has it, by the settings of `config`: how many attempts
/// there may be, the clock and the source of chance.
///
/// Over any service of HTTP messages, with any bodies; that of the request is cloned for each attempt.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// use chime_transport::{Attempts, Config, retry};
/// use tower::{ServiceBuilder, ServiceExt};
///
/// let service = ServiceBuilder::new().layer(retry::layer(&Config::default())).service_fn(
///     |_: http::Request<()>| async { http::Response::builder().status(429).body("slow down") },
/// );
/// let response = service.oneshot(http::Request::new(())).await.unwrap();
/// assert_eq!(response.extensions().get::<Attempts>().unwrap().made, 3);
/// # });
/// ```
#[must_use]
pub fn layer(config: &Config) -> RetryLayer {
    RetryLayer { policy: RetryPolicy::new(config) }
}

/// Layers [`Retry`]: see [`layer()`]. All services of one layer share its budget.
#[derive(Clone, Debug)]
pub struct RetryLayer {
    policy: RetryPolicy,
}

impl<S> Layer<S> for RetryLayer {
    type Service = Retry<S>;

    fn layer(&self, inner: S) -> Retry<S> {
        Retry { inner, policy: self.policy.clone() }
    }
}

/// The service of a [`RetryLayer`]. Clones share its budget.
#[derive(Clone)]
pub struct Retry<S> {
    inner: S,
    policy: RetryPolicy,
}

impl<S, B, R> Service<Request<B>> for Retry<S>
where
    S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>> + Clone,
    B: Clone,
{
    type Response = Response<R>;
    type Error = BoxError;
    type Future = ResponseFuture<RetryPolicy, Boxing<S, S::Error>, Request<B>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // Unless a deadline around the call keeps it already.
        request.extensions_mut().get_or_insert_with(|| Progress::new(None));
        // The one that is ready goes, its clone stays.
        let clone = self.inner.clone();
        let attempts = ReadyOnCall(replace(&mut self.inner, clone));
        let attempts: Boxing<S, S::Error> = MapErr::new(attempts, Into::into);
        tower::retry::Retry::new(self.policy.clone(), attempts).call(request)
    }
}

/// A service whose errors become those that the policy knows.
type Boxing<S, E> = MapErr<ReadyOnCall<S>, fn(E) -> BoxError>;

/// A service that gets ready as part of its call: to fail at it is to fail at an attempt, and for the
/// policy to judge.
#[derive(Clone)]
pub struct ReadyOnCall<S>(S);

impl<S: Service<Request<B>> + Clone, B> Service<Request<B>> for ReadyOnCall<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = Oneshot<S, Request<B>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let clone = self.0.clone();
        replace(&mut self.0, clone).oneshot(request)
    }
}

impl<S: fmt::Debug> fmt::Debug for Retry<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Retry").field(&self.inner).finish()
    }
}
