//! The interface between the engine and the services.

use std::fmt;

use chime_model::events::Event;
use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use time::OffsetDateTime;

use crate::engine::dispatch::{HostedService, Moment};
use crate::engine::document::InvalidDocument;
use crate::engine::events::EventRules;
use crate::engine::rows::Rows;
use crate::engine::seeding::{Seed, Seeding};
use crate::engine::store::StoreError;
use crate::engine::view::{Cell, Page, Shown};

/// The state of all services that one engine serves, with what the engine needs from them.
pub(crate) trait World: Rows + Default + 'static {
    /// Limits, and behaviour that AWS does not document.
    type Rules: Clone + Default + Serialize + Send + Sync + 'static;

    /// A document with state that can be added without operations.
    type Seed: Seed;

    /// The services. Requests that name no service are for the first one.
    fn services() -> Vec<Box<dyn HostedService<Self, Self::Rules>>>;

    /// The rules of event delivery.
    fn event_rules(rules: &Self::Rules) -> EventRules;

    /// Checks the values of rules that their types do not.
    fn check(rules: &Self::Rules) -> Result<(), InvalidDocument>;

    /// Does all work that is due, with the timestamps at which it became due. Returns the time at
    /// which more work becomes due.
    fn settle(&mut self, at: Moment<'_>, rules: &Self::Rules) -> Option<OffsetDateTime>;

    /// Adds a seed and collects its problems. If there are any, the engine undoes the changes.
    fn seed(&mut self, seed: Self::Seed, rules: &Self::Rules, seeding: &mut Seeding<'_>);

    /// The current state as a seed.
    fn export(&self) -> Self::Seed;

    /// Handles a request to the control endpoint that the engine itself does not handle. Returns the body
    /// of the response, if it has one.
    fn control(
        &mut self,
        verb: &Verb<'_>,
        at: Moment<'_>,
        rules: &Self::Rules,
    ) -> Result<Option<Value>, Refusal>;

    /// The requests to the control endpoint that the services handle, with what they do.
    fn verbs() -> &'static [(&'static str, &'static str)];

    /// Writes a part of the state to the page; `None` if the query asks for something that does not
    /// exist.
    fn view(&self, page: &mut Page<'_>) -> Option<Shown>;

    /// Links to the resource of an event.
    fn subject(event: &Event) -> Option<Cell>;
}

/// A request to the control endpoint for a service, such as `DELETE domains/NAME`.
pub(crate) struct Verb<'a> {
    pub(crate) method: &'a Method,
    /// The decoded segments of the path below the endpoint.
    pub(crate) path: Vec<String>,
    /// The body: JSON or empty.
    pub(crate) body: &'a [u8],
}

impl Verb<'_> {
    /// Performs an action with the body. An empty body stands for the default.
    pub(crate) fn with_body<T: Default + DeserializeOwned>(
        &self,
        act: impl FnOnce(T) -> Result<(), ActionError>,
    ) -> Result<Option<Value>, Refusal> {
        let body = match self.body {
            [] => T::default(),
            body => {
                serde_json::from_slice(body).map_err(|error| Refusal::Invalid(error.to_string()))?
            }
        };
        act(body)?;
        Ok(None)
    }
}

/// Parses the name of an action in a path, such as `video-start`.
pub(crate) fn action<T: DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_value(Value::from(name)).ok()
}

/// An error of an action that simulates what no operation can cause, such as
/// [`act_as_attendee`](crate::LocalChime::act_as_attendee).
#[derive(Debug)]
#[non_exhaustive]
pub enum ActionError {
    /// The resource does not exist.
    NotFound,
    /// The action is not possible in the current state, with the reason.
    Conflict(&'static str),
    /// The change could not be saved.
    Store(StoreError),
}

impl fmt::Display for ActionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("the resource does not exist"),
            Self::Conflict(why) => f.write_str(why),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ActionError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            _ => None,
        }
    }
}

impl From<StoreError> for ActionError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Why a service does not perform a request to the control endpoint.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The path is unknown.
    Unknown,
    /// The path does not support the method.
    WrongMethod,
    /// The body is invalid, with the reason.
    Invalid(String),
    /// The action failed.
    Action(ActionError),
}

impl<E: Into<ActionError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Action(error.into())
    }
}
