//! What a call waits for, from the spans and events of the transport, and the line that says so.

#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::terminal::line;
use tokio::time::Instant;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The time after which a missing response is shown.
const PATIENCE: Duration = Duration::from_secs(2);
/// The shortest pause that is shown.
const NOTABLE: Duration = Duration::from_millis(500);

/// The span of an attempt, which is open until its response is there.
const ATTEMPT: &str = "chime.attempt";

/// Tracks the calls of a command that makes one at a time.
#[derive(Clone, Default)]
pub(super) struct Calls(Arc<Mutex<Call>>);

/// The call in flight.
#[derive(Default)]
struct Call {
    operation: String,
    /// The awaited state and the start of the wait, in `chime wait`.
    waiter: Option<(String, Instant)>,
    wait: Option<Wait>,
    /// The number of attempts so far.
    attempts: u32,
    /// Why the last attempt failed.
    error: String,
}

#[derive(Clone, Copy)]
enum Wait {
    Response {
        since: Instant,
    },
    Pause {
        from: Instant,
        until: Instant,
    },
    /// Shows nothing, since the program that loads credentials may ask for a code on the terminal.
    Credentials,
}

impl Calls {
    /// Starts to track the calls of this process.
    pub(super) fn subscribe(&self) {
        let _ = tracing_subscriber::registry().with(self.layer()).try_init();
    }

    fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> {
        // Other crates have spans and events of their own.
        self.clone().with_filter(filter_fn(|metadata| metadata.target().starts_with("chime")))
    }

    /// The line to show at a time; `None` if the call does not wait for long.
    pub(super) fn line(&self, now: Instant) -> Option<String> {
        self.call().line(now)
    }

    fn call(&self) -> MutexGuard<'_, Call> {
        // A panic leaves the record valid.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a change, and removes the line as soon as the call goes on.
    fn change(&self, change: impl FnOnce(&mut Call, Instant)) {
        let now = Instant::now();
        let mut call = self.call();
        change(&mut call, now);
        if call.line(now).is_none() {
            line::clear();
        }
    }
}

impl Call {
    fn line(&self, now: Instant) -> Option<String> {
        let seconds = |time: Duration| time.as_secs_f64().ceil();
        match (self.wait, &self.waiter) {
            (Some(Wait::Response { since }), _) if now.duration_since(since) >= PATIENCE => {
                let waited = now.duration_since(since).as_secs();
                Some(format!("{}: waiting for the response, {waited} s", self.operation))
            }
            (Some(Wait::Pause { from, until }), _) if until.duration_since(from) >= NOTABLE => {
                let left = seconds(until.saturating_duration_since(now));
                let Self { operation, attempts, error, .. } = self;
                Some(match error.as_str() {
                    "" => format!("{operation}: waiting for the rate limit, {left} s left"),
                    _ => format!("{operation}: {error} (attempt {attempts}); retrying in {left} s"),
                })
            }
            (None, Some((state, since))) => {
                Some(format!("Waiting for {state}, {} s", now.duration_since(*since).as_secs()))
            }
            _ => None,
        }
    }

    /// Takes in an event, known by its fields.
    fn event(&mut self, fields: &Fields, now: Instant) {
        let message = fields.get("message").unwrap_or_default();
        if fields.get("failure") == Some("Throttling") || message.starts_with("throttled") {
            self.error = "throttled".to_owned();
        }
        if let Some(operation) = fields.get("operation") {
            let (operation, waiter) = (operation.to_owned(), self.waiter.take());
            *self = Self { operation, waiter, ..Self::default() };
        } else if let Some(state) = fields.get("waiter") {
            self.waiter = Some((state.to_owned(), now));
        } else if let Some(pause) = fields.get("pause").or(fields.get("wait")).and_then(duration) {
            self.wait = Some(Wait::Pause { from: now, until: now + pause });
        } else if message == "waiting for credentials" {
            self.wait = Some(Wait::Credentials);
        } else if message == "credentials were loaded" {
            self.wait = Some(Wait::Response { since: now });
        }
    }

    /// Takes in the outcome of an attempt.
    fn outcome(&mut self, fields: &Fields) {
        self.wait = None;
        if let Some(error) = fields.get("error.type") {
            self.error = match error {
                "Connect" => "cannot connect".to_owned(),
                "Exchange" => "the connection broke".to_owned(),
                "AttemptTimeout" => "no response in time".to_owned(),
                status if status.parse::<u16>().is_ok() => format!("HTTP {status}"),
                name => crate::terminal::escaped(name).into_owned(),
            };
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Calls {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        if attributes.metadata().name() == ATTEMPT {
            self.change(|call, now| {
                call.attempts += 1;
                call.wait = Some(Wait::Response { since: now });
            });
        }
    }

    fn on_record(&self, span: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if context.metadata(span).is_some_and(|metadata| metadata.name() == ATTEMPT) {
            let mut fields = Fields::default();
            values.record(&mut fields);
            self.change(|call, _| call.outcome(&fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.change(|call, now| call.event(&fields, now));
    }
}

/// The fields of an event or of a span, as text.
#[derive(Default)]
struct Fields(Vec<(&'static str, String)>);

impl Fields {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push((field.name(), format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), value.to_owned()));
    }
}

/// Reads a duration as `Debug` writes it, such as `1.5s` or `20ms`.
fn duration(text: &str) -> Option<Duration> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(end);
    let factor = match unit {
        "s" => 1.0,
        "ms" => 1e-3,
        "µs" => 1e-6,
        "ns" => 1e-9,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * factor).ok()
}
