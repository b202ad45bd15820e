//! Tests of how meetings end.

use super::*;
use crate::AttendeeAction as Do;

fn act(bench: &Bench, meeting: &MeetingId, attendee: &AttendeeId, action: Do) {
    bench.chime.act_as_attendee(meeting.as_str(), attendee.as_str(), action).unwrap();
}

#[test]
fn an_empty_meeting_ends_after_five_minutes() {
    let bench = bench();
    let id = meeting(&bench);
    pass(&bench, 299);
    assert!(is_active(&bench, &id));
    pass(&bench, 1);
    assert!(!is_active(&bench, &id));
    assert_eq!(bench.events(), ["MeetingStarted", "MeetingEnded"]);
}

#[test]
fn a_connection_keeps_a_meeting_alive_for_a_day() {
    let bench = bench();
    let id = meeting(&bench);
    let (ana, bo) = (attendee(&bench, &id, "ana"), attendee(&bench, &id, "bo"));
    pass(&bench, 250);
    act(&bench, &id, &ana, Do::Join);
    act(&bench, &id, &bo, Do::Join);
    pass(&bench, 3_600);
    act(&bench, &id, &ana, Do::Leave);
    pass(&bench, 3_600);
    assert!(is_active(&bench, &id));
    act(&bench, &id, &bo, Do::Drop);
    pass(&bench, 299);
    act(&bench, &id, &bo, Do::Join);
    pass(&bench, 86_400 - 250 - 7_200 - 299 - 1);
    assert!(is_active(&bench, &id));
    pass(&bench, 1);
    assert!(!is_active(&bench, &id));
    let events = bench.events();
    assert_eq!(events[events.len() - 2..], ["AttendeeLeft", "MeetingEnded"]);
}

#[test]
fn replicas_end_with_their_primary_meeting_and_not_before() {
    let bench = bench();
    let primary = meeting(&bench);
    let ana = attendee(&bench, &primary, "ana");
    act(&bench, &primary, &ana, Do::Join);
    let replica = created(&bench, &asked("replica").primary_meeting_id(&primary));
    let replica = replica.meeting_id.unwrap();
    pass(&bench, 3_600);
    assert!(is_active(&bench, &replica));
    bench.call(&DeleteMeetingRequest::new(&primary)).unwrap();
    assert!(!is_active(&bench, &replica));
    let events = bench.events();
    assert_eq!(events[events.len() - 3..], ["AttendeeLeft", "MeetingEnded", "MeetingEnded"]);
}

#[test]
fn a_primary_meeting_of_the_same_age_ends_before_its_replicas() {
    let bench = bench();
    let pairs: Vec<_> = (0..4)
        .map(|i| {
            let primary = created(&bench, &asked(&format!("primary-{i}"))).meeting_id.unwrap();
            let replica = asked(&format!("replica-{i}")).primary_meeting_id(&primary);
            (primary.clone(), created(&bench, &replica).meeting_id.unwrap())
        })
        .collect();
    for (primary, _) in &pairs {
        let ana = attendee(&bench, primary, "ana");
        act(&bench, primary, &ana, Do::Join);
    }
    pass(&bench, 86_400);
    let ended: Vec<_> = bench
        .events_of("MeetingEnded")
        .iter()
        .map(|event| event["detail"]["meetingId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ended.len(), 8);
    for (primary, replica) in pairs {
        let at = |id: &MeetingId| ended.iter().position(|ended| ended == id.as_str());
        assert_eq!(at(&replica), at(&primary).map(|at| at + 1));
    }
}

#[test]
fn attendees_of_a_replica_do_not_keep_the_primary_alive() {
    let bench = bench();
    let primary = meeting(&bench);
    let replica = created(&bench, &asked("replica").primary_meeting_id(&primary));
    let replica = replica.meeting_id.unwrap();
    let viewer = attendee(&bench, &replica, "viewer");
    act(&bench, &replica, &viewer, Do::Join);
    pass(&bench, 300);
    assert!(!is_active(&bench, &primary) && !is_active(&bench, &replica));
}

#[test]
fn timer_events_have_the_time_when_they_were_due() {
    let bench = bench();
    let start = bench.clock.now();
    meeting(&bench);
    pass(&bench, 10_000);
    let events = bench.chime.events(0);
    assert_eq!(events[1].body.time, start + Duration::seconds(300));
}

#[test]
fn moving_the_clock_back_revives_nothing() {
    let bench = bench();
    let id = meeting(&bench);
    bench.chime.clock().shift(Duration::hours(1));
    assert!(!is_active(&bench, &id));
    bench.chime.clock().shift(Duration::hours(-1));
    assert!(!is_active(&bench, &id));
}
