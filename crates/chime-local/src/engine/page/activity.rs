//! The last requests and events.

use chime_model::SensitiveString;

use crate::engine::core::Engine;
use crate::engine::events::{Channel, Delivered};
use crate::engine::requests::LoggedRequest;
use crate::engine::view::{Cell, Listing, Page, pretty};
use crate::engine::world::World;

/// Writes the lists of requests and events.
pub(super) fn show<W: World>(engine: &Engine<W>, page: &mut Page<'_>) {
    let (requests, now) = (engine.requests(), engine.clock().wall());
    let row = |logged: &LoggedRequest| {
        vec![
            // Times of requests are those of the machine's clock, unlike all others on the page.
            Cell::time_by(logged.time, now),
            status(logged),
            Cell::detail(logged.operation.unwrap_or("(unknown)"), record(logged)),
            Cell::prose(error(logged)),
            Cell::name(logged.service),
            format!("{:.1} ms", logged.duration.as_secs_f64() * 1000.0).into(),
            caller(logged).into(),
            Cell::id(logged.request_id.as_deref().unwrap_or_default()),
        ]
    };
    let heads =
        &["Time", "Status", "Operation", "Error", "Service", "Took", "Caller", "Request id"];
    page.list("Requests", Listing { heads, total: requests.len(), rows: requests.iter().map(row) });

    let events = engine.kept_events(0);
    let heads = &["No.", "Time", "Event", "Resource", "Channel", "To"];
    let rows = events.iter().rev().map(|delivered| event::<W>(delivered));
    page.list("Events", Listing { heads, total: events.len(), rows });
}

/// The caller's ARN without the common prefix.
fn caller(logged: &LoggedRequest) -> &str {
    let arn = logged.arn.as_deref().unwrap_or_default();
    arn.split_once("::").map_or(arn, |(_, rest)| rest)
}

/// All that is known about a request, as JSON.
fn record(logged: &LoggedRequest) -> String {
    let mut record = serde_json::to_value(logged).unwrap_or_default();
    record["Message"] = logged.message.as_ref().map(SensitiveString::expose).into();
    pretty(&record)
}

/// The exception and its message.
fn error(logged: &LoggedRequest) -> String {
    let message = logged.message.as_ref().map(SensitiveString::expose);
    let parts = [logged.exception.as_deref(), message];
    parts.into_iter().flatten().collect::<Vec<_>>().join(": ")
}

/// The HTTP status, or that the connection was cut.
fn status(logged: &LoggedRequest) -> Cell {
    match logged.status {
        None => Cell::failure("cut"),
        Some(status) if status >= 400 => Cell::failure(status.to_string()),
        Some(status) => status.to_string().into(),
    }
}

fn event<W: World>(delivered: &Delivered) -> Vec<Cell> {
    let body = serde_json::to_value(&delivered.body).unwrap_or_default();
    let kind = body["detail"]["eventType"].as_str().or(body["detail-type"].as_str());
    let (channel, to) = match &delivered.channel {
        Channel::EventBridge => ("EventBridge", ""),
        Channel::Sqs(arn) => ("SQS", arn.as_str()),
        Channel::Sns(arn) => ("SNS", arn.as_str()),
        Channel::Lambda(arn) => ("Lambda", arn.as_str()),
    };
    vec![
        Cell::id(delivered.sequence.to_string()),
        Cell::time(Some(delivered.body.time)),
        Cell::detail(kind.unwrap_or_default(), pretty(&body)),
        W::subject(&delivered.body).unwrap_or_else(|| "".into()),
        channel.into(),
        to.into(),
    ]
}
