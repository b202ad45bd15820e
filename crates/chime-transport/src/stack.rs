//! The assembled stack: the one place where the order of the layers is written down.

use bytes::Bytes;
use http::{Request, Response};
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceBuilder, ServiceExt};

use crate::pacing::PacingLayer;
use crate::trace::TraceLayer;

use crate::{
    BoxError, Config, ConfigError, Endpoint, Error, RetryMode, endpoint, headers, retry, sign,
    skew, timeout,
};

/// An assembled stack: cheap to clone, without type parameters.
pub type Transport = BoxCloneSyncService<Request<Bytes>, Response<Bytes>, Error>;

/// What can stand at the bottom: any service that answers whole HTTP messages. Each one has this
/// trait already; there is nothing to implement.
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

/// The whole stack over `connection`, for requests that have a path and no authority.
///
/// Requests go to `default`, unless their extensions hold another [`Endpoint`]. Of the settings, those
/// of a [`Connection`](crate::Connection) are its own: the time for connecting, the size of responses,
/// pool, proxies and roots mean nothing to a connection of another kind.
///
/// # Errors
/// If the settings name nobody who signs.
pub fn stack(
    config: &Config,
    default: Endpoint,
    connection: impl HttpService,
) -> Result<Transport, ConfigError> {
    let stack = assemble(config, default, connection)?;
    Ok(BoxCloneSyncService::new(stack.map_err(|error| Error::from(error.into()))))
}

fn assemble(
    config: &Config,
    default: Endpoint,
    connection: impl HttpService,
) -> Result<impl HttpService, ConfigError> {
    let credentials = config.credentials.as_ref().ok_or(ConfigError::MissingCredentials)?;
    let mut pacing = config.pacing.clone();
    if config.max_attempts <= 1 {
        pacing.resends = 0;
    }
    pacing.keep_rate |= config.retry_mode == RetryMode::Adaptive;
    Ok(ServiceBuilder::new()
        // Around everything: the caller's patience knows no attempts.
        .layer(timeout::call_layer(config.operation_timeout))
        // Outside the retries: all attempts of a call share its id.
        .layer(headers::call_layer(config))
        // Around all that belongs to one attempt.
        .layer(retry::layer(config))
        // Inside the retries: every attempt uses the quota. Outside the span of an attempt: what is
        // throttled and sent again is another one.
        .layer(PacingLayer::new(&pacing))
        // A span per attempt.
        .layer(TraceLayer)
        // Inside the retries: counts and dates one attempt.
        .layer(headers::attempt_layer(config))
        // Outside signing: credentials that take too long end an attempt too.
        .layer(timeout::attempt_layer(config.attempt_timeout))
        // Before the signature, which covers the host.
        .layer(endpoint::layer(default))
        // Inside all that changes the request, so that what was signed is what is sent.
        .layer(sign::layer(credentials, config.clock.clone()))
        // Around the exchange alone: waiting for credentials is no part of its round trip.
        .layer(skew::layer(config.clock.clone()).enabled(config.correct_clock_skew))
        .service(connection.map_err(Into::into)))
}

#[cfg(test)]
mod tests;
