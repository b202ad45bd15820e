//! The records that messaging writes to a Kinesis stream.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::sub_channel::SubChannel;
use crate::messaging::{Channel, ChannelBan, ChannelMembership, ChannelMessage, ChannelModerator};
use crate::timestamp::AsText;
use crate::{SensitiveMap, Value};

open_enum! {
    /// The types of records in the stream of an app instance.
    ChannelRecordType {
        /// A message was sent.
        CreateChannelMessage = "CREATE_CHANNEL_MESSAGE",
        /// A message was updated.
        UpdateChannelMessage = "UPDATE_CHANNEL_MESSAGE",
        /// A message was redacted.
        RedactChannelMessage = "REDACT_CHANNEL_MESSAGE",
        /// A message was deleted.
        DeleteChannelMessage = "DELETE_CHANNEL_MESSAGE",
        /// A channel was created.
        CreateChannel = "CREATE_CHANNEL",
        /// A channel was updated.
        UpdateChannel = "UPDATE_CHANNEL",
        /// A channel was deleted.
        DeleteChannel = "DELETE_CHANNEL",
        /// The expiration settings of a channel were updated.
        UpdateChannelExpirationSettings = "UPDATE_CHANNEL_EXPIRATION_SETTINGS",
        /// A member was added.
        CreateChannelMembership = "CREATE_CHANNEL_MEMBERSHIP",
        /// A member was removed.
        DeleteChannelMembership = "DELETE_CHANNEL_MEMBERSHIP",
        /// A member was banned.
        CreateChannelBan = "CREATE_CHANNEL_BAN",
        /// A ban was lifted.
        DeleteChannelBan = "DELETE_CHANNEL_BAN",
        /// A moderator was added.
        CreateChannelModerator = "CREATE_CHANNEL_MODERATOR",
        /// A moderator was removed.
        DeleteChannelModerator = "DELETE_CHANNEL_MODERATOR",
        /// A sub-channel of an elastic channel was created.
        CreateSubChannel = "CREATE_SUB_CHANNEL",
        /// A sub-channel of an elastic channel was deleted.
        DeleteSubChannel = "DELETE_SUB_CHANNEL",
    }
}

/// A record in the Kinesis stream of an app instance, about a message or a channel.
///
/// A record is JSON, which Lambda delivers in Base64. Timestamps serialize as ISO 8601 text, as the service
/// writes them.
///
/// ```
/// use chime_model::events::{ChannelPayload, ChannelRecord};
///
/// let json = r#"{"EventType":"CREATE_CHANNEL_MESSAGE","Payload":{"Content":"Morning all",
///     "CreatedTimestamp":"2026-03-02T08:31:12.418Z","MessageId":"0bc42019"}}"#;
/// let record: ChannelRecord = serde_json::from_str(json).unwrap();
/// let ChannelPayload::Message(message) = &record.payload else { panic!() };
/// assert_eq!(message.message_id.as_ref().unwrap(), &"0bc42019");
/// let json = serde_json::to_value(&record).unwrap();
/// assert_eq!(json["Payload"]["CreatedTimestamp"], "2026-03-02T08:31:12.418Z");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ChannelRecord {
    /// The event type.
    pub event_type: ChannelRecordType,
    /// The object that the record is about.
    pub payload: ChannelPayload,
    /// Members unknown to this version.
    pub other: SensitiveMap<Value>,
}

impl ChannelRecord {
    /// Creates a record of this type.
    #[must_use]
    pub fn new(
        event_type: impl Into<ChannelRecordType>,
        payload: impl Into<ChannelPayload>,
    ) -> Self {
        let other = SensitiveMap::default();
        Self { event_type: event_type.into(), payload: payload.into(), other }
    }
}

