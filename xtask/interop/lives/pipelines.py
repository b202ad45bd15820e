"""Media pipelines of SDK meetings: capture, concatenation, live connector."""

import re
from datetime import timedelta
from typing import Any

from checks import equal, subset, true
from lives import meetings
from lives.meetings import ACCOUNT, REGION, details, kinds
from world import NOWHERE, Caller, World

SERVICE = "chime-sdk-media-pipelines"
GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
BUCKET = "arn:aws:s3:::recordings/team"
MISMATCH = "Resource ownership mismatch"


def caller(world: World, who: str = "AKIDINTEROP", **settings: Any) -> Caller:
    """A client of media pipelines."""
    return world.caller(who, service=SERVICE, **settings)


def source(meeting: dict, account: str = ACCOUNT) -> str:
    """The ARN of a meeting, as in AWS's demos."""
    return f"arn:aws:chime::{account}:meeting:{meeting['MeetingId']}"


def captured(meeting: dict, **more: Any) -> dict:
    """The parameters of a new capture."""
    return {"SourceType": "ChimeSdkMeeting", "SourceArn": source(meeting),
            "SinkType": "S3Bucket", "SinkArn": BUCKET, **more}


def capture(ops: Caller, meeting: dict, **more: Any) -> dict:
    """Creates a capture pipeline."""
    return ops.create_media_capture_pipeline(**captured(meeting, **more))["MediaCapturePipeline"]


def connected(meeting: dict, mux: str = "AudioWithActiveSpeakerVideo", **more: Any) -> dict:
    """The parameters of a new live connector."""
    from_it = {"Arn": meeting["MeetingArn"], "MuxType": mux, **more}
    return {
        "Sources": [{"SourceType": "ChimeSdkMeeting",
                     "ChimeSdkMeetingLiveConnectorConfiguration": from_it}],
        "Sinks": [{"SinkType": "RTMP",
                   "RTMPConfiguration": {"Url": "rtmps://live.example/key"}}],
    }


def joined(pipeline: dict) -> dict:
    """The parameters of a new concatenation."""
    on, off = {"State": "Enabled"}, {"State": "Disabled"}
    artifacts = {"Audio": on, "Video": on, "Content": on, "DataChannel": off,
                 "TranscriptionMessages": off, "MeetingEvents": off, "CompositedVideo": off}
    from_it = {"MediaPipelineArn": pipeline["MediaPipelineArn"],
               "ChimeSdkMeetingConfiguration": {"ArtifactsConfiguration": artifacts}}
    return {
        "Sources": [{"Type": "MediaCapturePipeline",
                     "MediaCapturePipelineSourceConfiguration": from_it}],
        "Sinks": [{"Type": "S3Bucket",
                   "S3BucketSinkConfiguration": {"Destination": "arn:aws:s3:::joined"}}],
    }


def of(pipeline: dict) -> dict:
    """The parameters that name a pipeline."""
    return {"MediaPipelineId": pipeline["MediaPipelineId"]}


def status(ops: Caller, pipeline: dict) -> str:
    """The status of a pipeline of any kind; exactly one member of the response is set."""
    [found] = ops.get_media_pipeline(**of(pipeline))["MediaPipeline"].values()
    return found["Status"]


def listed(ops: Caller) -> list[str]:
    """The ids of the pipelines in progress."""
    return [one["MediaPipelineId"] for one in ops.pages("list_media_pipelines",
                                                        "MediaPipelines", 2)]


def captures(ops: Caller) -> list[str]:
    """The ids of the captures in progress."""
    return [one["MediaPipelineId"] for one in ops.pages("list_media_capture_pipelines",
                                                        "MediaCapturePipelines", 2)]


