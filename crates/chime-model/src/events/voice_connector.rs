//! Events of media streaming from Voice Connectors.

use serde::{Deserialize, Serialize};
use serde_with::As;
use time::OffsetDateTime;

use super::call_direction::CallDirection;
use crate::timestamp::Iso8601;
use crate::voice::{TransactionId, VoiceConnectorId};
use crate::{SensitiveMap, SensitiveString, Value};

open_enum! {
    /// The status of media streaming.
    StreamingStatus {
        /// Streaming started.
        Started = "STARTED",
        /// The SIP session of the stream was updated.
        Updated = "UPDATED",
        /// Streaming ended.
        Ended = "ENDED",
        /// Streaming failed.
        Failed = "FAILED",
    }
}

/// The detail of `Chime VoiceConnector Streaming Status`, about one leg of a call that is streamed to Kinesis
/// Video Streams.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VoiceConnectorEvent {
    /// The SIP call id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// The direction of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<CallDirection>,
    /// The number of the caller, in E.164 form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_number: Option<SensitiveString>,
    /// The called number, in E.164 form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_number: Option<SensitiveString>,
    /// Whether the stream carries the audio of the caller (`true`) or of the called party (`false`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_caller: Option<bool>,
    /// The media type of the stream, such as `audio/L16`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The headers of the SIP INVITE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invite_headers: Option<SensitiveMap<String>>,
    /// The headers of the SIP request that updated the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_headers: Option<SensitiveMap<String>>,
    /// The SIPREC metadata of the call: XML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub siprec_metadata: Option<SensitiveString>,
    /// The index and the label of the stream in the session description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sdp: Option<SensitiveMap<Value>>,
    /// The number of the first fragment in the stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_fragment_number: Option<String>,
    /// The time when the stream started.
    #[serde(default, with = "As::<Option<Iso8601>>", skip_serializing_if = "Option::is_none")]
    pub start_time: Option<OffsetDateTime>,
    /// The number of the last fragment in the stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_fragment_number: Option<String>,
    /// The time when the stream ended.
    #[serde(default, with = "As::<Option<Iso8601>>", skip_serializing_if = "Option::is_none")]
    pub end_time: Option<OffsetDateTime>,
    /// The time when streaming failed.
    #[serde(default, with = "As::<Option<Iso8601>>", skip_serializing_if = "Option::is_none")]
    pub fail_time: Option<OffsetDateTime>,
    /// The reason why streaming failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// The Kinesis video stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_arn: Option<String>,
    /// The id of the call, which all of its legs share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<TransactionId>,
    /// The Voice Connector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice_connector_id: Option<VoiceConnectorId>,
    /// The status of streaming.
    pub streaming_status: StreamingStatus,
    /// The version of the detail, `0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Members unknown to this version.
    #[serde(flatten, skip_serializing_if = "SensitiveMap::is_empty")]
    pub other: SensitiveMap<Value>,
}

impl VoiceConnectorEvent {
    /// Creates an event with this status.
    #[must_use]
    pub fn new(streaming_status: impl Into<StreamingStatus>) -> Self {
        Self {
            call_id: None,
            direction: None,
            from_number: None,
            to_number: None,
            is_caller: None,
            media_type: None,
            invite_headers: None,
            update_headers: None,
            siprec_metadata: None,
            sdp: None,
            start_fragment_number: None,
            start_time: None,
            end_fragment_number: None,
            end_time: None,
            fail_time: None,
            failure_reason: None,
            stream_arn: None,
            transaction_id: None,
            voice_connector_id: None,
            streaming_status: streaming_status.into(),
            version: Some("0".to_owned()),
            other: SensitiveMap::default(),
        }
    }

    setters! {
        call_id, set_call_id: String,
        direction, set_direction: CallDirection,
        from_number, set_from_number: SensitiveString,
        to_number, set_to_number: SensitiveString,
        is_caller, set_is_caller: bool,
        media_type, set_media_type: String,
        invite_headers, set_invite_headers: SensitiveMap<String>,
        update_headers, set_update_headers: SensitiveMap<String>,
        siprec_metadata, set_siprec_metadata: SensitiveString,
        sdp, set_sdp: SensitiveMap<Value>,
        start_fragment_number, set_start_fragment_number: String,
        start_time, set_start_time: OffsetDateTime,
        end_fragment_number, set_end_fragment_number: String,
        end_time, set_end_time: OffsetDateTime,
        fail_time, set_fail_time: OffsetDateTime,
        failure_reason, set_failure_reason: String,
        stream_arn, set_stream_arn: String,
        transaction_id, set_transaction_id: TransactionId,
        voice_connector_id, set_voice_connector_id: VoiceConnectorId,
        version, set_version: String,
    }
}
