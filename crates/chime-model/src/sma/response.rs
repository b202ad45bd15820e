//! The response of the handler.

use std::fmt;

use serde::{Serialize, Serializer};

use super::SCHEMA_VERSION;
use super::actions::{Action, ActionType};
use super::attributes::Attributes;
use super::error::{ErrorType, ResponseError};
use crate::Value;

/// The maximum number of actions.
const MAX_ACTIONS: usize = 10;

/// The response of the handler: actions to run, and attributes to store.
///
/// Actions replace earlier actions that have not run yet. Without actions, the earlier ones continue.
///
/// ```
/// use chime_model::sma::{Hangup, HangupCode, Pause, PauseMillis, Response};
///
/// let busy = Hangup::new().sip_response_code(HangupCode::Busy);
/// let response = Response::actions((Pause::new(PauseMillis::of::<500>()), busy));
/// assert_eq!(serde_json::to_value(&response).unwrap()["Actions"][1]["Type"], "Hangup");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    actions: Vec<Action>,
    attributes: Option<Attributes>,
}

impl Response {
    /// Creates a response without actions. Remaining actions of an earlier response continue.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Creates a response from an array or a tuple of 1 to 10 actions. Other numbers do not compile:
    ///
    /// ```compile_fail
    /// use chime_model::sma::{Hangup, Response};
    ///
    /// Response::actions([(); 11].map(|()| Hangup::new()));
    /// ```
    #[must_use]
    pub fn actions(actions: impl IntoActions) -> Self {
        Self { actions: actions.into_actions(), attributes: None }
    }

    /// Creates a response from an iterator of actions.
    ///
    /// # Errors
    /// If there are more than 10 actions.
    pub fn try_actions<T: Into<Action>>(
        actions: impl IntoIterator<Item = T>,
    ) -> Result<Self, TooManyActions> {
        // One action more than allowed is enough to detect that there are too many.
        let actions: Vec<_> = actions.into_iter().take(MAX_ACTIONS + 1).map(Into::into).collect();
        match actions.len() <= MAX_ACTIONS {
            true => Ok(Self { actions, attributes: None }),
            false => Err(TooManyActions),
        }
    }

    /// Stores attributes with the call, which replace its current ones.
    #[must_use]
    pub fn attributes(mut self, attributes: Attributes) -> Self {
        self.attributes = Some(attributes);
        self
    }

    /// Removes all attributes of the call.
    #[must_use]
    pub fn clear_attributes(self) -> Self {
        self.attributes(Attributes::default())
    }

    /// The actions.
    #[must_use]
    pub fn as_actions(&self) -> &[Action] {
        &self.actions
    }

    /// The attributes to store; `None` if the call keeps its current ones.
    #[must_use]
    pub fn as_attributes(&self) -> Option<&Attributes> {
        self.attributes.as_ref()
    }

    /// Reads a response as the service does when it receives one. The service checks the parameters of an
    /// action only when the action starts: see [`Action::check`].
    ///
    /// # Errors
    /// The error of the `INVALID_LAMBDA_RESPONSE` event that the response would cause.
    pub fn read(value: Value) -> Result<Self, ResponseError> {
        let Value::Map(mut members) = value else {
            let message = "Response is blank or not a JSON object";
            return Err(ResponseError::new(ErrorType::InvalidLambdaResponse, message));
        };
        if members.get("SchemaVersion").and_then(Value::as_text) != Some(SCHEMA_VERSION) {
            let message = "Schema version is not supported";
            return Err(ResponseError::new(ErrorType::SchemaVersionMismatch, message));
        }
        let actions = match members.remove("Actions") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::List(actions)) => {
                actions.into_iter().map(read_action).collect::<Result<_, _>>()?
            }
            Some(_) => return Err(unreadable()),
        };
        if actions.len() > MAX_ACTIONS {
            let message = TooManyActions.to_string();
            return Err(ResponseError::new(ErrorType::TooManyActions, message));
        }
        let attributes = match members.remove("TransactionAttributes") {
            None | Some(Value::Null) => None,
            Some(attributes) => Some(Attributes::read(attributes)?),
        };
        Ok(Self { actions, attributes })
    }
}