def life(world: World) -> None:
    """A capture starts, is an attendee of the meeting, and is stopped."""
    ops, of_meetings = caller(world), meetings.caller(world)
    meeting = meetings.create(of_meetings)
    details(world)
    made = capture(ops, meeting, ClientRequestToken="once")
    id = made["MediaPipelineId"]
    true(re.fullmatch(GUID, id), f"{id} is a GUID")
    subset(made, MediaPipelineArn=f"arn:aws:chime:{REGION}:{ACCOUNT}:media-pipeline/{id}",
           Status="Initializing", SourceArn=source(meeting), SinkArn=BUCKET,
           SourceType="ChimeSdkMeeting", SinkType="S3Bucket")
    equal(made["UpdatedTimestamp"] - made["CreatedTimestamp"], timedelta(milliseconds=100))
    equal(made["ChimeSdkMeetingConfiguration"]["ArtifactsConfiguration"], {
        "Audio": {"MuxType": "AudioWithActiveSpeakerVideo"},
        "Video": {"State": "Enabled", "MuxType": "VideoOnly"},
        "Content": {"State": "Enabled", "MuxType": "ContentOnly"}})
    equal(capture(ops, meeting, ClientRequestToken="once"), made)
    said = ops.fails("ResourceLimitExceededException").create_media_capture_pipeline(
        **captured(meeting))
    equal(said, "Cannot create new media capture pipeline for source type 'ChimeSdkMeeting' and "
                f"source arn '{source(meeting)}'. Limit reached")
    equal(kinds(world), [])

    world.control.advance(2)
    told = details(world)
    equal([one["eventType"] for one in told],
          ["chime:AttendeeAdded", "chime:AttendeeAuthorized", "chime:AttendeeJoined",
           "chime:MediaPipelineInProgress"])
    subset(told[-1], mediaPipelineId=id, meetingId=meeting["MeetingId"], version="0",
           externalMeetingId="standup", mediaRegion=REGION)
    equal(ops.get_media_capture_pipeline(**of(made))["MediaCapturePipeline"]["Status"],
          "InProgress")
    equal(ops.get_media_pipeline(**of(made))["MediaPipeline"],
          ops.get_media_capture_pipeline(**of(made)))
    [attendee] = of_meetings.list_attendees(**meetings.of(meeting))["Attendees"]
    true(re.fullmatch(r"aws:MediaPipeline-[0-9a-f]{5}", attendee["ExternalUserId"]),
         attendee["ExternalUserId"])
    true(id in listed(ops) and id in captures(ops), "the pipeline is listed")
    # It keeps the meeting alive.
    world.control.advance(600)
    of_meetings.get_meeting(**meetings.of(meeting))

    details(world)
    ops.delete_media_capture_pipeline(**of(made))
    equal((status(ops, made), kinds(world)), ("Stopping", ["AttendeeLeft", "AttendeeDeleted"]))
    world.control.advance(2)
    equal((status(ops, made), kinds(world)), ("Stopped", ["MediaPipelineDeleted"]))
    equal(listed(ops), [])
    missing = ops.fails("NotFoundException")
    missing.delete_media_capture_pipeline(**of(made))
    missing.delete_media_pipeline(**of(made))
    again = capture(ops, meeting)
    ops.delete_media_pipeline(**of(again))
    world.control.advance(2)
    equal(status(ops, again), "Stopped")
    world.control.advance(30 * 24 * 60 * 60)
    missing.get_media_pipeline(**of(made))


def sources(world: World) -> None:
    """The source must be a meeting of the caller's, in any control region."""
    ops, of_meetings = caller(world), meetings.caller(world)
    far = meetings.caller(world, region="us-east-1")
    meeting, there = meetings.create(of_meetings), meetings.create(far)
    first = capture(ops, there, SourceArn=there["MeetingArn"])
    equal(first["SourceArn"], there["MeetingArn"])
    other = caller(world, "AKIDOTHER")
    for client, arn in (
        (other, source(meeting)),
        (other, source(meeting, "444455556666")),
        (ops, source(meeting, "444455556666")),
        (ops, source({"MeetingId": NOWHERE})),
        (ops, "arn:aws:chime:nonsense"),
    ):
        said = client.fails("ForbiddenException").create_media_capture_pipeline(
            **captured(meeting, SourceArn=arn))
        equal(said, MISMATCH)
    for client in (other, caller(world, region="us-east-1")):
        missing = client.fails("NotFoundException")
        missing.get_media_pipeline(**of(first))
        missing.get_media_capture_pipeline(**of(first))
        missing.delete_media_pipeline(**of(first))
        missing.delete_media_capture_pipeline(**of(first))
        missing.list_tags_for_resource(ResourceARN=first["MediaPipelineArn"])
        equal(listed(client), [])
    meetings.end(of_meetings, meeting)
    meetings.end(far, there)
    ops.fails("ForbiddenException").create_media_capture_pipeline(**captured(meeting))
    world.control.advance(10)


