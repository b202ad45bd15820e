//! Live connector pipelines, which stream a meeting to an RTMP endpoint.

use chime_model::media_pipelines::*;

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request};
use crate::pipelines::create::{check_configuration, create};
use crate::pipelines::record::Work;
use crate::pipelines::{Call, Pipelines};

handlers! {
    Pipelines: create_media_live_connector_pipeline
}

const KIND: &str = "live connector";

fn create_media_live_connector_pipeline(
    call: &mut Call<'_>,
    request: CreateMediaLiveConnectorPipelineRequest,
) -> Result<CreateMediaLiveConnectorPipelineResponse> {
    let CreateMediaLiveConnectorPipelineRequest { sources, sinks, .. } = request;
    let source = sources.first().ok_or_else(|| bad_request("Sources: must have one item"))?;
    let source = &source.chime_sdk_meeting_live_connector_configuration;
    check_configuration(
        source.source_configuration.as_ref(),
        source.mux_type == LiveConnectorMuxType::AudioWithCompositedVideo,
        source.composited_video.as_ref(),
    )?;
    let arn = source.arn.clone();
    let created = create(call, KIND, request.client_request_token, request.tags, |call| {
        let (id, meeting) = call.source(&arn)?;
        call.check_alone(KIND, &id, &arn)?;
        let work = MediaLiveConnectorPipeline::default().sources(sources).sinks(sinks);
        Ok((Work::LiveConnector(work), Some(meeting.event_source(&id))))
    })?;
    let connector = created.media_live_connector_pipeline;
    let response = CreateMediaLiveConnectorPipelineResponse::default();
    Ok(response.set_media_live_connector_pipeline(connector))
}
