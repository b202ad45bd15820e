//! What the engine wants to know of the services.

use std::fmt;

use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use time::OffsetDateTime;

use crate::engine::dispatch::{HostedService, Moment};
use crate::engine::events::EventRules;
use crate::engine::rows::Rows;
use crate::engine::seeding::{Seed, Seeding};
use crate::engine::store::StoreError;
use crate::engine::view::{Page, Shown};

/// The state of all services that one engine serves, and everything that the engine asks of them.
pub(crate) trait World: Rows + Default + 'static {
    /// Limits, and choices where the behaviour of AWS is not documented.
    type Rules: Clone + Default + Serialize + Send + Sync + 'static;

    /// What can be put in place without an operation.
    type Seed: Seed;

    /// The services. The first one answers requests that name none.
    fn services() -> Vec<Box<dyn HostedService<Self, Self::Rules>>>;

    /// How events are delivered.
    fn event_rules(rules: &Self::Rules) -> EventRules;

    /// Does what has become due, all of it as of the moment when it was due. Returns when something
    /// becomes due next.
    fn settle(&mut self, at: Moment<'_>, rules: &Self::Rules) -> Option<OffsetDateTime>;

    /// Puts a seed in place, and notes what is wrong with it. If anything is, the engine undoes it.
    fn seed(&mut self, seed: Self::Seed, seeding: &mut Seeding<'_>);

    /// The present state as a seed.
    fn export(&self) -> Self::Seed;

    /// Does what a verb of the control endpoint of a service says.
    fn control(
        &mut self,
        verb: &Verb<'_>,
        at: Moment<'_>,
        rules: &Self::Rules,
    ) -> Result<Outcome, ActionError>;

    /// The verbs of the services' own, with what they do.
    fn verbs() -> &'static [(&'static str, &'static str)];

    /// Shows a part of the state; `None` if the query asks for something that is not there.
    fn view(&self, page: &mut Page<'_>) -> Option<Shown>;
}

/// A request to the control endpoint that the engine does not know, such as `DELETE domains/NAME`.
pub(crate) struct Verb<'a> {
    pub(crate) method: &'a Method,
    /// The segments of the path below the endpoint, decoded.
    pub(crate) path: Vec<String>,
    /// The body, JSON if it is not empty.
    pub(crate) body: &'a [u8],
}

impl Verb<'_> {
    /// Performs an action with the body. An empty body stands for the default.
    pub(crate) fn with_body<T: Default + DeserializeOwned>(
        &self,
        act: impl FnOnce(T) -> Result<(), ActionError>,
    ) -> Result<Outcome, ActionError> {
        let body = match self.body {
            [] => Ok(T::default()),
            body => serde_json::from_slice(body),
        };
        match body {
            Ok(body) => act(body).map(|()| Outcome::Done),
            Err(error) => Ok(Outcome::Invalid(error.to_string())),
        }
    }
}

/// An action by its name in a path, such as `video-start`.
pub(crate) fn action<T: DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_value(Value::from(name)).ok()
}

/// Why something cannot be done that no operation does.
#[derive(Debug)]
#[non_exhaustive]
pub enum ActionError {
    /// What it is about does not exist.
    NotFound,
    /// The state forbids it, and why.
    Conflict(&'static str),
    /// It could not be saved.
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

/// How a verb ended.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Done,
    /// Done, with this to say.
    Said(Value),
    /// No service has the verb.
    Unknown,
    /// The path exists, but not with this method.
    WrongMethod,
    /// The body is invalid, and why.
    Invalid(String),
}
