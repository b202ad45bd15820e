//! The control endpoint: what a person or a test does to a running Chime from outside of the API.
//!
//! It answers below `/_chime/` on the port of the API, unsigned, and therefore only to callers on
//! the same machine that are no web page of someone else's.

mod clock;
mod guard;
mod reply;
mod snapshots;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::json;

use self::reply::{Refusal, Reply, document, done, parse, reply};
use crate::engine::faults::Faults;
use crate::{LocalChime, Seed};

pub(crate) use self::guard::{check, is_local};
pub(crate) use self::reply::protect;

const PREFIX: &str = "/_chime/";

/// Answers what is meant for this endpoint; `None` for everything else.
pub(crate) fn answer(chime: &LocalChime, request: &Request<Bytes>) -> Option<Response<Bytes>> {
    let path = request.uri().path().strip_prefix(PREFIX)?;
    let path: Vec<&str> = path.split('/').collect();
    Some(reply(check(request).and_then(|()| route(chime, request, &path))))
}

/// Whether a request brings a seed, and comes from no page of someone else's: a seed can be far larger
/// than what the API takes.
pub(crate) fn takes_seed<B>(request: &Request<B>) -> bool {
    let target = request.uri().path().strip_prefix(PREFIX);
    request.method() == Method::POST && target == Some("seed") && check(request).is_ok()
}

fn route(chime: &LocalChime, request: &Request<Bytes>, path: &[&str]) -> Reply {
    let (method, body) = (request.method().as_str(), request.body());
    match (method, path) {
        ("GET", ["clock"]) => clock::read(chime.clock()),
        ("PUT", ["clock"]) => clock::put(chime, &parse(body)?),
        ("POST", ["clock", "advance"]) => clock::advance(chime, &parse(body)?),
        ("GET", ["faults"]) => document(&chime.faults()),
        ("PUT", ["faults"]) => {
            let faults = std::str::from_utf8(body).map_err(Refusal::bad_request)?;
            chime.set_faults(Faults::parse(faults)?)?;
            done()
        }
        ("GET", ["state"]) => document(&chime.export()),
        ("POST", ["seed"]) => {
            let seed = std::str::from_utf8(body).map_err(Refusal::bad_request)?;
            chime.seed(Seed::parse(seed)?)?;
            done()
        }
        ("GET", ["requests"]) => document(&json!({"Requests": chime.requests()})),
        ("POST", ["reset"]) => {
            chime.reset()?;
            done()
        }
        ("DELETE", ["domains", domain]) => {
            chime.release_domain(domain)?;
            done()
        }
        (_, ["snapshots", rest @ ..]) => snapshots::route(chime, method, rest),
        (_, ["clock" | "faults" | "requests" | "reset" | "seed" | "state"])
        | (_, ["clock", "advance"] | ["domains", _]) => Err(Refusal::method(method)),
        _ => Err(Refusal::new(StatusCode::NOT_FOUND, "nothing of the control endpoint is here")),
    }
}

#[cfg(test)]
mod tests;
