"""Calls every operation of media pipelines with the AWS CLI, and compares the output with boto3's."""

import json
from datetime import datetime

from awscli_command import Aws
from checks import equal
from lives import meetings
from lives.insights import DOMAIN, LIVE, RECORDING, ROLE, VOICE
from lives.meetings import REGION
from lives.pipelines import BUCKET, caller, connected, joined, source
from lives.pools import streamed
from world import NOWHERE, World

# Calls for faults. No single operation models all exceptions.
PROBES = {
    "CreateMediaPipelineKinesisVideoStreamPool":
        ("create-media-pipeline-kinesis-video-stream-pool", "--pool-name", "Audio",
         "--stream-configuration", f"Region={REGION}"),
    "GetMediaPipeline": ("get-media-pipeline", "--media-pipeline-id", NOWHERE),
}


def calls(aws: Aws, world: World) -> None:
    """Checks that the command prints what boto3 returns."""
    made = meetings.create(meetings.caller(world))
    pipelines(aws, world, made)
    pools(aws, world, made)
    meetings.end(meetings.caller(world), made)
    insights(aws, world)
    aws.faults(world.control, PROBES)


def documents(asked: dict) -> list[str]:
    """Converts the members of a request to flags with JSON."""
    flags = {"Sources": "--sources", "Sinks": "--sinks"}
    return [part for name, value in asked.items() for part in (flags[name], json.dumps(value))]


