"""Pools of Kinesis video streams, and the pipelines that write the audio of meetings to them."""

import re
from typing import Any

from checks import equal, subset, true
from lives import meetings
from lives.meetings import ACCOUNT, REGION, details, kinds
from lives.pipelines import caller, of, source, status
from world import NOWHERE, Caller, World


def create(ops: Caller, name: str, region: str = REGION, **more: Any) -> dict:
    """Creates a pool."""
    streams = {"Region": region, "DataRetentionInHours": 24}
    made = ops.create_media_pipeline_kinesis_video_stream_pool(
        PoolName=name, StreamConfiguration=streams, **more)
    return made["KinesisVideoStreamPoolConfiguration"]


def get(ops: Caller, identifier: str) -> dict:
    """Returns a pool by its name or ARN."""
    found = ops.get_media_pipeline_kinesis_video_stream_pool(Identifier=identifier)
    return found["KinesisVideoStreamPoolConfiguration"]


def delete(world: World, ops: Caller, *names: str) -> None:
    """Deletes pools, and waits until they are gone."""
    for name in names:
        ops.delete_media_pipeline_kinesis_video_stream_pool(Identifier=name)
    world.control.advance(5)


def life(world: World) -> None:
    """A pool is created, updated and deleted, each of which takes some time."""
    ops = caller(world)
    details(world)
    made = create(ops, "Audio", ClientRequestToken="once", Tags=[{"Key": "a", "Value": "b"}])
    arn = f"arn:aws:chime:{REGION}:{ACCOUNT}:media-pipeline-kinesis-video-stream-pool/Audio"
    subset(made, PoolName="Audio", PoolArn=arn, PoolStatus="CREATING", PoolSize=None,
           StreamConfiguration={"Region": REGION, "DataRetentionInHours": 24})
    true(re.fullmatch(r"ChimeMediaPipelines-Audio-[0-9a-f-]{36}", made["PoolId"]), made["PoolId"])
    equal(create(ops, "Audio", ClientRequestToken="once"), made)
    equal(ops.list_tags_for_resource(ResourceARN=arn)["Tags"], [{"Key": "a", "Value": "b"}])
    conflict = ops.fails("ConflictException")
    streams = {"Region": REGION}
    conflict.create_media_pipeline_kinesis_video_stream_pool(
        PoolName="Audio", StreamConfiguration=streams)
    longer = {"Identifier": "Audio", "StreamConfiguration": {"DataRetentionInHours": 48}}
    conflict.update_media_pipeline_kinesis_video_stream_pool(**longer)
    conflict.delete_media_pipeline_kinesis_video_stream_pool(Identifier="Audio")
    world.control.advance(5)
    [told] = world.control.events()
    equal(told["Body"]["detail-type"], "Chime Media Pipeline Kinesis Video Pool State Change")
    subset(told["Body"]["detail"], eventType="chime:MediaPipelineKinesisVideoStreamPoolActive",
           poolArn=arn, mediaRegion=REGION)
    subset(get(ops, arn), PoolStatus="ACTIVE", PoolSize=40)

    changed = ops.update_media_pipeline_kinesis_video_stream_pool(**longer)
    subset(changed["KinesisVideoStreamPoolConfiguration"], PoolStatus="UPDATING",
           StreamConfiguration={"Region": REGION, "DataRetentionInHours": 48})
    conflict.update_media_pipeline_kinesis_video_stream_pool(**longer)
    world.control.advance(5)
    subset(get(ops, "Audio"), PoolStatus="ACTIVE", PoolSize=40)
    for action in ("fail-temporarily",):
        world.control.ask("POST", f"pools/Audio/{action}")
    ops.delete_media_pipeline_kinesis_video_stream_pool(Identifier=arn)
    equal(get(ops, "Audio")["PoolStatus"], "DELETING")
    conflict.delete_media_pipeline_kinesis_video_stream_pool(Identifier="Audio")
    world.control.advance(5)
    missing = ops.fails("NotFoundException")
    missing.get_media_pipeline_kinesis_video_stream_pool(Identifier="Audio")
    missing.update_media_pipeline_kinesis_video_stream_pool(**longer)
    missing.delete_media_pipeline_kinesis_video_stream_pool(Identifier=arn)
    equal([kind.removeprefix("MediaPipelineKinesisVideoStreamPool") for kind in kinds(world)],
          ["Updated", "TemporaryFailure", "Deleted"])


