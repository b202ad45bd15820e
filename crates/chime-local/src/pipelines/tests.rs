//! Tests of media pipelines through everything: routes, signatures, handlers, events.

mod clock;
mod configurations;
mod control;
mod creating;
mod insights;
mod lists;
mod pools;
mod scripts;
mod seeds;
mod view;

use chime_model::ServiceError;
use chime_model::media_pipelines::*;
use chime_model::meetings::{
    CreateAttendeeRequest, CreateMeetingRequest, DeleteMeetingRequest, ListAttendeesRequest,
    MeetingId,
};
use serde_json::Value;

use crate::testing::{Bench, REGION, exception, explained, pass};
use crate::{AttendeeAction, Config, PipelineRules, Rules};

const ACCOUNT: &str = "111122223333";

/// A local Chime without resources.
fn bench() -> Bench {
    with_rules(PipelineRules::default())
}

fn with_rules(pipelines: PipelineRules) -> Bench {
    Bench::new(Config { rules: Rules { pipelines, ..Default::default() }, ..Config::default() })
}

fn meeting(bench: &Bench) -> MeetingId {
    meeting_in(bench, REGION)
}

fn meeting_in(bench: &Bench, control_region: &str) -> MeetingId {
    let token = format!("token-{}", bench.chime.requests().len());
    let request = CreateMeetingRequest::new("us-east-1", "standup").client_request_token(token);
    bench.call_in(control_region, &request).unwrap().meeting.unwrap().meeting_id.unwrap()
}

/// Lets a user join a meeting. Returns the attendee.
fn join(bench: &Bench, meeting: &MeetingId, user: &str) -> String {
    let created = bench.call(&CreateAttendeeRequest::new(meeting, user)).unwrap();
    let id = created.attendee.unwrap().attendee_id.unwrap();
    bench.chime.act_as_attendee(meeting.as_str(), id.as_str(), AttendeeAction::Join).unwrap();
    id.into()
}

fn arn(meeting: &MeetingId) -> String {
    format!("arn:aws:chime::{ACCOUNT}:meeting:{meeting}")
}

fn capturing(meeting: &MeetingId) -> CreateMediaCapturePipelineRequest {
    CreateMediaCapturePipelineRequest::new(
        "ChimeSdkMeeting",
        arn(meeting),
        "S3Bucket",
        "arn:aws:s3:::recordings/standup",
    )
}

fn capture(bench: &Bench, meeting: &MeetingId) -> MediaPipelineId {
    let created = bench.call(&capturing(meeting)).unwrap().media_capture_pipeline.unwrap();
    created.media_pipeline_id.unwrap()
}

fn connecting(meeting: &MeetingId) -> CreateMediaLiveConnectorPipelineRequest {
    let source =
        ChimeSdkMeetingLiveConnectorConfiguration::new(arn(meeting), "AudioWithActiveSpeakerVideo");
    CreateMediaLiveConnectorPipelineRequest::new(
        [LiveConnectorSourceConfiguration::new("ChimeSdkMeeting", source)],
        [LiveConnectorSinkConfiguration::new(
            "RTMP",
            LiveConnectorRTMPConfiguration::new("rtmps://media.example/live/key"),
        )],
    )
}

fn connect(bench: &Bench, meeting: &MeetingId) -> MediaPipelineId {
    let created = bench.call(&connecting(meeting)).unwrap().media_live_connector_pipeline.unwrap();
    created.media_pipeline_id.unwrap()
}

fn pool_arn(name: &str) -> String {
    format!("arn:aws:chime:us-east-1:{ACCOUNT}:media-pipeline-kinesis-video-stream-pool/{name}")
}

fn pooling(name: &str) -> CreateMediaPipelineKinesisVideoStreamPoolRequest {
    CreateMediaPipelineKinesisVideoStreamPoolRequest::new(
        KinesisVideoStreamConfiguration::new("us-east-1").data_retention_in_hours(24),
        name,
    )
}

/// Creates a pool and waits until it is active.
fn pool(bench: &Bench, name: &str) {
    bench.call(&pooling(name)).unwrap();
    pass(bench, 5);
}

/// A sink for mixed audio, or for two attendees.
fn sink(pool: &str, kind: &str) -> MediaStreamSink {
    let capacity = if kind == "MixedAudio" { 1 } else { 2 };
    MediaStreamSink::new(pool_arn(pool), "KinesisVideoStreamPool", capacity, kind)
}

fn streaming(meeting: &MeetingId) -> CreateMediaStreamPipelineRequest {
    CreateMediaStreamPipelineRequest::new(
        [MediaStreamSource::new("ChimeSdkMeeting", arn(meeting))],
        [sink("Audio", "MixedAudio"), sink("Audio", "IndividualAudio")],
    )
}

fn stream(bench: &Bench, meeting: &MeetingId) -> MediaPipelineId {
    let created = bench.call(&streaming(meeting)).unwrap().media_stream_pipeline.unwrap();
    created.media_pipeline_id.unwrap()
}

/// Streams a meeting with one connected attendee. Returns the meeting, the attendee and the pipeline.
fn stream_of_ana(bench: &Bench) -> (MeetingId, String, MediaPipelineId) {
    let id = meeting(bench);
    pool(bench, "Audio");
    let ana = join(bench, &id, "ana");
    let pipeline = stream(bench, &id);
    pass(bench, 2);
    (id, ana, pipeline)
}

