"""Attendees of SDK meetings: creation, capabilities and connections."""

import base64
import re

from checks import Wrong, equal, subset, true
from lives.meetings import caller, create, details, end, given, kinds, of
from world import NOBODY, NOWHERE, World

GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def may(audio: str = "SendReceive", video: str = "SendReceive", content: str = "SendReceive") -> dict:
    """Capabilities of an attendee."""
    return {"Audio": audio, "Video": video, "Content": content}


def tokens(world: World) -> None:
    """An attendee has an id, a join token and a unique external user id."""
    ops = caller(world)
    meeting = create(ops)
    details(world)
    made = ops.create_attendee(**of(meeting), ExternalUserId="ana")["Attendee"]
    subset(made, ExternalUserId="ana", Capabilities=may())
    equal(len(made["JoinToken"]), 98, "characters of the token")
    text = base64.b64decode(made["JoinToken"] + "==").decode()
    true(re.fullmatch(f"{made['AttendeeId']}:{GUID}", text), "the content of the token")
    one = {**of(meeting), "AttendeeId": made["AttendeeId"]}
    equal(ops.get_attendee(**one)["Attendee"], made)
    again = ops.create_attendee(**of(meeting), ExternalUserId="ana", Capabilities=may("Send"))
    equal(again["Attendee"], made)
    equal(kinds(world), ["AttendeeAdded"])

    ops.delete_attendee(**one)
    [told] = details(world)
    subset(told, eventType="chime:AttendeeDeleted", attendeeId=made["AttendeeId"],
           externalUserId="ana", externalMeetingId="standup", meetingId=meeting["MeetingId"])
    missing = ops.fails("NotFoundException")
    missing.get_attendee(**one)
    missing.delete_attendee(**one)
    missing.update_attendee_capabilities(**one, Capabilities=may())
    new = ops.create_attendee(**of(meeting), ExternalUserId="ana")["Attendee"]
    true(new["AttendeeId"] != made["AttendeeId"], "a deleted attendee is not restored")
    missing.create_attendee(MeetingId=NOWHERE, ExternalUserId="ana")

    free = caller(world, parameter_validation=False)
    wrong = free.fails("BadRequestException")
    for user in ("x", "x" * 65, "what?", "aws:ana", "Aws:ana"):
        wrong.create_attendee(**of(meeting), ExternalUserId=user)
    wrong.create_attendee(**of(meeting))
    wrong.create_attendee(**of(meeting), ExternalUserId="bo", Capabilities={"Audio": "Send"})
    wrong.create_attendee(**of(meeting), ExternalUserId="bo", Capabilities=may("Everything"))
    wrong.get_attendee(**of(meeting), AttendeeId="no-guid")
    end(ops, meeting)


def batches(world: World) -> None:
    """A batch has at most 100 attendees, and a meeting at most 250."""
    ops, free = caller(world), caller(world, parameter_validation=False)
    meeting = create(ops)
    people = [{"ExternalUserId": f"user-{n}"} for n in range(251)]
    came = ops.batch_create_attendee(**of(meeting), Attendees=people[:100])
    equal((len(came["Attendees"]), came["Errors"]), (100, []))
    again = ops.batch_create_attendee(**of(meeting), Attendees=people[98:110])
    equal(again["Attendees"][:2], came["Attendees"][98:])
    wrong = free.fails("BadRequestException")
    wrong.batch_create_attendee(**of(meeting), Attendees=people[:101])
    wrong.batch_create_attendee(**of(meeting), Attendees=[])
    wrong.batch_create_attendee(
        **of(meeting), Attendees=[{"ExternalUserId": "fine"}, {"ExternalUserId": "x"}])
    wrong.batch_create_attendee(
        **of(meeting),
        Attendees=[{"ExternalUserId": "fine"},
                   {"ExternalUserId": "wrong", "Capabilities": may(video="Send")}])
    equal(len(ops.pages("list_attendees", "Attendees", 100, **of(meeting))), 110)
    ops.batch_create_attendee(**of(meeting), Attendees=people[110:210])
    last = ops.batch_create_attendee(**of(meeting), Attendees=people[200:])
    equal(len(last["Attendees"]), 50)
    [error] = last["Errors"]
    subset(error, ExternalUserId="user-250", ErrorCode="LimitExceeded")
    true(error["ErrorMessage"], "the error says why")
    full = ops.fails("LimitExceededException")
    full.create_attendee(**of(meeting), ExternalUserId="late")
    # Existing attendees are returned even if the meeting is full; a deletion makes room for another one.
    ops.create_attendee(**of(meeting), ExternalUserId="user-0")
    ops.delete_attendee(**of(meeting), AttendeeId=came["Attendees"][0]["AttendeeId"])
    ops.create_attendee(**of(meeting), ExternalUserId="late")
    end(ops, meeting)

    small = create(ops, MeetingFeatures={"Attendee": {"MaxCount": 2}})
    ops.batch_create_attendee(**of(small), Attendees=people[:2])
    full.create_attendee(**of(small), ExternalUserId="late")
    end(ops, small)