def constraints(world: World) -> None:
    """A capture selects at most 25 attendees by id, and a composition needs its layout."""
    ops = caller(world, parameter_validation=False)
    of_meetings = meetings.caller(world)
    meeting = meetings.create(of_meetings)
    wrong = ops.fails("BadRequestException")
    streams = {"AttendeeIds": [NOWHERE] * 13, "ExternalUserIds": ["ana"] * 13}
    selected = {"SourceConfiguration": {"SelectedVideoStreams": streams}}
    on = {"State": "Enabled"}
    composed = {"Audio": {"MuxType": "AudioWithCompositedVideo"}, "Video": on, "Content": on}
    layout = {"GridViewConfiguration": {"ContentShareLayout": "Vertical"}, "Layout": "GridView"}
    for broken in (
        {"ChimeSdkMeetingConfiguration": selected},
        {"ChimeSdkMeetingConfiguration": {"ArtifactsConfiguration": composed}},
        {"SourceType": "Dream"},
        {"SinkType": "Dream"},
        {"SinkArn": "no arn"},
        {"ClientRequestToken": "x"},
        {"Tags": []},
        {"Tags": [{"Key": "", "Value": "x"}]},
        {"Tags": [{"Key": f"k{n}", "Value": "x"} for n in range(201)]},
    ):
        wrong.create_media_capture_pipeline(**captured(meeting, **broken))
    wrong.create_media_live_connector_pipeline(**connected(meeting, "AudioWithCompositedVideo"))
    asked = {"ArtifactsConfiguration": {**composed, "CompositedVideo": layout}}
    made = capture(ops, meeting, ChimeSdkMeetingConfiguration=asked)
    equal(made["ChimeSdkMeetingConfiguration"], asked)
    live = ops.create_media_live_connector_pipeline(
        **connected(meeting, "AudioWithCompositedVideo", CompositedVideo=layout))
    subset(live["MediaLiveConnectorPipeline"], Status="Initializing")
    wrong.list_media_pipelines(MaxResults=0)
    wrong.list_media_pipelines(MaxResults=101)
    wrong.list_media_capture_pipelines(NextToken="made up")
    wrong.get_media_pipeline(MediaPipelineId="no-guid")
    meetings.end(of_meetings, meeting)
    world.control.advance(10)


def kinds_of_work(world: World) -> None:
    """Pipelines end with the meeting, and a concatenation after its capture."""
    ops, of_meetings = caller(world), meetings.caller(world)
    queue = {"SqsQueueArn": meetings.QUEUE}
    meeting = meetings.create(of_meetings, NotificationsConfiguration=queue)
    one = capture(ops, meeting)
    live = ops.create_media_live_connector_pipeline(**connected(meeting))
    live = live["MediaLiveConnectorPipeline"]
    equal((live["Sources"], live["Sinks"]), tuple(connected(meeting).values()))
    said = ops.fails("ResourceLimitExceededException").create_media_live_connector_pipeline(
        **connected(meeting))
    true("media live connector pipeline" in said and said.endswith("Limit reached"), said)
    both = ops.create_media_concatenation_pipeline(**joined(one))["MediaConcatenationPipeline"]
    equal((both["Sources"], both["Sinks"]), tuple(joined(one).values()))
    wrong = ops.fails("BadRequestException")
    wrong.create_media_concatenation_pipeline(**joined(live))
    nothing = {"MediaPipelineArn": one["MediaPipelineArn"].replace(one["MediaPipelineId"], NOWHERE)}
    wrong.create_media_concatenation_pipeline(**joined(nothing))
    missing = ops.fails("NotFoundException")
    for other in (live, both):
        missing.get_media_capture_pipeline(**of(other))
        missing.delete_media_capture_pipeline(**of(other))
    ids = [each["MediaPipelineId"] for each in (one, live, both)]
    equal(listed(ops), ids)
    equal(captures(ops), ids[:1])

    world.control.advance(2)
    equal([status(ops, each) for each in (one, live, both)], ["InProgress"] * 3)
    world.control.advance(60)
    equal(status(ops, both), "InProgress")
    details(world)
    world.control.events()
    meetings.end(of_meetings, meeting)
    equal([status(ops, each) for each in (one, live, both)],
          ["Stopping", "Stopping", "InProgress"])
    world.control.advance(2)
    equal(status(ops, one), "Stopped")
    world.control.advance(5)
    equal(status(ops, both), "Stopped")
    came = world.control.events()
    for channel in ("EventBridge", "Sqs"):
        told = [event["Body"]["detail"] for event in came if event["Channel"] == channel]
        equal([each["eventType"].removeprefix("chime:") for each in told],
              ["AttendeeLeft", "AttendeeLeft", "MeetingEnded"] + ["MediaPipelineDeleted"] * 3)
        equal({each["mediaPipelineId"] for each in told[-3:]}, set(ids))


