//! The event that invokes the processor of a channel flow.

use serde::{Deserialize, Serialize, Serializer};

use crate::messaging::{CallbackId, ChannelMessage};
use crate::timestamp::AsText;
use crate::{SensitiveMap, Value};

open_enum! {
    /// The types of requests of a channel flow to its processor.
    ChannelMessageEventType {
        /// A message was sent or updated and has to be processed.
        ChannelMessage = "CHANNEL_MESSAGE_EVENT",
    }
}

/// The input of the Lambda function that processes the messages of a channel flow.
///
/// The function responds by calling
/// [`ChannelFlowCallback`](crate::messaging::ChannelFlowCallbackRequest) within 48 hours. It can be
/// invoked more than once for a message. An updated message has a `last_edited_timestamp`.
///
/// ```
/// use chime_model::events::ChannelMessageEvent;
/// use chime_model::messaging::{ChannelFlowCallbackRequest, ChannelMessageCallback};
///
/// let json = r#"{"EventType":"CHANNEL_MESSAGE_EVENT","CallbackId":"3c1a80f2-57d9-4e46-b0c7-92e8d4a16b35",
///     "ChannelMessage":{"MessageId":"0bc42019","ChannelArn":"arn","Content":"Morning all",
///     "LastEditedTimestamp":null,"CreatedTimestamp":"2026-03-02T08:31:12.418Z"}}"#;
/// let event: ChannelMessageEvent = serde_json::from_str(json).unwrap();
/// let message = event.channel_message;
/// let changed = ChannelMessageCallback::new(message.message_id.unwrap()).content("Morning!");
/// let callback =
///     ChannelFlowCallbackRequest::new(event.callback_id, message.channel_arn.unwrap(), changed);
/// assert_eq!(callback.delete_resource, None);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ChannelMessageEvent {
    /// The type of the request.
    pub event_type: ChannelMessageEventType,
    /// The id of the invocation, which the callback repeats.
    pub callback_id: CallbackId,
    /// The message. Timestamps are written as ISO 8601 text, as the service does.
    #[serde(serialize_with = "as_text")]
    pub channel_message: ChannelMessage,
    /// Members unknown to this version.
    #[serde(flatten, skip_serializing_if = "SensitiveMap::is_empty")]
    pub other: SensitiveMap<Value>,
}

impl ChannelMessageEvent {
    /// Creates an event for a message.
    #[must_use]
    pub fn new(callback_id: impl Into<CallbackId>, channel_message: ChannelMessage) -> Self {
        Self {
            event_type: ChannelMessageEventType::ChannelMessage,
            callback_id: callback_id.into(),
            channel_message,
            other: SensitiveMap::default(),
        }
    }
}

fn as_text<S: Serializer>(message: &ChannelMessage, serializer: S) -> Result<S::Ok, S::Error> {
    AsText(message).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json, to_value};

    #[test]
    fn a_message_of_an_elastic_channel() {
        let json = json!({
            "EventType": "CHANNEL_MESSAGE_EVENT", "CallbackId": "3c1a80f2", "Later": "secret",
            "ChannelMessage": {
                "MessageId": "0bc42019", "ChannelArn": "arn", "SubChannelId": "s-1",
                "Content": "secret", "Metadata": "secret", "ContentType": "secret",
                "Sender": {"Arn": "arn", "Name": "secret"}, "Target": [{"MemberArn": "arn"}],
                "Persistence": "PERSISTENT", "Type": "STANDARD",
                "MessageAttributes": {"mood": {"StringValues": ["secret"]}},
                "CreatedTimestamp": "2026-03-02T08:31:12.418Z",
                "LastEditedTimestamp": "2026-03-02T08:32:00.000Z",
            },
        });
        let event: ChannelMessageEvent = from_value(json.clone()).unwrap();
        assert_eq!(to_value(&event).unwrap(), json);
        assert!(!format!("{event:?}").contains("secret"));
        let new = ChannelMessageEvent::new("3c1a80f2", event.channel_message.clone());
        assert_eq!(
            (new.event_type, new.channel_message),
            (event.event_type, event.channel_message)
        );
    }
}
