//! Seeds of media pipelines, put in place.

use chime_model::media_pipelines::*;
use time::OffsetDateTime;

use crate::engine::home::Home;
use crate::engine::seeding::{Seeding, TWICE};
use crate::meetings::Meetings;
use crate::meetings::events::EventSource;
use crate::pipelines::Pipelines;
use crate::pipelines::capture::default_configuration;
use crate::pipelines::create::meeting_of;
use crate::pipelines::record::{PIPELINE, PipelineRecord, PoolRecord, Work};
use crate::pipelines::seed::*;
use crate::pipelines::streams::Stream;
use crate::pipelines::tags::pairs;
use crate::seed::sdk_region::SdkRegion;

/// What all kinds of pipelines have.
pub(super) struct Common {
    pub(super) id: MediaPipelineId,
    pub(super) status: Option<MediaPipelineStatus>,
    pub(super) created: Option<OffsetDateTime>,
    pub(super) updated: Option<OffsetDateTime>,
    pub(super) tags: Vec<Tag>,
    pub(super) meeting: Option<SdkPipelineMeeting>,
}

macro_rules! common {
    ($of:ident) => {
        Common {
            id: $of.media_pipeline_id,
            status: $of.status,
            created: $of.created_timestamp,
            updated: $of.updated_timestamp,
            tags: $of.tags,
            meeting: $of.meeting,
        }
    };
}

pub(super) use common;

const NO_MEETING: &str = "names no meeting of this AWS account that has not ended";

impl Pipelines {
    /// Puts what a region has of media pipelines in place. Its meetings are there already.
    pub(crate) fn put(
        &mut self,
        home: &Home,
        of: SdkRegion,
        path: &str,
        meetings: &mut Meetings,
        at: &mut Seeding<'_>,
    ) {
        for (i, pool) in of.pools.into_iter().enumerate() {
            self.put_pool(home, pool, &format!("{path}.Pools[{i}]"), at);
        }
        for (i, configuration) in of.insights_configurations.into_iter().enumerate() {
            let path = format!("{path}.InsightsConfigurations[{i}]");
            self.put_configuration(home, configuration, &path, at);
        }
        for (i, of) in of.capture_pipelines.into_iter().enumerate() {
            let path = format!("{path}.CapturePipelines[{i}]");
            let source = of.source_arn.clone();
            let work = MediaCapturePipeline::default()
                .chime_sdk_meeting_configuration(
                    of.chime_sdk_meeting_configuration.unwrap_or_else(default_configuration),
                )
                .sink_arn(of.sink_arn)
                .set_sink_iam_role_arn(of.sink_iam_role_arn)
                .sink_type(MediaPipelineSinkType::S3Bucket)
                .source_arn(of.source_arn)
                .source_type(MediaPipelineSourceType::ChimeSdkMeeting)
                .set_sse_aws_key_management_params(of.sse_aws_key_management_params);
            let work = Work::Capture(work);
            self.put_in_meeting(home, common!(of), work, Some(&source), &path, meetings, at);
        }
        for (i, of) in of.live_connector_pipelines.into_iter().enumerate() {
            let path = format!("{path}.LiveConnectorPipelines[{i}]");
            let first = of.sources.first();
            let source =
                first.map(|it| it.chime_sdk_meeting_live_connector_configuration.arn.clone());
            let work = MediaLiveConnectorPipeline::default().sources(of.sources).sinks(of.sinks);
            let work = Work::LiveConnector(work);
            self.put_in_meeting(home, common!(of), work, source.as_ref(), &path, meetings, at);
        }
        for (i, of) in of.stream_pipelines.into_iter().enumerate() {
            let path = format!("{path}.StreamPipelines[{i}]");
            let source = of.sources.first().map(|source| source.source_arn.clone());
            let work = MediaStreamPipeline::default().sources(of.sources).sinks(of.sinks);
            let (id, work) = (of.media_pipeline_id.clone(), Work::Stream(work));
            self.put_in_meeting(home, common!(of), work, source.as_ref(), &path, meetings, at);
            if let Some(record) = self.record_mut(home, &id) {
                record.streams = of.streams.into_iter().map(stream).collect();
            }
        }
        for (i, of) in of.concatenation_pipelines.into_iter().enumerate() {
            let path = format!("{path}.ConcatenationPipelines[{i}]");
            self.put_concatenation(home, of, &path, at);
        }
        for (i, of) in of.insights_pipelines.into_iter().enumerate() {
            let path = format!("{path}.InsightsPipelines[{i}]");
            self.put_insights(home, of, &path, at);
        }
    }

    /// Puts a pipeline in place, and replaces one of the same id.
    pub(super) fn put_pipeline(
        &mut self,
        home: &Home,
        of: Common,
        work: Work,
        meeting: Option<EventSource>,
        at: &Seeding<'_>,
    ) -> MediaPipelineId {
        for old in self.regions.each_below_mut(|row| row.below.pipelines.contains(&of.id)) {
            old.pipelines.remove(&of.id);
        }
        let created = of.created.unwrap_or(at.now);
        let tags = pairs(of.tags).collect();
        let mut record = PipelineRecord::new(of.id.clone(), work, meeting, tags, created);
        record.status = of.status.unwrap_or(MediaPipelineStatus::InProgress);
        record.updated = of.updated.unwrap_or(created);
        record.attendee = of.meeting.and_then(|meeting| meeting.attendee_id);
        self.regions.below_or_default(home).pipelines.insert(of.id.clone(), record);
        of.id
    }

