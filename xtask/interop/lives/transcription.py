"""Live transcription of SDK meetings, which starts or fails some time after the request."""

import json

from checks import Wrong, equal, subset, true
from lives.meetings import caller, create, details, end, kinds, of
from world import World

ENGLISH = {"EngineTranscribeSettings": {"LanguageCode": "en-US"}}


def transcribe(**settings: object) -> dict:
    """A configuration of Amazon Transcribe."""
    return {"TranscriptionConfiguration": {"EngineTranscribeSettings": settings}}


def life(world: World) -> None:
    """Transcription is started, restarted, interrupted and stopped."""
    ops = caller(world)
    meeting = create(ops)
    details(world)
    # Stopping is no error if no transcription runs.
    ops.stop_meeting_transcription(**of(meeting))
    ops.start_meeting_transcription(**of(meeting), TranscriptionConfiguration=ENGLISH)
    equal(kinds(world), [])
    world.control.advance(1)
    [told] = details(world)
    subset(told, eventType="chime:TranscriptionStarted", transcriptionRegion="eu-central-1",
           meetingId=meeting["MeetingId"], externalMeetingId="standup")
    equal(json.loads(told["transcriptionConfiguration"]), ENGLISH)

    german = transcribe(LanguageCode="de-DE", Region="eu-west-1")
    ops.start_meeting_transcription(**of(meeting), **german)
    world.control.advance(1)
    [told] = details(world)
    subset(told, eventType="chime:TranscriptionStarted", transcriptionRegion="eu-west-1")
    equal(json.loads(told["transcriptionConfiguration"]), german["TranscriptionConfiguration"])

    verb = f"meetings/{meeting['MeetingId']}/transcription"
    try:
        world.control.ask("POST", f"{verb}/resume")
    except Wrong as error:
        true("409" in str(error), f"it cannot resume without an interruption: {error}")
    world.control.ask("POST", f"{verb}/interrupt", {"Message": "a hiccup"})
    [told] = details(world)
    subset(told, eventType="chime:TranscriptionInterrupted", message="a hiccup")
    world.control.ask("POST", f"{verb}/resume")
    equal(kinds(world), ["TranscriptionResumed"])
    ops.stop_meeting_transcription(**of(meeting))
    equal(kinds(world), ["TranscriptionStopped"])
    ops.stop_meeting_transcription(**of(meeting))
    equal(kinds(world), [])

    ops.start_meeting_transcription(**of(meeting), TranscriptionConfiguration=ENGLISH)
    world.control.advance(1)
    world.control.ask("POST", f"{verb}/fail", {"Message": "the end"})
    equal(kinds(world), ["TranscriptionStarted", "TranscriptionFailed"])
    # Transcription stops with the meeting.
    ops.start_meeting_transcription(**of(meeting), TranscriptionConfiguration=ENGLISH)
    world.control.advance(1)
    end(ops, meeting)
    equal(kinds(world), ["TranscriptionStarted", "TranscriptionStopped", "MeetingEnded"])


def engines(world: World) -> None:
    """A configuration has exactly one engine, with values that the engine supports."""
    ops, free = caller(world), caller(world, parameter_validation=False)
    meeting = create(ops)
    wrong = free.fails("BadRequestException")
    medical = {"EngineTranscribeMedicalSettings": {
        "LanguageCode": "en-US", "Specialty": "PRIMARYCARE", "Type": "CONVERSATION"}}
    for configuration in (
        {},
        {**ENGLISH, **medical},
        {"EngineTranscribeSettings": {"LanguageCode": "xx-XX"}},
        {"EngineTranscribeSettings": {"LanguageCode": "en-US", "Region": "mars-north-1"}},
        {"EngineTranscribeMedicalSettings": {"LanguageCode": "en-US"}},
        {"EngineTranscribeMedicalSettings": {
            "LanguageCode": "de-DE", "Specialty": "PRIMARYCARE", "Type": "CONVERSATION"}},
    ):
        wrong.start_meeting_transcription(
            **of(meeting), TranscriptionConfiguration=configuration)
    wrong.start_meeting_transcription(**of(meeting))
    ops.start_meeting_transcription(**of(meeting), TranscriptionConfiguration=medical)
    details(world)
    world.control.advance(1)
    [told] = details(world)
    equal(json.loads(told["transcriptionConfiguration"]), medical)
    end(ops, meeting)


