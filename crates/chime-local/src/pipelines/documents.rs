//! The parts of seeds and rows that responses do not show in this form.

use chime_model::media_pipelines::*;
use chime_model::meetings::{self, ExternalMeetingId, MeetingId, NotificationsConfiguration};
use chime_model::timestamp::Iso8601;
use chime_model::{NumberShape, SensitiveString, Shape};
use serde::{Deserialize, Serialize};
use serde_with::As;
use time::OffsetDateTime;

use crate::engine::document::{GUID, ID, SECRET, TEXT, TIMESTAMP, document, values};

document! {
    /// A pipeline: a response of `GetMediaPipeline`, and what that does not show. The capture pipeline of a
    /// concatenation comes before it in the list, and is at most 30 days older.
    pub struct SdkPipeline {
        /// The pipeline as in a response of `GetMediaPipeline`: a structure whose only member is named after
        /// the kind of the pipeline, and has its members. Unset members of the pipeline get the values that
        /// the service would give them: a new id, the current time, and the status `InProgress`. The ARN is
        /// ignored; exports leave it out.
        required media_pipeline("MediaPipeline"): MediaPipeline,
        /// What responses do not show.
        default state("State"): SdkPipelineState,
    }
}

document! {
    /// What responses do not show of a pipeline.
    #[derive(Default)]
    pub struct SdkPipelineState {
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
        /// pipelines. Default: that of `MediaPipeline`, or else the time of creation.
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

document! {
    /// A Kinesis video stream that a pipeline writes to.
    pub struct SdkKinesisVideoStream {
        /// The ARN of the stream.
        required stream_arn("StreamArn"): StreamArn = ID,
        /// The number of the first fragment.
        required start_fragment_number("StartFragmentNumber"): String = ID,
        /// The time when the stream started.
        #[serde(with = "As::<Iso8601>")]
        required start_time("StartTime"): OffsetDateTime = TIMESTAMP,
        /// The attendee whose audio the stream has; unset for mixed audio.
        optional attendee_id("AttendeeId"): AttendeeId = ID,
        /// The id of the user in the caller's own system.
        optional external_user_id("ExternalUserId"): ExternalUserId = SECRET,
        /// Whether the audio has ended.
        default ended("Ended"): bool = Shape::Boolean,
    }
}

static TASK_STATUS: Shape = values("MediaPipelineTaskStatus", MediaPipelineTaskStatus::VALUES);
static TASK_KIND: Shape = values("TaskKind", &["SpeakerSearch", "VoiceToneAnalysis"]);

document! {
    /// A task of an insights pipeline.
    pub struct SdkTask {
        /// The id of the task, a GUID.
        required task_id("TaskId"): String = GUID,
        /// What the task does.
        required kind("Kind"): TaskKind = TASK_KIND,
        /// The status. Default: `InProgress`.
        optional status("Status"): MediaPipelineTaskStatus = TASK_STATUS,
        /// The time of creation. Default: now.
        time created_timestamp("CreatedTimestamp"),
        /// The time of the last change of the status. Default: the time of creation.
        time updated_timestamp("UpdatedTimestamp"),
    }
}

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TaskKind {
    /// Searches for a speaker among voice profiles.
    SpeakerSearch,
    /// Analyzes the tone of a voice.
    VoiceToneAnalysis,
}

document! {
    /// A configuration of insights pipelines.
    pub struct SdkInsightsConfiguration {
        /// The name.
        required name("Name"): MediaInsightsPipelineConfigurationName = ID,
        /// The ARN of the role with which pipelines use other services.
        required resource_access_role_arn("ResourceAccessRoleArn"): SensitiveString = SECRET,
        /// The id, a GUID. Default: a new one.
        optional id("Id"): MediaInsightsPipelineConfigurationId = GUID,
        /// The real-time alerts.
        optional real_time_alert_configuration("RealTimeAlertConfiguration"): RealTimeAlertConfiguration,
        /// The elements.
        list elements("Elements"): MediaInsightsPipelineConfigurationElement,
        /// The time of creation. Default: now.
        time created_timestamp("CreatedTimestamp"),
        /// The time of the last update. Default: the time of creation.
        time updated_timestamp("UpdatedTimestamp"),
        /// The tags.
        list tags("Tags"): Tag,
    }
}

const HOURS: Shape = Shape::Integer(NumberShape { min: Some(0), max: None });
static POOL_STATUS: Shape =
    values("KinesisVideoStreamPoolStatus", KinesisVideoStreamPoolStatus::VALUES);

document! {
    /// A pool of Kinesis video streams.
    pub struct SdkPool {
        /// The name.
        required pool_name("PoolName"): PoolName = ID,
        /// The id. Default: made from the name.
        optional pool_id("PoolId"): PoolId = ID,
        /// The region of the streams. Default: the control region.
        optional region("Region"): String = ID,
        /// How many hours the streams keep their data.
        optional data_retention_in_hours("DataRetentionInHours"): i32 = HOURS,
        /// The status. Default: `ACTIVE`.
        optional pool_status("PoolStatus"): KinesisVideoStreamPoolStatus = POOL_STATUS,
        /// The time of creation. Default: now.
        time created_timestamp("CreatedTimestamp"),
        /// The time of the last change of the status. Default: the time of creation.
        time updated_timestamp("UpdatedTimestamp"),
        /// The tags.
        list tags("Tags"): Tag,
    }
}
