//! The events of SIP media applications, and the actions with which a Lambda function responds.
//!
//! AWS invokes a Lambda function for each event of a call. Its input is an [`Invocation`], and its output a
//! [`Response`]. This module needs only the feature `sma`, so that the function depends on little more than
//! serde.
//!
//! ```
//! use chime_model::sma::*;
//!
//! fn handle(invocation: Invocation) -> Result<Response, InvalidValue> {
//!     Ok(match invocation.event {
//!         Event::NewInboundCall => {
//!             let prompt = Text::new("Your PIN, then pound")?;
//!             let ask = SpeakAndGetDigits::new(prompt, Millis::of::<5_000>());
//!             Response::actions([ask.digits::<4, 6>().repeat(Times::of::<3>())])
//!         }
//!         Event::ActionSuccessful(done) if done.received_digits() == Some("1234") => {
//!             Response::actions((Speak::new(Text::new("Welcome back")?), Hangup::new()))
//!         }
//!         Event::ActionFailed(_) => Response::actions([Hangup::new().on(Leg::A)]),
//!         _ => Response::none(),
//!     })
//! }
//!
//! let json = r#"{
//!     "SchemaVersion": "1.0", "Sequence": 1, "InvocationEventType": "NEW_INBOUND_CALL",
//!     "CallDetails": {
//!         "TransactionId": "5a0c7e31-94bd-4f26-8e1d-b3706a52c9f4",
//!         "AwsAccountId": "111122223333", "AwsRegion": "us-east-1",
//!         "SipRuleId": "e7b20d94-6c1f-4835-8ad2-09f4b6c71e53",
//!         "SipMediaApplicationId": "4c8e1f7a-2d59-4b63-9a0e-7f15c3d8b246",
//!         "Participants": [{
//!             "CallId": "0d9e62b7-3a41-4c58-b7f0-1e8c5a94d263", "ParticipantTag": "LEG-A",
//!             "To": "+12065550110", "From": "+12065550199", "Direction": "Inbound",
//!             "StartTimeInMilliseconds": "1772442000000"
//!         }]
//!     }
//! }"#;
//! let response = handle(serde_json::from_str(json).unwrap()).unwrap();
//! let json = serde_json::to_value(&response).unwrap();
//! assert_eq!(json["Actions"][0]["Type"], "SpeakAndGetDigits");
//! assert_eq!(json["Actions"][0]["Parameters"]["MaxNumberOfDigits"], 6);
//! ```
//!
//! With `lambda_runtime`, the function is `async fn(LambdaEvent<Invocation>) -> Result<Response,
//! Error>`.
//!
//! # Validation
//!
//! The types allow at most ten actions in a response, and refuse values that AWS would refuse, such as a
//! [`Text`] of 1,001 characters, a [`PauseMillis`] of 90 seconds or a reserved [`SipHeaderName`].
//! [`Action::check`] checks the constraints that the types do not express, and [`validate`] checks the JSON
//! responses of handlers written in any language. Errors that depend on the call, such as a leg that has ended,
//! arrive as [`Event::ActionFailed`].
//!
//! # Other versions
//!
//! Events, actions and members of later versions are kept and survive a round trip, and the formats of earlier
//! versions are read: see [`Event::Unknown`] and [`Action::Other`]. Of `ActionData`, an [`ActionResult`] and an
//! [`ActionFailure`] keep all members, a [`HungUp`] and an [`Action`] only the parameters. [`Action::raw`]
//! sends an action that is unknown to this version.
//!
//! # Sensitive values
//!
//! `Debug` redacts phone numbers, join tokens, spoken text, digits, arguments, SIP headers, attributes and
//! unknown members.

#[macro_use]
mod parameter;
#[macro_use]
mod structure;

mod action;
mod actions;
mod attributes;
mod bot;
mod call;
mod checked;
mod digit_regex;
mod error;
mod event;
mod invocation;
mod leg;
mod response;
mod results;
mod sip_headers;
mod storage;
#[cfg(test)]
mod tests;

pub use action::RawAction;
pub use actions::{
    Action, ActionType, AttendeeOperation, CallAndBridge, Engine, Hangup, HangupCode,
    JoinChimeMeeting, ModifyChimeMeetingAttendees, Pause, PauseCallRecording, PlayAudio,
    PlayAudioAndGetDigits, ReceiveDigits, RecordAudio, ResumeCallRecording, SendDigits, Speak,
    SpeakAndGetDigits, Speech, StartBotConversation, StartCallRecording, StopCallRecording,
    TextType, Track, VoiceFocus,
};
pub use attributes::{Attributes, AttributesError};
pub use bot::{
    BotConfiguration, BotSessionState, DialogAction, DialogActionType, Intent, IntentResult,
    MessageContentType, WelcomeMessage,
};
pub use call::{
    AttendeeId, CallDetails, Direction, MeetingId, Participant, ParticipantStatus,
    SipMediaApplicationId, SipRuleId, TransactionId,
};
pub use checked::{
    DigitRegex, Digits, Key, Millis, PauseMillis, PhoneNumber, RingSeconds, S3Prefix, Seconds,
    SilenceSeconds, SilenceThreshold, SipHeaderName, SipUser, Text, Times, ToneMillis,
};
pub use error::{ActionError, ErrorType, InvalidValue, ResponseError};
pub use event::{Event, EventType};
pub use invocation::Invocation;
pub use leg::{CallId, Leg, ParticipantTag};
pub use response::{IntoActions, Response, TooManyActions, validate};
pub use results::{ActionFailure, ActionResult, HungUp};
pub use sip_headers::SipHeaders;
pub use storage::{CallRecordingDestination, Endpoint, Endpoints, RecordingDestination, S3Object};

/// The schema version of all events and responses.
const SCHEMA_VERSION: &str = "1.0";
