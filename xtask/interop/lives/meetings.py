"""SDK meetings: creation, features and the ways in which they end."""

import re
from typing import Any
from uuid import uuid4

from checks import equal, subset, true
from world import DAY, NOWHERE, Caller, World

SERVICE = "chime-sdk-meetings"
REGION = "eu-central-1"
ACCOUNT = "222233334444"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:meeting-events"

# Region codes in media hosts and cells in ids, as in responses of AWS.
CELL = {"us-east-1": "2713", "ap-southeast-1": "2954", "eu-west-2": "3049", "eu-central-1": "7979"}
CODE = {"us-east-1": "ue1", "ap-southeast-1": "as1", "eu-west-2": "ew2", "eu-central-1": "ec1"}

FHD = {"Video": {"MaxResolution": "FHD"}, "Attendee": {"MaxCount": 25}}


def caller(world: World, who: str = "AKIDINTEROP", **settings: Any) -> Caller:
    """A client of meetings."""
    return world.caller(who, service=SERVICE, **settings)


def given(**more: Any) -> dict:
    """The parameters of a new meeting."""
    token = {"ClientRequestToken": str(uuid4())}
    return {**token, "MediaRegion": REGION, "ExternalMeetingId": "standup", **more}


def create(ops: Caller, **more: Any) -> dict:
    """Creates a meeting."""
    return ops.create_meeting(**given(**more))["Meeting"]


def of(meeting: dict) -> dict:
    """The parameters that name a meeting."""
    return {"MeetingId": meeting["MeetingId"]}


def end(ops: Caller, *meetings: dict) -> None:
    """Deletes meetings, which must exist."""
    for meeting in meetings:
        ops.delete_meeting(**of(meeting))


def ended(ops: Caller, *meetings: dict) -> None:
    """Fails unless the meetings have ended."""
    for meeting in meetings:
        said = ops.fails("NotFoundException").get_meeting(**of(meeting))
        equal(said, f"Meeting <{meeting['MeetingId']}> not found")


def details(world: World, channel: str = "EventBridge") -> list[dict]:
    """The details of the events since the last call."""
    came = world.control.events()
    return [one["Body"]["detail"] for one in came if one["Channel"] == channel]


def kinds(world: World) -> list[str]:
    """The types of these events, without the prefix of the service."""
    return [detail["eventType"].removeprefix("chime:") for detail in details(world)]


def creation(world: World) -> None:
    """Ids, ARNs and hosts have the form of AWS's, and reading returns what creation returned."""
    for region, cell in CELL.items():
        ops = caller(world, region=region)
        for media in CODE:
            made = create(ops, MediaRegion=media, MeetingHostId="ana", TenantIds=["lakeside"])
            id = made["MeetingId"]
            true(re.fullmatch(rf"[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{8}}{cell}", id), id)
            subset(made, ExternalMeetingId="standup", MediaRegion=media, MeetingHostId="ana",
                   PrimaryMeetingId=None, MeetingFeatures=None, TenantIds=["lakeside"],
                   MeetingArn=f"arn:aws:chime:{region}:{ACCOUNT}:meeting/{id}")
            check_placement(made["MediaPlacement"], id, region, media)
            equal(ops.get_meeting(**of(made))["Meeting"], made)
            end(ops, made)
    ops = caller(world)
    plain = create(ops, MediaPlacementNetworkType="DualStack")
    equal(set(plain), {"MeetingId", "ExternalMeetingId", "MediaRegion", "MediaPlacement",
                       "MeetingArn", "TenantIds"})
    equal(plain["TenantIds"], [])
    end(ops, plain)


def check_placement(placement: dict, id: str, region: str, media: str) -> None:
    """The hosts depend on the media region, and the cell on the control region."""
    app = rf"m[1-3]\.{CODE[media]}\.app\.chime\.test"
    screen = rf"wss://bitpw\.{app}:443/v2/screen/{id}"
    viewing = rf"wss://bitpw\.{app}:443/ws/connect\?passcode=null&viewer_uuid=null"
    forms = {
        "AudioFallbackUrl": rf"wss://wss\.k\.{app}:443/calls/{id}",
        "AudioHostUrl": rf"[0-9a-f]{{32}}\.k\.{app}:3478",
        "EventIngestionUrl":
            rf"https://data\.svc\.{CODE[media]}\.ingest\.chime\.test/v1/client-events",
        "ScreenDataUrl": screen,
        "ScreenSharingUrl": screen,
        "ScreenViewingUrl": rf"{viewing}&X-BitHub-Call-Id={id}",
        "SignalingUrl": rf"wss://signal\.{app}/control/{id}",
        "TurnControlUrl":
            rf"https://{CELL[region]}\.cell\.{region}\.meetings\.chime\.test/v2/turn_sessions",
    }
    equal(set(placement), set(forms))
    for name, form in forms.items():
        true(re.fullmatch(form, placement[name]), f"{name} has the form {form}: {placement[name]}")


