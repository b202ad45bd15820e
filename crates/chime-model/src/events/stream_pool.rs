//! Events of pools of Kinesis video streams.

use serde::{Deserialize, Serialize};
use serde_with::As;
use time::OffsetDateTime;

use super::timestamps::EpochMillis;
use crate::media_pipelines::PoolArn;
use crate::{SensitiveMap, Value};

open_enum! {
    /// The types of events of Kinesis video stream pools.
    StreamPoolEventType {
        /// The pool was created and can be used.
        Active = "chime:MediaPipelineKinesisVideoStreamPoolActive",
        /// The pool was updated.
        Updated = "chime:MediaPipelineKinesisVideoStreamPoolUpdated",
        /// The pool was deleted.
        Deleted = "chime:MediaPipelineKinesisVideoStreamPoolDeleted",
        /// The pool failed temporarily and recovers without a call.
        TemporaryFailure = "chime:MediaPipelineKinesisVideoStreamPoolTemporaryFailure",
        /// The pool failed permanently.
        PermanentFailure = "chime:MediaPipelineKinesisVideoStreamPoolPermanentFailure",
    }
}

/// The detail of `Chime Media Pipeline Kinesis Video Pool State Change`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StreamPoolEvent {
    /// The version of the detail, `0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The event type.
    pub event_type: StreamPoolEventType,
    /// The time of the change, to the millisecond.
    #[serde(default, with = "As::<Option<EpochMillis>>", skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<OffsetDateTime>,
    /// The media region of the pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_region: Option<String>,
    /// The pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_arn: Option<PoolArn>,
    /// Members unknown to this version.
    #[serde(flatten, skip_serializing_if = "SensitiveMap::is_empty")]
    pub other: SensitiveMap<Value>,
}

impl StreamPoolEvent {
    /// Creates an event of this type.
    #[must_use]
    pub fn new(event_type: impl Into<StreamPoolEventType>) -> Self {
        Self {
            version: None,
            event_type: event_type.into(),
            timestamp: None,
            media_region: None,
            pool_arn: None,
            other: SensitiveMap::default(),
        }
    }

    setters! {
        version, set_version: String,
        timestamp, set_timestamp: OffsetDateTime,
        media_region, set_media_region: String,
        pool_arn, set_pool_arn: PoolArn,
    }
}
