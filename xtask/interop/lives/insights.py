"""Media insights: configurations, pipelines over Kinesis video streams, and voice analytics."""

import re
from datetime import datetime, timezone
from typing import Any

from checks import equal, subset, true
from lives.meetings import ACCOUNT, REGION, details
from lives.pipelines import GUID, caller, of, status
from world import NOWHERE, Caller, World

HOUR = 60 * 60
ROLE = f"arn:aws:iam::{ACCOUNT}:role/insights"
STREAM = f"arn:aws:kinesisvideo:{REGION}:{ACCOUNT}:stream/calls/1700000000000"
DOMAIN = f"arn:aws:chime:{REGION}:{ACCOUNT}:voice-profile-domain/{NOWHERE}"
LIVE = {
    "Streams": [{"StreamArn": STREAM, "StreamChannelDefinition": {
        "NumberOfChannels": 1,
        "ChannelDefinitions": [{"ChannelId": 0, "ParticipantRole": "AGENT"}]}}],
    "MediaEncoding": "pcm",
    "MediaSampleRate": 48000,
}
RECORDING = {"Type": "S3RecordingSink", "S3RecordingSinkConfiguration": {
    "Destination": "arn:aws:s3:::recordings", "RecordingFileFormat": "Wav"}}
VOICE = {"Type": "VoiceAnalyticsProcessor", "VoiceAnalyticsProcessorConfiguration": {
    "SpeakerSearchStatus": "Enabled", "VoiceToneAnalysisStatus": "Enabled"}}
CALLS = {"Type": "AmazonTranscribeCallAnalyticsProcessor",
         "AmazonTranscribeCallAnalyticsProcessorConfiguration": {"LanguageCode": "en-US"}}
PLAIN = {"Type": "AmazonTranscribeProcessor",
         "AmazonTranscribeProcessorConfiguration": {"LanguageCode": "en-US"}}


def configure(ops: Caller, name: str, *elements: dict, **more: Any) -> dict:
    """Creates a configuration."""
    made = ops.create_media_insights_pipeline_configuration(
        MediaInsightsPipelineConfigurationName=name, ResourceAccessRoleArn=ROLE,
        Elements=list(elements), **more)
    return made["MediaInsightsPipelineConfiguration"]


def create(ops: Caller, configuration: dict, **more: Any) -> dict:
    """Creates a pipeline over one live stream."""
    arn = configuration["MediaInsightsPipelineConfigurationArn"]
    made = ops.create_media_insights_pipeline(
        MediaInsightsPipelineConfigurationArn=arn,
        KinesisVideoStreamSourceRuntimeConfiguration=LIVE, **more)
    return made["MediaInsightsPipeline"]


def forget(ops: Caller, *names: str) -> None:
    """Deletes configurations."""
    for name in names:
        ops.delete_media_insights_pipeline_configuration(Identifier=name)


def configurations(world: World) -> None:
    """Configurations are found by name, id and ARN, and replaced as a whole."""
    ops = caller(world)
    alerts = {"Disabled": False, "Rules": [{"Type": "IssueDetection", "IssueDetectionConfiguration":
                                            {"RuleName": "issues"}}]}
    made = configure(ops, "Recorder", RECORDING, CALLS, ClientRequestToken="once",
                     RealTimeAlertConfiguration=alerts, Tags=[{"Key": "a", "Value": "b"}])
    id, arn = (made[f"MediaInsightsPipelineConfiguration{part}"] for part in ("Id", "Arn"))
    true(re.fullmatch(GUID, id), f"{id} is a GUID")
    equal(arn, f"arn:aws:chime:{REGION}:{ACCOUNT}:media-insights-pipeline-configuration/Recorder")
    subset(made, Elements=[RECORDING, CALLS], ResourceAccessRoleArn=ROLE,
           RealTimeAlertConfiguration=alerts,
           MediaInsightsPipelineConfigurationName="Recorder")
    for identifier in ("Recorder", id, arn):
        found = ops.get_media_insights_pipeline_configuration(Identifier=identifier)
        equal(found["MediaInsightsPipelineConfiguration"], made)
    equal(configure(ops, "Other", VOICE, ClientRequestToken="once"), made)
    equal(ops.list_tags_for_resource(ResourceARN=arn)["Tags"], [{"Key": "a", "Value": "b"}])

    changed = ops.update_media_insights_pipeline_configuration(
        Identifier=arn, ResourceAccessRoleArn=f"{ROLE}-2", Elements=[VOICE])
    subset(changed["MediaInsightsPipelineConfiguration"], Elements=[VOICE],
           ResourceAccessRoleArn=f"{ROLE}-2", RealTimeAlertConfiguration=None,
           CreatedTimestamp=made["CreatedTimestamp"])
    names = [f"more-{n}" for n in range(4)]
    for name in names:
        configure(ops, name, RECORDING)
    found = ops.pages("list_media_insights_pipeline_configurations",
                      "MediaInsightsPipelineConfigurations", 2)
    equal([one["MediaInsightsPipelineConfigurationName"] for one in found], ["Recorder", *names])
    for other in (caller(world, "AKIDOTHER"), caller(world, region="us-east-1")):
        missing = other.fails("NotFoundException")
        for identifier in ("Recorder", id, arn):
            missing.get_media_insights_pipeline_configuration(Identifier=identifier)
    forget(ops, *names, arn)
    missing = ops.fails("NotFoundException")
    missing.get_media_insights_pipeline_configuration(Identifier="Recorder")
    missing.delete_media_insights_pipeline_configuration(Identifier="Recorder")
    missing.update_media_insights_pipeline_configuration(
        Identifier="Recorder", ResourceAccessRoleArn=ROLE, Elements=[VOICE])


