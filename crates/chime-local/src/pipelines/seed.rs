//! Pipelines, configurations and pools as seeds have them.

mod export;
mod put;
mod put_insights;

use chime_model::media_pipelines::*;
use chime_model::meetings::{ExternalMeetingId, MeetingId, NotificationsConfiguration};
use chime_model::timestamp::Iso8601;
use chime_model::{
    Describe, Enumeration, MapShape, NumberShape, SensitiveMap, SensitiveString, Shape, TextShape,
    meetings,
};
use serde_with::As;
use time::OffsetDateTime;

use crate::engine::document::{GUID, ID, SECRET, TIMESTAMP, document, list};
use crate::pipelines::record::TaskKind;

const TEXT: Shape = ID;
static ANY: Shape = Shape::Text(TextShape { sensitive: true, ..TextShape::ANY });
static METADATA: Shape = Shape::Map(MapShape { key: &ANY, value: &ANY, min: None, max: None });
static ELEMENT_STATUS: Shape = Shape::Structure(MediaInsightsPipelineElementStatus::SHAPE);
const ELEMENT_STATUSES: Shape = list(&ELEMENT_STATUS);
const HOURS: Shape = Shape::Integer(NumberShape { min: Some(0), max: None });
static STATUS: Shape = Shape::Enumeration(Enumeration {
    name: "MediaPipelineStatus",
    values: MediaPipelineStatus::VALUES,
});
static POOL_STATUS: Shape = Shape::Enumeration(Enumeration {
    name: "KinesisVideoStreamPoolStatus",
    values: KinesisVideoStreamPoolStatus::VALUES,
});
static TASK_STATUS: Shape = Shape::Enumeration(Enumeration {
    name: "MediaPipelineTaskStatus",
    values: MediaPipelineTaskStatus::VALUES,
});
static TASK_KIND: Shape =
    Shape::Enumeration(Enumeration { name: "TaskKind", values: TaskKind::VALUES });