/// Declares the payloads, each with the event types that carry it.
macro_rules! payloads {
    ($($(#[$doc:meta])* $variant:ident($type:ident) in $($event_type:ident)|+;)+) => {
        /// The object that a record is about. The type of the record determines the variant.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum ChannelPayload {
            $($(#[$doc])* $variant(Box<$type>),)+
            /// An object of a type unknown to this version.
            Other(SensitiveMap<Value>),
        }

        $(
            impl From<$type> for ChannelPayload {
                fn from(object: $type) -> Self {
                    Self::$variant(Box::new(object))
                }
            }
        )+

        impl ChannelPayload {
            fn read(event_type: &ChannelRecordType, value: Value) -> Result<Self, crate::ValueError> {
                match event_type {
                    $(
                        $(ChannelRecordType::$event_type)|+ => $type::deserialize(value).map(Self::from),
                    )+
                    _ => SensitiveMap::deserialize(value).map(Self::Other),
                }
            }
        }
    };
}

payloads! {
    /// A message, without its content if it was redacted or deleted.
    Message(ChannelMessage) in CreateChannelMessage | UpdateChannelMessage
        | RedactChannelMessage | DeleteChannelMessage;
    /// A channel.
    Channel(Channel) in CreateChannel | UpdateChannel | DeleteChannel
        | UpdateChannelExpirationSettings;
    /// A membership.
    Membership(ChannelMembership) in CreateChannelMembership | DeleteChannelMembership;
    /// A ban.
    Ban(ChannelBan) in CreateChannelBan | DeleteChannelBan;
    /// A moderator.
    Moderator(ChannelModerator) in CreateChannelModerator | DeleteChannelModerator;
    /// A sub-channel of an elastic channel.
    SubChannel(SubChannel) in CreateSubChannel | DeleteSubChannel;
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Raw<E, P, O> {
    event_type: E,
    payload: P,
    #[serde(flatten)]
    other: O,
}

impl Serialize for ChannelRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { event_type, payload, other } = self;
        Raw { event_type, payload: AsText(payload), other }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ChannelRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Raw { event_type, payload, other } = Raw::deserialize(deserializer)?;
        let payload = ChannelPayload::read(&event_type, payload);
        Ok(Self { event_type, payload: payload.map_err(D::Error::custom)?, other })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, from_value, json, to_value};

    fn round_trip(event_type: &str, payload: &Json) -> ChannelPayload {
        let json = json!({"EventType": event_type, "Payload": payload});
        let record: ChannelRecord = from_value(json.clone()).unwrap();
        assert_eq!(record.event_type.as_str(), event_type);
        assert_eq!(to_value(&record).unwrap(), json);
        record.payload
    }

    #[test]
    fn every_record_type_has_its_payload() {
        let payload = json!({"ChannelArn": "c", "CreatedTimestamp": "2026-03-02T08:31:12.418Z"});
        for event_type in ChannelRecordType::VALUES {
            let matches = match round_trip(event_type, &payload) {
                ChannelPayload::Message(_) => event_type.ends_with("_MESSAGE"),
                ChannelPayload::Channel(_) => !event_type.ends_with("SUB_CHANNEL"),
                ChannelPayload::Membership(_) => event_type.ends_with("_MEMBERSHIP"),
                ChannelPayload::Ban(_) => event_type.ends_with("_BAN"),
                ChannelPayload::Moderator(_) => event_type.ends_with("_MODERATOR"),
                ChannelPayload::SubChannel(_) => event_type.ends_with("SUB_CHANNEL"),
                ChannelPayload::Other(_) => false,
            };
            assert!(matches, "{event_type}");
        }
    }

    #[test]
    fn a_sub_channel_keeps_undocumented_members() {
        let json = json!({
            "ChannelArn": "c", "SubChannelId": "s-1", "MembershipCount": 2, "Reason": "secret",
        });
        let ChannelPayload::SubChannel(read) = round_trip("CREATE_SUB_CHANNEL", &json) else {
            panic!("{json}")
        };
        assert!(!format!("{read:?}").contains("secret"));
        let mut expected =
            SubChannel::default().channel_arn("c").sub_channel_id("s-1").membership_count(2_u32);
        expected.other = read.other.clone();
        assert_eq!(*read, expected);
    }

    #[test]
    fn unknown_types_survive_a_round_trip() {
        let payload = json!({"Seats": [1, {"Name": "secret"}]});
        let unknown = round_trip("ARCHIVE_CHANNEL", &payload);
        assert!(matches!(unknown, ChannelPayload::Other(_)));
        assert!(!format!("{unknown:?}").contains("secret"));
        let json = json!({"EventType": "CREATE_CHANNEL", "Payload": {}, "Seat": "secret"});
        let record: ChannelRecord = from_value(json.clone()).unwrap();
        assert!(!format!("{record:?}").contains("secret"));
        assert_eq!(to_value(&record).unwrap(), json);
    }

    #[test]
    fn a_payload_of_the_wrong_type_is_an_error() {
        let json = json!({"EventType": "CREATE_CHANNEL", "Payload": {"Name": 7}});
        let error = from_value::<ChannelRecord>(json).unwrap_err();
        assert_eq!(error.to_string(), "Name: invalid type: integer `7`, expected a string");
    }
}