fn read_action(action: Value) -> Result<Action, ResponseError> {
    let Value::Map(mut members) = action else { return Err(unreadable()) };
    let (Some(Value::Text(name)), Some(Value::Map(parameters))) =
        (members.remove("Type"), members.remove("Parameters"))
    else {
        return Err(unreadable());
    };
    let action_type = ActionType::from(name.expose());
    if !action_type.is_known() {
        let message = format!("Unsupported action {action_type}");
        return Err(ResponseError::new(ErrorType::UnsupportedAction, message));
    }
    Ok(Action::from_parts(action_type, parameters.into()))
}

fn unreadable() -> ResponseError {
    ResponseError::new(ErrorType::InvalidActionsList, "Actions list can't be parsed")
}

/// Checks a handler's response as the service would: the form of the response, and the parameters of each
/// action. The service itself does not check responses to events that ignore actions.
///
/// `parse` is the JSON parser. Bytes that are not JSON count as an empty response.
///
/// ```
/// use chime_model::sma::validate;
///
/// let json = br#"{"SchemaVersion":"1.0","Actions":[
///     {"Type":"Pause","Parameters":{"DurationInMilliseconds":90000}}]}"#;
/// let error = validate(json, |bytes| serde_json::from_slice(bytes)).unwrap_err();
/// let expected = "Actions[0]: InvalidActionParameter: Duration parameter value is invalid.";
/// assert_eq!(error.to_string(), expected);
/// ```
///
/// # Errors
/// The first error, as the event that it causes would have it.
pub fn validate<E>(
    bytes: &[u8],
    parse: impl FnOnce(&[u8]) -> Result<Value, E>,
) -> Result<Response, ResponseError> {
    let response = Response::read(parse(bytes).unwrap_or_default())?;
    for (index, action) in response.actions.iter().enumerate() {
        action.check().map_err(|error| ResponseError::of_action(index, error))?;
    }
    Ok(response)
}

impl Serialize for Response {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Raw<'a> {
            schema_version: &'static str,
            actions: &'a [Action],
            #[serde(skip_serializing_if = "Option::is_none")]
            transaction_attributes: Option<&'a Attributes>,
        }

        let raw = Raw {
            schema_version: SCHEMA_VERSION,
            actions: &self.actions,
            transaction_attributes: self.attributes.as_ref(),
        };
        raw.serialize(serializer)
    }
}

/// The error for more than 10 actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyActions;

impl fmt::Display for TooManyActions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Maximum number of actions is 10")
    }
}

impl std::error::Error for TooManyActions {}

/// 1 to 10 actions: an array of one type, or a tuple of several.
pub trait IntoActions: private::Sealed {
    /// The actions.
    fn into_actions(self) -> Vec<Action>;
}

mod private {
    /// Prevents implementations with more actions.
    pub trait Sealed {}
}

impl<T: Into<Action>, const N: usize> private::Sealed for [T; N] {}

impl<T: Into<Action>, const N: usize> IntoActions for [T; N] {
    fn into_actions(self) -> Vec<Action> {
        const { assert!(1 <= N && N <= MAX_ACTIONS, "a response has 1 to 10 actions") };
        self.into_iter().map(Into::into).collect()
    }
}

macro_rules! tuples {
    ($($name:ident)+) => {
        impl<$($name: Into<Action>),+> private::Sealed for ($($name,)+) {}

        impl<$($name: Into<Action>),+> IntoActions for ($($name,)+) {
            #[allow(non_snake_case, reason = "types and variables share their names")]
            fn into_actions(self) -> Vec<Action> {
                let ($($name,)+) = self;
                vec![$($name.into()),+]
            }
        }
    };
}

tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);
tuples!(A B C D E F G H I);
tuples!(A B C D E F G H I J);
