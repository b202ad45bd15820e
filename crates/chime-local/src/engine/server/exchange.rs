//! Reads one request within the limits of the server, and responds to it.

use std::future::pending;
use std::sync::Arc;

use bytes::Bytes;
use chime_model::ServiceError;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use tokio::sync::SemaphorePermit;

use super::access::Connection;
use super::cors;
use super::slots::{Slots, unavailable};
use super::waiting::Waiting;
use crate::engine::core::Engine;
use crate::engine::errors::{bad_request, common};
use crate::engine::faults::Cut;
use crate::engine::world::World;
use crate::engine::{control, page};

/// The maximum size of a body. No request of the API can be larger.
const MAX_BODY: usize = 1024 * 1024;
/// The maximum size of a seed. Exports are far smaller.
const MAX_SEED: usize = 256 * 1024 * 1024;
/// The maximum size of the target and all headers together. Clients send far less.
pub(super) const MAX_HEAD: usize = 64 * 1024;

/// What the requests of one connection share.
pub(super) struct Session<W: World> {
    pub(super) engine: Engine<W>,
    pub(super) slots: Arc<Slots>,
    pub(super) connection: Connection,
    pub(super) waiting: Arc<Waiting>,
}

/// Reads a request and responds, with CORS headers for pages of the configured origins. A [`Cut`]
/// closes the connection without a response.
#[expect(
    clippy::manual_async_fn,
    reason = "an `async` function keeps a second copy of its arguments"
)]
pub(super) fn respond<W: World>(
    session: Arc<Session<W>>,
    mut request: Request<Incoming>,
) -> impl Future<Output = Result<Response<Full<Bytes>>, Cut>> {
    async move {
        let Session { engine, connection, waiting, .. } = &*session;
        if !waiting.end() {
            // The server has told the task of the connection to end, so this never returns.
            pending::<()>().await;
        }
        let is_control = connection.is_loopback() && control::is_for(request.uri());
        let origins = &engine.access().cors_origins;
        let origin = cors::allowed(origins, request.headers()).filter(|_| !is_control);
        let may_ask = origin.is_some() && !connection.is_reserved;
        let preflight = may_ask.then(|| cors::preflight(&request)).flatten();
        let mut response = match preflight {
            Some(response) => engine.finish(response),
            None => match read(&session, is_control, &mut request).await {
                // Keeps the slot until the response is complete: the body is in memory until then.
                Ok((body, _slot)) => handle(engine, *connection, &request.map(|_| body)).await?,
                Err(refusal) => close(refusal),
            },
        };
        if let Some(origin) = origin {
            cors::expose(&mut response, origin);
        }
        waiting.for_reading();
        Ok(response.map(Full::new))
    }
}

/// Reads the body of a request, with the slot that it needs. Returns a response if the request is
/// refused.
async fn read<'s, W: World>(
    session: &'s Session<W>,
    is_control: bool,
    request: &mut Request<Incoming>,
) -> Result<(Bytes, Option<SemaphorePermit<'s>>), Response<Bytes>> {
    let Session { engine, slots, connection, waiting } = session;
    if let Some(refusal) = is_control.then(|| control::refuse(engine, request)).flatten() {
        return Err(engine.finish(refusal));
    }
    let max = if is_control && control::takes_seed(request) { MAX_SEED } else { MAX_BODY };
    let size = request.body().size_hint().upper();
    let slot = match check(request) {
        Ok(()) if is_control => Ok(None),
        Ok(()) if connection.is_reserved => Err(unavailable("Too many connections")),
        Ok(()) => slots.body(size).await,
        Err(error) => Err(error),
    };
    let body = match slot {
        Ok(slot) => read_body(waiting, request.body_mut(), max).await.map(|body| (body, slot)),
        Err(error) => Err(error),
    };
    body.map_err(|error| engine.error(request.headers(), &error))
}

/// Closes the connection after the response to a request whose body was not read. The rest of the
/// body would be parsed as the next request.
fn close(mut response: Response<Bytes>) -> Response<Bytes> {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Responds to a request to the API or, from callers on the same machine, to the control endpoint
/// or the page.
pub(crate) async fn handle<W: World>(
    engine: &Engine<W>,
    connection: Connection,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, Cut> {
    let beside = || control::handle(engine, request).or_else(|| page::handle(request));
    match connection.is_loopback().then(beside).flatten() {
        Some(response) => Ok(engine.finish(response)),
        None => engine.handle_over(Some(connection), request).await,
    }
}

/// Checks the size of the head. The limit of hyper's parser is not exact: it accepts what it has
/// already read.
fn check<B>(request: &Request<B>) -> Result<(), ServiceError> {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let fields = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
    if target + fields.sum::<usize>() <= MAX_HEAD {
        return Ok(());
    }
    let message = "The request target and headers must not exceed 64 KiB";
    Err(common("RequestHeaderFieldsTooLargeException", 431, message))
}

async fn read_body(
    waiting: &Waiting,
    body: &mut Incoming,
    max: usize,
) -> Result<Bytes, ServiceError> {
    let too_large = || {
        let message = format!("The request body must not exceed {} MiB", max >> 20);
        common("RequestEntityTooLargeException", 413, message)
    };
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > max as u64 {
        return Err(too_large());
    }
    match waiting.for_body(whole(Limited::new(body, max))).await {
        Some(Ok(body)) => Ok(body),
        Some(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Some(Err(_)) => Err(bad_request("The request body is incomplete or malformed")),
        None => {
            let message = "The request body did not arrive within 30 seconds";
            Err(common("RequestTimeoutException", 408, message))
        }
    }
}

/// The data of a body. Does not copy the only frame of a small body.
async fn whole<B: Body<Data = Bytes> + Unpin>(mut body: B) -> Result<Bytes, B::Error> {
    let frame = body.frame().await.transpose()?;
    let first = frame.and_then(|frame| frame.into_data().ok()).unwrap_or_default();
    if body.is_end_stream() {
        return Ok(first);
    }
    let rest = body.collect().await?.to_bytes();
    Ok([first, rest].concat().into())
}