/// Declares a kind of pipeline: its own members, and those that all kinds have.
macro_rules! pipeline_document {
    ($(#[$meta:meta])* pub struct $name:ident { $($own:tt)* }) => {
        document! {
            $(#[$meta])*
            pub struct $name {
                /// The pipeline, a GUID.
                required media_pipeline_id("MediaPipelineId"): MediaPipelineId = GUID,
                $($own)*
                /// Its status; `InProgress` by default.
                optional status("Status"): MediaPipelineStatus = STATUS,
                /// When it was created.
                #[serde(with = "As::<Option<Iso8601>>")]
                optional created_timestamp("CreatedTimestamp"): OffsetDateTime = TIMESTAMP,
                /// When its status changed last; by default when it was created.
                #[serde(with = "As::<Option<Iso8601>>")]
                optional updated_timestamp("UpdatedTimestamp"): OffsetDateTime = TIMESTAMP,
                /// Its tags.
                list tags("Tags"): Tag = Shape::Structure(Tag::SHAPE),
                /// Its meeting. If unset, it follows from the source, and a pipeline in progress is
                /// made an attendee of it.
                optional meeting("Meeting"): SdkPipelineMeeting =
                    Shape::Structure(SdkPipelineMeeting::SHAPE),
            }
        }
    };
}

document! {
    /// The meeting of a pipeline, which may have ended.
    pub struct SdkPipelineMeeting {
        /// The meeting, a GUID.
        required meeting_id("MeetingId"): MeetingId = GUID,
        /// The control region of the meeting; that of the pipeline by default.
        optional control_region("ControlRegion"): String = TEXT,
        /// The meeting, as its maker named it.
        optional external_meeting_id("ExternalMeetingId"): ExternalMeetingId = SECRET,
        /// The region of its media.
        optional media_region("MediaRegion"): String = TEXT,
        /// Where its events go beside EventBridge.
        optional notifications_configuration("NotificationsConfiguration"): NotificationsConfiguration =
            Shape::Structure(NotificationsConfiguration::SHAPE),
        /// The attendee that the pipeline is in the meeting.
        optional attendee_id("AttendeeId"): meetings::AttendeeId = GUID,
    }
}

pipeline_document! {
    /// A pipeline that writes a meeting to a bucket.
    pub struct SdkCapturePipeline {
        /// The ARN of the meeting.
        required source_arn("SourceArn"): MeetingArn = SECRET,
        /// The ARN of the bucket.
        required sink_arn("SinkArn"): SensitiveString = SECRET,
        /// The role that it writes with.
        optional sink_iam_role_arn("SinkIamRoleArn"): SensitiveString = SECRET,
        /// How it encrypts.
        optional sse_aws_key_management_params("SseAwsKeyManagementParams"): SseAwsKeyManagementParams =
            Shape::Structure(SseAwsKeyManagementParams::SHAPE),
        /// What it captures; by default what it would without being told.
        optional chime_sdk_meeting_configuration("ChimeSdkMeetingConfiguration"): ChimeSdkMeetingConfiguration =
            Shape::Structure(ChimeSdkMeetingConfiguration::SHAPE),
    }
}

pipeline_document! {
    /// A pipeline that streams a meeting to an RTMP endpoint.
    pub struct SdkLiveConnectorPipeline {
        /// The meeting.
        list sources("Sources"): LiveConnectorSourceConfiguration =
            Shape::Structure(LiveConnectorSourceConfiguration::SHAPE),
        /// The endpoint.
        list sinks("Sinks"): LiveConnectorSinkConfiguration =
            Shape::Structure(LiveConnectorSinkConfiguration::SHAPE),
    }
}

pipeline_document! {
    /// A pipeline that writes the audio of a meeting to pools of Kinesis video streams.
    pub struct SdkStreamPipeline {
        /// The meeting.
        list sources("Sources"): MediaStreamSource = Shape::Structure(MediaStreamSource::SHAPE),
        /// The pools.
        list sinks("Sinks"): MediaStreamSink = Shape::Structure(MediaStreamSink::SHAPE),
        /// The streams that it writes to.
        list streams("Streams"): SdkKinesisVideoStream =
            Shape::Structure(SdkKinesisVideoStream::SHAPE),
    }
}

document! {
    /// A Kinesis video stream that a pipeline writes to.
    pub struct SdkKinesisVideoStream {
        /// The stream.
        required stream_arn("StreamArn"): StreamArn = TEXT,
        /// The number of its first fragment.
        required start_fragment_number("StartFragmentNumber"): String = TEXT,
        /// When it started.
        #[serde(with = "As::<Iso8601>")]
        required start_time("StartTime"): OffsetDateTime = TIMESTAMP,
        /// Whose audio it is; unset for mixed audio.
        optional attendee_id("AttendeeId"): AttendeeId = TEXT,
        /// The user behind the attendee.
        optional external_user_id("ExternalUserId"): ExternalUserId = SECRET,
        /// Whether audio has ceased to flow.
        default ended("Ended"): bool = Shape::Boolean,
    }
}

pipeline_document! {
    /// A pipeline that joins what a capture pipeline wrote.
    pub struct SdkConcatenationPipeline {
        /// The capture pipeline, a GUID.
        required capture_pipeline_id("CapturePipelineId"): MediaPipelineId = GUID,
        /// The ARN of the bucket.
        required destination("Destination"): SensitiveString = SECRET,
        /// What it joins; everything by default.
        optional artifacts_configuration("ArtifactsConfiguration"): ArtifactsConcatenationConfiguration =
            Shape::Structure(ArtifactsConcatenationConfiguration::SHAPE),
    }
}

pipeline_document! {
    /// A pipeline that analyzes audio. It has no meeting.
    pub struct SdkInsightsPipeline {
        /// The ARN of its configuration.
        required media_insights_pipeline_configuration_arn("MediaInsightsPipelineConfigurationArn"):
            MediaInsightsPipelineConfigurationArn = SECRET,
        /// The live streams that it analyzes.
        optional kinesis_video_stream_source_runtime_configuration(
            "KinesisVideoStreamSourceRuntimeConfiguration"
        ): KinesisVideoStreamSourceRuntimeConfiguration =
            Shape::Structure(KinesisVideoStreamSourceRuntimeConfiguration::SHAPE),
        /// The stored streams that it records.
        optional kinesis_video_stream_recording_source_runtime_configuration(
            "KinesisVideoStreamRecordingSourceRuntimeConfiguration"
        ): KinesisVideoStreamRecordingSourceRuntimeConfiguration =
            Shape::Structure(KinesisVideoStreamRecordingSourceRuntimeConfiguration::SHAPE),
        /// What its events say beyond their own.
        optional media_insights_runtime_metadata("MediaInsightsRuntimeMetadata"): SensitiveMap<String> =
            METADATA,
        /// Where it records to, in place of what the configuration says.
        optional s3_recording_sink_runtime_configuration("S3RecordingSinkRuntimeConfiguration"):
            S3RecordingSinkRuntimeConfiguration =
            Shape::Structure(S3RecordingSinkRuntimeConfiguration::SHAPE),
        /// Its elements, by `Type`; by default those of the configuration.
        optional element_statuses("ElementStatuses"): Vec<MediaInsightsPipelineElementStatus> =
            ELEMENT_STATUSES,
        /// Its tasks.
        list tasks("Tasks"): SdkTask = Shape::Structure(SdkTask::SHAPE),
    }
}

document! {
    /// A task of an insights pipeline.
    pub struct SdkTask {
        /// The task, a GUID.
        required task_id("TaskId"): String = GUID,
        /// What it does.
        required kind("Kind"): TaskKind = TASK_KIND,
        /// Its status; `InProgress` by default.
        optional status("Status"): MediaPipelineTaskStatus = TASK_STATUS,
        /// When it was created.
        #[serde(with = "As::<Option<Iso8601>>")]
        optional created_timestamp("CreatedTimestamp"): OffsetDateTime = TIMESTAMP,
        /// When its status changed last; by default when it was created.
        #[serde(with = "As::<Option<Iso8601>>")]
        optional updated_timestamp("UpdatedTimestamp"): OffsetDateTime = TIMESTAMP,
    }
}

document! {
    /// A configuration of insights pipelines.
    pub struct SdkInsightsConfiguration {
        /// The name.
        required name("Name"): MediaInsightsPipelineConfigurationName = TEXT,
        /// The role that its pipelines use other services with.
        required resource_access_role_arn("ResourceAccessRoleArn"): SensitiveString = SECRET,
        /// The id, a GUID.
        optional id("Id"): MediaInsightsPipelineConfigurationId = GUID,
        /// Its alerts.
        optional real_time_alert_configuration("RealTimeAlertConfiguration"): RealTimeAlertConfiguration =
            Shape::Structure(RealTimeAlertConfiguration::SHAPE),
        /// Its elements.
        list elements("Elements"): MediaInsightsPipelineConfigurationElement =
            Shape::Structure(MediaInsightsPipelineConfigurationElement::SHAPE),
        /// When it was created.
        #[serde(with = "As::<Option<Iso8601>>")]
        optional created_timestamp("CreatedTimestamp"): OffsetDateTime = TIMESTAMP,
        /// When it changed last; by default when it was created.
        #[serde(with = "As::<Option<Iso8601>>")]
        optional updated_timestamp("UpdatedTimestamp"): OffsetDateTime = TIMESTAMP,
        /// Its tags.
        list tags("Tags"): Tag = Shape::Structure(Tag::SHAPE),
    }
}

document! {
    /// A pool of Kinesis video streams.
    pub struct SdkPool {
        /// The name.
        required pool_name("PoolName"): PoolName = TEXT,
        /// The id; by default it is made from the name.
        optional pool_id("PoolId"): PoolId = TEXT,
        /// The region of the streams; the control region by default.
        optional region("Region"): String = TEXT,
        /// For how long the streams keep their data.
        optional data_retention_in_hours("DataRetentionInHours"): i32 = HOURS,
        /// Its status; `ACTIVE` by default.
        optional pool_status("PoolStatus"): KinesisVideoStreamPoolStatus = POOL_STATUS,
        /// When it was created.
        #[serde(with = "As::<Option<Iso8601>>")]
        optional created_timestamp("CreatedTimestamp"): OffsetDateTime = TIMESTAMP,
        /// When its status changed last; by default when it was created.
        #[serde(with = "As::<Option<Iso8601>>")]
        optional updated_timestamp("UpdatedTimestamp"): OffsetDateTime = TIMESTAMP,
        /// Its tags.
        list tags("Tags"): Tag = Shape::Structure(Tag::SHAPE),
    }
}
