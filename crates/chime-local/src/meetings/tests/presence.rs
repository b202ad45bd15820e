//! Tests of what attendees do.

use super::*;
use crate::{AttendeeAction as Do, Channel};

fn act(bench: &Bench, meeting: &MeetingId, attendee: &AttendeeId, action: Do) -> bool {
    bench.chime.act_as_attendee(meeting.as_str(), attendee.as_str(), action).is_ok()
}

#[test]
fn an_attendee_joins_shares_and_leaves() {
    let bench = bench();
    let id = meeting(&bench);
    let ana = attendee(&bench, &id, "ana");
    assert!(!act(&bench, &id, &ana, Do::Leave) && !act(&bench, &id, &ana, Do::VideoStart));
    for action in [Do::Join, Do::VideoStart, Do::ContentJoin, Do::ContentVideoStart, Do::Join] {
        assert!(act(&bench, &id, &ana, action), "{action:?}");
    }
    for action in [Do::VideoStart, Do::ContentJoin, Do::ContentVideoStart] {
        assert!(!act(&bench, &id, &ana, action), "{action:?}");
    }
    assert!(act(&bench, &id, &ana, Do::Leave));
    assert_eq!(
        bench.events()[2..],
        [
            "AttendeeAuthorized",
            "AttendeeJoined",
            "AttendeeVideoStarted",
            "AttendeeContentJoined",
            "AttendeeContentVideoStarted",
            "AttendeeAuthorized",
            "AttendeeVideoStopped",
            "AttendeeContentVideoStopped",
            "AttendeeContentLeft",
            "AttendeeLeft",
        ]
    );
}

#[test]
fn video_and_content_stop_independently() {
    let bench = bench();
    let id = meeting(&bench);
    let ana = attendee(&bench, &id, "ana");
    let all = [
        Do::Join,
        Do::VideoStart,
        Do::VideoStop,
        Do::ContentJoin,
        Do::ContentVideoStart,
        Do::ContentVideoStop,
        Do::ContentLeave,
        Do::ContentJoin,
        Do::ContentDrop,
        Do::Drop,
    ];
    assert!(all.into_iter().all(|action| act(&bench, &id, &ana, action)));
    for action in [Do::VideoStop, Do::ContentVideoStop, Do::ContentLeave, Do::ContentDrop] {
        assert!(!act(&bench, &id, &ana, action), "{action:?}");
    }
    assert_eq!(bench.events().last().unwrap(), "AttendeeDropped");
}

#[test]
fn capabilities_and_limits_restrict_actions() {
    let features =
        MeetingFeaturesConfiguration::default().attendee(AttendeeFeatures::default().max_count(4));
    let bench = bench();
    let id = created(&bench, &asked("token").meeting_features(features)).meeting_id.unwrap();
    let all: Vec<_> = ["a1", "a2", "a3"].map(|user| attendee(&bench, &id, user)).into();
    assert!(all.iter().all(|one| act(&bench, &id, one, Do::Join)));
    assert!(
        act(&bench, &id, &all[0], Do::ContentJoin) && act(&bench, &id, &all[1], Do::ContentJoin)
    );
    assert!(!act(&bench, &id, &all[2], Do::ContentJoin), "two share already");
    let silent = AttendeeCapabilities::new("Receive", "Receive", "Receive");
    for one in &all[1..] {
        bench.call(&UpdateAttendeeCapabilitiesRequest::new(&id, one, silent.clone())).unwrap();
    }
    assert!(!act(&bench, &id, &all[1], Do::ContentVideoStart), "it shares, but may not any more");
    act(&bench, &id, &all[0], Do::ContentLeave);
    assert!(
        !act(&bench, &id, &all[2], Do::ContentJoin) && !act(&bench, &id, &all[2], Do::VideoStart)
    );
}

