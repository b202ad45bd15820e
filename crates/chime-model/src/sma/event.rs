//! The events of a call.

use serde::Serialize;

use super::actions::Action;
use super::error::ErrorType;
use super::parameter::take;
use super::results::{ActionFailure, ActionResult, HungUp, Members, take_action, take_error};
use crate::{SensitiveMap, Value};

open_enum! {
    /// The type of an event.
    EventType {
        /// [`Event::NewInboundCall`].
        NewInboundCall = "NEW_INBOUND_CALL",
        /// [`Event::NewOutboundCall`].
        NewOutboundCall = "NEW_OUTBOUND_CALL",
        /// [`Event::Ringing`].
        Ringing = "RINGING",
        /// [`Event::CallAnswered`].
        CallAnswered = "CALL_ANSWERED",
        /// [`Event::ActionSuccessful`].
        ActionSuccessful = "ACTION_SUCCESSFUL",
        /// [`Event::ActionFailed`].
        ActionFailed = "ACTION_FAILED",
        /// [`Event::ActionInterrupted`].
        ActionInterrupted = "ACTION_INTERRUPTED",
        /// [`Event::DigitsReceived`].
        DigitsReceived = "DIGITS_RECEIVED",
        /// [`Event::CallUpdateRequested`].
        CallUpdateRequested = "CALL_UPDATE_REQUESTED",
        /// [`Event::Hangup`].
        Hangup = "HANGUP",
        /// [`Event::InvalidResponse`].
        InvalidResponse = "INVALID_LAMBDA_RESPONSE",
    }
}

/// An event of a call. Each variant says what the service does with the actions of the response.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// Someone calls a number of the application. Actions run. Without actions, the call is not answered and
    /// ends after 30 seconds.
    NewInboundCall,
    /// The application places a call. Actions are ignored.
    NewOutboundCall {
        /// The `ArgumentsMap` of the request that placed the call.
        arguments: SensitiveMap<String>,
    },
    /// The called party's telephone rings. Actions are ignored.
    Ringing,
    /// The called party, or its voicemail, answered. Actions run.
    CallAnswered,
    /// An action succeeded. Actions replace the remaining ones.
    ActionSuccessful(Box<ActionResult>),
    /// An action failed, and the remaining ones are dropped. Actions run.
    ActionFailed(Box<ActionFailure>),
    /// A running action was replaced. Actions are ignored.
    ActionInterrupted(Action),
    /// The received digits match the expression of [`ReceiveDigits`](super::ReceiveDigits). Actions replace
    /// the remaining ones.
    DigitsReceived(Box<ActionResult>),
    /// An API request updates the call. Actions replace the remaining ones.
    CallUpdateRequested {
        /// The arguments of the request.
        arguments: SensitiveMap<String>,
    },
    /// A leg ended. If another leg is connected, actions replace the remaining ones; otherwise they are
    /// ignored.
    Hangup(Box<HungUp>),
    /// The last response was invalid and had no effect. Actions run.
    InvalidResponse {
        /// The type of the error.
        error_type: ErrorType,
        /// A human-readable error message.
        message: Option<String>,
    },
    /// An event whose type is unknown to this version, or whose data have an unknown form.
    Unknown {
        /// The type of the event.
        event_type: EventType,
        /// The members of `ActionData`.
        data: SensitiveMap<Value>,
    },
}

/// The types of `ActionData` that are not actions.
const CREATE_REQUEST: &str = "CallCreateRequest";
const UPDATE_REQUEST: &str = "CallUpdateRequest";

