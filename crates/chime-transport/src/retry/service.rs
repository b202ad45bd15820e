//! The layer and its service.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use tokio::time::sleep;
use tower::{Layer, Service};

use super::policy::RetryPolicy;
use super::{Attempt, Progress, is_repeatable};
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
///
/// It is always ready: to get ready is part of each attempt, which has a deadline and may fail.
#[derive(Clone)]
pub struct Retry<S> {
    inner: S,
    policy: RetryPolicy,
}

impl<S, B, R> Service<Request<B>> for Retry<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Clone + Send + 'static,
    R: Send + 'static,
{
    type Response = Response<R>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        Box::pin(send(self.policy.clone(), self.inner.clone(), request))
    }
}

/// Sends a request again until the policy has enough.
async fn send<S, B, R>(
    mut policy: RetryPolicy,
    mut inner: S,
    mut request: Request<B>,
) -> Result<Response<R>, BoxError>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    S::Error: Into<BoxError>,
    B: Clone,
{
    // Unless a deadline around the call keeps it already.
    let progress = request.extensions_mut().get_or_insert_with(|| Progress::new(None)).clone();
    let repeatable = is_repeatable(&request);
    let mut attempt = 1;
    loop {
        progress.begin_attempt();
        let outcome = progress.send(&mut inner, request.clone()).await;
        let pause = match policy.next(&progress, attempt, repeatable, outcome.as_ref()) {
            Ok(pause) => pause,
            Err(stop) => return progress.ended(stop).added_to(outcome),
        };
        drop(outcome);
        // One that failed to get ready is not to be asked again.
        inner = inner.clone();
        progress.hold();
        sleep(pause).await;
        attempt += 1;
        request.extensions_mut().insert(Attempt(attempt));
    }
}

impl<S: fmt::Debug> fmt::Debug for Retry<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Retry").field(&self.inner).finish()
    }
}
