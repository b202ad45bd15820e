//! The input of the Lambda function that handles the calls of an application.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::SCHEMA_VERSION;
use super::call::CallDetails;
use super::error::ErrorType;
use super::event::{Data, Event, EventType};
use super::parameter::take;
use super::results::Members;
use crate::{SensitiveMap, Value};

/// An invocation of the handler, with a call and its event.
///
/// It serializes as the service writes it, and also deserializes from the formats of earlier versions.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Invocation {
    /// The number of the invocation within its call, starting with 1. A retry has the same number.
    pub sequence: u32,
    /// The call.
    pub call: CallDetails,
    /// The event.
    pub event: Event,
    /// Members unknown to this version.
    pub other: SensitiveMap<Value>,
}

impl Invocation {
    /// Creates an invocation, for example to test a handler.
    #[must_use]
    pub fn new(sequence: u32, call: CallDetails, event: Event) -> Self {
        Self { sequence, call, event, other: SensitiveMap::default() }
    }
}

impl Serialize for Invocation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Raw<'a> {
            schema_version: &'static str,
            sequence: u32,
            invocation_event_type: EventType,
            #[serde(skip_serializing_if = "Option::is_none")]
            action_data: Option<Data<'a>>,
            call_details: &'a CallDetails,
            #[serde(skip_serializing_if = "Option::is_none")]
            error_type: Option<&'a ErrorType>,
            #[serde(skip_serializing_if = "Option::is_none")]
            error_message: Option<&'a String>,
            #[serde(flatten)]
            other: &'a SensitiveMap<Value>,
        }

        let (error_type, error_message) = match &self.event {
            Event::InvalidResponse { error_type, message } => (Some(error_type), message.as_ref()),
            _ => (None, None),
        };
        let raw = Raw {
            schema_version: SCHEMA_VERSION,
            sequence: self.sequence,
            invocation_event_type: self.event.event_type(),
            action_data: self.event.data(),
            call_details: &self.call,
            error_type,
            error_message,
            other: &self.other,
        };
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Invocation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::deserialize(deserializer)?;
        members.remove("SchemaVersion");
        let event_type: Option<String> = take(&mut members, "InvocationEventType")
            .or_else(|| take(&mut members, "InvocationEvent"));
        let event_type =
            event_type.ok_or_else(|| D::Error::missing_field("InvocationEventType"))?;
        let sequence =
            take(&mut members, "Sequence").ok_or_else(|| D::Error::missing_field("Sequence"))?;
        let call =
            members.remove("CallDetails").ok_or_else(|| D::Error::missing_field("CallDetails"))?;
        let call = CallDetails::deserialize(call)
            .map_err(|error| D::Error::custom(format_args!("CallDetails.{error}")))?;
        let data = match members.get("ActionData") {
            Some(Value::Map(data)) => data.clone(),
            _ => Members::new(),
        };
        let event = Event::read(event_type.into(), data, &mut members);
        if event.data().is_some() {
            members.remove("ActionData");
        }
        Ok(Self { sequence, call, event, other: members.into() })
    }
}
