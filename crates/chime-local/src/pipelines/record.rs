//! The record of a pipeline, and the names of all resources in ARNs.

use chime_model::SensitiveString;
use chime_model::media_pipelines::*;
use chime_model::meetings::{AttendeeId, MeetingId};
use chime_model::timestamp::Iso8601;
use serde::{Deserialize, Serialize};
use serde_with::As;
use time::{Duration, OffsetDateTime};

use crate::engine::home::Home;
use crate::pipelines::documents::SdkPipelineState;

/// A pipeline.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PipelineRecord {
    pub(crate) id: MediaPipelineId,
    pub(crate) work: Work,
    pub(crate) status: MediaPipelineStatus,
    #[serde(with = "As::<Iso8601>")]
    pub(crate) created: OffsetDateTime,
    /// What responses do not show, as in seeds. The meeting of a concatenation is that of its capture
    /// pipeline. Insights pipelines have none.
    pub(crate) state: SdkPipelineState,
}

/// The kind of a pipeline, with the members that only this kind has. The record has those of all kinds.
#[derive(Clone, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "it lies in a table, and most are of that kind")]
pub(crate) enum Work {
    Capture(MediaCapturePipeline),
    Concatenation(MediaConcatenationPipeline),
    LiveConnector(MediaLiveConnectorPipeline),
    Stream(MediaStreamPipeline),
    Insights(MediaInsightsPipeline),
}

impl Work {
    /// Returns the pipeline that a response shows; `None` unless it shows exactly one.
    pub(super) fn of(shown: MediaPipeline) -> Option<Self> {
        let all = [
            shown.media_capture_pipeline.map(Self::Capture),
            shown.media_concatenation_pipeline.map(Self::Concatenation),
            shown.media_live_connector_pipeline.map(Self::LiveConnector),
            shown.media_stream_pipeline.map(Self::Stream),
            shown.media_insights_pipeline.map(Self::Insights),
        ];
        let mut all = all.into_iter().flatten();
        all.next().filter(|_| all.next().is_none())
    }

    /// Returns the kind in words.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Capture(_) => "capture",
            Self::Concatenation(_) => "concatenation",
            Self::LiveConnector(_) => "live connector",
            Self::Stream(_) => "stream",
            Self::Insights(_) => "insights",
        }
    }

    /// Returns the ARN of the meeting that the pipeline takes part in.
    pub(super) fn source(&self) -> Option<&MeetingArn> {
        match self {
            Self::Capture(work) => work.source_arn.as_ref(),
            Self::LiveConnector(work) => {
                let source = work.sources.as_ref()?.first()?;
                Some(&source.chime_sdk_meeting_live_connector_configuration.arn)
            }
            Self::Stream(work) => Some(&work.sources.as_ref()?.first()?.source_arn),
            Self::Concatenation(_) | Self::Insights(_) => None,
        }
    }

    /// Returns the ARN of the bucket that the pipeline writes to, and the member that has it.
    pub(super) fn bucket(&self) -> Option<(&'static str, &SensitiveString)> {
        match self {
            Self::Capture(work) => Some(("SinkArn", work.sink_arn.as_ref()?)),
            Self::Concatenation(work) => {
                let sink = work.sinks.as_ref()?.first()?;
                Some(("Destination", &sink.s3_bucket_sink_configuration.destination))
            }
            Self::Insights(work) => {
                let sink = work.s3_recording_sink_runtime_configuration.as_ref()?;
                Some(("Destination", &sink.destination))
            }
            Self::LiveConnector(_) | Self::Stream(_) => None,
        }
    }

    /// Returns the sinks of a stream pipeline, each with a pool.
    pub(super) fn pools(&self) -> &[MediaStreamSink] {
        match self {
            Self::Stream(work) => work.sinks.as_deref().unwrap_or_default(),
            _ => &[],
        }
    }

    /// Returns the time of the last update. Insights pipelines have no member for it.
    pub(super) fn updated(&mut self) -> Option<&mut Option<OffsetDateTime>> {
        match self {
            Self::Capture(work) => Some(&mut work.updated_timestamp),
            Self::Concatenation(work) => Some(&mut work.updated_timestamp),
            Self::LiveConnector(work) => Some(&mut work.updated_timestamp),
            Self::Stream(work) => Some(&mut work.updated_timestamp),
            Self::Insights(_) => None,
        }
    }

    /// Returns the ARN of the capture pipeline of a concatenation.
    pub(super) fn captured(&self) -> Option<&str> {
        let Self::Concatenation(work) = self else { return None };
        let source = &work.sources.as_ref()?.first()?.media_capture_pipeline_source_configuration;
        Some(source.media_pipeline_arn.as_str())
    }
}