    #[allow(clippy::too_many_arguments, reason = "all of it differs from kind to kind")]
    fn put_in_meeting(
        &mut self,
        home: &Home,
        of: Common,
        work: Work,
        source: Option<&MeetingArn>,
        path: &str,
        meetings: &mut Meetings,
        at: &mut Seeding<'_>,
    ) {
        at.once("media pipeline", of.id.as_str(), || format!("{path}.MediaPipelineId"), TWICE);
        let is_short = of.meeting.is_none();
        let meeting = match &of.meeting {
            Some(meeting) => Some(meeting.meeting_id.clone()),
            None => source.and_then(|arn| meeting_of(&home.account, arn).ok()),
        };
        let live = meeting.as_ref().and_then(|id| meetings.of_account(&home.account, id));
        let status = of.status.as_ref().unwrap_or(&MediaPipelineStatus::InProgress);
        let needs =
            matches!(status, MediaPipelineStatus::InProgress | MediaPipelineStatus::Initializing);
        let missing = meeting.is_none() || live.is_none() && needs && !at.alone;
        let member = || format!("{path}{}", if is_short { "" } else { ".Meeting" });
        at.problem_if(missing, member, NO_MEETING);
        let Some(id) = meeting else { return };
        let known = live.map(|row| row.event_source(&id));
        let joins = is_short && live.is_some() && *status == MediaPipelineStatus::InProgress;
        let event_source = match &of.meeting {
            Some(meeting) => event_source(meeting, home),
            None => known.unwrap_or_else(|| event_source(&SdkPipelineMeeting::new(&id), home)),
        };
        let pipeline = self.put_pipeline(home, of, work, Some(event_source), at);
        if joins {
            let attendee = meetings.put_pipeline(&id, pipeline.as_str(), at.now);
            if let Some(record) = self.record_mut(home, &pipeline) {
                record.attendee = attendee;
            }
        }
    }

    fn put_concatenation(
        &mut self,
        home: &Home,
        of: SdkConcatenationPipeline,
        path: &str,
        at: &mut Seeding<'_>,
    ) {
        let id = of.media_pipeline_id.as_str();
        at.once("media pipeline", id, || format!("{path}.MediaPipelineId"), TWICE);
        let capture = of.capture_pipeline_id.clone();
        let row = self.region(home).and_then(|region| region.pipelines.get(&capture));
        let row = row.filter(|row| matches!(row.work, Work::Capture(_)));
        let known = row.and_then(|row| row.meeting.clone());
        let missing = known.is_none() && of.meeting.is_none() && !at.alone;
        let path = || format!("{path}.CapturePipelineId");
        at.problem_if(missing, path, "is no capture pipeline of this region");
        let meeting = of.meeting.as_ref().map(|meeting| event_source(meeting, home)).or(known);
        let everything = ChimeSdkMeetingConcatenationConfiguration::new(
            of.artifacts_configuration.unwrap_or_else(everything),
        );
        let source = ConcatenationSource::new(
            ConcatenationSourceType::MediaCapturePipeline,
            MediaCapturePipelineSourceConfiguration::new(
                home.arn(&format!("{PIPELINE}{capture}")),
                everything,
            ),
        );
        let sink = ConcatenationSink::new(
            ConcatenationSinkType::S3Bucket,
            S3BucketSinkConfiguration::new(of.destination),
        );
        let work = MediaConcatenationPipeline::default().sources([source]).sinks([sink]);
        self.put_pipeline(home, common!(of), Work::Concatenation(work), meeting, at);
    }

    fn put_pool(&mut self, home: &Home, of: SdkPool, path: &str, at: &mut Seeding<'_>) {
        let name = of.pool_name;
        let key = format!("{} {} {name}", home.account, home.region);
        at.once("pool", key, || format!("{path}.PoolName"), TWICE);
        let made = |at: &mut Seeding<'_>| {
            PoolId::from(format!("ChimeMediaPipelines-{name}-{}", at.ids.guid()))
        };
        let region = of.region.unwrap_or_else(|| home.region.clone());
        let created = of.created_timestamp.unwrap_or(at.now);
        let record = PoolRecord {
            name: name.clone(),
            id: of.pool_id.unwrap_or_else(|| made(at)),
            streams: KinesisVideoStreamConfiguration::new(region)
                .set_data_retention_in_hours(of.data_retention_in_hours),
            status: of.pool_status.unwrap_or(KinesisVideoStreamPoolStatus::Active),
            created,
            updated: of.updated_timestamp.unwrap_or(created),
            tags: pairs(of.tags).collect(),
        };
        self.regions.below_or_default(home).pools.insert(name, record);
    }
}

fn event_source(of: &SdkPipelineMeeting, home: &Home) -> EventSource {
    EventSource {
        home: Home::new(&home.account, of.control_region.as_ref().unwrap_or(&home.region)),
        meeting_id: of.meeting_id.clone(),
        external_meeting_id: of.external_meeting_id.clone(),
        media_region: of.media_region.clone(),
        notifications: of.notifications_configuration.clone(),
    }
}

fn stream(of: SdkKinesisVideoStream) -> Stream {
    Stream {
        attendee_id: of.attendee_id.unwrap_or_else(|| "".into()),
        external_user_id: of.external_user_id.unwrap_or_else(|| "".into()),
        arn: of.stream_arn,
        fragment: of.start_fragment_number,
        started: of.start_time,
        flows: !of.ended,
    }
}

/// What a concatenation joins if a seed does not say.
fn everything() -> ArtifactsConcatenationConfiguration {
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
