//! Pipelines of all kinds in seeds.

use chime_model::media_pipelines::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::engine::home::Home;
use crate::engine::seeding::{Seeding, TWICE, with_paths};
use crate::meetings::Meetings;
use crate::pipelines::Pipelines;
use crate::pipelines::create::default_configuration;
use crate::pipelines::documents::*;
use crate::pipelines::record::{CONFIGURATION, PIPELINE, PipelineRecord, Work};
use crate::pipelines::sources::{element_statuses, meeting_id};
use crate::pipelines::tasks::SdkTask;

const NO_MEETING: &str = "must name an active meeting of this AWS account";

impl Pipelines {
    /// Puts a pipeline in place. It replaces a pipeline of the same id.
    fn put_pipeline(
        &mut self,
        home: &Home,
        record: PipelineRecord,
        path: &str,
        at: &mut Seeding<'_>,
    ) {
        let id = &record.id;
        at.once("media pipeline", id.as_str(), || format!("{path}.MediaPipelineId"), TWICE);
        for old in self.regions.each_below_mut(|row| row.below.pipelines.contains(id)) {
            old.pipelines.remove(id);
        }
        self.regions.below_or_default(home).pipelines.insert(id.clone(), record);
    }

    /// Puts a pipeline in place that takes part in a meeting.
    pub(super) fn put_in_meeting(
        &mut self,
        home: &Home,
        mut record: PipelineRecord,
        path: &str,
        meetings: &mut Meetings,
        at: &mut Seeding<'_>,
    ) {
        use MediaPipelineStatus::{InProgress, Initializing};
        let is_given = record.meeting.is_some();
        if !is_given {
            let id = record.work.source().and_then(|arn| meeting_id(&home.account, arn));
            record.meeting = id.map(SdkPipelineMeeting::new);
        }
        if let Some(meeting) = &mut record.meeting {
            let live = meetings.of_account(&home.account, &meeting.meeting_id);
            let needs_live = matches!(record.status, InProgress | Initializing) && !at.alone;
            let member = || format!("{path}{}", if is_given { ".Meeting" } else { "" });
            at.problem_if(live.is_none() && needs_live, member, NO_MEETING);
            if let (Some(live), false) = (live, is_given) {
                *meeting = SdkPipelineMeeting::of(live);
                if record.status == InProgress {
                    let (id, pipeline) = (&meeting.meeting_id, record.id.as_str());
                    meeting.attendee_id = meetings.put_pipeline(id, pipeline, at.now);
                }
            }
            self.put_pipeline(home, record, path, at);
        } else {
            at.problem(path, NO_MEETING);
        }
    }

    pub(super) fn put_concatenation(
        &mut self,
        home: &Home,
        of: SdkConcatenationPipeline,
        path: &str,
        at: &mut Seeding<'_>,
    ) {
        let capture = self.region(home).and_then(|it| it.pipelines.get(&of.capture_pipeline_id));
        let capture = capture.filter(|record| matches!(record.work, Work::Capture(_)));
        let meeting = capture.and_then(|record| record.captured_meeting());
        let mut record = of.record(of.work(home), at.now);
        record.meeting = record.meeting.or(meeting);
        let missing = record.meeting.is_none() && !at.alone;
        let member = || format!("{path}.CapturePipelineId");
        at.problem_if(missing, member, "must be a capture pipeline of this region");
        self.put_pipeline(home, record, path, at);
    }

