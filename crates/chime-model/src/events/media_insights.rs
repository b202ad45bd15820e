//! Events of media insights pipelines.

use serde::{Deserialize, Serialize};
use serde_with::As;
use time::OffsetDateTime;

use super::call_direction::CallDirection;
use super::timestamps::EpochMillis;
use crate::media_pipelines::{MediaInsightsPipelineConfigurationArn, MediaPipelineArn};
use crate::{SensitiveMap, SensitiveString, Value};

open_enum! {
    /// The types of media insights pipeline events.
    MediaInsightsEventType {
        /// A Voice Connector created the pipeline for a call.
        Created = "chime:MediaInsightsCreated",
        /// A Voice Connector could not create the pipeline for a call.
        CreateFailed = "chime:MediaInsightsCreateFailed",
        /// The pipeline is running, or the status of an element changed.
        InProgress = "chime:MediaInsightsInProgress",
        /// The pipeline is paused.
        Paused = "chime:MediaInsightsPaused",
        /// The pipeline stopped.
        Stopped = "chime:MediaInsightsStopped",
        /// The pipeline failed temporarily and is retried.
        TemporaryFailure = "chime:MediaInsightsTemporaryFailure",
        /// The pipeline failed permanently.
        PermanentFailure = "chime:MediaInsightsPermanentFailure",
    }
}

/// The detail of `Media Insights State Change`.
///
/// The detail contains the runtime metadata of the pipeline. Metadata that a Voice Connector adds has typed
/// fields; all other metadata is in [`other`](Self::other). The detail has no timestamp: use the time of the
/// envelope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MediaInsightsEvent {
    /// The version of the detail, `0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The event type.
    pub event_type: MediaInsightsEventType,
    /// The pipeline; absent if its creation failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_insights_pipeline_arn: Option<MediaPipelineArn>,
    /// The configuration, in `Created` and `CreateFailed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_insights_pipeline_configuration_arn: Option<MediaInsightsPipelineConfigurationArn>,
    /// The status of each element, if the pipeline has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_insights_pipeline_element_statuses: Option<Vec<MediaInsightsElementStatus>>,
    /// The reason why the pipeline or its creation failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// The component in which the creation failed: `Voice Connector`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_origin: Option<String>,
    /// The SIP call id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// The id of the call, which all of its legs share: a GUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<String>,
    /// The number of the caller, in E.164 form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_number: Option<SensitiveString>,
    /// The called number, in E.164 form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_number: Option<SensitiveString>,
    /// The Voice Connector of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice_connector_id: Option<String>,
    /// The direction of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<CallDirection>,
    /// The caller's runtime metadata, and members unknown to this version.
    #[serde(flatten, skip_serializing_if = "SensitiveMap::is_empty")]
    pub other: SensitiveMap<Value>,
}

impl MediaInsightsEvent {
    /// Creates an event of this type.
    #[must_use]
    pub fn new(event_type: impl Into<MediaInsightsEventType>) -> Self {
        Self {
            version: Some("0".to_owned()),
            event_type: event_type.into(),
            media_insights_pipeline_arn: None,
            media_insights_pipeline_configuration_arn: None,
            media_insights_pipeline_element_statuses: None,
            failure_reason: None,
            failure_origin: None,
            call_id: None,
            transaction_id: None,
            from_number: None,
            to_number: None,
            voice_connector_id: None,
            direction: None,
            other: SensitiveMap::default(),
        }
    }

    setters! {
        version, set_version: String,
        media_insights_pipeline_arn, set_media_insights_pipeline_arn: MediaPipelineArn,
        media_insights_pipeline_configuration_arn, set_media_insights_pipeline_configuration_arn: MediaInsightsPipelineConfigurationArn,
        media_insights_pipeline_element_statuses, set_media_insights_pipeline_element_statuses: Vec<MediaInsightsElementStatus>,
        failure_reason, set_failure_reason: String,
        failure_origin, set_failure_origin: String,
        call_id, set_call_id: String,
        transaction_id, set_transaction_id: String,
        from_number, set_from_number: SensitiveString,
        to_number, set_to_number: SensitiveString,
        voice_connector_id, set_voice_connector_id: String,
        direction, set_direction: CallDirection,
    }
}

/// The status of one element of a media insights pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MediaInsightsElementStatus {
    /// The type of the element, such as `AmazonTranscribeProcessor`.
    pub r#type: String,
    /// The status: `NotStarted`, `InProgress`, `Paused`, `Stopped`, `Failed` or `NotSupported`.
    pub status: String,
    /// The time when the status changed.
    #[serde(default, with = "As::<Option<EpochMillis>>", skip_serializing_if = "Option::is_none")]
    pub updated_on: Option<OffsetDateTime>,
    /// A human-readable reason for the status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_detail: Option<String>,
    /// Members unknown to this version.
    #[serde(flatten, skip_serializing_if = "SensitiveMap::is_empty")]
    pub other: SensitiveMap<Value>,
}

impl MediaInsightsElementStatus {
    /// Creates the status of an element.
    #[must_use]
    pub fn new(r#type: impl Into<String>, status: impl Into<String>) -> Self {
        Self {
            r#type: r#type.into(),
            status: status.into(),
            updated_on: None,
            status_detail: None,
            other: SensitiveMap::default(),
        }
    }

    setters! {
        updated_on, set_updated_on: OffsetDateTime,
        status_detail, set_status_detail: String,
    }
}
