//! Insights pipelines, which analyze audio of Kinesis video streams.

use chime_model::media_pipelines::*;

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request};
use crate::pipelines::call::{conflict, no_pipeline};
use crate::pipelines::create::create;
use crate::pipelines::events::Change;
use crate::pipelines::record::{ConfigurationRecord, Work};
use crate::pipelines::{Call, Pipelines};

handlers! {
    Pipelines: create_media_insights_pipeline, update_media_insights_pipeline_status
}

fn create_media_insights_pipeline(
    call: &mut Call<'_>,
    request: CreateMediaInsightsPipelineRequest,
) -> Result<CreateMediaInsightsPipelineResponse> {
    let live = request.kinesis_video_stream_source_runtime_configuration;
    let stored = request.kinesis_video_stream_recording_source_runtime_configuration;
    if live.is_some() == stored.is_some() {
        return Err(bad_request("Exactly one source of Kinesis video streams is required"));
    }
    let (token, tags) = (request.client_request_token, request.tags);
    let created = create(call, "insights", token, tags, |call| {
        let arn = request.media_insights_pipeline_configuration_arn;
        let (_, configuration) = call.configuration_of(&arn)?;
        let work = MediaInsightsPipeline::default()
            .element_statuses(element_statuses(configuration))
            .media_insights_pipeline_configuration_arn(arn)
            .set_kinesis_video_stream_source_runtime_configuration(live)
            .set_kinesis_video_stream_recording_source_runtime_configuration(stored)
            .set_media_insights_runtime_metadata(request.media_insights_runtime_metadata)
            .set_s3_recording_sink_runtime_configuration(
                request.s3_recording_sink_runtime_configuration,
            );
        Ok((Work::Insights(work), None))
    })?;
    let pipeline = created.media_insights_pipeline.unwrap_or_default();
    Ok(CreateMediaInsightsPipelineResponse::new(pipeline))
}

/// The elements of a configuration, as its pipelines show them.
pub(super) fn element_statuses(
    configuration: &ConfigurationRecord,
) -> Vec<MediaInsightsPipelineElementStatus> {
    let element = |element: &MediaInsightsPipelineConfigurationElement| {
        MediaInsightsPipelineElementStatus::default().r#type(element.r#type.clone())
    };
    configuration.elements.iter().map(element).collect()
}

fn update_media_insights_pipeline_status(
    call: &mut Call<'_>,
    request: UpdateMediaInsightsPipelineStatusRequest,
) -> Result<()> {
    let id = call.insights(&request.identifier)?;
    let (from, to, change) = match request.update_status {
        MediaPipelineStatusUpdate::Pause => {
            (MediaPipelineStatus::InProgress, MediaPipelineStatus::Paused, Change::Paused)
        }
        _ => (MediaPipelineStatus::Paused, MediaPipelineStatus::InProgress, Change::InProgress),
    };
    let now = call.at.now;
    let record = call.region_mut().pipelines.get_mut(&id);
    let record = record.ok_or_else(|| no_pipeline(id.as_str()))?;
    if record.status != from {
        return Err(conflict("The pipeline is not in the state for that"));
    }
    record.set_status(to, now);
    let event = call.pipeline(&id)?.caused(&call.home, change, None, now);
    call.at.events.extend(event);
    Ok(())
}
