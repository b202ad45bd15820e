//! Capture pipelines, which write a meeting to a bucket.

use chime_model::media_pipelines::*;

use crate::engine::dispatch::handlers;
use crate::engine::errors::Result;
use crate::engine::paging::List;
use crate::pipelines::call::no_pipeline;
use crate::pipelines::create::{check_configuration, create};
use crate::pipelines::lifecycle::PAGE;
use crate::pipelines::record::Work;
use crate::pipelines::{Call, Pipelines};

handlers! {
    Pipelines:
        create_media_capture_pipeline, get_media_capture_pipeline, delete_media_capture_pipeline,
        list_media_capture_pipelines
}

const KIND: &str = "capture";

fn create_media_capture_pipeline(
    call: &mut Call<'_>,
    request: CreateMediaCapturePipelineRequest,
) -> Result<CreateMediaCapturePipelineResponse> {
    let asked = request.chime_sdk_meeting_configuration;
    let artifacts = asked.as_ref().and_then(|asked| asked.artifacts_configuration.as_ref());
    check_configuration(
        asked.as_ref().and_then(|asked| asked.source_configuration.as_ref()),
        artifacts.is_some_and(|it| it.audio.mux_type == AudioMuxType::AudioWithCompositedVideo),
        artifacts.and_then(|artifacts| artifacts.composited_video.as_ref()),
    )?;
    let (source, sink) = (request.source_arn, request.sink_arn);
    let created = create(call, KIND, request.client_request_token, request.tags, |call| {
        let (id, meeting) = call.source(&source)?;
        call.check_bucket(&sink)?;
        call.check_alone(KIND, &id, &source)?;
        let work = MediaCapturePipeline::default()
            .chime_sdk_meeting_configuration(asked.unwrap_or_else(default_configuration))
            .sink_arn(sink)
            .set_sink_iam_role_arn(request.sink_iam_role_arn)
            .sink_type(request.sink_type)
            .source_arn(source)
            .source_type(request.source_type)
            .set_sse_aws_key_management_params(request.sse_aws_key_management_params);
        Ok((Work::Capture(work), Some(meeting.event_source(&id))))
    })?;
    let capture = created.media_capture_pipeline;
    Ok(CreateMediaCapturePipelineResponse::default().set_media_capture_pipeline(capture))
}

/// What is captured if the caller does not say.
pub(super) fn default_configuration() -> ChimeSdkMeetingConfiguration {
    let audio = AudioArtifactsConfiguration::new(AudioMuxType::AudioWithActiveSpeakerVideo);
    let video = VideoArtifactsConfiguration::new(ArtifactsState::Enabled);
    let content = ContentArtifactsConfiguration::new(ArtifactsState::Enabled);
    ChimeSdkMeetingConfiguration::default().artifacts_configuration(ArtifactsConfiguration::new(
        audio,
        video.mux_type(VideoMuxType::VideoOnly),
        content.mux_type(ContentMuxType::ContentOnly),
    ))
}

fn get_media_capture_pipeline(
    call: &mut Call<'_>,
    request: GetMediaCapturePipelineRequest,
) -> Result<GetMediaCapturePipelineResponse> {
    let id = request.media_pipeline_id;
    let shown = call.pipeline(&id)?.shown(&call.home).media_capture_pipeline;
    let shown = shown.ok_or_else(|| no_pipeline(id.as_str()))?;
    Ok(GetMediaCapturePipelineResponse::default().media_capture_pipeline(shown))
}

fn delete_media_capture_pipeline(
    call: &mut Call<'_>,
    request: DeleteMediaCapturePipelineRequest,
) -> Result<()> {
    let id = request.media_pipeline_id;
    match call.pipeline(&id)?.work {
        Work::Capture(_) => call.stop(&id),
        _ => Err(no_pipeline(id.as_str())),
    }
}

fn list_media_capture_pipelines(
    call: &mut Call<'_>,
    request: ListMediaCapturePipelinesRequest,
) -> Result<ListMediaCapturePipelinesResponse> {
    let list = List::open(&call.list_owner(), &request, PAGE)?;
    let rows = call.listed(list.after()).filter(|(_, row)| row.work.kind() == KIND);
    Ok(list.page(rows, |row| {
        let summary = MediaCapturePipelineSummary::default().media_pipeline_id(&row.id);
        summary.media_pipeline_arn(row.arn(&call.home))
    }))
}
