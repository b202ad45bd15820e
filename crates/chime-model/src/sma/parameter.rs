//! Reads the members of actions from JSON, and describes what is wrong with them.

use std::collections::BTreeMap;

use super::error::{ActionError, ErrorType};
use crate::{SensitiveMap, SensitiveString, Value};

/// The type of a member of an action.
pub(super) trait Parameter: Sized {
    /// Reads the member. Accepts numbers and booleans written as text, as AWS does.
    fn read(value: Value) -> Result<Self, Flaw>;

    /// The value of an absent member; `None` if the member is required.
    fn absent() -> Option<Self> {
        None
    }

    /// Checks constraints that `read` does not: values of open enums, and members that depend on each other.
    fn check(&self) -> Result<(), Flaw> {
        Ok(())
    }
}

/// What is wrong with a member.
#[derive(Debug, PartialEq)]
pub(super) enum Flaw {
    /// A required member is absent, or a text that counts as absent.
    Missing(&'static str),
    /// The value of the current member is invalid.
    Value,
    /// The value of the member with this name is invalid.
    Invalid(&'static str),
    /// The number of endpoints is invalid.
    EndpointCount,
    /// These SIP headers have an invalid name or a value that is too long.
    SipHeaders(Vec<String>),
}

/// Members with one message for all errors inside of them.
const OPAQUE: [&str; 6] = [
    "AudioSource",
    "Destination",
    "Endpoints",
    "FailureAudioSource",
    "RecordingDestination",
    "RingbackTone",
];

impl Flaw {
    /// Adds the name of the member in which the flaw was found.
    pub(super) fn in_member(self, name: &'static str) -> Self {
        match self {
            // The service reports a text that is too long as missing.
            Self::Value if name == "Text" => Self::Missing(name),
            Self::Value => Self::Invalid(name),
            Self::Missing(_) | Self::Invalid(_) if OPAQUE.contains(&name) => Self::Invalid(name),
            other => other,
        }
    }
}

impl From<Flaw> for ActionError {
    fn from(flaw: Flaw) -> Self {
        let invalid = |message| Self { error_type: ErrorType::InvalidActionParameter, message };
        let name = match flaw {
            Flaw::Missing("CallerIdNumber") => return invalid("Caller ID not defined.".to_owned()),
            Flaw::Missing(name) => {
                return Self {
                    error_type: ErrorType::MissingRequiredActionParameter,
                    message: format!("{name} is a required parameter"),
                };
            }
            Flaw::EndpointCount => {
                return invalid("Invalid number of endpoints provided.".to_owned());
            }
            Flaw::SipHeaders(names) => {
                return invalid(format!("Invalid SIP header(s) provided: {}", names.join(", ")));
            }
            Flaw::Value => "Action",
            Flaw::Invalid(name) => name,
        };
        let name = match name {
            "AudioSource" | "FailureAudioSource" | "RingbackTone" => {
                return Self {
                    error_type: ErrorType::InvalidAudioSource,
                    message: "Audio Source parameter value is invalid.".to_owned(),
                };
            }
            "CallId" | "ParticipantTag" => {
                let message = "CallId or ParticipantTag parameter for action is invalid";
                return invalid(message.to_owned());
            }
            "CallerIdNumber" => return invalid("Invalid caller ID.".to_owned()),
            "Endpoints" => return invalid("Endpoint parameter is invalid.".to_owned()),
            "AttendeeList" => "Attendee List",
            "DurationInMilliseconds" | "DurationInSeconds" => "Duration",
            "MeetingId" => "Meeting ID",
            "RepeatDurationInMilliseconds" => "RepeatDuration",
            "ToneDurationInMilliseconds" => "ToneDuration",
            other => other,
        };
        invalid(format!("{name} parameter value is invalid."))
    }
}

/// Returns the members of a structure.
pub(super) fn members(value: Value) -> Result<BTreeMap<String, Value>, Flaw> {
    match value {
        Value::Map(members) => Ok(members),
        _ => Err(Flaw::Value),
    }
}

/// Takes a member by name. Null counts as absent.
pub(super) fn member<T: Parameter>(
    members: &mut BTreeMap<String, Value>,
    name: &'static str,
) -> Result<T, Flaw> {
    match members.remove(name).filter(|value| *value != Value::Null) {
        Some(value) => T::read(value).map_err(|flaw| flaw.in_member(name)),
        None => T::absent().ok_or(Flaw::Missing(name)),
    }
}

/// Takes a member by name if it has the right form, and otherwise leaves it in the map.
pub(super) fn take<T: Parameter>(
    members: &mut BTreeMap<String, Value>,
    name: &'static str,
) -> Option<T> {
    let read = T::read(members.get(name)?.clone()).ok()?;
    members.remove(name);
    Some(read)
}

impl<T: Parameter> Parameter for Option<T> {
    fn read(value: Value) -> Result<Self, Flaw> {
        T::read(value).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn check(&self) -> Result<(), Flaw> {
        self.as_ref().map_or(Ok(()), T::check)
    }
}

impl<T: Parameter> Parameter for Vec<T> {
    fn read(value: Value) -> Result<Self, Flaw> {
        match value {
            Value::List(items) => items.into_iter().map(T::read).collect(),
            _ => Err(Flaw::Value),
        }
    }

    fn check(&self) -> Result<(), Flaw> {
        self.iter().try_for_each(T::check)
    }
}

/// Reads a number, also from text.
impl Parameter for u32 {
    fn read(value: Value) -> Result<Self, Flaw> {
        let number = match value {
            Value::Integer(number) => Self::try_from(number).ok(),
            // Some JSON writers write all numbers with a fraction.
            Value::Float(number)
                if number.fract() == 0.0 && (0.0..=4_294_967_295.0).contains(&number) =>
            {
                Some(number as Self)
            }
            Value::Text(text) => text.expose().trim().parse().ok(),
            _ => None,
        };
        number.ok_or(Flaw::Value)
    }
}

/// Reads a boolean, also from text.
impl Parameter for bool {
    fn read(value: Value) -> Result<Self, Flaw> {
        match &value {
            Value::Boolean(value) => Ok(*value),
            Value::Text(text) if text.expose().eq_ignore_ascii_case("true") => Ok(true),
            Value::Text(text) if text.expose().eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(Flaw::Value),
        }
    }
}

/// Implements `Parameter` with the type's `Deserialize`.
macro_rules! as_serde_reads {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::sma::parameter::Parameter for $type {
            fn read(value: $crate::Value) -> Result<Self, $crate::sma::parameter::Flaw> {
                <Self as serde::Deserialize>::deserialize(value)
                    .map_err(|_| $crate::sma::parameter::Flaw::Value)
            }
        }
    )+};
}

/// Implements `Parameter` for open enums, which refuse unknown values only when they are checked.
macro_rules! open_sets {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::sma::parameter::Parameter for $type {
            fn read(value: $crate::Value) -> Result<Self, $crate::sma::parameter::Flaw> {
                value.as_text().map(Self::from).ok_or($crate::sma::parameter::Flaw::Value)
            }

            fn check(&self) -> Result<(), $crate::sma::parameter::Flaw> {
                match self.is_known() {
                    true => Ok(()),
                    false => Err($crate::sma::parameter::Flaw::Value),
                }
            }
        }
    )+};
}

as_serde_reads!(String, SensitiveString, SensitiveMap<String>, SensitiveMap<Value>, Value);
