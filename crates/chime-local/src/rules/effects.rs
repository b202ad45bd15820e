//! Every rule of meetings, media pipelines and events changes what an emulator does that starts with a
//! document of rules.

use std::collections::BTreeSet;

use chime_model::meetings::*;
use chime_model::{Operation, ServiceError, media_pipelines as pipelines};
use serde_json::{Value, json};

use super::*;
use crate::pipelines::tests::concatenate;
use crate::testing::{Bench, REGION, pass};
use crate::{AttendeeAction, Config};

/// Does something and says what happened.
type Probe = fn(&Bench) -> String;

/// Rules, each with another value than the default, and what a probe says with the default and with
/// that value.
fn effects() -> Vec<(&'static str, Value, Probe, &'static str, &'static str)> {
    let bad = "BadRequestException";
    vec![
        ("ConstraintErrorName", json!("ValidationException"), broken, bad, "ValidationException"),
        ("TokenMismatch", json!("Conflict"), other_parameters, "first", "ConflictException"),
        ("EndedMeetingFreesToken", json!(false), token_of_ended, "new", "ended"),
        ("ExternalUserIdIsIdempotent", json!(false), same_user, "first", "second"),
        ("AttendeesPerCreateMeeting", json!(10), eleven_attendees, "ok", bad),
        ("PipelinesKeepMeetingsAlive", json!(false), captured_meeting, "alive", "ended"),
        ("AuthorizedOnEveryJoin", json!(false), first_join, "authorized", "joined"),
        ("StoppedPipelinesAreListed", json!(true), stopped_pipelines, "0", "1"),
        ("MediaDomain", json!("media.test"), media_host, "chime.test", "media.test"),
        (
            "StopNeedsTranscription",
            json!(true),
            stop_of_nothing,
            "ok",
            "UnprocessableEntityException",
        ),
        ("ReplicaCapabilities", json!(false), listener_of_replica, "ok", bad),
        ("StrictControlRegions", json!(true), other_region, "ok", "SignatureDoesNotMatch"),
        ("MeetingIdleSeconds", json!(9), meeting_after_ten, "alive", "ended"),
        ("MeetingMaxSeconds", json!(9), used_after_ten, "alive", "ended"),
        ("MeetingsPerAccount", json!(1), second_meeting, "ok", "LimitExceededException"),
        ("AttendeesPerMeeting", json!(1), second_attendee, "ok", "LimitExceededException"),
        ("ReplicasPerMeeting", json!(0), replica, "ok", "LimitExceededException"),
        ("AttendeePageSize", json!(1), page_of_two, "2", "1"),
        ("ActivePipelines", json!(0), capture, "ok", "ResourceLimitExceededException"),
        ("TranscriptionRole", json!(false), transcription, "Started", "Failed"),
        ("TranscriptionStartSeconds", json!(9), transcription, "Started", "nothing"),
        ("VoiceAnalytics", json!(false), search, "NotFoundException", "ThrottledClientException"),
        ("ForbiddenBuckets", json!(["bucket"]), capture, "ok", "ForbiddenException"),
        ("MediaRegions", json!(["eu-west-2"]), meeting_in_us, "ok", bad),
        (
            "PipelineStartSeconds",
            json!(9),
            |it| capture_after(it, &[5]),
            "InProgress",
            "Initializing",
        ),
        ("PipelineStopSeconds", json!(9), |it| capture_after(it, &[2, 5]), "Stopped", "Stopping"),
        ("ConcatenationSeconds", json!(0), concatenation, "InProgress", "Stopped"),
        ("PoolSeconds", json!(9), pool, "ACTIVE", "CREATING"),
        ("EventReorder", json!(5), order, "in order", "reordered"),
        ("EventLoss", json!(1.0), events, "5", "0"),
        ("EventDuplicates", json!(1.0), events, "5", "10"),
    ]
}

#[test]
fn every_rule_changes_the_behaviour() {
    for (rule, value, probe, default, changed) in effects() {
        let said = |rules: &str| {
            let rules = Rules::parse(rules).unwrap();
            probe(&Bench::new(Config { rules, ..Config::default() }))
        };
        assert_eq!(said("{}"), default, "{rule} by default");
        assert_eq!(said(&json!({rule: value}).to_string()), changed, "{rule}: {value}");
    }
    let of_chime = names(&ChimeRules::default());
    let mut others = &names(&Rules::default()) - &of_chime;
    // The files that it writes are tested with the clock of pipelines.
    others.remove("ArtifactDirectory");
    let tested: BTreeSet<_> = effects().iter().map(|(rule, ..)| (*rule).to_owned()).collect();
    assert_eq!(&others - &tested, BTreeSet::new(), "rules without a row in `effects`");
    assert_eq!(&tested - &others, BTreeSet::new(), "rows of `effects` without a rule");
}

