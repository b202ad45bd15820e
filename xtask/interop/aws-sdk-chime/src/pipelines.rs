//! Scenarios of media pipelines of SDK meetings, and of pools of Kinesis video streams.

use aws_sdk_chimesdkmediapipelines::Client;
use aws_sdk_chimesdkmediapipelines::operation::create_media_capture_pipeline::CreateMediaCapturePipelineError;
use aws_sdk_chimesdkmediapipelines::operation::create_media_pipeline_kinesis_video_stream_pool::CreateMediaPipelineKinesisVideoStreamPoolError;
use aws_sdk_chimesdkmediapipelines::operation::get_media_capture_pipeline::GetMediaCapturePipelineError;
use aws_sdk_chimesdkmediapipelines::types::*;
use aws_sdk_chimesdkmeetings::Client as Meetings;

use crate::control::Control;
use crate::{Outcome, faults, insights, refused};

const BUCKET: &str = "arn:aws:s3:::recordings";

pub async fn all(client: &Client, meetings: &Meetings, control: &Control) -> Outcome {
    let meeting = meetings.create_meeting().media_region("eu-central-1");
    let meeting = meeting.external_meeting_id("captured").send().await?.meeting.ok_or("none")?;
    let arn = meeting.meeting_arn().ok_or("no ARN")?;
    let capture = capture(client, arn).await?;
    concatenation(client, &capture).await?;
    live_connector(client, arn).await?;
    streams(client, control, arn).await?;
    let id = capture.media_pipeline_id().ok_or("no id")?;
    client.delete_media_capture_pipeline().media_pipeline_id(id).send().await?;
    meetings.delete_meeting().set_meeting_id(meeting.meeting_id.clone()).send().await?;
    insights::all(client, control).await?;
    faults::of_pipelines(client, control).await
}

async fn capture(client: &Client, arn: &str) -> Outcome<MediaCapturePipeline> {
    let create = || {
        client
            .create_media_capture_pipeline()
            .source_type(MediaPipelineSourceType::ChimeSdkMeeting)
            .source_arn(arn)
            .sink_type(MediaPipelineSinkType::S3Bucket)
            .sink_arn(BUCKET)
    };
    let made = create().send().await?.media_capture_pipeline.ok_or("no pipeline")?;
    assert_eq!(made.status(), Some(&MediaPipelineStatus::Initializing));
    refused!(create(), CreateMediaCapturePipelineError::ResourceLimitExceededException(_));
    let id = made.media_pipeline_id().ok_or("no id")?;
    let get = client.get_media_capture_pipeline().media_pipeline_id(id).send().await?;
    assert_eq!(get.media_capture_pipeline(), Some(&made));
    let listed = client.list_media_capture_pipelines().send().await?;
    let listed = listed.media_capture_pipelines().iter().map(|one| one.media_pipeline_id());
    assert!(listed.eq([Some(id)]));

    let arn = made.media_pipeline_arn().ok_or("no ARN")?;
    let tag = Tag::builder().key("team").value("core").build()?;
    client.tag_resource().resource_arn(arn).tags(tag.clone()).send().await?;
    let tags = client.list_tags_for_resource().resource_arn(arn).send().await?;
    assert_eq!(tags.tags(), [tag]);
    client.untag_resource().resource_arn(arn).tag_keys("team").send().await?;
    Ok(made)
}

async fn concatenation(client: &Client, capture: &MediaCapturePipeline) -> Outcome {
    let off = ArtifactsConcatenationState::Disabled;
    let audio = AudioConcatenationConfiguration::builder();
    let artifacts = ArtifactsConcatenationConfiguration::builder()
        .audio(audio.state(AudioArtifactsConcatenationState::Enabled).build()?)
        .video(VideoConcatenationConfiguration::builder().state(off.clone()).build()?)
        .content(ContentConcatenationConfiguration::builder().state(off.clone()).build()?)
        .data_channel(DataChannelConcatenationConfiguration::builder().state(off.clone()).build()?)
        .transcription_messages(
            TranscriptionMessagesConcatenationConfiguration::builder()
                .state(off.clone())
                .build()?,
        )
        .meeting_events(
            MeetingEventsConcatenationConfiguration::builder().state(off.clone()).build()?,
        )
        .composited_video(CompositedVideoConcatenationConfiguration::builder().state(off).build()?);
    let of_meeting = ChimeSdkMeetingConcatenationConfiguration::builder()
        .artifacts_configuration(artifacts.build());
    let source = MediaCapturePipelineSourceConfiguration::builder()
        .set_media_pipeline_arn(capture.media_pipeline_arn.clone())
        .chime_sdk_meeting_configuration(of_meeting.build())
        .build()?;
    let source = ConcatenationSource::builder()
        .r#type(ConcatenationSourceType::MediaCapturePipeline)
        .media_capture_pipeline_source_configuration(source)
        .build()?;
    let bucket = S3BucketSinkConfiguration::builder().destination(BUCKET).build()?;
    let sink = ConcatenationSink::builder()
        .r#type(ConcatenationSinkType::S3Bucket)
        .s3_bucket_sink_configuration(bucket)
        .build()?;
    let create = client.create_media_concatenation_pipeline().sources(source).sinks(sink);
    let made = create.send().await?.media_concatenation_pipeline.ok_or("no pipeline")?;
    assert_eq!(made.status(), Some(&MediaPipelineStatus::Initializing));
    let id = made.media_pipeline_id().ok_or("no id")?;
    refused!(
        client.get_media_capture_pipeline().media_pipeline_id(id),
        GetMediaCapturePipelineError::NotFoundException(_)
    );
    client.delete_media_pipeline().media_pipeline_id(id).send().await?;
    Ok(())
}

