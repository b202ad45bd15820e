//! The results of actions, and the ends of legs.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::actions::{Action, ActionType};
use super::bot::{Intent, IntentResult};
use super::checked::Key;
use super::error::ErrorType;
use super::leg::{CallId, Leg, ParticipantTag};
use super::parameter::take;
use super::storage::{CallRecordingDestination, S3Object};
use crate::{SensitiveMap, SensitiveString, Value};

/// The members of `ActionData`.
pub(super) type Members = BTreeMap<String, Value>;

/// An action and its result.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ActionResult {
    /// The action, with the id of its leg.
    #[serde(flatten)]
    pub action: Action,
    /// The digits, without the key that ended them: see [`received_digits`](Self::received_digits).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_digits: Option<SensitiveString>,
    /// The recording of [`RecordAudio`](super::RecordAudio).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recording_destination: Option<S3Object>,
    /// The key that ended the recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recording_terminator_used: Option<Key>,
    /// The recording of [`StartCallRecording`](super::StartCallRecording).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_recording_destination: Option<CallRecordingDestination>,
    /// The result of [`StartBotConversation`](super::StartBotConversation).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent_result: Option<IntentResult>,
    /// Members unknown to this version.
    #[serde(flatten, skip_serializing_if = "SensitiveMap::is_empty")]
    pub other: SensitiveMap<Value>,
}

impl ActionResult {
    /// Creates the result of an action, without digits, recording or conversation.
    #[must_use]
    pub fn new(action: impl Into<Action>) -> Self {
        Self {
            action: action.into(),
            received_digits: None,
            recording_destination: None,
            recording_terminator_used: None,
            call_recording_destination: None,
            intent_result: None,
            other: SensitiveMap::default(),
        }
    }

    /// Sets the digits.
    #[must_use]
    pub fn with_received_digits(mut self, digits: impl Into<SensitiveString>) -> Self {
        self.received_digits = Some(digits.into());
        self
    }

    /// The digits, without the key that ended them.
    #[must_use]
    pub fn received_digits(&self) -> Option<&str> {
        self.received_digits.as_ref().map(SensitiveString::expose)
    }

    /// The caller's intent, if the action was a conversation with a bot.
    #[must_use]
    pub fn intent(&self) -> Option<&Intent> {
        self.intent_result.as_ref()?.session_state.as_ref()?.intent.as_ref()
    }

    pub(super) fn read(mut members: Members) -> Option<Self> {
        let action = take_action(&mut members)?;
        Some(Self {
            action,
            received_digits: take(&mut members, "ReceivedDigits"),
            recording_destination: take(&mut members, "RecordingDestination"),
            recording_terminator_used: take(&mut members, "RecordingTerminatorUsed"),
            call_recording_destination: take(&mut members, "CallRecordingDestination"),
            intent_result: take(&mut members, "IntentResult"),
            other: members.into(),
        })
    }
}

/// An action that failed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ActionFailure {
    /// The action, with the id of its leg. It is an [`Action::Other`] if its parameters were refused.
    #[serde(flatten)]
    pub action: Action,
    /// The type of the error.
    pub error_type: ErrorType,
    /// A human-readable error message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// Members unknown to this version.
    #[serde(flatten, skip_serializing_if = "SensitiveMap::is_empty")]
    pub other: SensitiveMap<Value>,
}

impl ActionFailure {
    /// Creates the failure of an action.
    #[must_use]
    pub fn new(
        action: impl Into<Action>,
        error_type: impl Into<ErrorType>,
        error_message: impl Into<String>,
    ) -> Self {
        Self {
            action: action.into(),
            error_type: error_type.into(),
            error_message: Some(error_message.into()),
            other: SensitiveMap::default(),
        }
    }

    pub(super) fn read(mut members: Members) -> Option<Self> {
        let action = take_action(&mut members)?;
        let (error_type, error_message) = take_error(&mut members)?;
        Some(Self { action, error_type, error_message, other: members.into() })
    }
}

/// A leg that ended.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct HungUp {
    /// The id of the leg.
    pub call_id: Option<CallId>,
    /// The tag of the leg.
    pub participant_tag: Option<ParticipantTag>,
    /// The SIP response code: 0 is normal, 480 no answer, 486 busy.
    pub sip_response_code: Option<u32>,
    /// Parameters unknown to this version.
    pub other: SensitiveMap<Value>,
}

impl HungUp {
    /// Creates the end of a leg with this SIP response code.
    #[must_use]
    pub fn new(sip_response_code: u32) -> Self {
        Self { sip_response_code: Some(sip_response_code), ..Self::default() }
    }

    setters! {
        call_id, set_call_id: CallId,
        participant_tag, set_participant_tag: ParticipantTag,
    }

    /// The leg.
    #[must_use]
    pub fn leg(&self) -> Option<Leg> {
        Leg::of(self.call_id.as_ref(), self.participant_tag.as_ref())
    }

    pub(super) fn read(mut members: Members) -> Self {
        let mut parameters = take_parameters(&mut members);
        Self {
            call_id: take(&mut parameters, "CallId"),
            participant_tag: take(&mut parameters, "ParticipantTag"),
            sip_response_code: take(&mut parameters, "SipResponseCode"),
            other: parameters.into(),
        }
    }
}

impl Serialize for HungUp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Parameters<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            sip_response_code: Option<u32>,
            #[serde(skip_serializing_if = "Option::is_none")]
            call_id: Option<&'a CallId>,
            #[serde(skip_serializing_if = "Option::is_none")]
            participant_tag: Option<&'a ParticipantTag>,
            #[serde(flatten)]
            other: &'a SensitiveMap<Value>,
        }

        let parameters = Parameters {
            sip_response_code: self.sip_response_code,
            call_id: self.call_id.as_ref(),
            participant_tag: self.participant_tag.as_ref(),
            other: &self.other,
        };
        super::action::Typed { action_type: "Hangup", parameters: &parameters }
            .serialize(serializer)
    }
}

pub(super) fn take_action(members: &mut Members) -> Option<Action> {
    let action_type: String = take(members, "Type")?;
    let parameters = take_parameters(members);
    Some(Action::from_parts(ActionType::from(action_type), parameters.into()))
}

/// Takes the parameters. In old events, the id of the leg is outside of them.
fn take_parameters(members: &mut Members) -> Members {
    let mut parameters = match members.remove("Parameters") {
        Some(Value::Map(parameters)) => parameters,
        _ => Members::new(),
    };
    if let Some(call_id) = members.remove("CallId") {
        parameters.entry("CallId".to_owned()).or_insert(call_id);
    }
    parameters
}

/// Takes the type of an error and its message. In old events, both are in one text.
pub(super) fn take_error(members: &mut Members) -> Option<(ErrorType, Option<String>)> {
    if let Some(error_type) = take::<String>(members, "ErrorType") {
        return Some((error_type.into(), take(members, "ErrorMessage")));
    }
    let error: String = take(members, "Error")?;
    Some(match error.split_once(": ") {
        Some((error_type, message)) => (error_type.into(), Some(message.to_owned())),
        None => (error.into(), None),
    })
}