/// Evaluates an expression with the pipeline inside a `Work`, whatever its kind.
macro_rules! each {
    ($work:expr, $of:ident => $do:expr) => {
        match $work {
            Work::Capture($of) => $do,
            Work::Concatenation($of) => $do,
            Work::LiveConnector($of) => $do,
            Work::Stream($of) => $do,
            Work::Insights($of) => $do,
        }
    };
}
pub(super) use each;

/// How long a pipeline is kept, from its creation.
pub(super) const KEPT: Duration = Duration::days(30);
/// The time between the creation of a pipeline and its first update.
const FIRST_UPDATE: Duration = Duration::milliseconds(100);

impl PipelineRecord {
    /// Makes a new pipeline.
    pub(super) fn new(
        id: MediaPipelineId,
        work: Work,
        mut state: SdkPipelineState,
        now: OffsetDateTime,
    ) -> Self {
        state.updated_timestamp = Some(now.saturating_add(FIRST_UPDATE));
        Self { id, work, status: MediaPipelineStatus::Initializing, created: now, state }
    }

    /// Returns the time of the last change of the status.
    pub(super) fn updated(&self) -> OffsetDateTime {
        self.state.updated_timestamp.unwrap_or(self.created)
    }

    /// Whether the pipeline has neither stopped nor failed.
    pub(super) fn is_active(&self) -> bool {
        !matches!(self.status, MediaPipelineStatus::Stopped | MediaPipelineStatus::Failed)
    }

    /// Whether the pipeline is active and not stopping.
    pub(super) fn can_stop(&self) -> bool {
        self.is_active() && self.status != MediaPipelineStatus::Stopping
    }

    /// Whether the pipeline takes part in a meeting.
    pub(super) fn is_in(&self, meeting: &MeetingId) -> bool {
        self.work.source().is_some()
            && self.state.meeting.as_ref().is_some_and(|it| it.meeting_id == *meeting)
    }

    /// Returns the meeting that the pipeline has joined, and as which attendee.
    pub(super) fn joined(&self) -> Option<(&MeetingId, &AttendeeId)> {
        let meeting = self.state.meeting.as_ref()?;
        Some((&meeting.meeting_id, meeting.attendee_id.as_ref()?))
    }

    /// Sets the status. A pipeline that pauses, stops or fails stops its tasks.
    pub(super) fn set_status(&mut self, status: MediaPipelineStatus, now: OffsetDateTime) {
        use MediaPipelineStatus::{Failed, Paused, Stopping};
        if matches!(status, Paused | Stopping | Failed) {
            self.state.tasks.iter_mut().for_each(|task| task.stop(now));
        }
        self.status = status;
        self.state.updated_timestamp = Some(now);
        self.state.failing_since = None;
    }

    pub(super) fn arn(&self, home: &Home) -> String {
        home.arn(&format!("{PIPELINE}{}", self.id))
    }

    /// Returns the pipeline as responses show it.
    pub(super) fn shown(&self, home: &Home) -> MediaPipeline {
        self.described(Some(self.arn(home).into()))
    }

    /// Returns the pipeline as exports have it, without an ARN, or as responses show it, with one.
    pub(crate) fn described(&self, arn: Option<MediaPipelineArn>) -> MediaPipeline {
        let mut work = self.work.clone();
        if let Some(updated) = work.updated() {
            *updated = Some(self.updated());
        }
        each!(&mut work, of => {
            of.media_pipeline_id = Some(self.id.clone());
            of.media_pipeline_arn = arn;
            of.status = Some(self.status.clone());
            of.created_timestamp = Some(self.created);
        });
        let shown = MediaPipeline::default();
        match work {
            Work::Capture(of) => shown.media_capture_pipeline(of),
            Work::Concatenation(of) => shown.media_concatenation_pipeline(of),
            Work::LiveConnector(of) => shown.media_live_connector_pipeline(of),
            Work::Stream(of) => shown.media_stream_pipeline(of),
            Work::Insights(mut of) => {
                for element in of.element_statuses.iter_mut().flatten() {
                    element.status = Some(self.element_status());
                }
                shown.media_insights_pipeline(of)
            }
        }
    }

    /// Returns the status of the elements of an insights pipeline. It follows from that of the pipeline.
    pub(super) fn element_status(&self) -> MediaPipelineElementStatus {
        match &self.status {
            MediaPipelineStatus::Initializing => MediaPipelineElementStatus::NotStarted,
            other => other.as_str().into(),
        }
    }
}

/// The start of the resource in the ARN of a pipeline.
pub(super) const PIPELINE: &str = "media-pipeline/";
/// The start of the resource in the ARN of a configuration.
pub(super) const CONFIGURATION: &str = "media-insights-pipeline-configuration/";
/// The start of the resource in the ARN of a pool.
pub(super) const POOL: &str = "media-pipeline-kinesis-video-stream-pool/";