fn concatenating(capture: &MediaPipelineId) -> CreateMediaConcatenationPipelineRequest {
    let enabled = || ArtifactsConcatenationState::Enabled;
    let artifacts = ArtifactsConcatenationConfiguration::new(
        AudioConcatenationConfiguration::new("Enabled"),
        VideoConcatenationConfiguration::new(enabled()),
        ContentConcatenationConfiguration::new(enabled()),
        DataChannelConcatenationConfiguration::new(enabled()),
        TranscriptionMessagesConcatenationConfiguration::new(enabled()),
        MeetingEventsConcatenationConfiguration::new(enabled()),
        CompositedVideoConcatenationConfiguration::new("Disabled"),
    );
    let source = MediaCapturePipelineSourceConfiguration::new(
        pipeline_arn(capture),
        ChimeSdkMeetingConcatenationConfiguration::new(artifacts),
    );
    CreateMediaConcatenationPipelineRequest::new(
        [ConcatenationSource::new("MediaCapturePipeline", source)],
        [ConcatenationSink::new(
            "S3Bucket",
            S3BucketSinkConfiguration::new("arn:aws:s3:::recordings/joined"),
        )],
    )
}

pub(crate) fn concatenate(bench: &Bench, capture: &MediaPipelineId) -> MediaPipelineId {
    let created = bench.call(&concatenating(capture)).unwrap();
    created.media_concatenation_pipeline.unwrap().media_pipeline_id.unwrap()
}

fn configuring(name: &str) -> CreateMediaInsightsPipelineConfigurationRequest {
    let analytics = VoiceAnalyticsProcessorConfiguration::default()
        .speaker_search_status("Enabled")
        .voice_tone_analysis_status("Disabled");
    CreateMediaInsightsPipelineConfigurationRequest::new(
        name,
        "arn:aws:iam::111122223333:role/insights",
        [
            MediaInsightsPipelineConfigurationElement::new("VoiceAnalyticsProcessor")
                .voice_analytics_processor_configuration(analytics),
            MediaInsightsPipelineConfigurationElement::new("VoiceEnhancementSink"),
        ],
    )
}

fn configuration_arn(name: &str) -> String {
    format!("arn:aws:chime:us-east-1:{ACCOUNT}:media-insights-pipeline-configuration/{name}")
}

fn analyzing(configuration: &str) -> CreateMediaInsightsPipelineRequest {
    let arn = "arn:aws:kinesisvideo:us-east-1:111122223333:stream/call/1772442010482";
    let streams = [StreamConfiguration::new(arn, StreamChannelDefinition::new(1))];
    CreateMediaInsightsPipelineRequest::new(configuration_arn(configuration))
        .kinesis_video_stream_source_runtime_configuration(
            KinesisVideoStreamSourceRuntimeConfiguration::new(streams, "pcm", 48_000),
        )
}

/// Creates an insights pipeline with a configuration of its own.
fn analyze(bench: &Bench) -> MediaPipelineId {
    let _ = bench.call(&configuring("Calls"));
    let created = bench.call(&analyzing("Calls")).unwrap().media_insights_pipeline;
    created.media_pipeline_id.unwrap()
}

/// The pipelines of an exported region, each with its kind as in `GetMediaPipeline`.
fn pipelines_of(region: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let items = region["Pipelines"].as_array().into_iter().flatten();
    items.flat_map(|item| item["MediaPipeline"].as_object().unwrap())
}

fn pipeline_arn(id: &MediaPipelineId) -> String {
    format!("arn:aws:chime:us-east-1:{ACCOUNT}:media-pipeline/{id}")
}

fn shown(bench: &Bench, id: &MediaPipelineId) -> MediaPipeline {
    bench.call(&GetMediaPipelineRequest::new(id)).unwrap().media_pipeline.unwrap()
}

/// The status of a pipeline of any kind, `None` if it is not found.
fn status(bench: &Bench, id: &MediaPipelineId) -> Option<String> {
    let shown = bench.call(&GetMediaPipelineRequest::new(id)).ok()?.media_pipeline.unwrap();
    let json = serde_json::to_value(&shown).unwrap();
    let members: Vec<_> = json.as_object().unwrap().values().filter(|it| !it.is_null()).collect();
    assert_eq!(members.len(), 1, "exactly one kind: {json}");
    Some(members[0]["Status"].as_str().unwrap().to_owned())
}

fn stop(bench: &Bench, id: &MediaPipelineId) {
    bench.call(&DeleteMediaPipelineRequest::new(id)).unwrap();
}

fn end(bench: &Bench, meeting: &MeetingId) {
    bench.call(&DeleteMeetingRequest::new(meeting)).unwrap();
}

/// The external user ids of a meeting's attendees.
fn users(bench: &Bench, meeting: &MeetingId) -> Vec<String> {
    let attendees = bench.call(&ListAttendeesRequest::new(meeting)).unwrap().attendees.unwrap();
    attendees.into_iter().map(|it| it.external_user_id.unwrap().as_str().to_owned()).collect()
}
