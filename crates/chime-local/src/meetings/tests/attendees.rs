//! Tests of attendees and their capabilities.

use super::*;

fn item(user: &str) -> CreateAttendeeRequestItem {
    CreateAttendeeRequestItem::new(user)
}

#[test]
fn an_attendee_is_created_shown_listed_and_deleted() {
    let bench = bench();
    let meeting = meeting(&bench);
    let created = bench.call(&CreateAttendeeRequest::new(&meeting, "ana")).unwrap();
    let created = created.attendee.unwrap();
    assert_eq!(created.join_token.as_ref().unwrap().expose().len(), 98);
    let id = created.attendee_id.clone().unwrap();
    let get = GetAttendeeRequest::new(&meeting, &id);
    assert_eq!(bench.call(&get).unwrap().attendee, Some(created.clone()));
    attendee(&bench, &meeting, "bo");
    attendee(&bench, &meeting, "cleo");
    let list = ListAttendeesRequest::new(&meeting).max_results(2);
    let first = bench.call(&list).unwrap();
    assert_eq!(first.attendees.as_ref().map(Vec::len), Some(2));
    let second = bench.call(&list.clone().set_next_token(first.next_token)).unwrap();
    assert_eq!((second.attendees.unwrap().len(), second.next_token), (1, None));
    let invalid = ListAttendeesRequest::new("none").next_token("none");
    assert_eq!(exception(bench.call(&invalid)), "BadRequestException", "before the meeting");
    bench.call(&DeleteAttendeeRequest::new(&meeting, &id)).unwrap();
    assert_eq!(exception(bench.call(&get)), "NotFoundException");
    let gone = bench.call(&DeleteAttendeeRequest::new(&meeting, &id));
    assert_eq!(exception(gone), "NotFoundException");
    let again = attendee(&bench, &meeting, "ana");
    assert_ne!(again, id);
}

#[test]
fn a_user_is_one_attendee_unless_a_rule_permits_more() {
    let bench = bench();
    let id = meeting(&bench);
    let first = bench.call(&CreateAttendeeRequest::new(&id, "ana")).unwrap();
    let none = AttendeeCapabilities::new("None", "None", "None");
    let other = CreateAttendeeRequest::new(&id, "ana").capabilities(none);
    assert_eq!(bench.call(&other).unwrap(), first);
    let batch = BatchCreateAttendeeRequest::new(&id, [item("ana"), item("bo"), item("bo")]);
    let both = bench.call(&batch).unwrap().attendees.unwrap();
    assert_eq!(Some(&both[0]), first.attendee.as_ref());
    assert_eq!(both[1], both[2]);

    let twice =
        with_rules(MeetingRules { external_user_id_is_idempotent: false, ..Default::default() });
    let id = meeting(&twice);
    assert_ne!(attendee(&twice, &id, "ana"), attendee(&twice, &id, "ana"));
}

#[test]
fn a_full_meeting_accepts_no_attendee() {
    let bench = with_rules(MeetingRules { attendees_per_meeting: 3, ..Default::default() });
    let id = meeting(&bench);
    let batch = BatchCreateAttendeeRequest::new(&id, ["a1", "a2", "a3", "a4"].map(item));
    let response = bench.call(&batch).unwrap();
    assert_eq!(response.attendees.unwrap().len(), 3);
    let errors = response.errors.unwrap();
    assert_eq!(errors[0].external_user_id.as_ref().unwrap().as_str(), "a4");
    assert_eq!(errors[0].error_code.as_deref(), Some("LimitExceeded"));
    let one = bench.call(&CreateAttendeeRequest::new(&id, "a5"));
    assert_eq!(exception(one), "LimitExceededException");

    let features =
        MeetingFeaturesConfiguration::default().attendee(AttendeeFeatures::default().max_count(1));
    let small = created(&bench, &asked("small").meeting_features(features));
    let id = small.meeting_id.unwrap();
    let deleted = attendee(&bench, &id, "a1");
    let full = CreateAttendeeRequest::new(&id, "a2");
    assert_eq!(exception(bench.call(&full)), "LimitExceededException");
    bench.call(&DeleteAttendeeRequest::new(&id, &deleted)).unwrap();
    assert!(bench.call(&full).is_ok());
}

