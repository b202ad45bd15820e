//! Tests of meetings through everything: routes, signatures, handlers, events.

mod attendees;
mod ending;
mod lifecycle;
mod presence;
mod rules;
mod scripts;
mod seeds;
mod transcription;
mod view;

use chime_model::ServiceError;
use chime_model::meetings::*;
use time::Duration;

use crate::testing::{Bench, exception, explained, pass};
use crate::{Config, MeetingRules};

/// A local Chime without resources.
fn bench() -> Bench {
    with_rules(MeetingRules::default())
}

fn with_rules(meetings: MeetingRules) -> Bench {
    let rules = crate::Rules { meetings, ..Default::default() };
    Bench::new(Config { rules, ..Config::default() })
}

fn asked(token: &str) -> CreateMeetingRequest {
    CreateMeetingRequest::new("us-east-1", "standup").client_request_token(token)
}

fn created(bench: &Bench, request: &CreateMeetingRequest) -> Meeting {
    bench.call(request).unwrap().meeting.unwrap()
}

fn meeting(bench: &Bench) -> MeetingId {
    created(bench, &asked("token")).meeting_id.unwrap()
}

fn attendee(bench: &Bench, meeting: &MeetingId, user: &str) -> AttendeeId {
    let created = bench.call(&CreateAttendeeRequest::new(meeting, user)).unwrap();
    created.attendee.unwrap().attendee_id.unwrap()
}

fn is_active(bench: &Bench, meeting: &MeetingId) -> bool {
    bench.call(&GetMeetingRequest::new(meeting)).is_ok()
}