def tokens(world: World) -> None:
    """A token returns the same meeting until the meeting ends."""
    ops = caller(world)
    details(world)
    asked = given()
    first = ops.create_meeting(**asked)["Meeting"]
    equal(ops.create_meeting(**asked)["Meeting"], first)
    other = {**asked, "ExternalMeetingId": "another", "MeetingFeatures": FHD,
             "Tags": [{"Key": "late", "Value": "yes"}]}
    equal(ops.create_meeting(**other)["Meeting"], first)
    equal(ops.list_tags_for_resource(ResourceARN=first["MeetingArn"])["Tags"], [])
    equal(kinds(world), ["MeetingStarted"])

    # CreateMeetingWithAttendees uses the same tokens, and creates missing attendees.
    people = [{"ExternalUserId": "ana"}, {"ExternalUserId": "bo"}]
    came = ops.create_meeting_with_attendees(**asked, Attendees=people[:1])
    equal(came["Meeting"], first)
    again = ops.create_meeting_with_attendees(**asked, Attendees=people[::-1])
    equal(again["Meeting"], first)
    equal([one["ExternalUserId"] for one in again["Attendees"]], ["bo", "ana"])
    equal(again["Attendees"][1], came["Attendees"][0])
    equal(kinds(world), ["AttendeeAdded", "AttendeeAdded"])

    for other in (caller(world, region="us-east-1"), caller(world, "AKIDOTHER")):
        made = create(other, **asked)
        true(made["MeetingId"] != first["MeetingId"], "tokens belong to an AWS account and region")
        end(other, made)
    end(ops, first)
    second = ops.create_meeting(**asked)["Meeting"]
    true(second["MeetingId"] != first["MeetingId"], "the token of an ended meeting can be used again")
    end(ops, second)


def with_attendees(world: World) -> None:
    """A meeting and its attendees are created in one call, all or nothing."""
    ops, free = caller(world), caller(world, parameter_validation=False)
    details(world)
    people = [{"ExternalUserId": f"user-{n}"} for n in range(20)]
    people[3]["Capabilities"] = {"Audio": "Receive", "Video": "None", "Content": "None"}
    came = ops.create_meeting_with_attendees(**given(), Attendees=people)
    equal(came["Errors"], [])
    equal([one["ExternalUserId"] for one in came["Attendees"]],
          [one["ExternalUserId"] for one in people])
    equal(came["Attendees"][3]["Capabilities"], people[3]["Capabilities"])
    equal(kinds(world), ["MeetingStarted"] + ["AttendeeAdded"] * 20)
    equal(ops.list_attendees(**of(came["Meeting"]))["Attendees"], came["Attendees"])
    end(ops, came["Meeting"])
    kinds(world)

    wrong = free.fails("BadRequestException")
    said = wrong.create_meeting_with_attendees(
        **given(), Attendees=[*people, {"ExternalUserId": "late"}])
    equal(said, "1 validation error detected: Value at 'attendees' failed to satisfy constraint: "
                "Member must have length less than or equal to 20")
    wrong.create_meeting_with_attendees(**given(), Attendees=[])
    wrong.create_meeting_with_attendees(**given())
    mute = {"Audio": "SendReceive", "Video": "None", "Content": "Receive"}
    wrong.create_meeting_with_attendees(
        **given(), Attendees=[*people[:2], {"ExternalUserId": "x", "Capabilities": mute}])
    wrong.create_meeting_with_attendees(**given(), Attendees=[{"ExternalUserId": "aws:x"}])
    equal(kinds(world), [])
    # In a meeting for one attendee, the second is an error in the response.
    small = {"Attendee": {"MaxCount": 1}}
    came = ops.create_meeting_with_attendees(
        **given(MeetingFeatures=small), Attendees=people[:2])
    equal([one["ExternalUserId"] for one in came["Attendees"]], ["user-0"])
    [error] = came["Errors"]
    subset(error, ExternalUserId="user-1", ErrorCode="LimitExceeded")
    end(ops, came["Meeting"])