def pages(world: World) -> None:
    """Lists are in the order of creation, with 100 attendees per page by default."""
    ops, free = caller(world), caller(world, parameter_validation=False)
    meeting = create(ops)
    users = [f"user-{n}" for n in range(150)]
    for start in (0, 100):
        people = [{"ExternalUserId": user} for user in users[start:start + 100]]
        ops.batch_create_attendee(**of(meeting), Attendees=people)
    for size in (None, 1, 7, 100):
        listed = ops.pages("list_attendees", "Attendees", size, **of(meeting))
        equal([one["ExternalUserId"] for one in listed], users)
    page = ops.list_attendees(**of(meeting))
    equal(len(page["Attendees"]), 100)
    # Attendees created or deleted between pages cause no duplicates and no gaps.
    ops.delete_attendee(**of(meeting), AttendeeId=page["Attendees"][-1]["AttendeeId"])
    ops.create_attendee(**of(meeting), ExternalUserId="late")
    rest = ops.list_attendees(**of(meeting), NextToken=page["NextToken"])
    equal([one["ExternalUserId"] for one in rest["Attendees"]], [*users[100:], "late"])
    wrong = free.fails("BadRequestException")
    wrong.list_attendees(**of(meeting), MaxResults=0)
    wrong.list_attendees(**of(meeting), MaxResults=101)
    wrong.list_attendees(**of(meeting), NextToken="made up")
    end(ops, meeting)


def capabilities(world: World) -> None:
    """Defaults depend on the features of the meeting, and a missing feature cannot be allowed."""
    ops = caller(world)
    wrong = ops.fails("BadRequestException")
    none = {"MaxResolution": "None"}
    for features, default in (
        ({"Video": none}, may(video="Receive")),
        ({"Content": none}, may(content="None")),
        ({"Video": none, "Content": none}, may(video="None", content="None")),
        ({"Video": {"MaxResolution": "HD"}}, may()),
    ):
        meeting = create(ops, MeetingFeatures=features)
        made = ops.create_attendee(**of(meeting), ExternalUserId="ana")["Attendee"]
        equal(made["Capabilities"], default)
        one = {**of(meeting), "AttendeeId": made["AttendeeId"]}
        if "Video" in features and features["Video"] == none:
            wrong.update_attendee_capabilities(**one, Capabilities=may(video="Receive"))
            ops.update_attendee_capabilities(**one, Capabilities=may("None", "None", "None"))
        if "Content" in features:
            wrong.update_attendee_capabilities(**one, Capabilities=may("None", "None", "Send"))
        end(ops, meeting)

    meeting = create(ops)
    made = ops.create_attendee(
        **of(meeting), ExternalUserId="ana", Capabilities=may("Receive", "None", "Send"))
    one = {**of(meeting), "AttendeeId": made["Attendee"]["AttendeeId"]}
    equal(made["Attendee"]["Capabilities"], may("Receive", "None", "Send"))
    for video in ("Send", "None"):
        for content in ("Receive", "SendReceive"):
            wrong.update_attendee_capabilities(
                **one, Capabilities=may(video=video, content=content))
            wrong.create_attendee(**of(meeting), ExternalUserId="bo",
                                  Capabilities=may(video=video, content=content))
    details(world)
    new = may("Send", "Receive", "Receive")
    changed = ops.update_attendee_capabilities(**one, Capabilities=new)["Attendee"]
    equal(changed, {**made["Attendee"], "Capabilities": new})
    equal(ops.get_attendee(**one)["Attendee"], changed)
    [told] = details(world)
    subset(told, eventType="chime:AttendeeCapabilitiesUpdated", success="1",
           attendeeId=changed["AttendeeId"], externalUserId="ana",
           attendeeCapabilities={"audio": "Send", "video": "Receive", "content": "Receive"})
    end(ops, meeting)


def capabilities_of_the_others(world: World) -> None:
    """All attendees except the excluded ones are changed."""
    ops, free = caller(world), caller(world, parameter_validation=False)
    meeting = create(ops)
    people = [{"ExternalUserId": f"user-{n}"} for n in range(5)]
    made = ops.batch_create_attendee(**of(meeting), Attendees=people)["Attendees"]
    kept = [{"AttendeeId": made[n]["AttendeeId"]} for n in (1, 3)]
    details(world)
    new = may("Receive", "Receive", "Receive")
    ops.batch_update_attendee_capabilities_except(
        **of(meeting), ExcludedAttendeeIds=[*kept, {"AttendeeId": NOBODY}], Capabilities=new)
    equal(sorted(told["attendeeId"] for told in details(world)),
          sorted(made[n]["AttendeeId"] for n in (0, 2, 4)))
    listed = ops.list_attendees(**of(meeting))["Attendees"]
    equal([one["Capabilities"] == new for one in listed], [True, False, True, False, True])
    wrong = free.fails("BadRequestException")
    wrong.batch_update_attendee_capabilities_except(
        **of(meeting), ExcludedAttendeeIds=[], Capabilities=new)
    wrong.batch_update_attendee_capabilities_except(
        **of(meeting), ExcludedAttendeeIds=kept, Capabilities=may(video="None"))
    wrong.batch_update_attendee_capabilities_except(
        **of(meeting), ExcludedAttendeeIds=[{"AttendeeId": NOBODY}] * 251, Capabilities=new)
    equal(kinds(world), [])
    end(ops, meeting)