#[test]
fn a_deleted_attendee_leaves_first() {
    let bench = bench();
    let id = meeting(&bench);
    let ana = attendee(&bench, &id, "ana");
    act(&bench, &id, &ana, Do::Join);
    bench.call(&DeleteAttendeeRequest::new(&id, &ana)).unwrap();
    assert_eq!(bench.events()[4..], ["AttendeeLeft", "AttendeeDeleted"]);
    assert!(!act(&bench, &id, &ana, Do::Join));
}

#[test]
fn events_go_to_the_queue_and_the_topic_of_the_meeting() {
    let bench = bench();
    let to = NotificationsConfiguration::default()
        .sqs_queue_arn("arn:aws:sqs:us-east-1:111122223333:events")
        .sns_topic_arn("arn:aws:sns:eu-west-1:111122223333:abroad")
        .lambda_function_arn("arn:aws:lambda:us-east-1:111122223333:function:f");
    created(&bench, &asked("one").notifications_configuration(to));
    let fifo = NotificationsConfiguration::default()
        .sqs_queue_arn("arn:aws:sqs:us-east-1:111122223333:events.fifo");
    created(&bench, &asked("two").notifications_configuration(fifo));
    let listed = bench.control("GET", "meetings", "").json();
    let problems = |which: usize| listed["Meetings"][which]["NotificationProblems"].clone();
    let abroad = "SnsTopicArn: is not in the control region of the meeting";
    assert_eq!(problems(0), serde_json::json!([abroad]));
    let fifo = "SqsQueueArn: FIFO queues and topics get no events";
    assert_eq!(problems(1), serde_json::json!([fifo]));
    let channels: Vec<_> = bench.chime.events(0).into_iter().map(|event| event.channel).collect();
    assert_eq!(
        channels,
        [
            Channel::EventBridge,
            Channel::Sqs("arn:aws:sqs:us-east-1:111122223333:events".to_owned()),
            Channel::Lambda("arn:aws:lambda:us-east-1:111122223333:function:f".to_owned()),
            Channel::EventBridge,
        ]
    );
}

#[test]
fn the_control_endpoint_performs_the_same_actions() {
    let bench = bench();
    let id = meeting(&bench);
    let ana = attendee(&bench, &id, "ana");
    let post = |target: &str, body: &str| bench.control("POST", target, body).status();
    let to = format!("meetings/{id}/attendees/{ana}");
    assert_eq!(post(&format!("{to}/join"), r#"{"JoinToken":"wrong"}"#), 409);
    assert_eq!(post(&format!("{to}/join"), r#"{"Token":"wrong"}"#), 400);
    assert_eq!(post(&format!("{to}/join"), r#"{"NetworkType":"Pstn"}"#), 204);
    assert_eq!(post(&format!("{to}/dance"), ""), 404);
    let listed = bench.control("GET", "meetings", "").json();
    assert_eq!(listed["Meetings"][0]["Attendees"][0]["Connected"], true);
    assert_eq!(post(&format!("{to}/leave"), ""), 204);
    assert_eq!(post(&format!("{to}/leave"), ""), 409);
    assert_eq!(post("meetings/none/attendees/none/join", ""), 404);
    let events = bench.control("GET", "events?after=3", "").json();
    assert_eq!(events["Events"][0]["Channel"], "EventBridge");
    assert_eq!(events["Events"][0]["Body"]["detail"]["networkType"], "Pstn");
    assert_eq!(bench.control("PUT", "events/delivery", r#"{"EventLoss":1.0}"#).status(), 200);
    assert_eq!(post(&format!("{to}/join"), ""), 204);
    assert_eq!(bench.control("GET", "events?after=5", "").json()["Events"], serde_json::json!([]));
    assert_eq!(bench.control("PUT", "events/delivery", r#"{"Loss":1.0}"#).status(), 400);
    for query in ["after=x", "afer=3", "after=3&x=1"] {
        assert_eq!(bench.control("GET", &format!("events?{query}"), "").status(), 400, "{query}");
    }
}
