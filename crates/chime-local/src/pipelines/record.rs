//! What is remembered of a pipeline, its tasks, a configuration and a pool.

use chime_model::media_pipelines::*;
use chime_model::timestamp::Iso8601;
use chime_model::{SensitiveString, meetings};
use serde::{Deserialize, Serialize};
use serde_with::As;
use time::{Duration, OffsetDateTime};

use crate::engine::home::Home;
use crate::engine::table::Row;
use crate::engine::tags::Tags;
use crate::meetings::events::EventSource;
use crate::pipelines::PipelineTables;
use crate::pipelines::streams::Stream;

/// A pipeline with its tasks.
pub(crate) type PipelineRow = Row<PipelineRecord, PipelineTables>;

/// A pipeline.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PipelineRecord {
    pub(crate) id: MediaPipelineId,
    pub(crate) work: Work,
    pub(crate) status: MediaPipelineStatus,
    #[serde(with = "As::<Iso8601>")]
    pub(crate) created: OffsetDateTime,
    /// When the status changed last.
    #[serde(with = "As::<Iso8601>")]
    pub(crate) updated: OffsetDateTime,
    /// Its meeting, that of its capture pipeline for a concatenation. Insights pipelines have none.
    pub(crate) meeting: Option<EventSource>,
    /// The attendee that it joined its meeting as.
    pub(crate) attendee: Option<meetings::AttendeeId>,
    /// The Kinesis video streams that it writes to at present.
    pub(crate) streams: Vec<Stream>,
    pub(crate) tags: Tags,
}

/// What a pipeline is for, as responses show it, without what all kinds have in common.
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
    /// The kind in words.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Capture(_) => "capture",
            Self::Concatenation(_) => "concatenation",
            Self::LiveConnector(_) => "live connector",
            Self::Stream(_) => "stream",
            Self::Insights(_) => "insights",
        }
    }

    pub(crate) fn is_insights(&self) -> bool {
        matches!(self, Self::Insights(_))
    }

    /// Whether it takes part in a meeting.
    pub(crate) fn is_in_meeting(&self) -> bool {
        matches!(self, Self::Capture(_) | Self::LiveConnector(_) | Self::Stream(_))
    }
}

/// How long after its creation a pipeline is said to be updated for the first time.
const FIRST_UPDATE: Duration = Duration::milliseconds(100);

impl PipelineRecord {
    /// A new pipeline.
    pub(crate) fn new(
        id: MediaPipelineId,
        work: Work,
        meeting: Option<EventSource>,
        tags: Tags,
        now: OffsetDateTime,
    ) -> Self {
        Self {
            id,
            work,
            status: MediaPipelineStatus::Initializing,
            created: now,
            updated: now.saturating_add(FIRST_UPDATE),
            meeting,
            attendee: None,
            streams: Vec::new(),
            tags,
        }
    }

    /// Whether it has neither stopped nor failed.
    pub(crate) fn is_active(&self) -> bool {
        !matches!(self.status, MediaPipelineStatus::Stopped | MediaPipelineStatus::Failed)
    }

    /// Whether it works or is about to.
    pub(crate) fn can_stop(&self) -> bool {
        self.is_active() && self.status != MediaPipelineStatus::Stopping
    }

    pub(crate) fn set_status(&mut self, status: MediaPipelineStatus, now: OffsetDateTime) {
        self.status = status;
        self.updated = now;
    }

    pub(crate) fn arn(&self, home: &Home) -> String {
        home.arn(&format!("{PIPELINE}{}", self.id))
    }