fn names(rules: &impl Serialize) -> BTreeSet<String> {
    let rules = serde_json::to_value(rules).unwrap();
    rules.as_object().unwrap().keys().cloned().collect()
}

/// Calls an operation, and says `ok` or the exception.
fn outcome<O: Operation>(bench: &Bench, request: &O) -> String {
    exception_or(bench.call(request), "ok")
}

fn exception_or<T>(result: Result<T, ServiceError>, success: &str) -> String {
    result.map_or_else(|error| error.exception.to_string(), |_| success.to_owned())
}

fn one_of(is_first: bool, [first, second]: [&str; 2]) -> String {
    if is_first { first } else { second }.to_owned()
}

fn asked(token: &str) -> CreateMeetingRequest {
    CreateMeetingRequest::new("us-east-1", "standup").client_request_token(token)
}

fn meeting(bench: &Bench, token: &str) -> MeetingId {
    bench.call(&asked(token)).unwrap().meeting.unwrap().meeting_id.unwrap()
}

fn alive(bench: &Bench, id: &MeetingId) -> String {
    one_of(bench.call(&GetMeetingRequest::new(id)).is_ok(), ["alive", "ended"])
}

fn user(bench: &Bench, meeting: &MeetingId, user: &str) -> AttendeeId {
    let created = bench.call(&CreateAttendeeRequest::new(meeting, user)).unwrap();
    created.attendee.unwrap().attendee_id.unwrap()
}

/// A meeting in which ana is.
fn joined(bench: &Bench) -> (MeetingId, AttendeeId) {
    let id = meeting(bench, "token");
    let ana = user(bench, &id, "ana");
    bench.chime.act_as_attendee(id.as_str(), ana.as_str(), AttendeeAction::Join).unwrap();
    (id, ana)
}

fn broken(bench: &Bench) -> String {
    outcome(bench, &CreateMeetingRequest::new("x", "standup").client_request_token("token"))
}

fn other_parameters(bench: &Bench) -> String {
    meeting(bench, "token");
    let other = CreateMeetingRequest::new("us-east-1", "other").client_request_token("token");
    exception_or(bench.call(&other), "first")
}

fn token_of_ended(bench: &Bench) -> String {
    let first = meeting(bench, "token");
    bench.call(&DeleteMeetingRequest::new(&first)).unwrap();
    one_of(meeting(bench, "token") == first, ["ended", "new"])
}

fn same_user(bench: &Bench) -> String {
    let id = meeting(bench, "token");
    one_of(user(bench, &id, "ana") == user(bench, &id, "ana"), ["first", "second"])
}

fn eleven_attendees(bench: &Bench) -> String {
    let attendees = (0..11).map(|i| CreateAttendeeRequestItem::new(format!("user-{i}")));
    let request = CreateMeetingWithAttendeesRequest::new("us-east-1", "standup", attendees);
    outcome(bench, &request.client_request_token("token"))
}

fn captured_meeting(bench: &Bench) -> String {
    let (id, _) = captured(bench);
    pass(bench, 400);
    alive(bench, &id)
}

fn first_join(bench: &Bench) -> String {
    joined(bench);
    let is_told = bench.events().contains(&"AttendeeAuthorized".to_owned());
    one_of(is_told, ["authorized", "joined"])
}

fn media_host(bench: &Bench) -> String {
    let made = bench.call(&asked("token")).unwrap().meeting.unwrap();
    let url = made.media_placement.unwrap().signaling_url.unwrap();
    let host = url.split('/').nth(2).unwrap();
    host.split_once(".app.").unwrap().1.to_owned()
}

fn stop_of_nothing(bench: &Bench) -> String {
    outcome(bench, &StopMeetingTranscriptionRequest::new(meeting(bench, "token")))
}

fn asked_replica(bench: &Bench) -> CreateMeetingRequest {
    asked("replica").primary_meeting_id(meeting(bench, "token"))
}

fn listener_of_replica(bench: &Bench) -> String {
    let made = bench.call(&asked_replica(bench)).unwrap().meeting.unwrap();
    let request = CreateAttendeeRequest::new(made.meeting_id.unwrap(), "ana");
    let listens = AttendeeCapabilities::new("Receive", "Receive", "Receive");
    outcome(bench, &request.capabilities(listens))
}

fn other_region(bench: &Bench) -> String {
    let list = pipelines::ListMediaPipelinesRequest::new();
    exception_or(bench.call_in("af-south-1", &list), "ok")
}

fn meeting_after_ten(bench: &Bench) -> String {
    let id = meeting(bench, "token");
    pass(bench, 10);
    alive(bench, &id)
}

fn used_after_ten(bench: &Bench) -> String {
    let (id, _) = joined(bench);
    pass(bench, 10);
    alive(bench, &id)
}

fn second_meeting(bench: &Bench) -> String {
    meeting(bench, "token");
    outcome(bench, &asked("other"))
}

