//! Fault injection: throttling, errors, delays and cut connections.

mod bucket;
mod decide;

use std::error::Error;
use std::fmt;

use chime_model::{Api, Service};
use serde::{Deserialize, Serialize};

use crate::engine::document::{self, InvalidDocument};
use crate::engine::routing::name;

pub(crate) use self::decide::{Injector, Outcome, Verdict};

/// Fault rules. Default: none.
///
/// ```
/// use chime_local::faults::Faults;
///
/// let faults = Faults::parse(
///     r#"{
///         "Throttle": {"Rate": 5, "Burst": 10},
///         "Faults": [{
///             "Operation": "CreateRoom",
///             "Times": 2,
///             "Error": {"Exception": "ServiceUnavailableException"}
///         }]
///     }"#,
/// );
/// assert_eq!(faults.unwrap().faults[0].times, Some(2));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Faults {
    /// The rate limit of each AWS account. Default: unlimited.
    pub throttle: Option<Throttle>,
    /// Fault rules, which apply in order. Delays add up. The first rule that applies with an error
    /// or a cut ends the call.
    pub faults: Vec<Fault>,
}

/// A token bucket: each call takes a token. A call without a token fails with
/// `ThrottledClientException`, or with `ThrottlingException` if the API lists that for the
/// operation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Throttle {
    /// The number of tokens that are added per second, greater than 0.
    pub rate: f64,
    /// The maximum number of tokens, at least 1. The bucket is full at first.
    pub burst: u32,
}

/// A fault rule. With neither an error nor a cut, the call is only delayed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Fault {
    /// The service that the rule applies to, by its name in the AWS CLI, such as `chime`. Default:
    /// all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The operation that the rule applies to, such as `CreateRoom`. Default: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The probability that the rule applies to a call, from 0 to 1. Default: 1.
    pub probability: f64,
    /// How many more times the rule applies; it counts down. Default: unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// The delay of the response in milliseconds. Default: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_millis: Option<u32>,
    /// The error to return. The call has no effect. Cannot be combined with `cut`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<FaultError>,
    /// When to cut the connection without a response. Cannot be combined with `error`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<CutPoint>,
}

impl Default for Fault {
    /// A rule that applies to every call and changes nothing.
    fn default() -> Self {
        Self {
            service: None,
            operation: None,
            probability: 1.0,
            times: None,
            delay_millis: None,
            error: None,
            cut: None,
        }
    }
}

/// An error to return.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FaultError {
    /// The name of an exception, in letters and digits. The status is the documented one for the
    /// exceptions of Chime and those that all AWS services have in common, and 400 for others.
    pub exception: String,
    /// The message. Default: `Injected by a fault rule`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The `Retry-After` header in seconds. Default: no header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u32>,
}

impl FaultError {
    /// An error with the default message.
    #[must_use]
    pub fn new(exception: impl Into<String>) -> Self {
        Self { exception: exception.into(), message: None, retry_after_seconds: None }
    }
}

/// When a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CutPoint {
    /// Before the call has any effect.
    Before,
    /// After the call has had its effect, before the response is sent.
    After,
}

impl Faults {
    /// Parses a document. [`check`](Self::check) checks its services and operations.
    pub(crate) fn read(text: &str) -> Result<Self, InvalidDocument> {
        let document = document::read(text)?;
        serde_json::from_value(document).map_err(|error| InvalidDocument::one(error.to_string()))
    }

    /// Checks the rules for an engine with these services.
    ///
    /// # Errors
    /// All invalid members, each with its path.
    pub(crate) fn check(&self, apis: &[&Api]) -> Result<(), InvalidDocument> {
        let mut problems = Vec::new();
        if let Some(Throttle { rate, burst }) = self.throttle {
            if !(rate.is_finite() && rate > 0.0) {
                problems.push("Throttle.Rate: must be greater than 0".to_owned());
            }
            if burst == 0 {
                problems.push("Throttle.Burst: must be at least 1".to_owned());
            }
        }
        for (i, fault) in self.faults.iter().enumerate() {
            let rules = fault.broken_rules(apis).into_iter();
            problems.extend(rules.map(|rule| format!("Faults[{i}].{rule}")));
        }
        InvalidDocument::unless_none(problems)
    }
}

impl Fault {
    /// Whether the rule applies to an operation of a service.
    fn names(&self, service: &Service, operation: &str) -> bool {
        self.service.as_ref().is_none_or(|own| *own == name(service))
            && self.operation.as_ref().is_none_or(|name| name == operation)
    }

    /// The constraints that its members violate.
    fn broken_rules(&self, apis: &[&Api]) -> Vec<&'static str> {
        let is_name =
            |name: &str| !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric());
        let is_known = |api: &&Api| {
            self.names(api.service, self.operation.as_deref().unwrap_or(""))
                && self.operation.as_ref().is_none_or(|name| api.operation(name).is_some())
        };
        let rules = [
            (
                !apis.iter().any(is_known) && self.operation.is_some(),
                "Operation: no operation has this name",
            ),
            (
                !apis.iter().any(is_known) && self.operation.is_none(),
                "Service: no service has this name",
            ),
            (!(0.0..=1.0).contains(&self.probability), "Probability: must be between 0 and 1"),
            (
                self.error.as_ref().is_some_and(|error| !is_name(&error.exception)),
                "Error.Exception: must be letters and digits",
            ),
            (self.error.is_some() && self.cut.is_some(), "Cut: cannot be combined with Error"),
        ];
        rules.into_iter().filter_map(|(is_broken, rule)| is_broken.then_some(rule)).collect()
    }
}

/// A fault rule cut the connection without a response.
///
/// As with a real connection, a client cannot know whether the call had an effect. A test can ask
/// [`applied`](Self::applied).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    pub(crate) operation: &'static str,
    pub(crate) applied: bool,
}

impl Cut {
    /// The operation that was called.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Whether the call had its effect. A call that would have failed has none.
    #[must_use]
    pub fn applied(&self) -> bool {
        self.applied
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a fault rule cut the connection during {}", self.operation)
    }
}

impl Error for Cut {}

#[cfg(test)]
mod tests;
