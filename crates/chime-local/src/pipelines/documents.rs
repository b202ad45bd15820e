//! The parts of seeds that responses do not show in this form.

use chime_model::media_pipelines::*;
use chime_model::meetings::{self, ExternalMeetingId, MeetingId, NotificationsConfiguration};
use chime_model::{SensitiveString, Shape};

use crate::engine::document::{GUID, SECRET, TEXT, document, values};
use crate::engine::home::Home;
use crate::pipelines::record::{PIPELINE, PipelineRecord, Work};
use crate::pipelines::streams::SdkKinesisVideoStream;
use crate::pipelines::tasks::SdkTask;

static STATUS: Shape = values("MediaPipelineStatus", MediaPipelineStatus::VALUES);

document! {
    /// A pipeline that concatenates the artifacts of a capture pipeline.
    pub struct SdkConcatenationPipeline {
        /// The id of the pipeline, a GUID.
        required media_pipeline_id("MediaPipelineId"): MediaPipelineId = GUID,
        /// The id of the capture pipeline, a GUID.
        required capture_pipeline_id("CapturePipelineId"): MediaPipelineId = GUID,
        /// The ARN of the bucket.
        required destination("Destination"): SensitiveString = SECRET,
        /// The artifacts to concatenate. Default: all.
        optional artifacts_configuration("ArtifactsConfiguration"): ArtifactsConcatenationConfiguration,
        /// The status. Default: `InProgress`.
        optional status("Status"): MediaPipelineStatus = STATUS,
        /// The time of creation. Default: now.
        time created_timestamp("CreatedTimestamp"),
        /// The time of the last change of the status. Default: the time of creation.
        time updated_timestamp("UpdatedTimestamp"),
    }
}

document! {
    /// What responses do not show of a pipeline.
    pub struct SdkPipelineState {
        /// The id of the pipeline, a GUID.
        required media_pipeline_id("MediaPipelineId"): MediaPipelineId = GUID,
        /// The meeting. Default: the meeting of the source; a pipeline in progress becomes an attendee
        /// of it.
        optional meeting("Meeting"): SdkPipelineMeeting,
        /// The Kinesis video streams that a stream pipeline writes to.
        list streams("Streams"): SdkKinesisVideoStream,
        /// The tasks of an insights pipeline.
        list tasks("Tasks"): SdkTask,
        /// Since when a live stream of an insights pipeline has sent no fragments.
        time no_fragments_since("NoFragmentsSince"),
        /// Since when the pipeline fails temporarily.
        time failing_since("FailingSince"),
        /// Why the pipeline has failed.
        optional failure_reason("FailureReason"): String = TEXT,
        /// The time of the last change of the status, which responses do not show of insights
        /// pipelines.
        time updated_timestamp("UpdatedTimestamp"),
        /// The tags.
        list tags("Tags"): Tag,
    }
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
        optional notifications_configuration("NotificationsConfiguration"): NotificationsConfiguration,
        /// The attendee that the pipeline joined the meeting as.
        optional attendee_id("AttendeeId"): meetings::AttendeeId = GUID,
    }
}

impl SdkPipelineState {
    pub(crate) fn of(record: &PipelineRecord) -> Self {
        Self {
            meeting: record.meeting.clone(),
            streams: record.streams.clone(),
            tasks: record.tasks.clone(),
            no_fragments_since: record.no_fragments_since,
            failing_since: record.failing_since,
            failure_reason: record.failure_reason.clone(),
            updated_timestamp: Some(record.updated),
            tags: record.tags.clone(),
            ..Self::new(&record.id)
        }
    }
}

impl SdkConcatenationPipeline {
    /// Returns the pipeline as responses show it.
    pub(crate) fn work(self, home: &Home) -> Work {
        let artifacts = self.artifacts_configuration.unwrap_or_else(all_artifacts);
        let source = MediaCapturePipelineSourceConfiguration::new(
            home.arn(&format!("{PIPELINE}{}", self.capture_pipeline_id)),
            ChimeSdkMeetingConcatenationConfiguration::new(artifacts),
        );
        let source =
            ConcatenationSource::new(ConcatenationSourceType::MediaCapturePipeline, source);
        let sink = S3BucketSinkConfiguration::new(self.destination);
        let work = MediaConcatenationPipeline::default()
            .sources([source])
            .sinks([ConcatenationSink::new(ConcatenationSinkType::S3Bucket, sink)])
            .media_pipeline_id(self.media_pipeline_id)
            .set_status(self.status)
            .set_created_timestamp(self.created_timestamp)
            .set_updated_timestamp(self.updated_timestamp);
        Work::Concatenation(work)
    }

    /// Describes a pipeline as responses show it.
    pub(crate) fn of(shown: MediaConcatenationPipeline) -> Option<Self> {
        let source = shown.sources?.pop()?.media_capture_pipeline_source_configuration;
        let sink = shown.sinks?.pop()?.s3_bucket_sink_configuration;
        let (_, capture) = source.media_pipeline_arn.as_str().split_once(PIPELINE)?;
        let artifacts = source.chime_sdk_meeting_configuration.artifacts_configuration;
        Some(Self {
            artifacts_configuration: Some(artifacts),
            status: shown.status,
            created_timestamp: shown.created_timestamp,
            updated_timestamp: shown.updated_timestamp,
            ..Self::new(shown.media_pipeline_id?, capture, sink.destination)
        })
    }
}

/// Returns the configuration of a concatenation of all artifacts.
fn all_artifacts() -> ArtifactsConcatenationConfiguration {
    let enabled = || ArtifactsConcatenationState::Enabled;
    ArtifactsConcatenationConfiguration::new(
        AudioConcatenationConfiguration::new(AudioArtifactsConcatenationState::Enabled),
        VideoConcatenationConfiguration::new(enabled()),
        ContentConcatenationConfiguration::new(enabled()),
        DataChannelConcatenationConfiguration::new(enabled()),
        TranscriptionMessagesConcatenationConfiguration::new(enabled()),
        MeetingEventsConcatenationConfiguration::new(enabled()),
        CompositedVideoConcatenationConfiguration::new(enabled()),
    )
}
