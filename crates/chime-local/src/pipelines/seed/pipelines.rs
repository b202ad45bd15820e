//! Pipelines of all kinds in seeds.

use chime_model::media_pipelines::*;
use time::OffsetDateTime;

use crate::engine::home::Home;
use crate::engine::seeding::{Seeding, TWICE};
use crate::meetings::Meetings;
use crate::pipelines::Pipelines;
use crate::pipelines::create::default_configuration;
use crate::pipelines::documents::*;
use crate::pipelines::record::{CONFIGURATION, PIPELINE, PipelineRecord, Work};
use crate::pipelines::sources::{element_statuses, meeting_id};

const NO_MEETING: &str = "names no meeting of this AWS account that has not ended";

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
            let id = record.work.source().and_then(|arn| meeting_id(&home.account, arn).ok());
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
        let mut record = of.record(Work::Concatenation(of.work(home)), at.now);
        record.meeting = record.meeting.or(meeting);
        let missing = record.meeting.is_none() && !at.alone;
        let member = || format!("{path}.CapturePipelineId");
        at.problem_if(missing, member, "is no capture pipeline of this region");
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
        let mut work = of.work();
        work.element_statuses.get_or_insert_with(|| {
            found.map(|configuration| element_statuses(configuration)).unwrap_or_default()
        });
        let mut record = of.record(Work::Insights(work), at.now);
        let missing = found.is_none() && record.is_active() && !at.alone;
        let member = || format!("{path}.MediaInsightsPipelineConfigurationArn");
        at.problem_if(missing, member, "is no configuration of this region");
        for (i, task) in of.tasks.into_iter().enumerate() {
            let path = || format!("{path}.Tasks[{i}].TaskId");
            at.once("task", format!("{} {}", record.id, task.task_id), path, TWICE);
            record.tasks.push(task.complete(at.now));
        }
        record.meeting = None;
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

impl SdkCapturePipeline {
    pub(super) fn work(&self) -> MediaCapturePipeline {
        let configuration = self.chime_sdk_meeting_configuration.clone();
        MediaCapturePipeline::default()
            .chime_sdk_meeting_configuration(configuration.unwrap_or_else(default_configuration))
            .sink_arn(self.sink_arn.clone())
            .set_sink_iam_role_arn(self.sink_iam_role_arn.clone())
            .sink_type(MediaPipelineSinkType::S3Bucket)
            .source_arn(&self.source_arn)
            .source_type(MediaPipelineSourceType::ChimeSdkMeeting)
            .set_sse_aws_key_management_params(self.sse_aws_key_management_params.clone())
    }

    pub(super) fn export(record: &PipelineRecord, work: &MediaCapturePipeline) -> Option<Self> {
        let (source, sink) = (work.source_arn.clone()?, work.sink_arn.clone()?);
        let own = Self {
            sink_iam_role_arn: work.sink_iam_role_arn.clone(),
            sse_aws_key_management_params: work.sse_aws_key_management_params.clone(),
            chime_sdk_meeting_configuration: work.chime_sdk_meeting_configuration.clone(),
            ..Self::new(&record.id, source, sink)
        };
        Some(own.of(record))
    }
}

impl SdkLiveConnectorPipeline {
    pub(super) fn work(&self) -> MediaLiveConnectorPipeline {
        let Self { sources, sinks, .. } = self.clone();
        MediaLiveConnectorPipeline::default().sources(sources).sinks(sinks)
    }

    pub(super) fn export(record: &PipelineRecord, work: &MediaLiveConnectorPipeline) -> Self {
        let own = Self {
            sources: work.sources.clone().unwrap_or_default(),
            sinks: work.sinks.clone().unwrap_or_default(),
            ..Self::new(&record.id)
        };
        own.of(record)
    }
}

impl SdkStreamPipeline {
    pub(super) fn work(&self) -> MediaStreamPipeline {
        let Self { sources, sinks, .. } = self.clone();
        MediaStreamPipeline::default().sources(sources).sinks(sinks)
    }

    pub(super) fn export(record: &PipelineRecord, work: &MediaStreamPipeline) -> Self {
        let own = Self {
            sources: work.sources.clone().unwrap_or_default(),
            sinks: work.sinks.clone().unwrap_or_default(),
            streams: record.streams.clone(),
            ..Self::new(&record.id)
        };
        own.of(record)
    }
}

impl SdkConcatenationPipeline {
    fn work(&self, home: &Home) -> MediaConcatenationPipeline {
        let artifacts = self.artifacts_configuration.clone().unwrap_or_else(all_artifacts);
        let source = MediaCapturePipelineSourceConfiguration::new(
            home.arn(&format!("{PIPELINE}{}", self.capture_pipeline_id)),
            ChimeSdkMeetingConcatenationConfiguration::new(artifacts),
        );
        let sink = S3BucketSinkConfiguration::new(self.destination.clone());
        MediaConcatenationPipeline::default()
            .sources([ConcatenationSource::new(
                ConcatenationSourceType::MediaCapturePipeline,
                source,
            )])
            .sinks([ConcatenationSink::new(ConcatenationSinkType::S3Bucket, sink)])
    }

    pub(super) fn export(
        record: &PipelineRecord,
        work: &MediaConcatenationPipeline,
        home: &Home,
    ) -> Option<Self> {
        let source = work.sources.as_ref()?.first()?;
        let source = &source.media_capture_pipeline_source_configuration;
        let artifacts = source.chime_sdk_meeting_configuration.artifacts_configuration.clone();
        let sink = work.sinks.as_ref()?.first()?;
        let destination = sink.s3_bucket_sink_configuration.destination.clone();
        let own = Self {
            artifacts_configuration: Some(artifacts),
            ..Self::new(&record.id, record.work.captured(home)?, destination)
        };
        Some(own.of(record))
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

impl SdkInsightsPipeline {
    fn work(&self) -> MediaInsightsPipeline {
        let of = self.clone();
        let recording = of.kinesis_video_stream_recording_source_runtime_configuration;
        MediaInsightsPipeline::default()
            .set_element_statuses(of.element_statuses)
            .media_insights_pipeline_configuration_arn(of.media_insights_pipeline_configuration_arn)
            .set_kinesis_video_stream_source_runtime_configuration(
                of.kinesis_video_stream_source_runtime_configuration,
            )
            .set_kinesis_video_stream_recording_source_runtime_configuration(recording)
            .set_media_insights_runtime_metadata(of.media_insights_runtime_metadata)
            .set_s3_recording_sink_runtime_configuration(of.s3_recording_sink_runtime_configuration)
    }

    pub(super) fn export(record: &PipelineRecord, work: &MediaInsightsPipeline) -> Option<Self> {
        let work = work.clone();
        let own = Self {
            kinesis_video_stream_source_runtime_configuration: work
                .kinesis_video_stream_source_runtime_configuration,
            kinesis_video_stream_recording_source_runtime_configuration: work
                .kinesis_video_stream_recording_source_runtime_configuration,
            media_insights_runtime_metadata: work.media_insights_runtime_metadata,
            s3_recording_sink_runtime_configuration: work.s3_recording_sink_runtime_configuration,
            element_statuses: work.element_statuses,
            tasks: record.tasks.clone(),
            ..Self::new(&record.id, work.media_insights_pipeline_configuration_arn?)
        };
        Some(own.of(record))
    }
}
