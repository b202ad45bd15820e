//! Scenarios of media insights configurations, their pipelines, and voice analytics.

use aws_sdk_chimesdkmediapipelines::Client;
use aws_sdk_chimesdkmediapipelines::operation::delete_media_insights_pipeline_configuration::DeleteMediaInsightsPipelineConfigurationError;
use aws_sdk_chimesdkmediapipelines::operation::update_media_insights_pipeline_status::UpdateMediaInsightsPipelineStatusError;
use aws_sdk_chimesdkmediapipelines::types::{
    KinesisVideoStreamSourceRuntimeConfiguration, MediaEncoding,
    MediaInsightsPipelineConfigurationElement as Element,
    MediaInsightsPipelineConfigurationElementType as ElementType, MediaPipelineStatusUpdate,
    MediaPipelineTaskStatus, StreamChannelDefinition, StreamConfiguration,
    VoiceAnalyticsConfigurationStatus, VoiceAnalyticsLanguageCode,
    VoiceAnalyticsProcessorConfiguration,
};

use crate::accounts::NOWHERE;
use crate::control::Control;
use crate::{Outcome, refused};

const ROLE: &str = "arn:aws:iam::222233334444:role/insights";
const STREAM: &str = "arn:aws:kinesisvideo:eu-central-1:222233334444:stream/calls/1700000000000";

fn voice() -> Outcome<Element> {
    let enabled = VoiceAnalyticsConfigurationStatus::Enabled;
    let settings = VoiceAnalyticsProcessorConfiguration::builder()
        .speaker_search_status(enabled.clone())
        .voice_tone_analysis_status(enabled)
        .build();
    Ok(Element::builder()
        .r#type(ElementType::VoiceAnalyticsProcessor)
        .voice_analytics_processor_configuration(settings)
        .build()?)
}

fn live() -> Outcome<KinesisVideoStreamSourceRuntimeConfiguration> {
    let channels = StreamChannelDefinition::builder().number_of_channels(1).build()?;
    let stream = StreamConfiguration::builder().stream_arn(STREAM);
    let stream = stream.stream_channel_definition(channels).build()?;
    Ok(KinesisVideoStreamSourceRuntimeConfiguration::builder()
        .streams(stream)
        .media_encoding(MediaEncoding::Pcm)
        .media_sample_rate(48_000)
        .build()?)
}

pub async fn all(client: &Client, control: &Control) -> Outcome {
    let create = client
        .create_media_insights_pipeline_configuration()
        .media_insights_pipeline_configuration_name("Voice")
        .resource_access_role_arn(ROLE)
        .elements(voice()?);
    let made = create.send().await?.media_insights_pipeline_configuration.ok_or("none")?;
    let arn = made.media_insights_pipeline_configuration_arn().ok_or("no ARN")?;
    let get = client.get_media_insights_pipeline_configuration().identifier(arn).send().await?;
    assert_eq!(get.media_insights_pipeline_configuration(), Some(&made));
    let update = client.update_media_insights_pipeline_configuration().identifier("Voice");
    update.resource_access_role_arn(ROLE).elements(voice()?).send().await?;
    let listed = client.list_media_insights_pipeline_configurations().send().await?;
    assert_eq!(listed.media_insights_pipeline_configurations().len(), 1);

    let create = client
        .create_media_insights_pipeline()
        .media_insights_pipeline_configuration_arn(arn)
        .kinesis_video_stream_source_runtime_configuration(live()?)
        .media_insights_runtime_metadata("callId", "4711");
    let pipeline = create.send().await?.media_insights_pipeline.ok_or("no pipeline")?;
    let id = pipeline.media_pipeline_id().ok_or("no id")?;
    control.advance(2)?;
    let set = |status| {
        client.update_media_insights_pipeline_status().identifier(id).update_status(status)
    };
    set(MediaPipelineStatusUpdate::Pause).send().await?;
    refused!(
        set(MediaPipelineStatusUpdate::Pause),
        UpdateMediaInsightsPipelineStatusError::ConflictException(_)
    );
    set(MediaPipelineStatusUpdate::Resume).send().await?;
    tasks(client, id).await?;

    let delete = client.delete_media_insights_pipeline_configuration().identifier("Voice");
    refused!(delete.clone(), DeleteMediaInsightsPipelineConfigurationError::ConflictException(_));
    client.delete_media_pipeline().media_pipeline_id(id).send().await?;
    control.advance(2)?;
    delete.send().await?;
    Ok(())
}

async fn tasks(client: &Client, id: &str) -> Outcome {
    let domain = format!("arn:aws:chime:eu-central-1:222233334444:voice-profile-domain/{NOWHERE}");
    let start = client.start_speaker_search_task().identifier(id).voice_profile_domain_arn(domain);
    let task = start.send().await?.speaker_search_task.ok_or("no task")?;
    assert_eq!(task.speaker_search_task_status(), Some(&MediaPipelineTaskStatus::Initializing));
    let task_id = task.speaker_search_task_id().ok_or("no id")?;
    let get = client.get_speaker_search_task().identifier(id).speaker_search_task_id(task_id);
    assert_eq!(get.send().await?.speaker_search_task(), Some(&task));
    let stop = client.stop_speaker_search_task().identifier(id).speaker_search_task_id(task_id);
    stop.send().await?;

    let start = client.start_voice_tone_analysis_task().identifier(id);
    let start = start.language_code(VoiceAnalyticsLanguageCode::EnUs);
    let task = start.send().await?.voice_tone_analysis_task.ok_or("no task")?;
    let task_id = task.voice_tone_analysis_task_id().ok_or("no id")?;
    let get = client.get_voice_tone_analysis_task().identifier(id);
    let got = get.voice_tone_analysis_task_id(task_id).send().await?;
    assert_eq!(got.voice_tone_analysis_task(), Some(&task));
    let stop = client.stop_voice_tone_analysis_task().identifier(id);
    stop.voice_tone_analysis_task_id(task_id).send().await?;
    Ok(())
}