def combinations(world: World) -> None:
    """Settings that Amazon Transcribe would refuse are accepted, and fail later."""
    ops = caller(world)
    meeting = create(ops)
    details(world)
    for settings in (
        {},
        {"LanguageCode": "en-US", "IdentifyLanguage": True},
        {"LanguageCode": "en-US", "ContentIdentificationType": "PII",
         "ContentRedactionType": "PII"},
        {"LanguageCode": "en-US", "PiiEntityTypes": "NAME"},
        {"LanguageCode": "en-US", "LanguageOptions": "en-US,de-DE"},
        {"IdentifyLanguage": True, "LanguageOptions": "en-US"},
        {"IdentifyLanguage": True, "PreferredLanguage": "en-US"},
        {"IdentifyLanguage": True, "LanguageOptions": "en-US,de-DE", "LanguageModelName": "mine"},
        {"IdentifyLanguage": True, "LanguageOptions": "en-US,de-DE",
         "ContentRedactionType": "PII"},
    ):
        ops.start_meeting_transcription(**of(meeting), **transcribe(**settings))
        equal(kinds(world), [])
        world.control.advance(1)
        [told] = details(world)
        equal(told["eventType"], "chime:TranscriptionFailed", f"the event of {settings}")
        true(told["message"].startswith("BadRequestException: "), told["message"])
    for settings in (
        {"IdentifyLanguage": True, "LanguageOptions": "en-US,de-DE", "PreferredLanguage": "de-DE"},
        {"LanguageCode": "en-US", "ContentRedactionType": "PII", "PiiEntityTypes": "NAME,PIN"},
    ):
        ops.start_meeting_transcription(**of(meeting), **transcribe(**settings))
        world.control.advance(1)
        equal(kinds(world), ["TranscriptionStarted"], f"the event of {settings}")
    end(ops, meeting)


def regions(world: World) -> None:
    """Transcription runs in the media region, or in the requested region."""
    ops = caller(world)
    for media, region, expected in (
        ("eu-central-1", None, "eu-central-1"),
        ("us-west-1", "auto", "us-west-2"),
        ("af-south-1", "auto", "eu-west-2"),
        ("eu-north-1", "auto", "eu-central-1"),
        ("ap-southeast-1", "auto", "ap-northeast-1"),
        ("eu-central-1", "us-east-1", "us-east-1"),
    ):
        meeting = create(ops, MediaRegion=media)
        asked = {"LanguageCode": "en-US"} | ({"Region": region} if region else {})
        details(world)
        ops.start_meeting_transcription(**of(meeting), **transcribe(**asked))
        world.control.advance(1)
        [told] = details(world)
        subset(told, eventType="chime:TranscriptionStarted", transcriptionRegion=expected)
        end(ops, meeting)
    meeting = create(ops, MediaRegion="us-west-1")
    details(world)
    ops.start_meeting_transcription(**of(meeting), TranscriptionConfiguration=ENGLISH)
    world.control.advance(1)
    equal(kinds(world), ["TranscriptionFailed"])
    end(ops, meeting)


def replicas(world: World) -> None:
    """A replica has the transcription of its primary meeting."""
    ops = caller(world)
    primary = create(ops)
    replica = create(ops, PrimaryMeetingId=primary["MeetingId"])
    refused = ops.fails("UnprocessableEntityException")
    refused.start_meeting_transcription(**of(replica), TranscriptionConfiguration=ENGLISH)
    end(ops, primary)


LIVES = [life, engines, combinations, regions, replicas]
