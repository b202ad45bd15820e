//! The verbs of the control endpoint for meetings.

use chime_model::events::MeetingEventType as Kind;
use chime_model::meetings::MeetingId;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::engine::world::{Refusal, Verb, action};
use crate::meetings::events::unreached;
use crate::meetings::record::{MeetingRecord, MeetingRow, SdkAttendee};
use crate::meetings::{Meetings, Service};

/// The body of the verbs of transcription: why it is interrupted or fails.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
struct Reason {
    message: Option<String>,
}

impl Service<'_> {
    /// Performs a verb below `meetings`.
    pub(crate) fn control(&mut self, verb: &Verb<'_>) -> Result<Option<Value>, Refusal> {
        let path: Vec<&str> = verb.path.iter().skip(1).map(String::as_str).collect();
        let is_post = verb.method == Method::POST;
        match path[..] {
            [] if verb.method == Method::GET => Ok(Some(self.meetings.listed())),
            [] => Err(Refusal::WrongMethod),
            [_, "attendees", _, _] | [_, "transcription", _] if !is_post => {
                Err(Refusal::WrongMethod)
            }
            [meeting, "attendees", attendee, name] => {
                let Some(action) = action(name) else { return Err(Refusal::Unknown) };
                verb.with_body(|joining| {
                    self.act_as(&meeting.into(), &attendee.into(), action, joining)
                })
            }
            [meeting, "transcription", name] => {
                let kind = match name {
                    "interrupt" => Kind::TranscriptionInterrupted,
                    "resume" => Kind::TranscriptionResumed,
                    "fail" => Kind::TranscriptionFailed,
                    _ => return Err(Refusal::Unknown),
                };
                verb.with_body(|Reason { message }| {
                    self.change_transcription(&meeting.into(), kind, message)
                })
            }
            _ => Err(Refusal::Unknown),
        }
    }
}

impl Meetings {
    /// Returns all meetings with their attendees, which no operation lists.
    fn listed(&self) -> Value {
        let attendee = |attendee: &SdkAttendee| {
            json!({
                "AttendeeId": attendee.attendee_id,
                "ExternalUserId": attendee.external_user_id,
                "Connected": attendee.connected,
                "SendsVideo": attendee.sends_video,
                "SharesContent": attendee.shares_content,
            })
        };
        let meeting = |(id, row): (&MeetingId, &MeetingRow)| {
            let MeetingRecord { home, meeting } = &row.value;
            let to = meeting.notifications_configuration.as_ref();
            json!({
                "MeetingId": id,
                "ExternalMeetingId": meeting.external_meeting_id,
                "AwsAccountId": home.account,
                "ControlRegion": home.region,
                "PrimaryMeetingId": meeting.primary_meeting_id,
                "NotificationProblems": to.map(|to| unreached(to, &home.region)).unwrap_or_default(),
                "Attendees": row.below.attendees.values().map(attendee).collect::<Vec<_>>(),
            })
        };
        json!({ "Meetings": self.meetings.rows().map(meeting).collect::<Vec<_>>() })
    }
}
