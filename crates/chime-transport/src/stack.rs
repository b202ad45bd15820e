//! The assembled stack: the one place where the order of the layers is written down.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use tower::{Layer, Service, ServiceBuilder, ServiceExt};

use crate::endpoint::EndpointLayer;
use crate::headers::HeadersLayer;
use crate::retry::{Retry, RetryFuture, RetryLayer};
use crate::sign::SignLayer;
use crate::span::SpanLayer;
use crate::{BoxError, Config, ConfigError, Endpoint, Error};

/// What can stand at the bottom of the stack: any service that takes and returns whole HTTP messages.
/// It is implemented by each one already.
pub trait HttpService:
    Service<Request<Bytes>, Response = Response<Bytes>, Error: Into<BoxError>, Future: Send>
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> HttpService for S where
    S: Service<Request<Bytes>, Response = Response<Bytes>, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// The whole stack over `service`, for requests with a path and without authority.
///
/// Requests go to `default`, unless their [options](crate::CallOptions) name another endpoint. The
/// settings of [`HttpClient`](crate::HttpClient) in `config` (connect timeout, response size, pool,
/// proxies, roots) apply only if `service` is one.
///
/// # Errors
/// If `config` has no credentials.
pub fn stack(
    config: &Config,
    default: Endpoint,
    service: impl HttpService,
) -> Result<Transport, ConfigError> {
    let attempt = ServiceBuilder::new()
        // A span per attempt, around everything that belongs to it.
        .layer(SpanLayer::new())
        // Inside the retries: they tell which attempt this is.
        .layer(HeadersLayer::from_config(config))
        // Before the signature, which covers the host and the path.
        .layer(EndpointLayer::new(default.clone()))
        // Inside everything that changes the request: what is signed is what is sent.
        .layer(SignLayer::from_config(config, default.scope().clone())?)
        .service(service);
    // Around everything that belongs to one attempt.
    Ok(Transport(Arc::new(RetryLayer::from_config(config).layer(attempt))))
}

/// An assembled stack, without type parameters. Clones are cheap and share everything.
#[derive(Clone)]
pub struct Transport(Arc<dyn Carry>);

impl Transport {
    /// A transport that passes requests on to `service` and adds nothing.
    pub fn over(service: impl HttpService) -> Self {
        Self(Arc::new(Over(service)))
    }

    /// Sends a request. It needs no waiting for readiness.
    pub fn send(&self, request: Request<Bytes>) -> RetryFuture<Bytes> {
        self.0.carry(request)
    }
}

impl Service<Request<Bytes>> for Transport {
    type Response = Response<Bytes>;
    type Error = Error;
    type Future = RetryFuture<Bytes>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        self.send(request)
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transport")
    }
}

/// A stack behind its type, which a call neither clones nor boxes.
trait Carry: Send + Sync {
    fn carry(&self, request: Request<Bytes>) -> RetryFuture<Bytes>;
}

impl<S: HttpService> Carry for Retry<S> {
    fn carry(&self, request: Request<Bytes>) -> RetryFuture<Bytes> {
        self.send(request)
    }
}

struct Over<S>(S);

impl<S: HttpService> Carry for Over<S> {
    fn carry(&self, request: Request<Bytes>) -> RetryFuture<Bytes> {
        let response = self.0.clone().oneshot(request);
        Box::pin(async { response.await.map_err(|error| Error::from_boxed(error.into())) })
    }
}

#[cfg(test)]
mod tests;
