//! Tests of creating, showing and ending meetings, and of their tags.

use std::collections::BTreeSet;

use chime_model::Operation;
use serde_json::{Value, json};

use super::*;
use crate::meetings::rules::TokenMismatch;

#[test]
fn a_meeting_is_created_shown_and_ended() {
    let bench = bench();
    let meeting = created(&bench, &asked("token"));
    let id = meeting.meeting_id.clone().unwrap();
    assert!(id.as_str().ends_with("2713"), "{id}");
    let arn = format!("arn:aws:chime:us-east-1:111122223333:meeting/{id}");
    assert_eq!(meeting.meeting_arn.as_ref().unwrap().as_str(), arn);
    assert_eq!(meeting.tenant_ids, Some(Vec::new()));
    let shown = bench.call(&GetMeetingRequest::new(&id)).unwrap().meeting.unwrap();
    assert_eq!(shown, meeting);
    bench.call(&DeleteMeetingRequest::new(&id)).unwrap();
    let expected = ("NotFoundException".to_owned(), format!("Meeting <{id}> not found"));
    assert_eq!(explained(bench.call(&GetMeetingRequest::new(&id))), expected);
    assert_eq!(explained(bench.call(&DeleteMeetingRequest::new(&id))), expected);
    assert_eq!(bench.events(), ["MeetingStarted", "MeetingEnded"]);
}

