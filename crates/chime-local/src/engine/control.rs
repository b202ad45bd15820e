//! The control endpoint, which people and tests use to inspect and change a running Chime.
//!
//! It is below `/_chime/` on the port of the API. It accepts requests with the control token from
//! the same machine, unless a proxy or a web page of another site sent them.

mod clock;
pub(crate) mod guard;
pub(crate) mod reply;
mod snapshots;
pub(crate) mod token;

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Uri};
use percent_encoding::percent_decode_str;
use serde_json::json;

use self::guard::check;
use self::reply::{Problem, Reply, document, done, parse, reply};
use self::token::ControlToken;
use crate::engine::core::{Engine, seeds};
use crate::engine::faults::Faults;
use crate::engine::page;
use crate::engine::rules;
use crate::engine::world::{Refusal, Verb, World};

const PREFIX: &str = "/_chime/";

/// The requests that the engine itself handles, with what they do. Paths are below the prefix.
const VERBS: &[(&str, &str)] = &[
    ("GET state", "Returns the current state as a seed"),
    ("POST seed", "Adds a seed of up to 256 MiB"),
    ("POST reset", "Restores the initial state"),
    ("GET snapshots", "Lists the snapshots"),
    ("PUT snapshots/NAME", "Takes a snapshot"),
    ("POST snapshots/NAME/restore", "Restores a snapshot"),
    ("DELETE snapshots/NAME", "Deletes a snapshot"),
    ("GET clock", "Reads the clock"),
    ("PUT clock", "Sets Now, or Mode: Running or Frozen"),
    ("POST clock/advance", "Moves the clock by Seconds"),
    ("GET faults", "Reads the fault rules"),
    ("PUT faults", "Sets the fault rules"),
    ("GET events?after=N", "Lists the events after the sequence number N"),
    ("GET events/delivery", "Reads how events are delivered"),
    ("PUT events/delivery", "Sets how events are delivered"),
    ("GET requests", "Lists the last 200 requests"),
    ("GET page", "Returns the content of the page at /, as HTML"),
];

/// Responds to a request to this endpoint; `None` for other requests.
pub(crate) fn handle<W: World>(
    engine: &Engine<W>,
    request: &Request<Bytes>,
) -> Option<Response<Bytes>> {
    let path = request.uri().path().strip_prefix(PREFIX)?;
    let path: Vec<&str> = path.split('/').collect();
    let admitted = admit(engine.control_token(), request);
    Some(reply(admitted.and_then(|()| route(engine, request, &path))))
}

/// Whether a request is for this endpoint.
pub(crate) fn is_for(uri: &Uri) -> bool {
    uri.path().starts_with(PREFIX)
}

/// The response that refuses a request to this endpoint, before its body is read; `None` if the
/// request is admitted.
pub(crate) fn refuse<W: World, B>(
    engine: &Engine<W>,
    request: &Request<B>,
) -> Option<Response<Bytes>> {
    admit(engine.control_token(), request).err().map(|refused| reply(Err(refused)))
}

/// Whether the body of a request is a seed, which can be larger than a request of the API.
pub(crate) fn takes_seed<B>(request: &Request<B>) -> bool {
    let target = request.uri().path().strip_prefix(PREFIX);
    request.method() == Method::POST && target == Some("seed")
}

/// Checks the origin of a request and its token.
fn admit<B>(token: &ControlToken, request: &Request<B>) -> Result<(), Problem> {
    check(request)?;
    if token.is_in(request.headers()) {
        return Ok(());
    }
    let message = "Authorization: must be `Bearer TOKEN` with the control token, which the server \
                   printed when it started";
    Err(Problem::new(StatusCode::UNAUTHORIZED, message))
}

fn route<W: World>(engine: &Engine<W>, request: &Request<Bytes>, path: &[&str]) -> Reply {
    let (method, body) = (request.method().as_str(), request.body());
    let text = || std::str::from_utf8(body).map_err(Problem::bad_request);
    match (method, path) {
        ("GET", [""]) => {
            let verbs = VERBS.iter().chain(W::verbs());
            let verbs: BTreeMap<&str, &str> = verbs.copied().collect();
            document(&json!({ "Verbs": verbs }))
        }
        ("GET", ["clock"]) => clock::read(engine.clock()),
        ("PUT", ["clock"]) => clock::put(engine, &parse(body)?),
        ("POST", ["clock", "advance"]) => clock::advance(engine, &parse(body)?),
        ("GET", ["faults"]) => document(&engine.faults()),
        ("PUT", ["faults"]) => {
            engine.set_faults(Faults::read(text()?)?)?;
            done()
        }
        ("GET", ["state"]) => document(&engine.export()),
        ("POST", ["seed"]) => {
            engine.seed(seeds::parse::<W>(text()?)?)?;
            done()
        }
        ("GET", ["events"]) => {
            let after = match request.uri().query().unwrap_or_default() {
                "" => Some(0),
                query => query.strip_prefix("after=").and_then(|after| after.parse().ok()),
            };
            let problem = || Problem::bad_request("the query must be after=N, with a number N");
            document(&json!({"Events": engine.events(after.ok_or_else(problem)?)}))
        }
        ("GET", ["events", "delivery"]) => document(&engine.event_rules()),
        ("PUT", ["events", "delivery"]) => {
            engine.set_event_rules(rules::parse(text()?)?)?;
            document(&engine.event_rules())
        }
        ("GET", ["requests"]) => document(&json!({"Requests": engine.requests()})),
        ("GET", ["page"]) => Ok(page::content(engine, request)),
        ("POST", ["reset"]) => {
            engine.reset()?;
            done()
        }
        (_, ["snapshots", rest @ ..]) => snapshots::route(engine, method, rest),
        (
            _,
            [
                "" | "clock" | "events" | "faults" | "page" | "requests" | "reset" | "seed"
                | "state",
            ],
        )
        | (_, ["clock", "advance"] | ["events", "delivery"]) => Err(Problem::method(method)),
        _ => {
            let path = path.iter().map(|segment| decode(segment));
            let path = path.collect::<Result<_, _>>()?;
            let verb = Verb { method: request.method(), path, body };
            match engine.control(&verb) {
                Ok(None) => done(),
                Ok(Some(value)) => document(&value),
                Err(Refusal::Action(error)) => Err(error.into()),
                Err(Refusal::Invalid(why)) => Err(Problem::bad_request(why)),
                Err(Refusal::WrongMethod) => Err(Problem::method(method)),
                Err(Refusal::Unknown) => Err(not_found("unknown path; GET /_chime/ lists all")),
            }
        }
    }
}

fn not_found(message: &str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, message)
}

/// Percent-decodes a segment of a path.
fn decode(segment: &str) -> Result<String, Problem> {
    let text = percent_decode_str(segment).decode_utf8().map_err(Problem::bad_request)?;
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests;
