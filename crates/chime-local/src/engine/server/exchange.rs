//! One request and its response, within limits.

use std::time::Duration;

use bytes::Bytes;
use chime_model::ServiceError;
use http::header::CONNECTION;
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use tokio::time::timeout;

use super::access::Connection;
use super::cors;
use super::slots::{Slots, unavailable};
use crate::engine::core::Engine;
use crate::engine::errors::{bad_request, common};
use crate::engine::faults::Cut;
use crate::engine::world::World;
use crate::engine::{control, page};

/// More than the largest request of the API can have.
const MAX_BODY: usize = 1024 * 1024;
/// For a seed: far more than an export has.
const MAX_SEED: usize = 256 * 1024 * 1024;
/// For the target and all headers together: more than any client sends.
pub(super) const MAX_HEAD: usize = 64 * 1024;
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Reads a request and answers it, for pages of the configured origins too. A [`Cut`] ends the
/// connection without a response.
pub(super) async fn respond<W: World>(
    engine: &Engine<W>,
    slots: &Slots,
    connection: Connection,
    request: Request<Incoming>,
) -> Result<Response<Bytes>, Cut> {
    let is_control = connection.is_near() && control::is_for(request.uri());
    let origins = &engine.access().cors_origins;
    let origin = cors::allowed(origins, request.headers()).filter(|_| !is_control);
    let may_ask = origin.is_some() && !connection.is_reserved;
    let preflight = may_ask.then(|| cors::preflight(&request)).flatten();
    let mut response = match preflight {
        Some(response) => engine.finish(response),
        None => respond_to(engine, slots, connection, request, is_control).await?,
    };
    if let Some(origin) = origin {
        cors::expose(&mut response, origin);
    }
    Ok(response)
}

async fn respond_to<W: World>(
    engine: &Engine<W>,
    slots: &Slots,
    connection: Connection,
    request: Request<Incoming>,
    is_control: bool,
) -> Result<Response<Bytes>, Cut> {
    if let Some(refusal) = is_control.then(|| control::refuse(engine, &request)).flatten() {
        return Ok(close(engine.finish(refusal)));
    }
    let is_seed = is_control && control::takes_seed(&request);
    let (head, body) = request.into_parts();
    // Held until the response is there: only then has the body left the memory.
    let (body, _slot) = match check(&head) {
        Err(error) => (Err(error), None),
        Ok(()) if is_control => (read(body, if is_seed { MAX_SEED } else { MAX_BODY }).await, None),
        Ok(()) if connection.is_reserved => (Err(unavailable("Too many connections")), None),
        Ok(()) => match slots.body(body.size_hint().upper()).await {
            Ok(slot) => (read(body, MAX_BODY).await, slot),
            Err(error) => (Err(error), None),
        },
    };
    match body {
        Ok(body) => answer(engine, connection, &Request::from_parts(head, body)).await,
        Err(error) => Ok(close(engine.error(&head.headers, &error))),
    }
}

/// Closes the connection after a response to a request whose body was not read: what is left of it
/// would be taken for the next request.
fn close(mut response: Response<Bytes>) -> Response<Bytes> {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Answers a request with the API or, for callers on the same machine, the control endpoint or the page.
pub(crate) async fn answer<W: World>(
    engine: &Engine<W>,
    connection: Connection,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, Cut> {
    let beside = || control::answer(engine, request).or_else(|| page::answer(request));
    match connection.is_near().then(beside).flatten() {
        Some(response) => Ok(engine.finish(response)),
        None => engine.answer_over(Some(connection), request).await,
    }
}

/// The parser's own limit is a soft one: it lets through what it had already read.
fn check(head: &Parts) -> Result<(), ServiceError> {
    let target = head.uri.path_and_query().map_or(0, |target| target.as_str().len());
    let fields = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    if target + fields.sum::<usize>() <= MAX_HEAD {
        return Ok(());
    }
    let message = "The headers of a request have no more than 64 KiB";
    Err(common("RequestHeaderFieldsTooLargeException", 431, message))
}

async fn read(body: Incoming, max: usize) -> Result<Bytes, ServiceError> {
    let too_large = || {
        let message = format!("This request has no more than {} MiB", max >> 20);
        common("RequestEntityTooLargeException", 413, message)
    };
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > max as u64 {
        return Err(too_large());
    }
    match timeout(BODY_TIMEOUT, Limited::new(body, max).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(bad_request("The body ended early")),
        Err(_) => Err(common("RequestTimeoutException", 408, "The body did not arrive in time")),
    }
}