#[test]
fn an_invalid_item_fails_the_whole_call() {
    let bench = bench();
    let request = CreateMeetingWithAttendeesRequest::new(
        "us-east-1",
        "standup",
        [
            item("ana"),
            item("bo").capabilities(AttendeeCapabilities::new("Send", "None", "Receive")),
        ],
    )
    .client_request_token("token");
    assert_eq!(exception(bench.call(&request)), "BadRequestException");
    assert_eq!(bench.events(), [""; 0]);
    let full = with_rules(MeetingRules { meetings_per_account: 0, ..Default::default() });
    assert_eq!(exception(full.call(&request)), "BadRequestException");
    // The next call does not send the events of the failed call.
    meeting(&bench);
    assert_eq!(bench.events(), ["MeetingStarted"]);
    let odd = CreateMeetingWithAttendeesRequest::new("us-east-1", "s1", [item("ana"), item("b*")])
        .client_request_token("token");
    let (_, message) = explained(bench.call(&odd));
    assert!(message.contains("'attendees.2.member.externalUserId'"), "{message}");
    let reserved = CreateMeetingWithAttendeesRequest::new("us-east-1", "standup", [item("aws:x")])
        .client_request_token("token");
    assert_eq!(exception(bench.call(&reserved)), "BadRequestException");
    let few = with_rules(MeetingRules { attendees_per_create_meeting: 1, ..Default::default() });
    let two = CreateMeetingWithAttendeesRequest::new("us-east-1", "s1", [item("a1"), item("a2")])
        .client_request_token("token");
    let (name, message) = explained(few.call(&two));
    assert_eq!(name, "BadRequestException");
    assert!(message.contains("'attendees'") && message.contains("equal to 1"), "{message}");
}

#[test]
fn capabilities_change_for_one_or_for_all_others() {
    let bench = bench();
    let id = meeting(&bench);
    let (ana, bo, cleo) =
        (attendee(&bench, &id, "ana"), attendee(&bench, &id, "bo"), attendee(&bench, &id, "cleo"));
    let listening = AttendeeCapabilities::new("Receive", "Receive", "Receive");
    let update = UpdateAttendeeCapabilitiesRequest::new(&id, &ana, listening.clone());
    let updated = bench.call(&update).unwrap().attendee.unwrap();
    assert_eq!(updated.capabilities, Some(listening));
    let silent = AttendeeCapabilities::new("None", "None", "None");
    let unknown = "5b0e7d92-c3f1-a846-2d75-9e14b6f8a037";
    bench
        .call(&BatchUpdateAttendeeCapabilitiesExceptRequest::new(
            &id,
            [AttendeeIdItem::new(&bo), AttendeeIdItem::new(unknown)],
            silent.clone(),
        ))
        .unwrap();
    let of = |attendee: &AttendeeId| {
        let shown = bench.call(&GetAttendeeRequest::new(&id, attendee)).unwrap();
        shown.attendee.unwrap().capabilities.unwrap()
    };
    assert_eq!((of(&ana), of(&cleo)), (silent.clone(), silent));
    assert_eq!(of(&bo), AttendeeCapabilities::new("SendReceive", "SendReceive", "SendReceive"));
    let events = bench.chime.events(0);
    let last = serde_json::to_value(&events.last().unwrap().body).unwrap();
    assert_eq!(last["detail"]["success"], "1");
    assert_eq!(last["detail"]["attendeeCapabilities"]["video"], "None");
    assert_eq!(bench.events()[4..], ["AttendeeCapabilitiesUpdated"; 3]);
    let wrong = AttendeeCapabilities::new("None", "None", "Receive");
    let wrong = UpdateAttendeeCapabilitiesRequest::new(&id, &ana, wrong);
    assert_eq!(exception(bench.call(&wrong)), "BadRequestException");
}

#[test]
fn a_rule_forbids_capabilities_in_replicas() {
    let bench = with_rules(MeetingRules { replica_capabilities: false, ..Default::default() });
    let primary = meeting(&bench);
    let replica = created(&bench, &asked("replica").primary_meeting_id(&primary));
    let capabilities = AttendeeCapabilities::new("Receive", "Receive", "Receive");
    let request = CreateAttendeeRequest::new(replica.meeting_id.unwrap(), "ana");
    assert!(bench.call(&request).is_ok());
    let given = request.clone().capabilities(capabilities);
    let mut given = given;
    given.external_user_id = "bo".into();
    assert_eq!(exception(bench.call(&given)), "BadRequestException");
}