def constraints(world: World) -> None:
    """Constraints of the model and of its documentation."""
    ops, free = caller(world), caller(world, parameter_validation=False)
    wrong = free.fails("BadRequestException")
    for broken in (
        {"ClientRequestToken": "x"},
        {"ClientRequestToken": "x" * 65},
        {"ClientRequestToken": "with a space"},
        {"ExternalMeetingId": "x"},
        {"ExternalMeetingId": "x" * 65},
        {"ExternalMeetingId": "what?"},
        {"ExternalMeetingId": "aws:mine"},
        {"ExternalMeetingId": "AWS:mine"},
        {"MeetingHostId": "x"},
        {"MediaRegion": "x"},
        {"MediaRegion": "mars-north-1"},
        {"MediaRegion": "us-gov-west-1"},
        {"PrimaryMeetingId": "xx"},
        {"PrimaryMeetingId": NOWHERE},
        {"TenantIds": []},
        {"TenantIds": ["x"]},
        {"TenantIds": ["aaaa"]},
        {"TenantIds": ["with space"]},
        {"TenantIds": ["one", "two", "three", "four", "five", "six"]},
        {"Tags": [{"Key": "with space", "Value": "x"}]},
        {"Tags": [{"Key": "", "Value": "x"}]},
        {"Tags": [{"Key": "aws:x", "Value": "x"}]},
        {"Tags": [{"Key": "twice", "Value": "1"}, {"Key": "twice", "Value": "2"}]},
        {"Tags": [{"Key": f"k{n}", "Value": "x"} for n in range(51)]},
        {"NotificationsConfiguration": {"SqsQueueArn": "not an arn"}},
        {"MediaPlacementNetworkType": "Ipv4"},
        {"MeetingFeatures": {"Video": {"MaxResolution": "UHD"}}},
        {"MeetingFeatures": {"Content": {"MaxResolution": "HD"}}},
        {"MeetingFeatures": {"Attendee": {"MaxCount": 0}}},
        {"MeetingFeatures": {"Attendee": {"MaxCount": 251}}},
    ):
        wrong.create_meeting(**given(**broken))
    said = wrong.create_meeting(**given(ExternalMeetingId="x", MediaRegion="x"))
    true(said.startswith("2 validation errors detected: Value at '"), said)
    for member in ("ClientRequestToken", "MediaRegion", "ExternalMeetingId"):
        asked = given()
        del asked[member]
        if member != "ClientRequestToken":
            wrong.create_meeting(**asked)
    wrong.get_meeting(MeetingId="no-guid")
    odd = "-_&@+=,(){}[]/«».:|'\"#äÖ x"
    made = create(ops, ExternalMeetingId=odd, TenantIds=["a_b!c@d#e$", "aaabaaa"],
                  Tags=[{"Key": "a+b-c=d.e_f:g/9<;,", "Value": "Size 4+=.:/@_<;,"}])
    equal(made["ExternalMeetingId"], odd)
    end(ops, made)


def features(world: World) -> None:
    """Features are returned as requested; high resolutions need a small meeting."""
    ops = caller(world)
    audio = {"EchoReduction": "AVAILABLE"}
    for asked in (
        FHD,
        {"Content": {"MaxResolution": "UHD"}, "Attendee": {"MaxCount": 1}},
        {"Audio": audio, "Video": {"MaxResolution": "HD"}, "Attendee": {"MaxCount": 250}},
        {"Audio": audio, "Video": {"MaxResolution": "None"}, "Content": {"MaxResolution": "None"}},
        {"Audio": {"EchoReduction": "UNAVAILABLE"}},
    ):
        made = create(ops, MeetingFeatures=asked)
        equal(made["MeetingFeatures"], asked)
        end(ops, made)
    wrong = ops.fails("BadRequestException")
    for asked in (
        {"Video": {"MaxResolution": "FHD"}},
        {"Content": {"MaxResolution": "UHD"}},
        {**FHD, "Attendee": {"MaxCount": 26}},
        {"Content": {"MaxResolution": "UHD"}, "Attendee": {"MaxCount": 250}},
    ):
        wrong.create_meeting(**given(MeetingFeatures=asked))