def connections(world: World) -> None:
    """Actions of attendees cause events, in order."""
    ops = caller(world)
    meeting = create(ops)
    people = [{"ExternalUserId": user, "Capabilities": allowed} for user, allowed in (
        ("ana", may()), ("bo", may()), ("cleo", may()), ("eve", may("Receive", "Receive", "None")))]
    made = ops.batch_create_attendee(**of(meeting), Attendees=people)["Attendees"]
    ana, bo, cleo, eve = (
        f"meetings/{meeting['MeetingId']}/attendees/{one['AttendeeId']}" for one in made)
    details(world)

    def acts(who: str, verb: str, *expected: str, **body: str) -> None:
        world.control.ask("POST", f"{who}/{verb}", body or None)
        equal(kinds(world), list(expected), f"events of {verb}")

    def refused(who: str, verb: str, **body: str) -> None:
        try:
            world.control.ask("POST", f"{who}/{verb}", body or None)
        except Wrong as error:
            true("409" in str(error), f"{verb} conflicts: {error}")
        else:
            raise Wrong(f"{verb} should conflict")
        equal(kinds(world), [])

    for verb in ("leave", "drop", "video-start", "content-join"):
        refused(ana, verb)
    refused(ana, "join", JoinToken=made[1]["JoinToken"])
    acts(ana, "join", "AttendeeAuthorized", "AttendeeJoined", JoinToken=made[0]["JoinToken"])
    acts(ana, "join", "AttendeeAuthorized")
    for who in (bo, cleo, eve):
        acts(who, "join", "AttendeeAuthorized", "AttendeeJoined")
    acts(ana, "video-start", "AttendeeVideoStarted")
    refused(ana, "video-start")
    refused(eve, "video-start")
    refused(eve, "content-join")
    acts(ana, "content-join", "AttendeeContentJoined")
    acts(ana, "content-video-start", "AttendeeContentVideoStarted")
    acts(bo, "content-join", "AttendeeContentJoined")
    refused(cleo, "content-join")
    acts(bo, "content-drop", "AttendeeContentDropped")
    acts(cleo, "content-join", "AttendeeContentJoined")
    acts(cleo, "content-video-start", "AttendeeContentVideoStarted")
    acts(cleo, "content-video-stop", "AttendeeContentVideoStopped")
    acts(cleo, "content-leave", "AttendeeContentLeft")
    acts(bo, "video-start", "AttendeeVideoStarted")
    acts(bo, "video-stop", "AttendeeVideoStopped")
    [there] = [one for one in world.control.ask("GET", "meetings")["Meetings"]
               if one["MeetingId"] == meeting["MeetingId"]]
    equal([one["Connected"] for one in there["Attendees"]], [True] * 4)
    equal([one["SendsVideo"] for one in there["Attendees"]], [True, False, False, False])
    acts(ana, "leave", "AttendeeVideoStopped", "AttendeeContentVideoStopped",
         "AttendeeContentLeft", "AttendeeLeft")
    world.control.ask("POST", f"{bo}/drop")
    [told] = details(world)
    subset(told, eventType="chime:AttendeeDropped", networkType="Voip", externalUserId="bo")
    # A deleted attendee is disconnected; the others leave when the meeting ends.
    ops.delete_attendee(**of(meeting), AttendeeId=made[2]["AttendeeId"])
    equal(kinds(world), ["AttendeeLeft", "AttendeeDeleted"])
    end(ops, meeting)
    equal(kinds(world), ["AttendeeLeft", "MeetingEnded"])


def places(world: World) -> None:
    """The number of connected attendees is limited."""
    ops = caller(world)
    came = ops.create_meeting_with_attendees(
        **given(MeetingFeatures={"Attendee": {"MaxCount": 1}}),
        Attendees=[{"ExternalUserId": "ana"}])
    meeting, [ana] = came["Meeting"], came["Attendees"]
    equal(meeting["MeetingFeatures"], {"Attendee": {"MaxCount": 1}})
    world.control.ask(
        "POST", f"meetings/{meeting['MeetingId']}/attendees/{ana['AttendeeId']}/join")
    ops.fails("LimitExceededException").create_attendee(**of(meeting), ExternalUserId="bo")
    end(ops, meeting)


LIVES = [tokens, batches, pages, capabilities, capabilities_of_the_others, connections, places]
