//! The JSON form of actions: a type and parameters.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::actions::{Action, ActionType};
use super::error::{ActionError, ErrorType};
use super::leg::Leg;
use super::parameter::Flaw;
use crate::{SensitiveMap, Value};

/// The JSON form of an action.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Typed<'a, P: ?Sized> {
    #[serde(rename = "Type")]
    pub(super) action_type: &'a str,
    pub(super) parameters: &'a P,
}

/// An unchecked action, whose type is unknown to this version or whose parameters are invalid.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RawAction {
    /// The type of the action.
    #[serde(rename = "Type")]
    pub action_type: ActionType,
    /// The parameters.
    pub parameters: SensitiveMap<Value>,
}

impl RawAction {
    /// Checks that this version knows the type, and that the parameters are valid.
    pub(super) fn check(&self) -> Result<(), Flaw> {
        let parameters = Value::Map(self.parameters.expose().clone());
        match Action::read(&self.action_type, parameters) {
            Some(action) => action?.check_parameters(),
            None => Ok(()),
        }
    }
}

impl Action {
    /// Creates an action with any type and parameters, for actions that this version does not know.
    #[must_use]
    pub fn raw(
        action_type: impl Into<ActionType>,
        parameters: impl Into<SensitiveMap<Value>>,
    ) -> Self {
        Self::Other(RawAction { action_type: action_type.into(), parameters: parameters.into() })
    }

    /// Reads an action. Keeps an unknown or invalid action unchanged.
    pub(super) fn from_parts(action_type: ActionType, parameters: SensitiveMap<Value>) -> Self {
        match Self::read(&action_type, Value::Map(parameters.expose().clone())) {
            Some(Ok(action)) => action,
            Some(Err(_)) | None => Self::Other(RawAction { action_type, parameters }),
        }
    }

    /// The leg that the action runs on. `None` if the service chooses it: the leg of the event, or else the
    /// first leg.
    #[must_use]
    pub fn leg(&self) -> Option<Leg> {
        Leg::of(self.call_id(), self.participant_tag())
    }

    /// Checks the parameters as the service does when the action starts, except for checks that depend on the
    /// call.
    ///
    /// # Errors
    /// If a parameter is missing, out of range or malformed: the error of the `ACTION_FAILED` event that the
    /// action would cause.
    pub fn check(&self) -> Result<(), ActionError> {
        let action_type = self.action_type();
        if !action_type.is_known() {
            let message = format!("Unsupported action {action_type}");
            return Err(ActionError { error_type: ErrorType::UnsupportedAction, message });
        }
        self.check_parameters().map_err(ActionError::from)
    }
}

impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Raw {
            r#type: ActionType,
            parameters: Option<SensitiveMap<Value>>,
        }

        let raw = Raw::deserialize(deserializer).map_err(D::Error::custom)?;
        Ok(Self::from_parts(raw.r#type, raw.parameters.unwrap_or_default()))
    }
}