    /// The pipeline as responses show it.
    pub(crate) fn shown(&self, home: &Home) -> MediaPipeline {
        macro_rules! complete {
            ($pipeline:expr) => {
                $pipeline
                    .clone()
                    .media_pipeline_id(&self.id)
                    .media_pipeline_arn(self.arn(home))
                    .status(self.status.clone())
                    .created_timestamp(self.created)
            };
            ($pipeline:expr, updated) => {
                complete!($pipeline).updated_timestamp(self.updated)
            };
        }
        let shown = MediaPipeline::default();
        match &self.work {
            Work::Capture(work) => shown.media_capture_pipeline(complete!(work, updated)),
            Work::Concatenation(work) => {
                shown.media_concatenation_pipeline(complete!(work, updated))
            }
            Work::LiveConnector(work) => {
                shown.media_live_connector_pipeline(complete!(work, updated))
            }
            Work::Stream(work) => shown.media_stream_pipeline(complete!(work, updated)),
            Work::Insights(work) => {
                let elements = work
                    .element_statuses
                    .iter()
                    .flatten()
                    .map(|element| element.clone().status(self.element_status()));
                let work = complete!(work).element_statuses(elements.collect::<Vec<_>>());
                shown.media_insights_pipeline(work)
            }
        }
    }

    /// The status of the elements of an insights pipeline, which follows its own.
    pub(crate) fn element_status(&self) -> MediaPipelineElementStatus {
        match &self.status {
            MediaPipelineStatus::Initializing => MediaPipelineElementStatus::NotStarted,
            other => other.as_str().into(),
        }
    }
}

/// A task of an insights pipeline.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TaskRecord {
    pub(crate) kind: TaskKind,
    pub(crate) status: MediaPipelineTaskStatus,
    #[serde(with = "As::<Iso8601>")]
    pub(crate) created: OffsetDateTime,
    /// When the status changed last.
    #[serde(with = "As::<Iso8601>")]
    pub(crate) updated: OffsetDateTime,
}

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TaskKind {
    /// Looks for a speaker among voice profiles.
    SpeakerSearch,
    /// Analyzes the tone of a voice.
    VoiceToneAnalysis,
}

impl TaskKind {
    pub(crate) const VALUES: &'static [&'static str] = &["SpeakerSearch", "VoiceToneAnalysis"];
}

impl TaskRecord {
    pub(crate) fn is_active(&self) -> bool {
        !matches!(self.status, MediaPipelineTaskStatus::Stopped | MediaPipelineTaskStatus::Failed)
    }

    pub(crate) fn set_status(&mut self, status: MediaPipelineTaskStatus, now: OffsetDateTime) {
        self.status = status;
        self.updated = now;
    }
}

/// A configuration of insights pipelines.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ConfigurationRecord {
    pub(crate) name: MediaInsightsPipelineConfigurationName,
    pub(crate) id: MediaInsightsPipelineConfigurationId,
    pub(crate) role: SensitiveString,
    pub(crate) alerts: Option<RealTimeAlertConfiguration>,
    pub(crate) elements: Vec<MediaInsightsPipelineConfigurationElement>,
    #[serde(with = "As::<Iso8601>")]
    pub(crate) created: OffsetDateTime,
    #[serde(with = "As::<Iso8601>")]
    pub(crate) updated: OffsetDateTime,
    pub(crate) tags: Tags,
}

/// A pool of Kinesis video streams.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PoolRecord {
    pub(crate) name: PoolName,
    pub(crate) id: PoolId,
    pub(crate) streams: KinesisVideoStreamConfiguration,
    pub(crate) status: KinesisVideoStreamPoolStatus,
    #[serde(with = "As::<Iso8601>")]
    pub(crate) created: OffsetDateTime,
    /// When the status changed last.
    #[serde(with = "As::<Iso8601>")]
    pub(crate) updated: OffsetDateTime,
    pub(crate) tags: Tags,
}

/// What stands before the id of a pipeline in its ARN.
pub(crate) const PIPELINE: &str = "media-pipeline/";
/// What stands before the name of a configuration in its ARN.
pub(crate) const CONFIGURATION: &str = "media-insights-pipeline-configuration/";
/// What stands before the name of a pool in its ARN.
pub(crate) const POOL: &str = "media-pipeline-kinesis-video-stream-pool/";

impl Home {
    /// The name that an ARN of this place has after a prefix; what is no ARN is a name itself.
    pub(crate) fn name<'a>(&self, prefix: &str, identifier: &'a str) -> Option<&'a str> {
        if !identifier.starts_with("arn:") {
            return Some(identifier);
        }
        self.resource(identifier)?.strip_prefix(prefix)
    }
}
