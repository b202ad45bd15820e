//! What the engine wants to know of the services.

use http::Method;
use serde_json::Value;
use time::OffsetDateTime;

use crate::engine::dispatch::{HostedService, Moment};
use crate::engine::events::EventRules;
use crate::engine::rows::Rows;
use crate::engine::seeding::{Seed, Seeding};
use crate::engine::view::{Page, Shown};

/// The state of all services that one engine serves, and everything that the engine asks of them.
pub(crate) trait World: Rows + Default + 'static {
    /// Limits, and choices where the behaviour of AWS is not documented.
    type Rules: Clone + Send + Sync + 'static;

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

    /// Does what a verb of the control endpoint of a service says. `None` if no service has it.
    fn control(&mut self, verb: &Verb<'_>, at: Moment<'_>, rules: &Self::Rules) -> Option<Outcome>;

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

/// How a verb ended.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Done,
    /// Done, with this to say.
    Said(Value),
    /// What it names is not there.
    NotFound,
    /// The path exists, but not with this method.
    WrongMethod,
    /// The body is invalid, and why.
    Invalid(String),
    /// The state forbids it, and why.
    Conflict(&'static str),
}