def replicas(world: World) -> None:
    """A primary meeting has up to four replicas, which end with it."""
    ops = caller(world)
    primary = create(ops)
    made = [create(ops, PrimaryMeetingId=primary["MeetingId"], MediaRegion="eu-west-1")
            for _ in range(4)]
    subset(made[0], PrimaryMeetingId=primary["MeetingId"], MediaRegion="eu-west-1")
    asked = {"PrimaryMeetingId": primary["MeetingId"]}
    ops.fails("LimitExceededException").create_meeting(**given(**asked))
    wrong = ops.fails("BadRequestException")
    wrong.create_meeting(**given(PrimaryMeetingId=made[0]["MeetingId"]))
    caller(world, region="us-east-1").fails("BadRequestException").create_meeting(**given(**asked))
    end(ops, made[3])
    made[3] = create(ops, **asked)
    details(world)
    end(ops, primary)
    told = details(world)
    equal({one["eventType"] for one in told}, {"chime:MeetingEnded"})
    order = [one["meetingId"] for one in told]
    equal(order[0], primary["MeetingId"], "the meeting that ends first")
    equal(sorted(order[1:]), sorted(one["MeetingId"] for one in made))
    ended(ops, primary, *made)
    wrong.create_meeting(**given(**asked))


def limit(world: World) -> None:
    """An AWS account can have 250 meetings in a control region."""
    ops = caller(world, region="ap-northeast-1")
    made = [create(ops) for _ in range(250)]
    ops.fails("LimitExceededException").create_meeting(**given())
    end(caller(world), create(caller(world)))
    end(ops, made.pop())
    made.append(create(ops))
    end(ops, *made)


def elsewhere(world: World) -> None:
    """A meeting exists only in its AWS account and control region."""
    ops = caller(world)
    made = create(ops, Tags=[{"Key": "team", "Value": "core"}])
    attendee = ops.create_attendee(**of(made), ExternalUserId="ana")["Attendee"]
    one = {**of(made), "AttendeeId": attendee["AttendeeId"]}
    all_of_it = {"Audio": "Send", "Video": "None", "Content": "None"}
    english = {"EngineTranscribeSettings": {"LanguageCode": "en-US"}}
    for other in (caller(world, "AKIDOTHER"), caller(world, region="us-east-1")):
        missing = other.fails("NotFoundException")
        missing.get_meeting(**of(made))
        missing.create_attendee(**of(made), ExternalUserId="bo")
        missing.batch_create_attendee(**of(made), Attendees=[{"ExternalUserId": "bo"}])
        missing.get_attendee(**one)
        missing.list_attendees(**of(made))
        missing.update_attendee_capabilities(**one, Capabilities=all_of_it)
        missing.batch_update_attendee_capabilities_except(
            **of(made), ExcludedAttendeeIds=[{"AttendeeId": NOWHERE}], Capabilities=all_of_it)
        missing.start_meeting_transcription(**of(made), TranscriptionConfiguration=english)
        missing.stop_meeting_transcription(**of(made))
        missing.delete_attendee(**one)
        missing.delete_meeting(**of(made))
        absent = other.fails("ResourceNotFoundException")
        absent.list_tags_for_resource(ResourceARN=made["MeetingArn"])
        absent.tag_resource(ResourceARN=made["MeetingArn"], Tags=[])
        absent.untag_resource(ResourceARN=made["MeetingArn"], TagKeys=["team"])
    equal(caller(world, "AKIDROLE").get_meeting(**of(made))["Meeting"], made)
    end(ops, made)
    ended(ops, made)
    ops.fails("NotFoundException").delete_meeting(**of(made))
    ops.fails("NotFoundException").get_attendee(**one)


def timers(world: World) -> None:
    """A meeting ends five minutes after the last connection, and at the latest after a day."""
    ops = caller(world)
    empty, used = create(ops), create(ops)
    replica = create(ops, PrimaryMeetingId=used["MeetingId"])
    attendee = ops.create_attendee(**of(used), ExternalUserId="ana")["Attendee"]
    world.control.ask("POST", f"meetings/{used['MeetingId']}/attendees/"
                              f"{attendee['AttendeeId']}/join")
    world.control.advance(240)
    ops.get_meeting(**of(empty))
    details(world)
    world.control.advance(61)
    told = details(world)
    equal([(one["eventType"], one["meetingId"]) for one in told],
          [("chime:MeetingEnded", empty["MeetingId"])])
    ended(ops, empty)
    # A meeting with a connection, and its empty replica, end after a day.
    world.control.advance(DAY - 400)
    ops.get_meeting(**of(used))
    ops.get_meeting(**of(replica))
    world.control.advance(200)
    told = details(world)
    equal([one["eventType"].removeprefix("chime:") for one in told],
          ["AttendeeLeft", "MeetingEnded", "MeetingEnded"])
    ended(ops, used, replica)

    # The five minutes start when the last attendee leaves.
    left = create(ops)
    attendee = ops.create_attendee(**of(left), ExternalUserId="ana")["Attendee"]
    verbs = f"meetings/{left['MeetingId']}/attendees/{attendee['AttendeeId']}"
    world.control.ask("POST", f"{verbs}/join")
    world.control.advance(1000)
    world.control.ask("POST", f"{verbs}/leave")
    world.control.advance(290)
    ops.get_meeting(**of(left))
    world.control.advance(20)
    ended(ops, left)