/// The JSON form of `ActionData`.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Data<'a> {
    Result(&'a ActionResult),
    Failure(&'a ActionFailure),
    Action(&'a Action),
    HungUp(&'a HungUp),
    #[serde(rename_all = "PascalCase")]
    Request {
        r#type: &'static str,
        parameters: Arguments<'a>,
    },
    Unknown(&'a SensitiveMap<Value>),
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Arguments<'a> {
    arguments: &'a SensitiveMap<String>,
}

impl Event {
    /// The type of the event.
    #[must_use]
    pub fn event_type(&self) -> EventType {
        match self {
            Self::NewInboundCall => EventType::NewInboundCall,
            Self::NewOutboundCall { .. } => EventType::NewOutboundCall,
            Self::Ringing => EventType::Ringing,
            Self::CallAnswered => EventType::CallAnswered,
            Self::ActionSuccessful(_) => EventType::ActionSuccessful,
            Self::ActionFailed(_) => EventType::ActionFailed,
            Self::ActionInterrupted(_) => EventType::ActionInterrupted,
            Self::DigitsReceived(_) => EventType::DigitsReceived,
            Self::CallUpdateRequested { .. } => EventType::CallUpdateRequested,
            Self::Hangup(_) => EventType::Hangup,
            Self::InvalidResponse { .. } => EventType::InvalidResponse,
            Self::Unknown { event_type, .. } => event_type.clone(),
        }
    }

    pub(super) fn data(&self) -> Option<Data<'_>> {
        let request =
            |r#type, arguments| Some(Data::Request { r#type, parameters: Arguments { arguments } });
        match self {
            Self::NewOutboundCall { arguments } => request(CREATE_REQUEST, arguments),
            Self::CallUpdateRequested { arguments } => request(UPDATE_REQUEST, arguments),
            Self::ActionSuccessful(result) | Self::DigitsReceived(result) => {
                Some(Data::Result(result))
            }
            Self::ActionFailed(failure) => Some(Data::Failure(failure)),
            Self::ActionInterrupted(action) => Some(Data::Action(action)),
            Self::Hangup(hung_up) => Some(Data::HungUp(hung_up)),
            Self::Unknown { data, .. } if !data.is_empty() => Some(Data::Unknown(data)),
            Self::NewInboundCall
            | Self::Ringing
            | Self::CallAnswered
            | Self::InvalidResponse { .. }
            | Self::Unknown { .. } => None,
        }
    }

    /// Reads the event of a type from `ActionData`. Its error may be among the other members.
    pub(super) fn read(event_type: EventType, data: Members, members: &mut Members) -> Self {
        Self::known(&event_type, data.clone(), members)
            .unwrap_or_else(|| Self::Unknown { event_type, data: data.into() })
    }

    fn known(event_type: &EventType, mut data: Members, members: &mut Members) -> Option<Self> {
        Some(match event_type {
            EventType::NewInboundCall => Self::NewInboundCall,
            EventType::NewOutboundCall => Self::NewOutboundCall { arguments: arguments(data)? },
            EventType::Ringing => Self::Ringing,
            EventType::CallAnswered => Self::CallAnswered,
            EventType::ActionSuccessful => Self::ActionSuccessful(ActionResult::read(data)?.into()),
            EventType::ActionFailed => Self::ActionFailed(ActionFailure::read(data)?.into()),
            EventType::ActionInterrupted => Self::ActionInterrupted(take_action(&mut data)?),
            EventType::DigitsReceived => Self::DigitsReceived(ActionResult::read(data)?.into()),
            EventType::CallUpdateRequested => {
                Self::CallUpdateRequested { arguments: arguments(data)? }
            }
            EventType::Hangup => Self::Hangup(HungUp::read(data).into()),
            EventType::InvalidResponse => {
                let error = take_error(members).or_else(|| take_error(&mut data));
                let (error_type, message) = error?;
                Self::InvalidResponse { error_type, message }
            }
            EventType::Unknown(_) => return None,
        })
    }
}

/// Takes the arguments of a request; an empty map if they are absent.
fn arguments(mut data: Members) -> Option<SensitiveMap<String>> {
    let Some(Value::Map(mut parameters)) = data.remove("Parameters") else {
        return Some(SensitiveMap::default());
    };
    match parameters.get("Arguments") {
        None | Some(Value::Null) => Some(SensitiveMap::default()),
        Some(_) => take(&mut parameters, "Arguments"),
    }
}