def elements(world: World) -> None:
    """A configuration has each type of element once, and one processor of Amazon Transcribe."""
    ops = caller(world, parameter_validation=False)
    wrong = ops.fails("BadRequestException")
    ask = lambda name, *of_it: wrong.create_media_insights_pipeline_configuration(  # noqa: E731
        MediaInsightsPipelineConfigurationName=name, ResourceAccessRoleArn=ROLE,
        Elements=list(of_it))
    ask("x", RECORDING)
    ask("with space", RECORDING)
    ask("Broken", RECORDING, RECORDING)
    ask("Broken", CALLS, PLAIN)
    ask("Broken", {"Type": "S3RecordingSink"})
    ask("Broken", {"Type": "Dream"})
    configure(ops, "Broken", {"Type": "VoiceEnhancementSink"}, PLAIN)
    ask("Broken", RECORDING)
    forget(ops, "Broken")


def life(world: World) -> None:
    """A pipeline is started, paused, resumed and deleted, while its configuration is locked."""
    ops = caller(world)
    configuration = configure(ops, "Recorder", RECORDING, VOICE)
    details(world)
    metadata = {"callId": "4711", "version": "no"}
    made = create(ops, configuration, MediaInsightsRuntimeMetadata=metadata)
    arn = made["MediaPipelineArn"]
    subset(made, Status="Initializing", MediaInsightsRuntimeMetadata=metadata,
           KinesisVideoStreamSourceRuntimeConfiguration=LIVE)
    equal([one["Status"] for one in made["ElementStatuses"]], ["NotStarted"] * 2)
    conflict = ops.fails("ConflictException")
    conflict.delete_media_insights_pipeline_configuration(Identifier="Recorder")
    conflict.update_media_insights_pipeline_configuration(
        Identifier="Recorder", ResourceAccessRoleArn=ROLE, Elements=[RECORDING])
    set_to = lambda client, what, name=arn: client.update_media_insights_pipeline_status(  # noqa: E731,E501
        Identifier=name, UpdateStatus=what)
    set_to(conflict, "Pause")
    world.control.advance(2)
    [told] = world.control.events()
    equal(told["Body"]["detail-type"], "Media Insights State Change")
    subset(told["Body"]["detail"], eventType="chime:MediaInsightsInProgress", callId="4711",
           version="0", mediaInsightsPipelineArn=arn)
    equal({one["type"] for one in told["Body"]["detail"]["mediaInsightsPipelineElementStatuses"]},
          {"S3RecordingSink", "VoiceAnalyticsProcessor"})
    set_to(conflict, "Resume")
    set_to(ops, "Pause", made["MediaPipelineId"])
    equal(status(ops, made), "Paused")
    set_to(conflict, "Pause")
    set_to(ops, "Resume")
    set_to(ops, "Pause")
    world.control.advance(2 * HOUR - 10)
    equal(status(ops, made), "Paused")
    world.control.advance(20)
    equal(status(ops, made), "Stopped")
    equal([one["eventType"].removeprefix("chime:MediaInsights") for one in details(world)],
          ["Paused", "InProgress", "Paused", "Stopped"])

    second = create(ops, configuration)
    world.control.advance(8 * HOUR + 10)
    equal(status(ops, second), "Stopped")
    third = create(ops, configuration)
    ops.delete_media_pipeline(**of(third))
    world.control.advance(2)
    equal(status(ops, third), "Stopped")
    fourth = create(ops, configuration)
    world.control.advance(2)
    world.control.ask("POST", f"media-pipelines/{fourth['MediaPipelineId']}/stream-end")
    world.control.advance(15)
    equal(status(ops, fourth), "Stopping")
    world.control.advance(2)
    ops.fails("NotFoundException").update_media_insights_pipeline_status(
        Identifier=NOWHERE, UpdateStatus="Pause")
    forget(ops, "Recorder")


