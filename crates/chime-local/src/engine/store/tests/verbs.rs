//! Tests of control verbs whose save fails.

use chime_model::meetings::{CreateAttendeeRequest, CreateMeetingRequest};

use super::*;

#[test]
fn a_verb_that_cannot_be_saved_leaves_the_clock() {
    let (bench, storage) = durable();
    bench.chime.clock().shift(time::Duration::DAY);
    let before = bench.chime.clock().mode();
    for (method, verb, body) in [
        ("POST", "clock/advance", r#"{"Seconds": 60}"#),
        ("PUT", "clock", r#"{"Now": "2030-01-01T00:00:00Z"}"#),
        ("PUT", "clock", r#"{"Mode": "Frozen"}"#),
        ("POST", "reset", ""),
    ] {
        storage.fail(true);
        let answer = bench.control(method, verb, body);
        assert_eq!(answer.status(), 500, "{verb}");
        let message = answer.json()["Message"].to_string();
        assert!(message.contains("the disk is full"), "{message}");
        assert_eq!(bench.chime.clock().mode(), before, "{verb} {body}");
        storage.fail(false);
        assert_eq!(bench.control("PUT", "clock", "{}").status(), 200);
    }
}

#[test]
fn a_verb_does_not_run_before_what_is_due() {
    let (bench, storage) = durable();
    let meeting = CreateMeetingRequest::new("us-east-1", "standup").client_request_token("token");
    let meeting = bench.call(&meeting).unwrap().meeting.unwrap().meeting_id.unwrap();
    let attendee = bench.call(&CreateAttendeeRequest::new(&meeting, "ana")).unwrap();
    let attendee = attendee.attendee.unwrap().attendee_id.unwrap();
    let join = || {
        let verb = format!("meetings/{meeting}/attendees/{attendee}/join");
        bench.control("POST", &verb, "").status()
    };
    // The meeting ends, because it has been empty for five minutes.
    bench.clock.advance(time::Duration::seconds(301));
    storage.0.lock().unwrap().next.push_back(true);
    assert_eq!(join(), 500);
    assert_eq!(join(), 404);
    assert_eq!(bench.events(), ["MeetingStarted", "AttendeeAdded", "MeetingEnded"]);
    let rows = bench.chime.engine().store().state.rows().unwrap();
    assert_eq!(storage.rows(), shown(&rows));
}

#[test]
fn verbs_that_change_nothing_save_nothing() {
    let (bench, storage) = durable();
    // After a save that failed, the next one writes all rows, so any save would fail the verb.
    storage.fail(true);
    assert_eq!(bench.control("POST", "reset", "").status(), 500);
    for (method, verb, body, status) in [
        ("GET", "meetings", "", 200),
        ("GET", "nowhere", "", 404),
        ("POST", "nowhere", "", 404),
        ("POST", "meetings", "", 405),
        ("DELETE", "domains/nowhere.example", "", 404),
        ("POST", "media-pipelines/none/fail", r#"{"Why":1}"#, 400),
        ("POST", "media-pipelines/none/fail", "", 404),
    ] {
        assert_eq!(bench.control(method, verb, body).status(), status, "{method} {verb}");
    }
}

#[test]
fn a_verb_that_reads_works_while_what_is_due_cannot_be_saved() {
    let (bench, storage) = durable();
    let meeting = CreateMeetingRequest::new("us-east-1", "standup").client_request_token("token");
    bench.call(&meeting).unwrap();
    // The meeting ends, because it has been empty for five minutes.
    bench.clock.advance(time::Duration::seconds(301));
    let meetings = || bench.control("GET", "meetings", "").json()["Meetings"].clone();
    storage.fail(true);
    assert_eq!(meetings().as_array().unwrap().len(), 1);
    storage.fail(false);
    assert_eq!(meetings().as_array().unwrap().len(), 0);
}