def as_printed(time: datetime) -> str:
    """Formats a time as the service does; the command prints it unchanged."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def same(aws: Aws, world: World, command: str, **named: str) -> dict:
    """Checks that a read command prints what boto3 returns, including times, and returns it."""
    flags = {"MediaPipelineId": "--media-pipeline-id", "Identifier": "--identifier",
             "ResourceARN": "--resource-arn", "SpeakerSearchTaskId": "--speaker-search-task-id",
             "VoiceToneAnalysisTaskId": "--voice-tone-analysis-task-id"}
    printed = aws(command, *(part for name in named for part in (flags[name], named[name])))
    returned = getattr(caller(world), command.replace("-", "_"))(**named)
    equal(json.loads(json.dumps(returned, default=as_printed)), printed)
    return printed


def pipelines(aws: Aws, world: World, meeting: dict) -> None:
    made = aws("create-media-capture-pipeline", "--source-type", "ChimeSdkMeeting",
               "--source-arn", source(meeting), "--sink-type", "S3Bucket", "--sink-arn", BUCKET,
               "--tags", "Key=team,Value=core")["MediaCapturePipeline"]
    live = aws("create-media-live-connector-pipeline", *documents(connected(meeting)))
    both = aws("create-media-concatenation-pipeline", *documents(joined(made)))
    ids = [made["MediaPipelineId"], live["MediaLiveConnectorPipeline"]["MediaPipelineId"],
           both["MediaConcatenationPipeline"]["MediaPipelineId"]]
    capture = same(aws, world, "get-media-capture-pipeline", MediaPipelineId=ids[0])
    equal(capture, {"MediaCapturePipeline": made})
    for id, expected in zip(ids, (capture, live, both)):
        found = same(aws, world, "get-media-pipeline", MediaPipelineId=id)
        equal(found["MediaPipeline"], expected)
    equal([one["MediaPipelineId"] for one in aws("list-media-pipelines")["MediaPipelines"]], ids)
    listed = aws("list-media-capture-pipelines")["MediaCapturePipelines"]
    equal([one["MediaPipelineId"] for one in listed], ids[:1])
    arn = ("--resource-arn", made["MediaPipelineArn"])
    aws("tag-resource", *arn, "--tags", "Key=cost,Value=a b")
    same(aws, world, "list-tags-for-resource", ResourceARN=arn[1])
    aws("untag-resource", *arn, "--tag-keys", "cost", "team")
    equal(aws("list-tags-for-resource", *arn), {"Tags": []})
    aws("delete-media-capture-pipeline", "--media-pipeline-id", ids[0])
    aws("delete-media-pipeline", "--media-pipeline-id", ids[1])
    world.control.advance(10)
    aws.fails("NotFoundException", "delete-media-pipeline", "--media-pipeline-id", ids[1])


def pools(aws: Aws, world: World, meeting: dict) -> None:
    name = ("--identifier", "Audio")
    made = aws("create-media-pipeline-kinesis-video-stream-pool", "--pool-name", "Audio",
               "--stream-configuration", f"Region={REGION},DataRetentionInHours=24")
    pool = same(aws, world, "get-media-pipeline-kinesis-video-stream-pool", Identifier="Audio")
    equal(pool, made)
    world.control.advance(5)
    changed = aws("update-media-pipeline-kinesis-video-stream-pool", *name,
                  "--stream-configuration", "DataRetentionInHours=48")
    equal(changed["KinesisVideoStreamPoolConfiguration"]["StreamConfiguration"],
          {"Region": REGION, "DataRetentionInHours": 48})
    world.control.advance(5)
    pool = pool["KinesisVideoStreamPoolConfiguration"]
    aws("create-media-stream-pipeline", *documents(streamed(meeting, (pool, "MixedAudio"))))
    listed = aws("list-media-pipeline-kinesis-video-stream-pools")["KinesisVideoStreamPools"]
    equal([one["PoolArn"] for one in listed], [pool["PoolArn"]])
    aws("delete-media-pipeline-kinesis-video-stream-pool", *name)
    aws.fails("ConflictException", "delete-media-pipeline-kinesis-video-stream-pool", *name)


def insights(aws: Aws, world: World) -> None:
    role = ("--resource-access-role-arn", ROLE)
    # An ARN contains a slash, but is sent as one segment of the path.
    made = aws("create-media-insights-pipeline-configuration",
               "--media-insights-pipeline-configuration-name", "Recorder", *role,
               "--elements", json.dumps([RECORDING]))["MediaInsightsPipelineConfiguration"]
    arn = made["MediaInsightsPipelineConfigurationArn"]
    name = ("--identifier", arn)
    changed = aws("update-media-insights-pipeline-configuration", *name, *role,
                  "--elements", json.dumps([RECORDING, VOICE]))
    found = same(aws, world, "get-media-insights-pipeline-configuration", Identifier=arn)
    equal(found, changed)
    listed = aws("list-media-insights-pipeline-configurations")
    equal([one["MediaInsightsPipelineConfigurationArn"]
           for one in listed["MediaInsightsPipelineConfigurations"]], [arn])
    pipeline = aws("create-media-insights-pipeline",
                   "--media-insights-pipeline-configuration-arn", arn,
                   "--kinesis-video-stream-source-runtime-configuration", json.dumps(LIVE),
                   "--media-insights-runtime-metadata", "callId=4711")["MediaInsightsPipeline"]
    id = pipeline["MediaPipelineId"]
    of = ("--identifier", id)
    world.control.advance(2)
    for change in ("Pause", "Resume"):
        aws("update-media-insights-pipeline-status", *of, "--update-status", change)
    for task, member, more in (
        ("speaker-search", "SpeakerSearchTask", ("--voice-profile-domain-arn", DOMAIN)),
        ("voice-tone-analysis", "VoiceToneAnalysisTask", ("--language-code", "en-US")),
    ):
        started = aws(f"start-{task}-task", *of, *more)
        task_id = started[member][f"{member}Id"]
        equal(same(aws, world, f"get-{task}-task", Identifier=id, **{f"{member}Id": task_id}),
              started)
        aws(f"stop-{task}-task", *of, f"--{task}-task-id", task_id)
    aws.fails("ConflictException", "delete-media-insights-pipeline-configuration", *name)
    aws("delete-media-pipeline", "--media-pipeline-id", id)
    world.control.advance(2)
    aws("delete-media-insights-pipeline-configuration", *name)