def recorded(world: World) -> None:
    """A pipeline has one source: streams, or a recording with times in seconds."""
    ops = caller(world)
    configuration = configure(ops, "Recorder", RECORDING)
    arn = configuration["MediaInsightsPipelineConfigurationArn"]
    times = {"StartTimestamp": datetime(2026, 3, 2, 9, 0, 0, 500_000, timezone.utc),
             "EndTimestamp": datetime(2026, 3, 2, 10, tzinfo=timezone.utc)}
    stored = {"Streams": [{"StreamArn": STREAM}], "FragmentSelector": {
        "FragmentSelectorType": "ServerTimestamp", "TimestampRange": times}}
    asked = {"MediaInsightsPipelineConfigurationArn": arn,
             "KinesisVideoStreamRecordingSourceRuntimeConfiguration": stored}
    made = ops.create_media_insights_pipeline(**asked)["MediaInsightsPipeline"]
    equal(made["KinesisVideoStreamRecordingSourceRuntimeConfiguration"], stored)
    wrong = ops.fails("BadRequestException")
    wrong.create_media_insights_pipeline(
        **asked, KinesisVideoStreamSourceRuntimeConfiguration=LIVE)
    wrong.create_media_insights_pipeline(MediaInsightsPipelineConfigurationArn=arn)
    ops.fails("NotFoundException").create_media_insights_pipeline(
        **{**asked, "MediaInsightsPipelineConfigurationArn": arn + "-not"})
    # Up to twenty insights pipelines can be in progress.
    more = [create(ops, configuration) for _ in range(19)]
    ops.fails("ResourceLimitExceededException").create_media_insights_pipeline(**asked)
    for one in (made, *more):
        ops.delete_media_pipeline(**of(one))
    world.control.advance(2)
    forget(ops, "Recorder")


def tasks(world: World) -> None:
    """A pipeline in progress can run one task of each kind that its configuration enables."""
    ops = caller(world)
    plain, voice = configure(ops, "Plain", RECORDING), configure(ops, "Voice", VOICE)
    mute, made = create(ops, plain), create(ops, voice)
    name = {"Identifier": made["MediaPipelineArn"]}
    speaker, tone = {"VoiceProfileDomainArn": DOMAIN}, {"LanguageCode": "en-US"}
    for start, get, stop, key, more in (
        ("start_speaker_search_task", "get_speaker_search_task", "stop_speaker_search_task",
         "SpeakerSearchTask", speaker),
        ("start_voice_tone_analysis_task", "get_voice_tone_analysis_task",
         "stop_voice_tone_analysis_task", "VoiceToneAnalysisTask", tone),
    ):
        conflict, missing = ops.fails("ConflictException"), ops.fails("NotFoundException")
        if status(ops, made) == "Initializing":
            getattr(conflict, start)(**name, **more)
            world.control.advance(2)
        getattr(ops.fails("BadRequestException"), start)(
            Identifier=mute["MediaPipelineId"], **more)
        getattr(missing, start)(Identifier=NOWHERE, **more)
        task = getattr(ops, start)(**name, **more, ClientRequestToken="once")[key]
        equal(task[f"{key}Status"], "Initializing")
        again = getattr(ops, start)(**name, **more, ClientRequestToken="once")[key]
        equal(again, task)
        getattr(conflict, start)(**name, **more)
        one = {**name, f"{key}Id": task[f"{key}Id"]}
        world.control.advance(1)
        equal(getattr(ops, get)(**one)[key][f"{key}Status"], "InProgress")
        getattr(ops, stop)(**one)
        equal(getattr(ops, get)(**one)[key][f"{key}Status"], "Stopping")
        world.control.advance(1)
        equal(getattr(ops, get)(**one)[key][f"{key}Status"], "Stopped")
        getattr(conflict, stop)(**one)
        getattr(missing, get)(**name, **{f"{key}Id": NOWHERE})
        getattr(missing, stop)(**name, **{f"{key}Id": NOWHERE})
        # The next task ends with the pipeline.
        task = getattr(ops, start)(**name, **more)[key]
        equal(task[f"{key}Status"], "Initializing")
    for one in (mute, made):
        ops.delete_media_pipeline(**of(one))
    world.control.advance(2)
    [last] = ops.get_voice_tone_analysis_task(
        **name, VoiceToneAnalysisTaskId=task["VoiceToneAnalysisTaskId"]).values()
    equal(last["VoiceToneAnalysisTaskStatus"], "Stopped")
    forget(ops, "Plain", "Voice")


LIVES = [configurations, elements, life, recorded, tasks]
