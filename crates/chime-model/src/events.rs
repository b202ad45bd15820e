//! The events that Amazon Chime sends to Amazon EventBridge, SQS, SNS and Lambda.
//!
//! An [`Event`] is the envelope; its [`Detail`] describes what happened. A detail can also be read without the
//! envelope, as an input path of EventBridge delivers it. Unknown detail-types, event types and members are
//! kept and survive a round trip.
//!
//! ```
//! use chime_model::events::{Detail, Event};
//! # #[cfg(feature = "meetings")]
//! use chime_model::events::MeetingEventType;
//!
//! let json = r#"{
//!     "version": "0", "id": "6d1f0a52-7c3e-4b98-a1d4-0e9b8c27f563", "source": "aws.chime",
//!     "account": "111122223333", "time": "2026-03-02T09:00:10Z", "region": "us-east-1",
//!     "resources": [], "detail-type": "Chime Meeting State Change",
//!     "detail": {
//!         "version": "0", "eventType": "chime:AttendeeJoined", "timestamp": 1772442010482,
//!         "meetingId": "3f9c2a71-84d5-4e0b-9c36-7a1e5b082713", "networkType": "Voip",
//!         "attendeeId": "5b0e7d92-c3f1-a846-2d75-9e14b6f8a037", "externalUserId": "ana"
//!     }
//! }"#;
//! let event: Event = serde_json::from_str(json).unwrap();
//! match event.detail {
//! #   #[cfg(feature = "meetings")]
//!     Detail::Meeting(event) if event.event_type == MeetingEventType::AttendeeJoined => {
//!         assert_eq!(event.external_user_id.unwrap().as_str(), "ana");
//!     }
//!     _ => {}
//! }
//! ```
//!
//! | Origin | Read it with |
//! | --- | --- |
//! | EventBridge | [`Event`], or `Event<MeetingEvent>` if a rule selects one kind of event |
//! | an input path `$.detail` | [`Detail`] |
//! | the body of an SQS message, the message of an SNS notification | [`read`] |
//! | the input of a Lambda function, from EventBridge, SQS or SNS | [`Delivery`] |
//! | EventBridge, `AWS API Call via CloudTrail` | `Event<CloudTrailRecord>`: see [`cloud_trail`](crate::cloud_trail) |
//! | a Kinesis stream of messaging | `ChannelRecord` (feature `messaging`) |
//! | the input of a function that handles calls | `Invocation` in `sma` (feature `sma`) |
//! | the input of a channel flow's processor | `ChannelMessageEvent` (feature `messaging`) |
//!
//! Delivery is best effort: events can be lost, repeated and out of order. Most details have a timestamp by
//! which they can be ordered.

#[cfg(any(feature = "media-pipelines", feature = "voice"))]
mod call_direction;
#[cfg(feature = "messaging")]
mod channel_flow;
#[cfg(feature = "messaging")]
mod channel_message_event;
#[cfg(feature = "messaging")]
mod channel_record;
mod delivery;
mod detail;
#[cfg(feature = "media-pipelines")]
mod media_insights;
#[cfg(feature = "media-pipelines")]
mod media_pipeline;
#[cfg(feature = "meetings")]
mod meeting;
#[cfg(feature = "media-pipelines")]
mod stream_pool;
#[cfg(feature = "messaging")]
mod sub_channel;
#[cfg(test)]
#[cfg(all(
    feature = "media-pipelines",
    feature = "meetings",
    feature = "messaging",
    feature = "voice"
))]
mod tests;
#[allow(dead_code, reason = "a service need not use all of them")]
pub(crate) mod timestamps;
#[cfg(feature = "voice")]
mod voice_connector;

use serde::{Deserialize, Serialize};
use serde_with::As;
use time::OffsetDateTime;

use crate::{SensitiveMap, Value};
use timestamps::IsoSeconds;

#[cfg(any(feature = "media-pipelines", feature = "voice"))]
pub use call_direction::CallDirection;
#[cfg(feature = "messaging")]
pub use channel_flow::{ChannelFlowEvent, ChannelFlowEventType};
#[cfg(feature = "messaging")]
pub use channel_message_event::{ChannelMessageEvent, ChannelMessageEventType};
#[cfg(feature = "messaging")]
pub use channel_record::{ChannelPayload, ChannelRecord, ChannelRecordType};
pub use delivery::{Delivery, read};
pub use detail::{Detail, DetailType};
#[cfg(feature = "media-pipelines")]
pub use media_insights::{MediaInsightsElementStatus, MediaInsightsEvent, MediaInsightsEventType};
#[cfg(feature = "media-pipelines")]
pub use media_pipeline::{MediaPipelineEvent, MediaPipelineEventType};
#[cfg(feature = "meetings")]
pub use meeting::{EventCapabilities, MeetingEvent, MeetingEventType, UpdateOutcome};
#[cfg(feature = "media-pipelines")]
pub use stream_pool::{StreamPoolEvent, StreamPoolEventType};
#[cfg(feature = "messaging")]
pub use sub_channel::SubChannel;
#[cfg(feature = "voice")]
pub use voice_connector::{StreamingStatus, VoiceConnectorEvent};

/// An event in its envelope.
///
/// EventBridge sends all members. The SQS queue or SNS topic of a meeting receives the same envelope without
/// `id` and `resources`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Event<D = Detail> {
    /// The version of the envelope, `0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The id of the event, a GUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The kind of event.
    pub detail_type: DetailType,
    /// The service that sent the event, `aws.chime`.
    pub source: String,
    /// The AWS account of the resource, twelve digits.
    pub account: String,
    /// The time when the event was sent; in EventBridge to the second. The detail has the time of the change.
    #[serde(with = "As::<IsoSeconds>")]
    pub time: OffsetDateTime,
    /// The control region of the resource.
    pub region: String,
    /// The ARNs of resources; always empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<String>>,
    /// What happened.
    pub detail: D,
    /// Members unknown to this version.
    #[serde(flatten, skip_serializing_if = "SensitiveMap::is_empty")]
    pub other: SensitiveMap<Value>,
}

impl<D> Event<D> {
    /// Creates an event of `aws.chime`, in the form that queues and topics receive.
    #[must_use]
    pub fn new(
        detail_type: impl Into<DetailType>,
        detail: impl Into<D>,
        account: impl Into<String>,
        region: impl Into<String>,
        time: OffsetDateTime,
    ) -> Self {
        Self {
            version: Some("0".to_owned()),
            id: None,
            detail_type: detail_type.into(),
            source: "aws.chime".to_owned(),
            account: account.into(),
            time,
            region: region.into(),
            resources: None,
            detail: detail.into(),
            other: SensitiveMap::default(),
        }
    }

    setters! {
        id, set_id: String,
        resources, set_resources: Vec<String>,
    }
}
