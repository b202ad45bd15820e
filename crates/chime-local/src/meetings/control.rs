//! The verbs of the control endpoint for meetings.

use chime_model::events::MeetingEventType as Kind;
use chime_model::meetings::{AttendeeId, MeetingId};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::engine::dispatch::Moment;
use crate::engine::world::Outcome;
use crate::meetings::Meetings;
use crate::meetings::presence::Refused;
use crate::meetings::record::{AttendeeRecord, MeetingRow};
use crate::meetings::rules::MeetingRules;

/// Why transcription is interrupted or fails.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
struct Reason {
    message: Option<String>,
}

impl Meetings {
    /// Does what a verb below `meetings` says.
    pub(crate) fn control(
        &mut self,
        method: &Method,
        path: &[String],
        body: &[u8],
        rules: &MeetingRules,
        mut at: Moment<'_>,
    ) -> Option<Outcome> {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        Some(match path[..] {
            [] if method == Method::GET => Outcome::Said(self.listed()),
            [_, "attendees", _, _] | [_, "transcription", _] if method != Method::POST => {
                Outcome::WrongMethod
            }
            [] => Outcome::WrongMethod,
            [meeting, "attendees", attendee, action] => {
                let action = serde_json::from_value(Value::from(action)).ok()?;
                match read(body) {
                    Ok(joining) => {
                        let (meeting, attendee) = (meeting.into(), attendee.into());
                        self.act_as(&meeting, &attendee, action, &joining, rules, &mut at).into()
                    }
                    Err(invalid) => invalid,
                }
            }
            [meeting, "transcription", action] => {
                let kind = match action {
                    "interrupt" => Kind::TranscriptionInterrupted,
                    "resume" => Kind::TranscriptionResumed,
                    "fail" => Kind::TranscriptionFailed,
                    _ => return None,
                };
                let meeting = MeetingId::from(meeting);
                match read::<Reason>(body) {
                    _ if self.get(&meeting).is_none() => Outcome::NotFound,
                    Ok(Reason { message }) => {
                        let done = self.change_transcription(&meeting, kind, message, &mut at);
                        let no = Outcome::Conflict("transcription is not in the state for that");
                        done.map_or(no, |()| Outcome::Done)
                    }
                    Err(invalid) => invalid,
                }
            }
            _ => return None,
        })
    }

    /// All meetings with their attendees, which no operation lists.
    fn listed(&self) -> Value {
        let attendee = |(id, record): (&AttendeeId, &crate::engine::table::Row<AttendeeRecord>)| {
            let connection = record.connection.as_ref();
            json!({
                "AttendeeId": id,
                "ExternalUserId": record.attendee.external_user_id,
                "Connected": connection.is_some(),
                "SendsVideo": connection.is_some_and(|connection| connection.video),
                "SharesContent": connection.is_some_and(|it| it.content.is_some()),
            })
        };
        let meeting = |(id, row): (&MeetingId, &MeetingRow)| {
            json!({
                "MeetingId": id,
                "ExternalMeetingId": row.meeting.external_meeting_id,
                "AwsAccountId": row.home.account,
                "ControlRegion": row.home.region,
                "PrimaryMeetingId": row.meeting.primary_meeting_id,
                "Attendees": row.below.attendees.rows().map(attendee).collect::<Vec<_>>(),
            })
        };
        json!({ "Meetings": self.meetings.rows().map(meeting).collect::<Vec<_>>() })
    }
}

/// Reads a body, which may be empty.
fn read<T: Default + for<'a> Deserialize<'a>>(body: &[u8]) -> Result<T, Outcome> {
    if body.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(body).map_err(|error| Outcome::Invalid(error.to_string()))
}

impl From<Result<(), Refused>> for Outcome {
    fn from(result: Result<(), Refused>) -> Self {
        match result {
            Ok(()) => Self::Done,
            Err(Refused::NotFound) => Self::NotFound,
            Err(Refused::Conflict(why)) => Self::Conflict(why),
        }
    }
}