    pub(super) fn put_insights(
        &mut self,
        home: &Home,
        of: SdkInsightsPipeline,
        path: &str,
        at: &mut Seeding<'_>,
    ) {
        let arn = of.media_insights_pipeline_configuration_arn.as_str();
        let name = home.resource(arn).and_then(|name| name.strip_prefix(CONFIGURATION));
        let found = name.and_then(|name| self.region(home)?.configurations.get(&name.into()));
        let mut work: MediaInsightsPipeline = work(&of);
        work.element_statuses.get_or_insert_with(|| {
            found.map(|configuration| element_statuses(configuration)).unwrap_or_default()
        });
        let mut record = of.record(Work::Insights(work), at.now);
        let missing = found.is_none() && record.is_active() && !at.alone;
        let member = || format!("{path}.MediaInsightsPipelineConfigurationArn");
        at.problem_if(missing, member, "must be a configuration of this region");
        for (task, path) in with_paths(of.tasks, path, "Tasks") {
            let key = format!("{} {}", record.id, task.task_id);
            at.once("task", key, || format!("{path}.TaskId"), TWICE);
            record.tasks.push(task.complete(at.now));
        }
        record.meeting = None;
        record.no_fragments_since = of.no_fragments_since;
        self.put_pipeline(home, record, path, at);
    }
}

impl SdkTask {
    /// Sets the unset members to their defaults.
    fn complete(mut self, now: OffsetDateTime) -> Self {
        self.status.get_or_insert(MediaPipelineTaskStatus::InProgress);
        let created = *self.created_timestamp.get_or_insert(now);
        self.updated_timestamp.get_or_insert(created);
        self
    }
}

/// Reads the work of a pipeline from its seed, which has the members under the same names. It reads
/// members of all kinds too, such as the status; those of the record replace them.
pub(super) fn work<T: DeserializeOwned + Default>(seed: &impl Serialize) -> T {
    serde_json::to_value(seed).and_then(serde_json::from_value).unwrap_or_default()
}

/// Makes a seed from a record and its work, which have the members under the same names.
pub(super) fn export<T: DeserializeOwned>(
    record: &PipelineRecord,
    work: &impl Serialize,
) -> Option<T> {
    let (work, record) = (serde_json::to_value(work), serde_json::to_value(record));
    let (Ok(Value::Object(mut members)), Ok(Value::Object(of_all))) = (work, record) else {
        return None;
    };
    members.extend(of_all);
    serde_json::from_value(Value::Object(members)).ok()
}

impl SdkCapturePipeline {
    pub(super) fn work(&self) -> Work {
        let mut work: MediaCapturePipeline = work(self);
        work.sink_type = Some(MediaPipelineSinkType::S3Bucket);
        work.source_type = Some(MediaPipelineSourceType::ChimeSdkMeeting);
        work.chime_sdk_meeting_configuration.get_or_insert_with(default_configuration);
        Work::Capture(work)
    }
}

impl SdkConcatenationPipeline {
    fn work(&self, home: &Home) -> Work {
        let artifacts = self.artifacts_configuration.clone().unwrap_or_else(all_artifacts);
        let source = MediaCapturePipelineSourceConfiguration::new(
            home.arn(&format!("{PIPELINE}{}", self.capture_pipeline_id)),
            ChimeSdkMeetingConcatenationConfiguration::new(artifacts),
        );
        let source =
            ConcatenationSource::new(ConcatenationSourceType::MediaCapturePipeline, source);
        let sink = S3BucketSinkConfiguration::new(self.destination.clone());
        let sink = ConcatenationSink::new(ConcatenationSinkType::S3Bucket, sink);
        let work = MediaConcatenationPipeline::default().sources([source]).sinks([sink]);
        Work::Concatenation(work)
    }

    pub(super) fn export(
        record: &PipelineRecord,
        work: &MediaConcatenationPipeline,
        home: &Home,
    ) -> Option<Self> {
        let source = work.sources.as_ref()?.first()?;
        let source = &source.media_capture_pipeline_source_configuration;
        let sink = &work.sinks.as_ref()?.first()?.s3_bucket_sink_configuration;
        let own = json!({
            "CapturePipelineId": record.work.captured(home)?,
            "Destination": sink.destination,
            "ArtifactsConfiguration": source.chime_sdk_meeting_configuration.artifacts_configuration,
        });
        export(record, &own)
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