def failures(world: World) -> None:
    """Temporary and permanent failures, which no operation can cause."""
    ops, of_meetings = caller(world), meetings.caller(world)
    meeting = meetings.create(of_meetings)
    one = capture(ops, meeting)
    both = ops.create_media_concatenation_pipeline(**joined(one))["MediaConcatenationPipeline"]
    world.control.advance(2)
    details(world)
    verb = f"media-pipelines/{one['MediaPipelineId']}"
    for action, event in (("fail-temporarily", "MediaPipelineTemporaryFailure"),
                          ("resume", "MediaPipelineResumed")):
        world.control.ask("POST", f"{verb}/{action}")
        equal((kinds(world), status(ops, one)), ([event], "InProgress"))
    world.control.ask("POST", f"{verb}/fail")
    equal(status(ops, one), "Failed")
    world.control.advance(1)
    equal(status(ops, both), "Failed")
    equal(kinds(world), ["AttendeeLeft", "AttendeeDeleted", "MediaPipelinePermanentFailure",
                         "MediaPipelinePermanentFailure"])
    ops.fails("NotFoundException").delete_media_pipeline(**of(one))
    meetings.end(of_meetings, meeting)


def quota(world: World) -> None:
    """Ten pipelines can be in progress in a control region."""
    ops, of_meetings = caller(world), meetings.caller(world)
    made = [meetings.create(of_meetings) for _ in range(11)]
    first = [capture(ops, meeting) for meeting in made[:10]]
    ops.fails("ResourceLimitExceededException").create_media_capture_pipeline(
        **captured(made[10]))
    equal(listed(ops), [one["MediaPipelineId"] for one in first])
    ops.delete_media_pipeline(**of(first[0]))
    world.control.advance(2)
    capture(ops, made[10])
    meetings.end(of_meetings, *made)
    world.control.advance(10)
    equal(listed(ops), [])


def tags(world: World) -> None:
    """A pipeline has at most 200 tags, and keeps them after it has stopped."""
    ops, of_meetings = caller(world), meetings.caller(world)
    meeting = meetings.create(of_meetings)
    made = capture(ops, meeting, Tags=[{"Key": "team", "Value": "core"}])
    arn = {"ResourceARN": made["MediaPipelineArn"]}
    ops.tag_resource(**arn, Tags=[{"Key": "any key @ all", "Value": ""}])
    equal(ops.list_tags_for_resource(**arn)["Tags"],
          [{"Key": "any key @ all", "Value": ""}, {"Key": "team", "Value": "core"}])
    ops.untag_resource(**arn, TagKeys=["team", "never"])
    meetings.end(of_meetings, meeting)
    world.control.advance(10)
    more = [{"Key": f"k{n}", "Value": "x"} for n in range(200)]
    ops.fails("BadRequestException").tag_resource(**arn, Tags=more)
    ops.tag_resource(**arn, Tags=more[:199])
    equal(len(ops.list_tags_for_resource(**arn)["Tags"]), 200)
    missing = ops.fails("NotFoundException")
    nothing = {"ResourceARN": meeting["MeetingArn"]}
    missing.list_tags_for_resource(**nothing)
    missing.tag_resource(**nothing, Tags=more[:1])
    missing.untag_resource(**nothing, TagKeys=["team"])


LIVES = [life, sources, constraints, kinds_of_work, failures, quota, tags]
