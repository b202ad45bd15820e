//! Events of media pipelines.

use serde::{Deserialize, Serialize};
use serde_with::As;
use time::OffsetDateTime;

use super::timestamps::EpochMillis;
use crate::media_pipelines::{AttendeeId, ExternalUserId, MediaPipelineId, StreamArn};
use crate::timestamp::Iso8601;
use crate::{SensitiveMap, SensitiveString, Value};

open_enum! {
    /// The types of media pipeline events.
    MediaPipelineEventType {
        /// The pipeline is running.
        MediaPipelineInProgress = "chime:MediaPipelineInProgress",
        /// The pipeline stopped, for any reason.
        MediaPipelineDeleted = "chime:MediaPipelineDeleted",
        /// The pipeline failed temporarily and is retried.
        MediaPipelineTemporaryFailure = "chime:MediaPipelineTemporaryFailure",
        /// The pipeline resumed after a temporary failure.
        MediaPipelineResumed = "chime:MediaPipelineResumed",
        /// The pipeline failed permanently.
        MediaPipelinePermanentFailure = "chime:MediaPipelinePermanentFailure",
        /// Audio started to flow into a Kinesis video stream.
        MediaPipelineKinesisVideoStreamStart = "chime:MediaPipelineKinesisVideoStreamStart",
        /// Audio ended in a Kinesis video stream.
        MediaPipelineKinesisVideoStreamEnd = "chime:MediaPipelineKinesisVideoStreamEnd",
    }
}

/// The detail of `Chime Media Pipeline State Change`: a media pipeline, or one of its streams.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MediaPipelineEvent {
    /// The version of the detail, `0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The event type.
    pub event_type: MediaPipelineEventType,
    /// The time of the change, to the millisecond.
    #[serde(default, with = "As::<Option<EpochMillis>>", skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<OffsetDateTime>,
    /// The meeting: a GUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meeting_id: Option<String>,
    /// The external id of the meeting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_meeting_id: Option<SensitiveString>,
    /// The pipeline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_pipeline_id: Option<MediaPipelineId>,
    /// The media region of the meeting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_region: Option<String>,
    /// The attendee whose audio the stream carries; empty for mixed audio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attendee_id: Option<AttendeeId>,
    /// The external user id of the attendee; empty for mixed audio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_user_id: Option<ExternalUserId>,
    /// The stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kinesis_video_stream_arn: Option<StreamArn>,
    /// The number of the first fragment in the stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_fragment_number: Option<String>,
    /// The time when the stream started.
    #[serde(default, with = "As::<Option<Iso8601>>", skip_serializing_if = "Option::is_none")]
    pub start_time: Option<OffsetDateTime>,
    /// Members unknown to this version.
    #[serde(flatten, skip_serializing_if = "SensitiveMap::is_empty")]
    pub other: SensitiveMap<Value>,
}

impl MediaPipelineEvent {
    /// Creates an event of this type.
    #[must_use]
    pub fn new(event_type: impl Into<MediaPipelineEventType>) -> Self {
        Self {
            version: Some("0".to_owned()),
            event_type: event_type.into(),
            timestamp: None,
            meeting_id: None,
            external_meeting_id: None,
            media_pipeline_id: None,
            media_region: None,
            attendee_id: None,
            external_user_id: None,
            kinesis_video_stream_arn: None,
            start_fragment_number: None,
            start_time: None,
            other: SensitiveMap::default(),
        }
    }

    setters! {
        version, set_version: String,
        timestamp, set_timestamp: OffsetDateTime,
        meeting_id, set_meeting_id: String,
        external_meeting_id, set_external_meeting_id: SensitiveString,
        media_pipeline_id, set_media_pipeline_id: MediaPipelineId,
        media_region, set_media_region: String,
        attendee_id, set_attendee_id: AttendeeId,
        external_user_id, set_external_user_id: ExternalUserId,
        kinesis_video_stream_arn, set_kinesis_video_stream_arn: StreamArn,
        start_fragment_number, set_start_fragment_number: String,
        start_time, set_start_time: OffsetDateTime,
    }
}