def lists(world: World) -> None:
    """Pools are listed page by page, in one control region of one AWS account."""
    ops = caller(world)
    names = [f"pool.{n}" for n in range(5)]
    made = [create(ops, name) for name in names]
    found = ops.pages("list_media_pipeline_kinesis_video_stream_pools",
                      "KinesisVideoStreamPools", 2)
    equal(found, [{key: pool[key] for key in ("PoolName", "PoolId", "PoolArn")} for pool in made])
    for other in (caller(world, "AKIDOTHER"), caller(world, region="us-east-1")):
        came = other.list_media_pipeline_kinesis_video_stream_pools()
        equal(came["KinesisVideoStreamPools"], [])
        other.fails("NotFoundException").get_media_pipeline_kinesis_video_stream_pool(
            Identifier=made[0]["PoolName"])
    world.control.advance(5)
    delete(world, ops, *names)
    free = caller(world, parameter_validation=False)
    wrong = free.fails("BadRequestException")
    for broken in (
        {"PoolName": "with space", "StreamConfiguration": {"Region": REGION}},
        {"PoolName": "Audio", "StreamConfiguration": {"Region": "mars-north-1"}},
        {"PoolName": "Audio", "StreamConfiguration": {"Region": REGION,
                                                      "DataRetentionInHours": -1}},
        {"PoolName": "Audio"},
    ):
        wrong.create_media_pipeline_kinesis_video_stream_pool(**broken)


def streamed(meeting: dict, *sinks: tuple[dict, str]) -> dict:
    """The parameters of a new stream pipeline."""
    return {
        "Sources": [{"SourceType": "ChimeSdkMeeting", "SourceArn": source(meeting)}],
        "Sinks": [{"SinkArn": pool["PoolArn"], "SinkType": "KinesisVideoStreamPool",
                   "ReservedStreamCapacity": 1, "MediaStreamType": kind} for pool, kind in sinks],
    }


def streams(world: World) -> None:
    """A pipeline has a stream of mixed audio, and one for each connected attendee."""
    ops, of_meetings = caller(world), meetings.caller(world)
    pool, late = create(ops, "Audio"), create(ops, "Late")
    world.control.advance(5)
    meeting = meetings.create(of_meetings)
    both = streamed(meeting, (pool, "MixedAudio"), (pool, "IndividualAudio"))
    made = ops.create_media_stream_pipeline(**both)["MediaStreamPipeline"]
    subset(made, Status="Initializing", **both)
    limit = ops.fails("ResourceLimitExceededException")
    said = limit.create_media_stream_pipeline(**both)
    true("media stream pipeline" in said and said.endswith("Limit reached"), said)
    wrong, missing = ops.fails("BadRequestException"), ops.fails("NotFoundException")
    wrong.create_media_stream_pipeline(
        **streamed(meeting, (pool, "MixedAudio"), (late, "MixedAudio")))
    nothing = {"PoolArn": pool["PoolArn"] + "Nothing"}
    missing.create_media_stream_pipeline(**streamed(meeting, (nothing, "MixedAudio")))
    missing.create_media_stream_pipeline(
        **streamed({"MeetingId": NOWHERE}, (pool, "MixedAudio")))
    delete(world, ops, "Late")
    details(world)

    ana = of_meetings.create_attendee(**meetings.of(meeting), ExternalUserId="ana")["Attendee"]
    verbs = f"meetings/{meeting['MeetingId']}/attendees/{ana['AttendeeId']}"
    world.control.ask("POST", f"{verbs}/join")
    told = [one for one in details(world) if "kinesisVideoStreamArn" in one]
    for one in told:
        subset(one, eventType="chime:MediaPipelineKinesisVideoStreamStart",
               mediaPipelineId=made["MediaPipelineId"], meetingId=meeting["MeetingId"])
        true(one["startFragmentNumber"].isdigit() and one["startTime"], "the start of the stream")
    equal([one["externalUserId"] for one in told], ["ana"])
    # The pool is deleted once no pipeline uses it.
    ops.delete_media_pipeline_kinesis_video_stream_pool(Identifier="Audio")
    world.control.advance(60)
    equal(get(ops, "Audio")["PoolStatus"], "DELETING")
    world.control.ask("POST", f"{verbs}/leave")
    ended = [one for one in details(world) if one["eventType"].endswith("VideoStreamEnd")]
    equal([one["externalUserId"] for one in ended], ["ana"])
    ops.delete_media_pipeline(**of(made))
    ended = [one for one in details(world) if one["eventType"].endswith("VideoStreamEnd")]
    equal([one["externalUserId"] for one in ended], [""])
    world.control.advance(2)
    equal(status(ops, made), "Stopped")
    world.control.advance(5)
    missing.get_media_pipeline_kinesis_video_stream_pool(Identifier="Audio")
    meetings.end(of_meetings, meeting)


def opt_in(world: World) -> None:
    """A meeting in an opt-in region needs a pool there."""
    ops, of_meetings = caller(world), meetings.caller(world)
    near, far = create(ops, "Near", "eu-south-1"), create(ops, "Far")
    ops_wrong = ops.fails("BadRequestException")
    meeting = meetings.create(of_meetings, MediaRegion="eu-south-1")
    ops_wrong.create_media_stream_pipeline(**streamed(meeting, (near, "MixedAudio")))
    world.control.advance(5)
    ops_wrong.create_media_stream_pipeline(**streamed(meeting, (far, "MixedAudio")))
    ops.create_media_stream_pipeline(**streamed(meeting, (near, "MixedAudio")))
    meetings.end(of_meetings, meeting)
    world.control.advance(5)
    delete(world, ops, "Near", "Far")


LIVES = [life, lists, streams, opt_in]
