//! Tests of meetings in seeds.

use serde_json::{Value, json};

use super::*;
use crate::engine::seeding::TWICE;
use crate::{AttendeeAction as Do, LocalChime, Seed};

/// A standup with one of two attendees connected, and a webinar with a replica.
fn sample() -> Value {
    json!({"AwsAccounts": [{"AwsAccountId": "111122223333", "Sdk": [{
    "ControlRegion": "us-east-1",
    "Meetings": [
        {"MeetingId": "3f9c2a71-84d5-4e0b-9c36-7a1e5b082713", "ClientRequestToken": "standup-1",
         "ExternalMeetingId": "standup", "MediaRegion": "us-east-1",
         "NotificationsConfiguration": {"SqsQueueArn": "arn:aws:sqs:us-east-1:111122223333:q"},
         "Tags": [{"Key": "team", "Value": "core"}],
         "Attendees": [
            {"AttendeeId": "5b0e7d92-c3f1-a846-2d75-9e14b6f8a037", "ExternalUserId": "ana",
             "Connected": true, "JoinToken": "an-own-token"},
            {"AttendeeId": "e82d41c6-07fa-3b95-d1c8-46a0f35e7b29", "ExternalUserId": "bo",
             "Capabilities": {"Audio": "Receive", "Content": "None", "Video": "Receive"}}]},
        {"MeetingId": "a7d04e16-2b9f-4c58-b1e3-50c6f98d2713", "ExternalMeetingId": "webinar",
         "MeetingFeatures": {"Attendee": {"MaxCount": 25}, "Video": {"MaxResolution": "FHD"}}},
        {"MeetingId": "c51be8f3-690a-4d27-8f74-e2a93d162713", "ExternalMeetingId": "webinar-eu",
         "MediaRegion": "eu-west-1", "PrimaryMeetingId": "a7d04e16-2b9f-4c58-b1e3-50c6f98d2713"}
    ]}]}]})
}

fn seeded() -> Bench {
    Bench::seeded(&sample())
}

#[test]
fn a_seeded_meeting_works_like_a_created_one() {
    let bench = seeded();
    let standup = MeetingId::from("3f9c2a71-84d5-4e0b-9c36-7a1e5b082713");
    let request = CreateMeetingRequest::new("us-east-1", "other").client_request_token("standup-1");
    assert_eq!(created(&bench, &request).meeting_id.as_ref(), Some(&standup));
    let ana = AttendeeId::from("5b0e7d92-c3f1-a846-2d75-9e14b6f8a037");
    let shown = bench.call(&GetAttendeeRequest::new(&standup, &ana)).unwrap().attendee.unwrap();
    assert_eq!(shown.join_token.unwrap().expose(), "an-own-token");
    pass(&bench, 1_000);
    assert!(is_active(&bench, &standup));
    assert!(!is_active(&bench, &"a7d04e16-2b9f-4c58-b1e3-50c6f98d2713".into()));
    assert!(!is_active(&bench, &"c51be8f3-690a-4d27-8f74-e2a93d162713".into()));
    bench.chime.act_as_attendee(standup.as_str(), ana.as_str(), Do::Leave).unwrap();
    assert_eq!(bench.events(), ["MeetingEnded", "MeetingEnded", "AttendeeLeft", "AttendeeLeft"]);
}

#[test]
fn the_rules_apply_to_seeds_as_to_calls() {
    let meetings = MeetingRules {
        media_domain: "media.test".into(),
        pipelines_keep_meetings_alive: false,
        ..MeetingRules::default()
    };
    let mut seed = sample();
    let region = &mut seed["AwsAccounts"][0]["Sdk"][0];
    region["Meetings"][0]["Attendees"][0]["Connected"] = false.into();
    region["Pipelines"] = json!([{"MediaPipeline": {"MediaCapturePipeline": {
        "SourceArn": "arn:aws:chime:us-east-1:111122223333:meeting/\
                      3f9c2a71-84d5-4e0b-9c36-7a1e5b082713",
        "SinkArn": "arn:aws:s3:::recordings"}}}]);
    let seed = Seed::parse(&seed.to_string()).unwrap();
    let rules = crate::Rules { meetings, ..Default::default() };
    let at_start =
        Bench::new(Config { seed: seed.clone(), rules: rules.clone(), ..Config::default() });
    let later = Bench::new(Config { rules, ..Config::default() });
    later.chime.seed(seed).unwrap();
    for bench in [at_start, later] {
        let standup = MeetingId::from("3f9c2a71-84d5-4e0b-9c36-7a1e5b082713");
        let shown = bench.call(&GetMeetingRequest::new(&standup)).unwrap().meeting.unwrap();
        let turn = shown.media_placement.unwrap().turn_control_url.unwrap();
        assert!(turn.contains(".meetings.media.test/"), "{turn}");
        let attendees = bench.call(&ListAttendeesRequest::new(&standup)).unwrap().attendees;
        assert_eq!(attendees.unwrap().len(), 3);
        pass(&bench, 301);
        assert!(!is_active(&bench, &standup));
    }
}

