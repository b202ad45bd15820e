//! Pipelines in seeds.

use chime_model::media_pipelines::*;
use chime_model::meetings::{ExternalMeetingId, MeetingId, NotificationsConfiguration};
use chime_model::timestamp::Iso8601;
use chime_model::{Describe, MapShape, SensitiveMap, SensitiveString, Shape, TextShape, meetings};
use serde_with::As;
use time::OffsetDateTime;

use crate::engine::document::{GUID, SECRET, TEXT, TIMESTAMP, document, list, values};
use crate::engine::tags::by_key;
use crate::pipelines::record::{PipelineRecord, Work};
use crate::pipelines::streams::SdkKinesisVideoStream;
use crate::pipelines::tasks::SdkTask;

static ANY: Shape = Shape::Text(TextShape { sensitive: true, ..TextShape::ANY });
static METADATA: Shape = Shape::Map(MapShape { key: &ANY, value: &ANY, min: None, max: None });
static ELEMENT_STATUS: Shape = Shape::Structure(MediaInsightsPipelineElementStatus::SHAPE);
const ELEMENT_STATUSES: Shape = list(&ELEMENT_STATUS);
static STATUS: Shape = values("MediaPipelineStatus", MediaPipelineStatus::VALUES);

/// Declares a kind of pipeline: its own members, and those of all kinds.
macro_rules! pipeline_document {
    ($(#[$meta:meta])* pub struct $name:ident { $($own:tt)* }) => {
        document! {
            $(#[$meta])*
            pub struct $name {
                /// The id of the pipeline, a GUID.
                required media_pipeline_id("MediaPipelineId"): MediaPipelineId = GUID,
                $($own)*
                /// The status. Default: `InProgress`.
                optional status("Status"): MediaPipelineStatus = STATUS,
                /// The time of creation. Default: now.
                #[serde(with = "As::<Option<Iso8601>>")]
                optional created_timestamp("CreatedTimestamp"): OffsetDateTime = TIMESTAMP,
                /// The time of the last change of the status. Default: the time of creation.
                #[serde(with = "As::<Option<Iso8601>>")]
                optional updated_timestamp("UpdatedTimestamp"): OffsetDateTime = TIMESTAMP,
                /// The tags.
                list tags("Tags"): Tag = Shape::Structure(Tag::SHAPE),
                /// The meeting. Default: the meeting of the source; a pipeline in progress becomes an
                /// attendee of it.
                optional meeting("Meeting"): SdkPipelineMeeting =
                    Shape::Structure(SdkPipelineMeeting::SHAPE),
            }
        }

        impl $name {
            /// Makes the record of the pipeline.
            pub(super) fn record(&self, work: Work, now: OffsetDateTime) -> PipelineRecord {
                let Self { media_pipeline_id: id, meeting, tags, .. } = self.clone();
                let created = self.created_timestamp.unwrap_or(now);
                PipelineRecord {
                    status: self.status.clone().unwrap_or(MediaPipelineStatus::InProgress),
                    updated: self.updated_timestamp.unwrap_or(created),
                    ..PipelineRecord::new(id, work, meeting, by_key(tags), created)
                }
            }
        }
    };
}

document! {
    /// The meeting of a pipeline. It may have ended.
    pub struct SdkPipelineMeeting {
        /// The id of the meeting, a GUID.
        required meeting_id("MeetingId"): MeetingId = GUID,
        /// The control region of the meeting. Default: the control region of the pipeline.
        optional control_region("ControlRegion"): String = TEXT,
        /// The id of the meeting in the caller's own system.
        optional external_meeting_id("ExternalMeetingId"): ExternalMeetingId = SECRET,
        /// The region of the media.
        optional media_region("MediaRegion"): String = TEXT,
        /// The targets of events in addition to EventBridge.
        optional notifications_configuration("NotificationsConfiguration"): NotificationsConfiguration =
            Shape::Structure(NotificationsConfiguration::SHAPE),
        /// The attendee that the pipeline joined the meeting as.
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
        /// The ARN of the role that may use the key.
        optional sink_iam_role_arn("SinkIamRoleArn"): SensitiveString = SECRET,
        /// The key for encryption.
        optional sse_aws_key_management_params("SseAwsKeyManagementParams"): SseAwsKeyManagementParams =
            Shape::Structure(SseAwsKeyManagementParams::SHAPE),
        /// What the pipeline captures. Default: the default of the operation.
        optional chime_sdk_meeting_configuration("ChimeSdkMeetingConfiguration"): ChimeSdkMeetingConfiguration =
            Shape::Structure(ChimeSdkMeetingConfiguration::SHAPE),
    }
}

pipeline_document! {
    /// A pipeline that streams a meeting to an RTMP endpoint.
    pub struct SdkLiveConnectorPipeline {
        /// The source: one meeting.
        list sources("Sources"): LiveConnectorSourceConfiguration =
            Shape::Structure(LiveConnectorSourceConfiguration::SHAPE),
        /// The sink: one endpoint.
        list sinks("Sinks"): LiveConnectorSinkConfiguration =
            Shape::Structure(LiveConnectorSinkConfiguration::SHAPE),
    }
}

pipeline_document! {
    /// A pipeline that writes the audio of a meeting to pools of Kinesis video streams.
    pub struct SdkStreamPipeline {
        /// The source: one meeting.
        list sources("Sources"): MediaStreamSource = Shape::Structure(MediaStreamSource::SHAPE),
        /// The sinks: one or two pools.
        list sinks("Sinks"): MediaStreamSink = Shape::Structure(MediaStreamSink::SHAPE),
        /// The streams that the pipeline writes to.
        list streams("Streams"): SdkKinesisVideoStream =
            Shape::Structure(SdkKinesisVideoStream::SHAPE),
    }
}

pipeline_document! {
    /// A pipeline that concatenates the artifacts of a capture pipeline.
    pub struct SdkConcatenationPipeline {
        /// The id of the capture pipeline, a GUID.
        required capture_pipeline_id("CapturePipelineId"): MediaPipelineId = GUID,
        /// The ARN of the bucket.
        required destination("Destination"): SensitiveString = SECRET,
        /// The artifacts to concatenate. Default: all.
        optional artifacts_configuration("ArtifactsConfiguration"): ArtifactsConcatenationConfiguration =
            Shape::Structure(ArtifactsConcatenationConfiguration::SHAPE),
    }
}

pipeline_document! {
    /// A pipeline that analyzes audio, without a meeting.
    pub struct SdkInsightsPipeline {
        /// The ARN of the configuration.
        required media_insights_pipeline_configuration_arn("MediaInsightsPipelineConfigurationArn"):
            MediaInsightsPipelineConfigurationArn = SECRET,
        /// The live streams to analyze.
        optional kinesis_video_stream_source_runtime_configuration(
            "KinesisVideoStreamSourceRuntimeConfiguration"
        ): KinesisVideoStreamSourceRuntimeConfiguration =
            Shape::Structure(KinesisVideoStreamSourceRuntimeConfiguration::SHAPE),
        /// The stored streams to record.
        optional kinesis_video_stream_recording_source_runtime_configuration(
            "KinesisVideoStreamRecordingSourceRuntimeConfiguration"
        ): KinesisVideoStreamRecordingSourceRuntimeConfiguration =
            Shape::Structure(KinesisVideoStreamRecordingSourceRuntimeConfiguration::SHAPE),
        /// Members to add to the events of the pipeline.
        optional media_insights_runtime_metadata("MediaInsightsRuntimeMetadata"): SensitiveMap<String> =
            METADATA,
        /// The sink of the recording, in place of that of the configuration.
        optional s3_recording_sink_runtime_configuration("S3RecordingSinkRuntimeConfiguration"):
            S3RecordingSinkRuntimeConfiguration =
            Shape::Structure(S3RecordingSinkRuntimeConfiguration::SHAPE),
        /// The elements, by `Type`. Default: those of the configuration.
        optional element_statuses("ElementStatuses"): Vec<MediaInsightsPipelineElementStatus> =
            ELEMENT_STATUSES,
        /// Since when a live stream has sent no fragments.
        #[serde(with = "As::<Option<Iso8601>>")]
        optional no_fragments_since("NoFragmentsSince"): OffsetDateTime = TIMESTAMP,
        /// The tasks.
        list tasks("Tasks"): SdkTask = Shape::Structure(SdkTask::SHAPE),
    }
}