fn second_attendee(bench: &Bench) -> String {
    let (id, _) = joined(bench);
    outcome(bench, &CreateAttendeeRequest::new(id, "bo"))
}

fn replica(bench: &Bench) -> String {
    outcome(bench, &asked_replica(bench))
}

fn page_of_two(bench: &Bench) -> String {
    let (id, _) = joined(bench);
    user(bench, &id, "bo");
    let page = bench.call(&ListAttendeesRequest::new(id)).unwrap();
    page.attendees.unwrap().len().to_string()
}

fn transcription(bench: &Bench) -> String {
    let settings = EngineTranscribeSettings::default().language_code("en-US");
    let configuration = TranscriptionConfiguration::default().engine_transcribe_settings(settings);
    let id = meeting(bench, "token");
    bench.call(&StartMeetingTranscriptionRequest::new(id, configuration)).unwrap();
    pass(bench, 1);
    let last = bench.events().pop().unwrap();
    last.strip_prefix("Transcription").unwrap_or("nothing").to_owned()
}

fn meeting_in_us(bench: &Bench) -> String {
    outcome(bench, &asked("token"))
}

fn capturing(meeting: &MeetingId) -> pipelines::CreateMediaCapturePipelineRequest {
    let source = format!("arn:aws:chime::111122223333:meeting:{meeting}");
    pipelines::CreateMediaCapturePipelineRequest::new(
        "ChimeSdkMeeting",
        source,
        "S3Bucket",
        "arn:aws:s3:::bucket",
    )
}

fn capture(bench: &Bench) -> String {
    outcome(bench, &capturing(&meeting(bench, "token")))
}

fn captured(bench: &Bench) -> (MeetingId, pipelines::MediaPipelineId) {
    let id = meeting(bench, "token");
    let made = bench.call(&capturing(&id)).unwrap().media_capture_pipeline.unwrap();
    (id, made.media_pipeline_id.unwrap())
}

/// The status of a pipeline of any kind.
fn status(bench: &Bench, id: &pipelines::MediaPipelineId) -> String {
    let shown = bench.call(&pipelines::GetMediaPipelineRequest::new(id)).unwrap();
    let shown = serde_json::to_value(shown.media_pipeline).unwrap();
    let kind = shown.as_object().unwrap().values().next().unwrap();
    kind["Status"].as_str().unwrap().to_owned()
}

/// The status of a capture pipeline after some seconds. Between two waits, it is deleted.
fn capture_after(bench: &Bench, waits: &[i64]) -> String {
    let (_, id) = captured(bench);
    for (i, seconds) in waits.iter().enumerate() {
        if i > 0 {
            bench.call(&pipelines::DeleteMediaPipelineRequest::new(&id)).unwrap();
        }
        pass(bench, *seconds);
    }
    status(bench, &id)
}

fn stopped_pipelines(bench: &Bench) -> String {
    capture_after(bench, &[2, 2]);
    let page = bench.call(&pipelines::ListMediaPipelinesRequest::new()).unwrap();
    page.media_pipelines.unwrap().len().to_string()
}

fn concatenation(bench: &Bench) -> String {
    let (_, capture) = captured(bench);
    let id = concatenate(bench, &capture);
    bench.call(&pipelines::DeleteMediaPipelineRequest::new(&capture)).unwrap();
    pass(bench, 3);
    status(bench, &id)
}

fn search(bench: &Bench) -> String {
    let domain = "arn:aws:chime:us-east-1:111122223333:voice-profile-domain/d";
    let id = "3f9c2a71-84d5-4e0b-9c36-7a1e5b082713";
    outcome(bench, &pipelines::StartSpeakerSearchTaskRequest::new(id, domain))
}

fn pool(bench: &Bench) -> String {
    let streams = pipelines::KinesisVideoStreamConfiguration::new(REGION);
    bench
        .call(&pipelines::CreateMediaPipelineKinesisVideoStreamPoolRequest::new(streams, "Audio"))
        .unwrap();
    pass(bench, 6);
    let get = pipelines::GetMediaPipelineKinesisVideoStreamPoolRequest::new("Audio");
    let pool = bench.call(&get).unwrap().kinesis_video_stream_pool_configuration.unwrap();
    pool.pool_status.unwrap().as_str().to_owned()
}

/// The types of the deliveries of five events.
fn five_events(bench: &Bench) -> Vec<String> {
    let (id, ana) = joined(bench);
    bench.chime.act_as_attendee(id.as_str(), ana.as_str(), AttendeeAction::Leave).unwrap();
    bench.events()
}

fn events(bench: &Bench) -> String {
    five_events(bench).len().to_string()
}

fn order(bench: &Bench) -> String {
    let events = five_events(bench);
    let attendee = ["Added", "Authorized", "Joined", "Left"].map(|it| format!("Attendee{it}"));
    let is_ordered = events[0] == "MeetingStarted" && events[1..] == attendee;
    one_of(is_ordered, ["in order", "reordered"])
}
