//! The state of media pipelines as seeds.

use chime_model::media_pipelines::*;

use crate::engine::home::Home;
use crate::pipelines::record::{
    ConfigurationRecord, PIPELINE, PipelineRecord, PipelineRow, PoolRecord, TaskRecord, Work,
};
use crate::pipelines::seed::*;
use crate::pipelines::streams::Stream;
use crate::pipelines::tags::listed;
use crate::pipelines::{Pipelines, RegionTables};
use crate::seed::sdk_region::SdkRegion;

/// A seed of a pipeline with what all kinds have.
macro_rules! complete {
    ($record:ident, $seed:expr) => {{
        let mut seed = $seed;
        seed.status = Some($record.status.clone());
        seed.created_timestamp = Some($record.created);
        seed.updated_timestamp = Some($record.updated);
        seed.tags = listed(&$record.tags);
        seed.meeting = meeting($record);
        seed
    }};
}

impl Pipelines {
    /// The places that have anything.
    pub(crate) fn homes(&self) -> impl Iterator<Item = &Home> {
        let has = |region: &RegionTables| {
            region.pipelines.len() + region.configurations.len() + region.pools.len() > 0
        };
        self.regions.rows().filter(move |(_, row)| has(&row.below)).map(|(home, _)| home)
    }

    /// Adds what a place has of media pipelines to its seed.
    pub(crate) fn export(&self, home: &Home, seed: &mut SdkRegion) {
        let Some(region) = self.region(home) else { return };
        seed.pools = region.pools.values().map(pool).collect();
        seed.insights_configurations = region.configurations.values().map(configuration).collect();
        for (_, row) in region.pipelines.rows() {
            match &row.work {
                Work::Capture(work) => seed.capture_pipelines.extend(capture(row, work)),
                Work::LiveConnector(work) => {
                    let mut own = SdkLiveConnectorPipeline::new(&row.id);
                    own.sources = work.sources.clone().unwrap_or_default();
                    own.sinks = work.sinks.clone().unwrap_or_default();
                    seed.live_connector_pipelines.push(complete!(row, own));
                }
                Work::Stream(work) => {
                    let mut own = SdkStreamPipeline::new(&row.id);
                    own.sources = work.sources.clone().unwrap_or_default();
                    own.sinks = work.sinks.clone().unwrap_or_default();
                    own.streams = row.streams.iter().map(stream).collect();
                    seed.stream_pipelines.push(complete!(row, own));
                }
                Work::Concatenation(work) => {
                    seed.concatenation_pipelines.extend(concatenation(row, work, home));
                }
                Work::Insights(work) => seed.insights_pipelines.extend(insights(row, work)),
            }
        }
    }
}

fn capture(row: &PipelineRow, work: &MediaCapturePipeline) -> Option<SdkCapturePipeline> {
    let (source, sink) = (work.source_arn.clone()?, work.sink_arn.clone()?);
    let mut own = SdkCapturePipeline::new(&row.id, source, sink);
    own.sink_iam_role_arn = work.sink_iam_role_arn.clone();
    own.sse_aws_key_management_params = work.sse_aws_key_management_params.clone();
    own.chime_sdk_meeting_configuration = work.chime_sdk_meeting_configuration.clone();
    Some(complete!(row, own))
}

fn concatenation(
    row: &PipelineRow,
    work: &MediaConcatenationPipeline,
    home: &Home,
) -> Option<SdkConcatenationPipeline> {
    let source = work.sources.as_ref()?.first()?;
    let source = &source.media_capture_pipeline_source_configuration;
    let capture = home.resource(source.media_pipeline_arn.as_str())?.strip_prefix(PIPELINE)?;
    let sink = work.sinks.as_ref()?.first()?;
    let destination = sink.s3_bucket_sink_configuration.destination.clone();
    let mut own = SdkConcatenationPipeline::new(&row.id, capture, destination);
    let configuration = source.chime_sdk_meeting_configuration.artifacts_configuration.clone();
    own.artifacts_configuration = Some(configuration);
    Some(complete!(row, own))
}

fn insights(row: &PipelineRow, work: &MediaInsightsPipeline) -> Option<SdkInsightsPipeline> {
    let configuration = work.media_insights_pipeline_configuration_arn.clone()?;
    let mut own = SdkInsightsPipeline::new(&row.id, configuration);
    own.kinesis_video_stream_source_runtime_configuration =
        work.kinesis_video_stream_source_runtime_configuration.clone();
    own.kinesis_video_stream_recording_source_runtime_configuration =
        work.kinesis_video_stream_recording_source_runtime_configuration.clone();
    own.media_insights_runtime_metadata = work.media_insights_runtime_metadata.clone();
    own.s3_recording_sink_runtime_configuration =
        work.s3_recording_sink_runtime_configuration.clone();
    own.element_statuses = work.element_statuses.clone();
    own.tasks = row.below.tasks.rows().map(|(id, row)| task(id, row)).collect();
    Some(complete!(row, own))
}

fn task(id: &str, record: &TaskRecord) -> SdkTask {
    SdkTask {
        status: Some(record.status.clone()),
        created_timestamp: Some(record.created),
        updated_timestamp: Some(record.updated),
        ..SdkTask::new(id, record.kind)
    }
}

fn meeting(record: &PipelineRecord) -> Option<SdkPipelineMeeting> {
    let source = record.meeting.as_ref()?;
    Some(SdkPipelineMeeting {
        control_region: Some(source.home.region.clone()),
        external_meeting_id: source.external_meeting_id.clone(),
        media_region: source.media_region.clone(),
        notifications_configuration: source.notifications.clone(),
        attendee_id: record.attendee.clone(),
        ..SdkPipelineMeeting::new(&source.meeting_id)
    })
}

fn stream(stream: &Stream) -> SdkKinesisVideoStream {
    let is_mixed = stream.attendee_id.as_str().is_empty();
    let Stream { attendee_id, external_user_id, .. } = stream.clone();
    SdkKinesisVideoStream {
        attendee_id: (!is_mixed).then_some(attendee_id),
        external_user_id: (!is_mixed).then_some(external_user_id),
        ended: !stream.flows,
        ..SdkKinesisVideoStream::new(&stream.arn, &stream.fragment, stream.started)
    }
}

fn configuration(record: &ConfigurationRecord) -> SdkInsightsConfiguration {
    SdkInsightsConfiguration {
        id: Some(record.id.clone()),
        real_time_alert_configuration: record.alerts.clone(),
        elements: record.elements.clone(),
        created_timestamp: Some(record.created),
        updated_timestamp: Some(record.updated),
        tags: listed(&record.tags),
        ..SdkInsightsConfiguration::new(&record.name, record.role.clone())
    }
}

fn pool(record: &PoolRecord) -> SdkPool {
    SdkPool {
        pool_id: Some(record.id.clone()),
        region: Some(record.streams.region.clone()),
        data_retention_in_hours: record.streams.data_retention_in_hours,
        pool_status: Some(record.status.clone()),
        created_timestamp: Some(record.created),
        updated_timestamp: Some(record.updated),
        tags: listed(&record.tags),
        ..SdkPool::new(&record.name)
    }
}
