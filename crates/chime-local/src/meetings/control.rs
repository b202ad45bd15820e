//! The verbs of the control endpoint for meetings.

use chime_model::events::MeetingEventType as Kind;
use chime_model::meetings::{AttendeeId, MeetingId};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::engine::dispatch::Moment;
use crate::engine::table::Row;
use crate::engine::world::{ActionError, Outcome, Verb, action};
use crate::meetings::Meetings;
use crate::meetings::events::unreached;
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
        verb: &Verb<'_>,
        rules: &MeetingRules,
        at: &mut Moment<'_>,
    ) -> Result<Outcome, ActionError> {
        let path: Vec<&str> = verb.path.iter().skip(1).map(String::as_str).collect();
        let (meeting, act) = match path[..] {
            [] if verb.method == Method::GET => return Ok(Outcome::Said(self.listed())),
            [] => return Ok(Outcome::WrongMethod),
            [meeting, ref act @ ..] => (MeetingId::from(meeting), act),
        };
        match act {
            ["attendees", _, _] | ["transcription", _] if verb.method != Method::POST => {
                return Ok(Outcome::WrongMethod);
            }
            ["attendees", attendee, name] => {
                let Some(action) = action(name) else { return Ok(Outcome::Unknown) };
                let joining = match verb.read() {
                    Ok(joining) => joining,
                    Err(error) => return Ok(Outcome::Invalid(error.to_string())),
                };
                let attendee = (*attendee).into();
                self.act_as(&meeting, &attendee, action, &joining, rules, at)?;
            }
            ["transcription", name] => {
                let kind = match *name {
                    "interrupt" => Kind::TranscriptionInterrupted,
                    "resume" => Kind::TranscriptionResumed,
                    "fail" => Kind::TranscriptionFailed,
                    _ => return Ok(Outcome::Unknown),
                };
                let Reason { message } = match verb.read() {
                    Ok(reason) => reason,
                    Err(error) => return Ok(Outcome::Invalid(error.to_string())),
                };
                self.change_transcription(&meeting, kind, message, at)?;
            }
            _ => return Ok(Outcome::Unknown),
        }
        Ok(Outcome::Done)
    }

    /// All meetings with their attendees, which no operation lists.
    fn listed(&self) -> Value {
        let attendee = |(id, record): (&AttendeeId, &Row<AttendeeRecord>)| {
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
            let to = row.notifications.as_ref();
            json!({
                "MeetingId": id,
                "ExternalMeetingId": row.meeting.external_meeting_id,
                "AwsAccountId": row.home.account,
                "ControlRegion": row.home.region,
                "PrimaryMeetingId": row.meeting.primary_meeting_id,
                "NotificationProblems": to.map(|to| unreached(to, &row.home.region)).unwrap_or_default(),
                "Attendees": row.below.attendees.rows().map(attendee).collect::<Vec<_>>(),
            })
        };
        json!({ "Meetings": self.meetings.rows().map(meeting).collect::<Vec<_>>() })
    }
}