def notifications(world: World) -> None:
    """Events are delivered to EventBridge, and to the queue, topic and function of the meeting."""
    ops = caller(world)
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:meeting-events"
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:meeting-events"
    to = {"SqsQueueArn": QUEUE, "SnsTopicArn": topic, "LambdaFunctionArn": function}
    world.control.events()
    made = create(ops, NotificationsConfiguration=to, ExternalMeetingId="daily")
    came = {one["Channel"]: one for one in world.control.events()}
    equal({name: one.get("Arn") for name, one in came.items()},
          {"EventBridge": None, "Sqs": QUEUE, "Sns": topic, "Lambda": function})
    bus, queue = came["EventBridge"]["Body"], came["Sqs"]["Body"]
    subset(bus, **{"version": "0", "source": "aws.chime", "account": ACCOUNT, "region": REGION,
                   "resources": [], "detail-type": "Chime Meeting State Change"})
    true(re.fullmatch(r"[0-9a-f-]{36}", bus["id"]), "the event has an id")
    true(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", bus["time"]), "time to the second")
    subset(bus["detail"], version="0", eventType="chime:MeetingStarted", mediaRegion=REGION,
           meetingId=made["MeetingId"], externalMeetingId="daily")
    true(isinstance(bus["detail"]["timestamp"], (int, float)), "the timestamp is a number")
    equal(set(bus) - set(queue), {"id", "resources"}, "members of the envelope in EventBridge only")
    true(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", queue["time"]), "milliseconds")
    equal(queue["detail"], bus["detail"])
    end(ops, made)

    # Events are not delivered to queues and topics in other regions or of type FIFO.
    far = {"SqsQueueArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:far", "SnsTopicArn": f"{topic}.fifo"}
    world.control.events()
    end(ops, create(ops, NotificationsConfiguration=far))
    equal({one["Channel"] for one in world.control.events()}, {"EventBridge"})


def tags(world: World) -> None:
    """Tags are set at creation or later, at most fifty, and end with the meeting."""
    ops = caller(world)
    tag = lambda key, value="x": {"Key": key, "Value": value}  # noqa: E731
    made = create(ops, Tags=[tag("team", "core"), tag("cost", "")])
    arn = {"ResourceARN": made["MeetingArn"]}
    listed = lambda: ops.list_tags_for_resource(**arn)["Tags"]  # noqa: E731
    equal(listed(), [tag("cost", ""), tag("team", "core")])
    ops.tag_resource(**arn, Tags=[tag("team", "edge"), tag("stage", "test")])
    equal(listed(), [tag("cost", ""), tag("stage", "test"), tag("team", "edge")])
    ops.untag_resource(**arn, TagKeys=["cost", "never"])
    equal(listed(), [tag("stage", "test"), tag("team", "edge")])
    ops.tag_resource(**arn, Tags=[tag(f"k{n:02}") for n in range(48)])
    said = ops.fails("TooManyTagsException")
    said.tag_resource(**arn, Tags=[tag("one"), tag("team", "late")])
    equal([one for one in listed() if one["Key"] == "team"], [tag("team", "edge")])
    ops.tag_resource(**arn, Tags=[tag("team", "late")])
    equal(len(listed()), 50)
    free = caller(world, parameter_validation=False)
    wrong = free.fails("BadRequestException")
    wrong.tag_resource(**arn, Tags=[tag("aws:x")])
    wrong.tag_resource(**arn, Tags=[tag("twice"), tag("twice")])
    wrong.tag_resource(**arn, Tags=[tag("with space")])
    wrong.tag_resource(ResourceARN="no arn", Tags=[tag("x")])
    free.tag_resource(**arn, Tags=[])
    free.untag_resource(**arn, TagKeys=[])
    end(ops, made)
    ops.fails("ResourceNotFoundException").list_tags_for_resource(**arn)
    ops.fails("ResourceNotFoundException").tag_resource(**arn, Tags=[tag("x")])


LIVES = [
    creation, tokens, with_attendees, constraints, features, replicas, limit, elsewhere, timers,
    notifications, tags,
]
