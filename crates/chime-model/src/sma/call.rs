//! The call that an event is about.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_with::{As, DeserializeAs, SerializeAs};
use time::OffsetDateTime;

use super::leg::{CallId, ParticipantTag};
use crate::events::timestamps::EpochMillis;
use crate::{SensitiveMap, SensitiveString, Value, ValueError};

ids! {
    /// The id of a call, which all of its legs share: a GUID.
    TransactionId;
    /// The id of a SIP media application: a GUID.
    SipMediaApplicationId;
    /// The id of a SIP rule: a GUID.
    SipRuleId;
    /// The id of a meeting: a GUID.
    MeetingId;
    /// The id of an attendee of a meeting: a GUID.
    AttendeeId;
}

as_serde_reads!(MeetingId, AttendeeId);

/// Converts ids in events to the id types of the services.
macro_rules! ids_of_services {
    ($($feature:literal: $service:ident::$name:ident;)+) => {$(
        #[cfg(feature = $feature)]
        impl From<&$name> for crate::$service::$name {
            fn from(id: &$name) -> Self {
                Self::from(id.as_str())
            }
        }
    )+};
}

ids_of_services! {
    "meetings": meetings::AttendeeId;
    "meetings": meetings::MeetingId;
    "voice": voice::SipMediaApplicationId;
    "voice": voice::SipRuleId;
    "voice": voice::TransactionId;
}

open_enum! {
    /// The direction of a leg, seen from the application.
    Direction {
        /// The participant called the application.
        Inbound = "Inbound",
        /// The application called the participant.
        Outbound = "Outbound",
    }
}

open_enum! {
    /// Whether a leg is connected.
    ParticipantStatus {
        /// The leg is connected.
        Connected = "Connected",
        /// The leg has ended.
        Disconnected = "Disconnected",
    }
}

/// The state of a call at the time of an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CallDetails {
    /// The id of the call, the same in all of its events.
    pub transaction_id: TransactionId,
    /// The transaction attributes, from the last response that set them: see
    /// [`attributes`](Self::attributes).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_attributes: Option<SensitiveMap<Value>>,
    /// The AWS account of the application: twelve digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_account_id: Option<String>,
    /// The region of the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_region: Option<String>,
    /// The SIP rule that routed the call, if it is inbound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sip_rule_id: Option<SipRuleId>,
    /// The application.
    #[serde(alias = "SipApplicationId", skip_serializing_if = "Option::is_none")]
    pub sip_media_application_id: Option<SipMediaApplicationId>,
    /// The legs, one or two.
    #[serde(default)]
    pub participants: Vec<Participant>,
    /// Members unknown to this version.
    #[serde(flatten, skip_serializing_if = "SensitiveMap::is_empty")]
    pub other: SensitiveMap<Value>,
}

impl CallDetails {
    /// Creates a call with these legs.
    #[must_use]
    pub fn new(
        transaction_id: impl Into<TransactionId>,
        participants: impl Into<Vec<Participant>>,
    ) -> Self {
        Self {
            transaction_id: transaction_id.into(),
            transaction_attributes: None,
            aws_account_id: None,
            aws_region: None,
            sip_rule_id: None,
            sip_media_application_id: None,
            participants: participants.into(),
            other: SensitiveMap::default(),
        }
    }

    setters! {
        transaction_attributes, set_transaction_attributes: SensitiveMap<Value>,
        aws_account_id, set_aws_account_id: String,
        aws_region, set_aws_region: String,
        sip_rule_id, set_sip_rule_id: SipRuleId,
        sip_media_application_id, set_sip_media_application_id: SipMediaApplicationId,
    }

    /// The first leg: the caller, or the party that the application called.
    #[must_use]
    pub fn leg_a(&self) -> Option<&Participant> {
        self.tagged(&ParticipantTag::LegA)
    }

    /// The second leg: the party that the call is bridged to, or a meeting.
    #[must_use]
    pub fn leg_b(&self) -> Option<&Participant> {
        self.tagged(&ParticipantTag::LegB)
    }

    /// Finds a leg by its id.
    #[must_use]
    pub fn participant(&self, call_id: &CallId) -> Option<&Participant> {
        self.participants.iter().find(|participant| participant.call_id == *call_id)
    }

    /// Reads the transaction attributes. Returns `None` if no response has set any.
    ///
    /// # Errors
    /// If an attribute is missing or has the wrong type.
    pub fn attributes<T: DeserializeOwned>(&self) -> Result<Option<T>, ValueError> {
        let attributes = self.transaction_attributes.as_ref();
        attributes.map(|it| T::deserialize(Value::Map(it.expose().clone()))).transpose()
    }

    fn tagged(&self, tag: &ParticipantTag) -> Option<&Participant> {
        self.participants.iter().find(|participant| participant.participant_tag == *tag)
    }
}

/// A leg of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Participant {
    /// The id of the leg.
    pub call_id: CallId,
    /// The tag of the leg.
    #[serde(deserialize_with = "tag")]
    pub participant_tag: ParticipantTag,
    /// The called number, in E.164 form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<SensitiveString>,
    /// The number of the caller, in E.164 form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<SensitiveString>,
    /// The direction of the leg.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// The time when the leg was created.
    #[serde(
        rename = "StartTimeInMilliseconds",
        default,
        with = "As::<Option<MillisAsText>>",
        skip_serializing_if = "Option::is_none"
    )]
    pub start_time: Option<OffsetDateTime>,
    /// Whether the leg is connected. `None` until it is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ParticipantStatus>,
    /// The SIP headers that the leg received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sip_headers: Option<SensitiveMap<String>>,
    /// Members unknown to this version.
    #[serde(flatten, skip_serializing_if = "SensitiveMap::is_empty")]
    pub other: SensitiveMap<Value>,
}

impl Participant {
    /// Creates a leg with this id and tag.
    #[must_use]
    pub fn new(call_id: impl Into<CallId>, participant_tag: impl Into<ParticipantTag>) -> Self {
        Self {
            call_id: call_id.into(),
            participant_tag: participant_tag.into(),
            to: None,
            from: None,
            direction: None,
            start_time: None,
            status: None,
            sip_headers: None,
            other: SensitiveMap::default(),
        }
    }

    setters! {
        to, set_to: SensitiveString,
        from, set_from: SensitiveString,
        direction, set_direction: Direction,
        start_time, set_start_time: OffsetDateTime,
        status, set_status: ParticipantStatus,
        sip_headers, set_sip_headers: SensitiveMap<String>,
    }

    /// Whether the leg is connected.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.status == Some(ParticipantStatus::Connected)
    }
}

fn tag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ParticipantTag, D::Error> {
    ParticipantTag::deserialize(deserializer).map(|tag| ParticipantTag::normalized(tag.as_str()))
}

/// For `serde_with::As`: milliseconds since 1970 as text. Also reads them as a number.
struct MillisAsText;

impl SerializeAs<OffsetDateTime> for MillisAsText {
    fn serialize_as<S: Serializer>(
        time: &OffsetDateTime,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let millis = time.unix_timestamp_nanos().div_euclid(1_000_000);
        serializer.serialize_str(&millis.to_string())
    }
}

impl<'de> DeserializeAs<'de, OffsetDateTime> for MillisAsText {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<OffsetDateTime, D::Error> {
        let value = match Value::deserialize(deserializer)? {
            Value::Text(text) => match text.expose().parse() {
                Ok(millis) => Value::Integer(millis),
                Err(_) => Value::Text(text),
            },
            other => other,
        };
        EpochMillis::deserialize_as(value).map_err(D::Error::custom)
    }
}
