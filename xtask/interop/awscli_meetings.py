"""Calls every operation of SDK meetings with the AWS CLI, and compares the output with boto3's."""

import json

from awscli_command import Aws
from checks import equal
from lives.meetings import QUEUE, caller
from world import NOBODY, NOWHERE, World

ARN = f"arn:aws:chime:eu-central-1:222233334444:meeting/{NOWHERE}"
ALL = "Audio=SendReceive,Video=SendReceive,Content=SendReceive"

# Calls for faults. No single operation models all exceptions.
_OF = ("--meeting-id", NOWHERE)
PROBES = {
    "TagResource": ("tag-resource", "--resource-arn", ARN, "--tags", "Key=team,Value=core"),
    "UpdateAttendeeCapabilities":
        ("update-attendee-capabilities", *_OF, "--attendee-id", NOBODY, "--capabilities", ALL),
    "CreateAttendee": ("create-attendee", *_OF, "--external-user-id", "ana"),
}


def calls(aws: Aws, world: World) -> None:
    """Checks that the command prints what boto3 returns."""
    meetings(aws, world)
    attendees(aws, world)
    aws.faults(world.control, PROBES)


def meetings(aws: Aws, world: World) -> None:
    ops = caller(world)
    asked = {"ClientRequestToken": "from-the-command", "MediaRegion": "eu-west-2",
             "ExternalMeetingId": "stand:up/#1"}
    argv = ("--client-request-token", "from-the-command", "--media-region", "eu-west-2",
            "--external-meeting-id", "stand:up/#1")
    made = aws("create-meeting", *argv, "--meeting-host-id", "ana",
               "--meeting-features", "Video={MaxResolution=FHD},Attendee={MaxCount=9}",
               "--notifications-configuration", f"SqsQueueArn={QUEUE}",
               "--tenant-ids", "lakeside", "--tags", "Key=team,Value=core")
    equal(ops.create_meeting(**asked), made)
    equal(made["Meeting"]["MeetingFeatures"],
          {"Video": {"MaxResolution": "FHD"}, "Attendee": {"MaxCount": 9}})
    of = ("--meeting-id", made["Meeting"]["MeetingId"])
    equal(aws("get-meeting", *of), made)
    both = aws("create-meeting-with-attendees", *argv, "--attendees", "ExternalUserId=ana",
               f"ExternalUserId=bo,Capabilities={{{ALL}}}")
    people = [{"ExternalUserId": "ana"}, {"ExternalUserId": "bo"}]
    equal(ops.create_meeting_with_attendees(**asked, Attendees=people), both)
    equal(both["Meeting"], made["Meeting"])

    arn = ("--resource-arn", made["Meeting"]["MeetingArn"])
    aws("tag-resource", *arn, "--tags", "Key=cost,Value=a b", "Key=team,Value=edge")
    tags = aws("list-tags-for-resource", *arn)
    equal(tags, {"Tags": [{"Key": "cost", "Value": "a b"}, {"Key": "team", "Value": "edge"}]})
    equal(ops.list_tags_for_resource(ResourceARN=arn[1]), tags)
    aws("untag-resource", *arn, "--tag-keys", "cost", "team")
    equal(aws("list-tags-for-resource", *arn), {"Tags": []})

    english = {"EngineTranscribeSettings": {"LanguageCode": "en-US"}}
    aws("start-meeting-transcription", *of, "--transcription-configuration", json.dumps(english))
    aws("stop-meeting-transcription", *of)
    aws("delete-meeting", *of)
    aws.fails("NotFoundException", "get-meeting", *of)
    aws.fails("ResourceNotFoundException", "list-tags-for-resource", *arn)
    aws.fails("BadRequestException", "create-meeting", "--media-region", "eu-west-2",
              "--external-meeting-id", "aws:mine")


def attendees(aws: Aws, world: World) -> None:
    ops = caller(world)
    # Without a token, the command generates one.
    made = aws("create-meeting", "--media-region", "eu-central-1", "--external-meeting-id", "daily")
    meeting = {"MeetingId": made["Meeting"]["MeetingId"]}
    of = ("--meeting-id", made["Meeting"]["MeetingId"])
    ana = aws("create-attendee", *of, "--external-user-id", "ana")
    equal(ops.create_attendee(**meeting, ExternalUserId="ana"), ana)
    one = (*of, "--attendee-id", ana["Attendee"]["AttendeeId"])
    equal(aws("get-attendee", *one), ana)
    batch = aws("batch-create-attendee", *of, "--attendees", "ExternalUserId=bo",
                "ExternalUserId=cleo")
    people = [{"ExternalUserId": "bo"}, {"ExternalUserId": "cleo"}]
    equal(ops.batch_create_attendee(**meeting, Attendees=people), batch)

    silent = "Audio=Receive,Video=None,Content=None"
    changed = aws("update-attendee-capabilities", *one, "--capabilities", silent)
    equal(ops.get_attendee(**meeting, AttendeeId=one[-1]), changed)
    aws("batch-update-attendee-capabilities-except", *of, "--capabilities", ALL,
        "--excluded-attendee-ids", f"AttendeeId={one[-1]}")
    page = aws("list-attendees", *of, "--max-results", "2")
    rest = aws("list-attendees", *of, "--next-token", page["NextToken"])
    listed = ops.list_attendees(**meeting)["Attendees"]
    equal([*page["Attendees"], *rest["Attendees"]], listed)
    equal(listed, [changed["Attendee"], *batch["Attendees"]])
    aws("delete-attendee", *one)
    aws.fails("NotFoundException", "get-attendee", *one)
    aws("delete-meeting", *of)
