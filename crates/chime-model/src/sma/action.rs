//! An action as it travels: a type and parameters.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::actions::{Action, ActionType};
use super::error::{ActionError, ErrorType};
use super::leg::Leg;
use super::parameter::Flaw;
use crate::{SensitiveMap, Value};

/// The form of every action.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Typed<'a, P: ?Sized> {
    #[serde(rename = "Type")]
    pub(super) action_type: &'a str,
    pub(super) parameters: &'a P,
}

/// An action that is not checked: of a type unknown to this version, or with parameters that the
/// service refuses.
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
    /// What makes the service refuse the parameters.
    pub(super) fn check(&self) -> Result<(), Flaw> {
        let parameters = Value::Map(self.parameters.expose().clone());
        match Action::read(&self.action_type, parameters) {
            Some(action) => action?.check_parameters(),
            None => Ok(()),
        }
    }
}

impl Action {
    /// An action of any type, with any parameters: for what this version does not know.
    #[must_use]
    pub fn raw(
        action_type: impl Into<ActionType>,
        parameters: impl Into<SensitiveMap<Value>>,
    ) -> Self {
        Self::Other(RawAction { action_type: action_type.into(), parameters: parameters.into() })
    }

    /// Reads an action. One that is unknown or invalid is kept as it is.
    pub(super) fn from_parts(action_type: ActionType, parameters: SensitiveMap<Value>) -> Self {
        match Self::read(&action_type, Value::Map(parameters.expose().clone())) {
            Some(Ok(action)) => action,
            Some(Err(_)) | None => Self::Other(RawAction { action_type, parameters }),
        }
    }

    /// The leg that the action names. `None` if the service chooses: the leg of the event, or else
    /// the first one.
    #[must_use]
    pub fn leg(&self) -> Option<Leg> {
        Leg::of(self.call_id(), self.participant_tag())
    }

    /// Checks the parameters as the service does when the action starts: what is missing, out of
    /// range, or of the wrong form. What depends on the call is left to the service.
    ///
    /// # Errors
    /// The error of the `ACTION_FAILED` event that the action would cause.
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
