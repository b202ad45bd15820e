//! Tests of rules that change limits, times and names.

use super::*;
use crate::AttendeeAction as Do;

#[test]
fn rules_set_the_timers() {
    let bench = with_rules(MeetingRules {
        meeting_idle_seconds: 10,
        meeting_max_seconds: 60,
        transcription_start_seconds: 5,
        ..Default::default()
    });
    let id = meeting(&bench);
    let ana = attendee(&bench, &id, "ana");
    pass(&bench, 9);
    bench.chime.act_as_attendee(id.as_str(), ana.as_str(), Do::Join).unwrap();
    let settings = EngineTranscribeSettings::default().language_code("en-US");
    let settings = TranscriptionConfiguration::default().engine_transcribe_settings(settings);
    bench.call(&StartMeetingTranscriptionRequest::new(&id, settings)).unwrap();
    let empty = created(&bench, &asked("empty")).meeting_id.unwrap();
    let ended = |event: &crate::Delivered| (event.body.time - bench.clock.now()).whole_seconds();
    pass(&bench, 51);
    assert!(!is_active(&bench, &id) && !is_active(&bench, &empty));
    let events = bench.chime.events(4);
    let expected = [
        ("MeetingStarted", -51),
        ("TranscriptionStarted", -46),
        ("MeetingEnded", -41),
        ("TranscriptionStopped", 0),
        ("AttendeeLeft", 0),
        ("MeetingEnded", 0),
    ];
    assert_eq!(bench.events()[4..], expected.map(|(kind, _)| kind));
    assert_eq!(events.iter().map(ended).collect::<Vec<_>>(), expected.map(|(_, at)| at));
}

#[test]
fn an_attendee_can_be_authorized_only_when_it_joins_again() {
    let rules = MeetingRules { authorized_on_every_join: false, ..Default::default() };
    let bench = with_rules(rules);
    let id = meeting(&bench);
    let ana = attendee(&bench, &id, "ana");
    for _ in 0..2 {
        bench.chime.act_as_attendee(id.as_str(), ana.as_str(), Do::Join).unwrap();
    }
    assert_eq!(bench.events()[2..], ["AttendeeJoined", "AttendeeAuthorized"]);
}

#[test]
fn rules_list_the_media_regions_and_name_their_domain() {
    let bench = with_rules(MeetingRules {
        media_regions: vec!["mars-north-1".to_owned()],
        media_domain: "chime.example".to_owned(),
        ..Default::default()
    });
    let (_, message) = explained(bench.call(&asked("earth")));
    assert_eq!(message, "MediaRegion: must be a media region");
    let request = CreateMeetingRequest::new("mars-north-1", "standup").client_request_token("mars");
    let placement = created(&bench, &request).media_placement.unwrap();
    let signaling = placement.signaling_url.unwrap();
    assert!(signaling.contains(".app.chime.example/control/"), "{signaling}");
    let turn = placement.turn_control_url.unwrap();
    assert!(turn.contains(".meetings.chime.example/"), "{turn}");
}

#[test]
fn a_rule_sets_the_size_of_a_page() {
    let bench = with_rules(MeetingRules { attendee_page_size: 2, ..Default::default() });
    let id = meeting(&bench);
    let users = ["ana", "bo", "cleo"].map(|user| attendee(&bench, &id, user));
    let page = bench.call(&ListAttendeesRequest::new(&id)).unwrap();
    let listed = page.attendees.unwrap().into_iter().map(|it| it.attendee_id.unwrap());
    assert_eq!(listed.collect::<Vec<_>>(), users[..2]);
    assert!(page.next_token.is_some());
}
