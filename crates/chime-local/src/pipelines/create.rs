//! The creation of pipelines of all kinds.

use chime_model::SensitiveString;
use chime_model::media_pipelines::*;

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request};
use crate::engine::tags;
use crate::pipelines::documents::SdkPipelineState;
use crate::pipelines::record::{PipelineRecord, Work};
use crate::pipelines::{Call, Pipelines};

handlers! {
    Pipelines:
        create_media_capture_pipeline, create_media_concatenation_pipeline,
        create_media_live_connector_pipeline, create_media_stream_pipeline,
        create_media_insights_pipeline
}

/// How many attendees can be selected by their ids.
const MAX_SELECTED: usize = 25;

/// Creates a pipeline, or finds the pipeline of that kind that was created with the same token.
fn create(
    call: &mut Call<'_>,
    mut work: Work,
    token: Option<SensitiveString>,
    tags: Option<Vec<Tag>>,
) -> Result<MediaPipeline> {
    let tags = tags::new(tags.unwrap_or_default())?;
    let kind = work.kind();
    let find = |call: &Call<'_>, id: &str| {
        Ok(call.pipeline_if(id, |record| record.work.kind() == kind)?.shown(&call.home))
    };
    call.once(kind, token, find, |call| {
        let meeting = call.check_source(&mut work)?;
        call.check_limits(&work, meeting.as_ref())?;
        let id = call.new_id();
        let state = SdkPipelineState { meeting, tags, ..SdkPipelineState::default() };
        let record = PipelineRecord::new(id.as_str().into(), work, state, call.now());
        call.region_mut().pipelines.insert(record.id.clone(), record);
        Ok(id)
    })
}

fn create_media_capture_pipeline(
    call: &mut Call<'_>,
    request: CreateMediaCapturePipelineRequest,
) -> Result<CreateMediaCapturePipelineResponse> {
    let configuration = request.chime_sdk_meeting_configuration;
    let configuration = configuration.unwrap_or_else(default_configuration);
    let artifacts = configuration.artifacts_configuration.as_ref();
    let lacks_layout = artifacts.is_some_and(|it| {
        it.audio.mux_type == AudioMuxType::AudioWithCompositedVideo && it.composited_video.is_none()
    });
    check_configuration(configuration.source_configuration.as_ref(), lacks_layout)?;
    let work = MediaCapturePipeline::default()
        .chime_sdk_meeting_configuration(configuration)
        .sink_arn(request.sink_arn)
        .set_sink_iam_role_arn(request.sink_iam_role_arn)
        .sink_type(request.sink_type)
        .source_arn(request.source_arn)
        .source_type(request.source_type)
        .set_sse_aws_key_management_params(request.sse_aws_key_management_params);
    let created = create(call, Work::Capture(work), request.client_request_token, request.tags)?;
    let response = CreateMediaCapturePipelineResponse::default();
    Ok(response.set_media_capture_pipeline(created.media_capture_pipeline))
}

/// Returns the configuration of a capture pipeline whose request has none.
pub(super) fn default_configuration() -> ChimeSdkMeetingConfiguration {
    use ArtifactsState::Enabled;
    let audio = AudioArtifactsConfiguration::new(AudioMuxType::AudioWithActiveSpeakerVideo);
    let video = VideoArtifactsConfiguration::new(Enabled).mux_type(VideoMuxType::VideoOnly);
    let content = ContentArtifactsConfiguration::new(Enabled).mux_type(ContentMuxType::ContentOnly);
    let artifacts = ArtifactsConfiguration::new(audio, video, content);
    ChimeSdkMeetingConfiguration::default().artifacts_configuration(artifacts)
}

/// Checks how many attendees are selected, and that there is a layout where one is needed.
fn check_configuration(source: Option<&SourceConfiguration>, lacks_layout: bool) -> Result<()> {
    let selected = source.and_then(|source| source.selected_video_streams.as_ref());
    let count = selected.map_or(0, |it| {
        it.attendee_ids.iter().flatten().count() + it.external_user_ids.iter().flatten().count()
    });
    if count > MAX_SELECTED {
        return Err(bad_request("SelectedVideoStreams: must have 25 ids or less in total"));
    }
    if lacks_layout {
        return Err(bad_request("CompositedVideo: is required with AudioWithCompositedVideo"));
    }
    Ok(())
}

fn create_media_concatenation_pipeline(
    call: &mut Call<'_>,
    request: CreateMediaConcatenationPipelineRequest,
) -> Result<CreateMediaConcatenationPipelineResponse> {
    let work = MediaConcatenationPipeline::default().sources(request.sources).sinks(request.sinks);
    let created =
        create(call, Work::Concatenation(work), request.client_request_token, request.tags)?;
    let response = CreateMediaConcatenationPipelineResponse::default();
    Ok(response.set_media_concatenation_pipeline(created.media_concatenation_pipeline))
}

fn create_media_live_connector_pipeline(
    call: &mut Call<'_>,
    request: CreateMediaLiveConnectorPipelineRequest,
) -> Result<CreateMediaLiveConnectorPipelineResponse> {
    for source in &request.sources {
        let source = &source.chime_sdk_meeting_live_connector_configuration;
        let lacks_layout = source.mux_type == LiveConnectorMuxType::AudioWithCompositedVideo
            && source.composited_video.is_none();
        check_configuration(source.source_configuration.as_ref(), lacks_layout)?;
    }
    let work = MediaLiveConnectorPipeline::default().sources(request.sources).sinks(request.sinks);
    let created =
        create(call, Work::LiveConnector(work), request.client_request_token, request.tags)?;
    let response = CreateMediaLiveConnectorPipelineResponse::default();
    Ok(response.set_media_live_connector_pipeline(created.media_live_connector_pipeline))
}

fn create_media_stream_pipeline(
    call: &mut Call<'_>,
    request: CreateMediaStreamPipelineRequest,
) -> Result<CreateMediaStreamPipelineResponse> {
    if request.sources.len() > 1 {
        return Err(bad_request("Sources: must have one item"));
    }
    if let [one, other] = &request.sinks[..]
        && one.media_stream_type == other.media_stream_type
    {
        return Err(bad_request("Sinks: must have one item at most of each MediaStreamType"));
    }
    let work = MediaStreamPipeline::default().sources(request.sources).sinks(request.sinks);
    let created = create(call, Work::Stream(work), request.client_request_token, request.tags)?;
    let response = CreateMediaStreamPipelineResponse::default();
    Ok(response.set_media_stream_pipeline(created.media_stream_pipeline))
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
    let sink = request.s3_recording_sink_runtime_configuration;
    let configuration = request.media_insights_pipeline_configuration_arn;
    let work = MediaInsightsPipeline::default()
        .media_insights_pipeline_configuration_arn(configuration)
        .set_kinesis_video_stream_source_runtime_configuration(live)
        .set_kinesis_video_stream_recording_source_runtime_configuration(stored)
        .set_media_insights_runtime_metadata(request.media_insights_runtime_metadata)
        .set_s3_recording_sink_runtime_configuration(sink);
    let created = create(call, Work::Insights(work), request.client_request_token, request.tags)?;
    let pipeline = created.media_insights_pipeline.unwrap_or_default();
    Ok(CreateMediaInsightsPipelineResponse::new(pipeline))
}
