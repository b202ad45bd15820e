//! Events of channel flows.

use serde::{Deserialize, Serialize};

use crate::messaging::{AppInstanceArn, ChannelArn, MessageId};
use crate::{SensitiveMap, Value};

open_enum! {
    /// The types of channel flow events.
    ChannelFlowEventType {
        /// The processor could not be invoked, regardless of its fallback action.
        ProcessorInvocationFailure = "ProcessorInvocationFailure",
    }
}

/// The detail of `Chime ChannelFlow Processing Status`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChannelFlowEvent {
    /// The event type.
    pub event_type: ChannelFlowEventType,
    /// The app instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_instance_arn: Option<AppInstanceArn>,
    /// The channel of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_arn: Option<ChannelArn>,
    /// The message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<MessageId>,
    /// The Lambda function of the processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processor_resource_arn: Option<String>,
    /// The reason why the processor could not be invoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// Members unknown to this version.
    #[serde(flatten, skip_serializing_if = "SensitiveMap::is_empty")]
    pub other: SensitiveMap<Value>,
}

impl ChannelFlowEvent {
    /// Creates an event of this type.
    #[must_use]
    pub fn new(event_type: impl Into<ChannelFlowEventType>) -> Self {
        Self {
            event_type: event_type.into(),
            app_instance_arn: None,
            channel_arn: None,
            message_id: None,
            processor_resource_arn: None,
            failure_reason: None,
            other: SensitiveMap::default(),
        }
    }

    setters! {
        app_instance_arn, set_app_instance_arn: AppInstanceArn,
        channel_arn, set_channel_arn: ChannelArn,
        message_id, set_message_id: MessageId,
        processor_resource_arn, set_processor_resource_arn: String,
        failure_reason, set_failure_reason: String,
    }
}