#[test]
fn unset_members_are_null_on_the_wire() {
    let bench = bench();
    let id = meeting(&bench);
    let shown = bench.send("GET", &format!("/chime-sdk-meetings/meetings/{id}"), "");
    let text = std::str::from_utf8(shown.0.body()).unwrap().to_owned();
    for part in [r#""MeetingHostId":null"#, r#""PrimaryMeetingId":null"#, r#""TenantIds":[]"#] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_token_returns_its_meeting_until_the_meeting_ends() {
    let bench = bench();
    let first = created(&bench, &asked("token"));
    let other = CreateMeetingRequest::new("eu-west-1", "other").client_request_token("token");
    assert_eq!(created(&bench, &other), first);
    let both = CreateMeetingWithAttendeesRequest::new(
        "us-east-1",
        "standup",
        [CreateAttendeeRequestItem::new("ana")],
    )
    .client_request_token("token");
    let again = bench.call(&both).unwrap();
    assert_eq!(again.meeting.as_ref(), Some(&first));
    assert_eq!(bench.call(&both).unwrap().attendees, again.attendees);
    assert_eq!(bench.events(), ["MeetingStarted", "AttendeeAdded"]);
    // Tokens are separate in each region.
    let abroad = bench.call_in("eu-central-1", &asked("token")).unwrap().meeting.unwrap();
    assert_ne!(abroad.meeting_id, first.meeting_id);
    bench.call(&DeleteMeetingRequest::new(first.meeting_id.as_ref().unwrap())).unwrap();
    assert_ne!(created(&bench, &asked("token")).meeting_id, first.meeting_id);
}

#[test]
fn rules_decide_what_a_known_token_does() {
    let strict =
        with_rules(MeetingRules { token_mismatch: TokenMismatch::Conflict, ..Default::default() });
    let first = created(&strict, &asked("token"));
    assert_eq!(created(&strict, &asked("token")), first);
    let other = CreateMeetingRequest::new("eu-west-1", "other").client_request_token("token");
    assert_eq!(exception(strict.call(&other)), "ConflictException");

    let keeping =
        with_rules(MeetingRules { ended_meeting_frees_token: false, ..Default::default() });
    let first = created(&keeping, &asked("token"));
    let id = first.meeting_id.clone().unwrap();
    keeping.call(&DeleteMeetingRequest::new(&id)).unwrap();
    assert_eq!(created(&keeping, &asked("token")), first);
    let ana = [CreateAttendeeRequestItem::new("ana")];
    let both = CreateMeetingWithAttendeesRequest::new("us-east-1", "standup", ana);
    let again = keeping.call(&both.client_request_token("token")).unwrap();
    assert_eq!((again.meeting, again.attendees), (Some(first.clone()), Some(Vec::new())));
    assert!(!is_active(&keeping, &id));
    // Tokens are not kept for ever.
    pass(&keeping, 2 * 86_400 - 1);
    assert_eq!(created(&keeping, &asked("token")), first);
    keeping.chime.take_snapshot("known").unwrap();
    pass(&keeping, 1);
    assert_ne!(created(&keeping, &asked("token")), first);
    let other = created(&keeping, &asked("other")).meeting_id.unwrap();
    keeping.call(&DeleteMeetingRequest::new(&other)).unwrap();
    assert_eq!(keeping.chime.engine().store().state.world.meetings.spent_tokens.len(), 1);
    keeping.chime.restore_snapshot("known").unwrap();
    // The same state under the default rules.
    let freeing = bench();
    std::mem::swap(
        &mut freeing.chime.engine().store().state,
        &mut keeping.chime.engine().store().state,
    );
    assert_ne!(created(&freeing, &asked("token")), first);
}

#[test]
fn both_creations_take_the_same_members() {
    let bench =
        with_rules(MeetingRules { token_mismatch: TokenMismatch::Conflict, ..Default::default() });
    let primary = meeting(&bench);
    let mut all = json!({
        "ClientRequestToken": "all", "MediaRegion": "eu-west-1", "ExternalMeetingId": "all",
        "MeetingHostId": "ana", "TenantIds": ["lakeside"], "PrimaryMeetingId": primary,
        "MeetingFeatures": {"Audio": {"EchoReduction": "AVAILABLE"}},
        "NotificationsConfiguration": {"SqsQueueArn": "arn:aws:sqs:us-east-1:111122223333:q"},
        "Tags": [{"Key": "team", "Value": "core"}], "MediaPlacementNetworkType": "DualStack",
    });
    let given: BTreeSet<&str> = all.as_object().unwrap().keys().map(String::as_str).collect();
    let members = CreateMeetingRequest::INFO.input.members.iter().map(|member| member.name);
    assert_eq!(given, members.collect());
    let create = |target: &str, body: &Value| {
        bench.send("POST", &format!("/chime-sdk-meetings{target}"), &body.to_string()).json()
    };
    let first = create("/meetings", &all);
    assert_eq!(first["Meeting"]["PrimaryMeetingId"], primary.as_str());
    all["Attendees"] = json!([{"ExternalUserId": "bo"}]);
    let again = create("/meetings?operation=create-attendees", &all);
    assert_eq!(again["Meeting"], first["Meeting"]);
    assert_eq!(again["Attendees"][0]["ExternalUserId"], "bo");
}

#[test]
fn broken_constraints_are_reported_in_the_words_of_aws() {
    let bench = bench();
    let body = r#"{"ClientRequestToken":"x","MediaRegion":"us-east-1"}"#;
    let answer = bench.send("POST", "/chime-sdk-meetings/meetings", body);
    assert_eq!(answer.exception(), "BadRequestException");
    assert_eq!(
        answer.json()["Message"],
        "2 validation errors detected: Value at 'clientRequestToken' failed to satisfy constraint: \
         Member must have length greater than or equal to 2; Value at 'externalMeetingId' failed to \
         satisfy constraint: Member must not be null"
    );
    let without = r#"{"MediaRegion":"us-east-1","ExternalMeetingId":"standup"}"#;
    let answer = bench.send("POST", "/chime-sdk-meetings/meetings", without);
    assert!(answer.json()["Message"].as_str().unwrap().contains("'clientRequestToken'"));

    let name = "ValidationException".to_owned();
    let other = with_rules(MeetingRules { constraint_error_name: name, ..Default::default() });
    let answer = other.send("POST", "/chime-sdk-meetings/meetings", body);
    assert_eq!((answer.status(), answer.exception()), (400, "ValidationException"));
}

#[test]
fn invalid_values_are_refused() {
    let bench = bench();
    let request = |media: &str, external: &str| {
        CreateMeetingRequest::new(media, external).client_request_token("token")
    };
    let features = |resolution: &str, most: Option<i32>| {
        let video = VideoFeatures::default().max_resolution(resolution);
        let attendee = most.map(|most| AttendeeFeatures::default().max_count(most));
        asked("token").meeting_features(
            MeetingFeaturesConfiguration::default().video(video).set_attendee(attendee),
        )
    };
    for wrong in [
        request("us-east-9", "standup"),
        request("us-gov-west-1", "standup"),
        request("us-east-1", "aws:standup"),
        request("us-east-1", "stand*up"),
        request("us-east-1", "standup").meeting_host_id("AWS:host"),
        request("us-east-1", "standup").primary_meeting_id("3f9c2a71-84d5-4e0b-9c36-7a1e5b082713"),
        features("FHD", None),
        features("FHD", Some(26)),
        request("us-east-1", "standup").tags([Tag::new("aws:team", "core")]),
        request("us-east-1", "standup").tags([Tag::new("team", "a"), Tag::new("team", "b")]),
    ] {
        assert_eq!(exception(bench.call(&wrong)), "BadRequestException", "{wrong:?}");
    }
    assert!(bench.call(&features("FHD", Some(25))).is_ok());
    assert_eq!(bench.events(), ["MeetingStarted"]);
}

#[test]
fn constraints_come_before_tokens_and_rules_after_them() {
    let bench = with_rules(MeetingRules { meetings_per_account: 1, ..Default::default() });
    let first = created(&bench, &asked("token"));
    for token in ["token", "other"] {
        let reserved = asked(token).tags([Tag::new("aws:team", "core")]);
        assert_eq!(exception(bench.call(&reserved)), "BadRequestException", "{token}");
    }
    let elsewhere = |token: &str| {
        CreateMeetingRequest::new("us-gov-west-1", "standup").client_request_token(token)
    };
    assert_eq!(created(&bench, &elsewhere("token")), first);
    assert_eq!(exception(bench.call(&elsewhere("other"))), "BadRequestException");
}

#[test]
fn meetings_and_replicas_have_limits() {
    let bench = with_rules(MeetingRules {
        meetings_per_account: 4,
        replicas_per_meeting: 2,
        ..Default::default()
    });
    let primary = meeting(&bench);
    let replica = |token: &str| bench.call(&asked(token).primary_meeting_id(&primary));
    let first = replica("r1").unwrap().meeting.unwrap().meeting_id.unwrap();
    replica("r2").unwrap();
    assert_eq!(exception(replica("r3")), "LimitExceededException");
    let nested = asked("r4").primary_meeting_id(&first);
    assert_eq!(exception(bench.call(&nested)), "BadRequestException");
    let elsewhere = bench.call_in("eu-central-1", &asked("r5").primary_meeting_id(&primary));
    assert_eq!(exception(elsewhere), "BadRequestException");
    created(&bench, &asked("one-more"));
    assert_eq!(exception(bench.call(&asked("too-many"))), "LimitExceededException");
    assert!(bench.call_in("eu-central-1", &asked("elsewhere")).is_ok());
}

#[test]
fn regions_and_accounts_do_not_see_each_other() {
    let bench = bench();
    let id = meeting(&bench);
    let get = GetMeetingRequest::new(&id);
    assert_eq!(exception(bench.call_in("eu-central-1", &get)), "NotFoundException");
    let mut other = bench;
    other
        .chime
        .seed(crate::Seed {
            credentials: vec![crate::testing::other_caller()],
            ..Default::default()
        })
        .unwrap();
    other.caller = crate::testing::other_caller();
    assert_eq!(exception(other.call(&get)), "NotFoundException");

    let strict = with_rules(MeetingRules { strict_control_regions: true, ..Default::default() });
    assert_eq!(exception(strict.call_in("eu-north-1", &asked("token"))), "SignatureDoesNotMatch");
    assert!(strict.call_in("eu-central-1", &asked("token")).is_ok());
}

#[test]
fn tags_are_added_listed_and_removed() {
    let bench = bench();
    let meeting = created(&bench, &asked("token").tags([Tag::new("team", "core")]));
    let arn = meeting.meeting_arn.unwrap();
    let tags = || {
        let list = ListTagsForResourceRequest::new(arn.as_str());
        let tags = bench.call(&list).unwrap().tags.unwrap();
        tags.into_iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect::<Vec<_>>()
    };
    let more = [Tag::new("stage", "test"), Tag::new("team", "web")];
    bench.call(&TagResourceRequest::new(arn.as_str(), more)).unwrap();
    assert_eq!(tags(), ["stage=test", "team=web"]);
    bench
        .call(&UntagResourceRequest::new(arn.as_str(), ["team".to_owned(), "x".to_owned()]))
        .unwrap();
    assert_eq!(tags(), ["stage=test"]);
    let many = (0..50).map(|i| Tag::new(format!("k{i}"), "v"));
    let many = TagResourceRequest::new(arn.as_str(), many.collect::<Vec<_>>());
    let error = bench.call(&many).unwrap_err();
    assert_eq!(error.exception.as_str(), "TooManyTagsException");
    assert_eq!(error.resource_name.as_deref(), Some(arn.as_str()));
    assert_eq!(tags(), ["stage=test"]);
    for unknown in ["arn:aws:chime:us-east-1:111122223333:meeting/none", "arn:aws:s3:::bucket"] {
        let list = ListTagsForResourceRequest::new(unknown);
        let error = bench.call(&list).unwrap_err();
        assert_eq!(error.exception.as_str(), "ResourceNotFoundException");
        assert_eq!(error.resource_name.as_deref(), Some(unknown));
    }
}