#[test]
fn an_export_restores_the_state() {
    let bench = seeded();
    let start = StartMeetingTranscriptionRequest::new(
        "3f9c2a71-84d5-4e0b-9c36-7a1e5b082713",
        TranscriptionConfiguration::default()
            .engine_transcribe_settings(EngineTranscribeSettings::default().language_code("en-US")),
    );
    bench.call(&start).unwrap();
    bench.call_in("eu-central-1", &asked("token")).unwrap();
    let export = bench.export();
    assert_eq!(bench.copy().export(), export);
    assert_eq!(export["AwsAccounts"][0]["Sdk"].as_array().unwrap().len(), 2);
}

#[test]
fn a_replaced_primary_meeting_keeps_its_replicas() {
    let bench = seeded();
    let mut seed = sample();
    let meetings = &mut seed["AwsAccounts"][0]["Sdk"][0]["Meetings"];
    *meetings = json!([meetings[1]]);
    bench.chime.seed(Seed::parse(&seed.to_string()).unwrap()).unwrap();
    // The replica now stands before its primary meeting.
    assert_eq!(bench.copy().export(), bench.export());
}

#[test]
fn a_replica_may_be_in_another_seed_than_its_primary_meeting() {
    let with = |kept: usize| {
        let mut seed = sample();
        let meetings = &mut seed["AwsAccounts"][0]["Sdk"][0]["Meetings"];
        *meetings = json!([meetings[kept]]);
        Seed::parse(&seed.to_string()).unwrap()
    };
    let (primary, replica) = (with(1), with(2));
    let alone = LocalChime::new(Config { seed: replica.clone(), ..Config::default() });
    let problem = alone.unwrap_err().to_string();
    assert!(problem.contains("PrimaryMeetingId: must be a primary meeting"), "{problem}");
    let bench = Bench::new(Config { seed: primary.clone(), ..Config::default() });
    bench.chime.seed(replica.clone()).unwrap();
    // In seeds that are merged, the order does not matter.
    let mut both = replica;
    both.merge(primary).unwrap();
    assert_eq!(LocalChime::new(Config { seed: both, ..Config::default() }).err(), None);
}

#[test]
fn a_meeting_with_replicas_stays_their_primary_meeting() {
    let bench = seeded();
    let refused = |change: fn(&mut Value)| {
        let mut seed = sample();
        let region = &mut seed["AwsAccounts"][0]["Sdk"][0];
        region["Meetings"] = json!([region["Meetings"][0], region["Meetings"][1]]);
        change(region);
        bench.chime.seed(Seed::parse(&seed.to_string()).unwrap()).unwrap_err().to_string()
    };
    let elsewhere = refused(|region| region["ControlRegion"] = "eu-central-1".into());
    let nested = refused(|region| {
        let primary = region["Meetings"][0]["MeetingId"].clone();
        region["Meetings"][1]["PrimaryMeetingId"] = primary;
    });
    for problem in [elsewhere, nested] {
        assert!(problem.contains("Meetings[1]: has replicas"), "{problem}");
    }
}

#[test]
fn seeded_transcription_starts_at_once_unless_the_seed_has_a_time() {
    let mut seed = sample();
    let settings = json!({"EngineTranscribeSettings": {"LanguageCode": "en-US"}});
    seed["AwsAccounts"][0]["Sdk"][0]["Meetings"][1]["Transcription"] =
        json!({"Configuration": settings, "Region": "us-east-1", "State": "Starting"});
    let bench = Bench::seeded(&seed);
    pass(&bench, 1);
    assert_eq!(bench.events(), ["TranscriptionStarted"]);
}

#[test]
fn problems_are_reported_with_their_paths() {
    let problems = |change: fn(&mut Value)| {
        let mut seed = sample();
        change(&mut seed["AwsAccounts"][0]["Sdk"][0]["Meetings"]);
        Seed::parse(&seed.to_string()).unwrap_err().to_string()
    };
    let path = "AwsAccounts[0].Sdk[0].Meetings";
    assert_eq!(
        problems(|meetings| meetings[1]["MeetingId"] = meetings[0]["MeetingId"].clone()),
        format!("{path}[1].MeetingId: {TWICE}")
    );
    let own =
        problems(|meetings| meetings[1]["PrimaryMeetingId"] = meetings[1]["MeetingId"].clone());
    let primary =
        |i| format!("{path}[{i}].PrimaryMeetingId: must be a primary meeting of the region");
    let has_replicas =
        format!("{path}[1]: has replicas, so it must be a primary meeting of their region");
    assert_eq!(own, [primary(1), has_replicas, primary(2)].join("; "));
    assert_eq!(
        problems(|meetings| meetings[1]["ClientRequestToken"] = "standup-1".into()),
        format!("{path}[1].ClientRequestToken: must be unique among the meetings of the region")
    );
    assert_eq!(
        problems(|meetings| {
            let first = meetings[0]["Attendees"][0].clone();
            meetings[0]["Attendees"][1]["AttendeeId"] = first["AttendeeId"].clone();
        }),
        format!("{path}[0].Attendees[1].AttendeeId: {TWICE}")
    );
    assert!(
        problems(|meetings| meetings[0]["Hosts"] = json!([])).contains(&format!("{path}[0].Hosts"))
    );
}