async fn live_connector(client: &Client, arn: &str) -> Outcome {
    let source = ChimeSdkMeetingLiveConnectorConfiguration::builder()
        .arn(arn)
        .mux_type(LiveConnectorMuxType::AudioWithActiveSpeakerVideo)
        .build()?;
    let source = LiveConnectorSourceConfiguration::builder()
        .source_type(LiveConnectorSourceType::ChimeSdkMeeting)
        .chime_sdk_meeting_live_connector_configuration(source)
        .build()?;
    let rtmp = LiveConnectorRtmpConfiguration::builder().url("rtmps://live.example/key").build()?;
    let sink = LiveConnectorSinkConfiguration::builder()
        .sink_type(LiveConnectorSinkType::Rtmp)
        .rtmp_configuration(rtmp)
        .build()?;
    let create = client.create_media_live_connector_pipeline().sources(source).sinks(sink);
    let made = create.send().await?.media_live_connector_pipeline.ok_or("no pipeline")?;
    let id = made.media_pipeline_id().ok_or("no id")?;
    let get = client.get_media_pipeline().media_pipeline_id(id).send().await?;
    let shown = get.media_pipeline().and_then(|one| one.media_live_connector_pipeline());
    assert_eq!(shown, Some(&made));
    let listed = client.list_media_pipelines().send().await?;
    assert!(listed.media_pipelines().iter().any(|one| one.media_pipeline_id() == Some(id)));
    Ok(())
}

async fn streams(client: &Client, control: &Control, meeting: &str) -> Outcome {
    let region = || KinesisVideoStreamConfiguration::builder().region("eu-central-1").build();
    let create = client.create_media_pipeline_kinesis_video_stream_pool().pool_name("Audio");
    let create = create.stream_configuration(region()?);
    let made = create.clone().send().await?.kinesis_video_stream_pool_configuration;
    let made = made.ok_or("no pool")?;
    assert_eq!(made.pool_status(), Some(&KinesisVideoStreamPoolStatus::Creating));
    refused!(create, CreateMediaPipelineKinesisVideoStreamPoolError::ConflictException(_));
    control.advance(5)?;
    let hours = KinesisVideoStreamConfigurationUpdate::builder().data_retention_in_hours(48);
    let update = client.update_media_pipeline_kinesis_video_stream_pool().identifier("Audio");
    update.stream_configuration(hours.build()).send().await?;
    control.advance(5)?;
    let get = client.get_media_pipeline_kinesis_video_stream_pool().identifier("Audio");
    let got = get.send().await?.kinesis_video_stream_pool_configuration.ok_or("no pool")?;
    assert_eq!(got.pool_status(), Some(&KinesisVideoStreamPoolStatus::Active));
    let hours = got.stream_configuration().and_then(|streams| streams.data_retention_in_hours());
    assert_eq!(hours, Some(48));
    let listed = client.list_media_pipeline_kinesis_video_stream_pools().send().await?;
    assert_eq!(listed.kinesis_video_stream_pools().len(), 1);

    let source = MediaStreamSource::builder()
        .source_type(MediaPipelineSourceType::ChimeSdkMeeting)
        .source_arn(meeting)
        .build()?;
    let sink = MediaStreamSink::builder()
        .set_sink_arn(made.pool_arn.clone())
        .sink_type(MediaStreamPipelineSinkType::KinesisVideoStreamPool)
        .reserved_stream_capacity(1)
        .media_stream_type(MediaStreamType::MixedAudio)
        .build()?;
    let create = client.create_media_stream_pipeline().sources(source).sinks(sink);
    let stream = create.send().await?.media_stream_pipeline.ok_or("no pipeline")?;
    assert_eq!(stream.status(), Some(&MediaPipelineStatus::Initializing));
    client.delete_media_pipeline_kinesis_video_stream_pool().identifier("Audio").send().await?;
    Ok(())
}
