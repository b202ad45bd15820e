//! One request and its answer, within limits.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use chime_model::ServiceError;
use http::header::CONNECTION;
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use tokio::time::timeout;

use crate::LocalChime;
use crate::engine::faults::Cut;
use crate::engine::refusal::{bad_request, common};
use crate::engine::{control, page};

/// More than the largest request of the API can have.
const MAX_BODY: usize = 1024 * 1024;
/// For a seed: the export of far more than anyone keeps here.
const MAX_SEED: usize = 256 * 1024 * 1024;
/// For the target and all headers together: more than any client sends.
pub(super) const MAX_HEAD: usize = 64 * 1024;
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Reads a request and answers it; a [`Cut`] makes the connection end without a word.
pub(super) async fn respond(
    chime: &LocalChime,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Result<Response<Bytes>, Cut> {
    let max = if is_near(peer) && control::takes_seed(&request) { MAX_SEED } else { MAX_BODY };
    let (head, body) = request.into_parts();
    let body = match check(&head) {
        Ok(()) => read(body, max).await,
        Err(error) => Err(error),
    };
    match body {
        Ok(body) => answer(chime, peer, &Request::from_parts(head, body)).await,
        Err(error) => {
            // What is left of the body would be taken for the next request.
            let mut response = chime.refuse(&head.headers, &error);
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            Ok(response)
        }
    }
}

/// The answer of what a request is meant for: the API or, on the same machine, what is beside it.
pub(crate) async fn answer(
    chime: &LocalChime,
    peer: IpAddr,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, Cut> {
    let beside = || control::answer(chime, request).or_else(|| page::answer(chime, request));
    match is_near(peer).then(beside).flatten() {
        Some(response) => Ok(chime.finish(response)),
        None => chime.answer(request).await,
    }
}

/// Whether a peer is on the same machine.
fn is_near(peer: IpAddr) -> bool {
    peer.to_canonical().is_loopback()
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
