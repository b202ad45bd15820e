//! The assembled stack. The order of the layers is defined here.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use tower::{Layer, Service, ServiceBuilder, ServiceExt};

use crate::endpoint::EndpointLayer;
use crate::headers::HeadersLayer;
use crate::retry::{RetryFuture, RetryLayer};
use crate::sign::SignLayer;
use crate::{BoxError, Config, ConfigError, Endpoint, Error};

/// A service of HTTP messages with bodies in memory: the bottom of the stack. Implemented for all such
/// services.
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

/// Returns the whole stack over `service`. It takes requests with a path and without an authority.
///
/// Requests are sent to `default`, unless their [options](crate::CallOptions) name another endpoint. The
/// settings of [`HttpClient`](crate::HttpClient) in `config` (connect timeout, response size, pool,
/// proxies, roots) only apply if `service` is an `HttpClient`.
///
/// # Errors
/// If `config` has no credentials.
pub fn stack(
    config: &Config,
    default: Endpoint,
    service: impl HttpService,
) -> Result<Transport, ConfigError> {
    let attempt = ServiceBuilder::new()
        // Inside the retry layer, which counts the attempts.
        .layer(HeadersLayer::from_config(config))
        // Before the signature, which covers the host and the path.
        .layer(EndpointLayer::new(default.clone()))
        // Inside every layer that changes the request.
        .layer(SignLayer::from_config(config, default.scope().clone())?)
        .service(service);
    // Around all layers of an attempt.
    let retry = RetryLayer::from_config(config).layer(attempt);
    Ok(Transport(Arc::new(move |request| retry.send(request))))
}

/// An assembled stack, without type parameters. Clones are cheap and share all state.
#[derive(Clone)]
pub struct Transport(Arc<dyn Fn(Request<Bytes>) -> RetryFuture<Bytes> + Send + Sync>);

impl Transport {
    /// Creates a transport that passes requests on to `service` unchanged.
    pub fn over(service: impl HttpService) -> Self {
        Self(Arc::new(move |request| {
            let response = service.clone().oneshot(request);
            Box::pin(async { response.await.map_err(|error| Error::from_boxed(error.into())) })
        }))
    }

    /// Sends a request. The transport is always ready.
    pub fn send(&self, request: Request<Bytes>) -> RetryFuture<Bytes> {
        (self.0)(request)
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

debug_by_name!(Transport);

#[cfg(test)]
mod tests;
