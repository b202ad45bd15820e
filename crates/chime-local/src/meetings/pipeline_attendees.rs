//! The attendees that media pipelines join meetings as.

use chime_model::meetings::{Attendee, AttendeeId, ExternalUserId, MeetingId};
use time::OffsetDateTime;

use crate::engine::dispatch::Moment;
use crate::engine::ids::Ids;
use crate::meetings::placement::new_attendee_id;
use crate::meetings::presence::{AttendeeAction, Joining};
use crate::meetings::record::{AttendeeRecord, Connection, PIPELINE_USER};
use crate::meetings::rules::MeetingRules;
use crate::meetings::{Meetings, capabilities};

impl Meetings {
    /// Lets a media pipeline join a meeting as an attendee of its own, whose ids follow from that of the
    /// pipeline. `None` if the meeting is full or has ended.
    pub(crate) fn join_pipeline(
        &mut self,
        meeting: &MeetingId,
        pipeline: &str,
        rules: &MeetingRules,
        at: &mut Moment<'_>,
    ) -> Option<AttendeeId> {
        let capabilities = capabilities::default_of(&self.get(meeting)?.meeting);
        let (user, limit) = (pipeline_user(pipeline), rules.attendees_per_meeting);
        let mut ids = Ids::of(pipeline);
        let mut at = Moment { now: at.now, ids: &mut ids, events: at.events };
        let id = self.add_attendee(meeting, user, capabilities, limit, &mut at)?.attendee_id?;
        let joining = Joining::default();
        self.act_as(meeting, &id, AttendeeAction::Join, &joining, rules, &mut at).ok()?;
        Some(id)
    }

    /// Lets the attendee of a media pipeline leave a meeting, and removes it.
    pub(crate) fn remove_pipeline(
        &mut self,
        meeting: &MeetingId,
        id: &AttendeeId,
        rules: &MeetingRules,
        at: &mut Moment<'_>,
    ) {
        self.remove_attendee(meeting, id, at);
        self.note_presence(meeting, rules, at.now);
    }

    /// The attendees of a meeting that are connected and no media pipelines.
    pub(crate) fn connected_users(
        &self,
        meeting: &MeetingId,
    ) -> impl Iterator<Item = (&AttendeeId, &ExternalUserId)> {
        let rows = self.get(meeting).into_iter().flat_map(|row| row.below.attendees.rows());
        let rows = rows.filter(|(_, row)| row.connection.is_some() && !row.is_pipeline());
        rows.filter_map(|(id, row)| Some((id, row.attendee.external_user_id.as_ref()?)))
    }

    /// Puts the attendee of a seeded media pipeline in place, connected and without events.
    pub(crate) fn put_pipeline(
        &mut self,
        meeting: &MeetingId,
        pipeline: &str,
        now: OffsetDateTime,
    ) -> Option<AttendeeId> {
        let capabilities = capabilities::default_of(&self.get(meeting)?.meeting);
        let (id, token) = new_attendee_id(&mut Ids::of(pipeline));
        let attendee = Attendee::default()
            .attendee_id(&id)
            .capabilities(capabilities)
            .external_user_id(pipeline_user(pipeline))
            .join_token(token);
        let network_type = "Voip".to_owned();
        let connection = Some(Connection { network_type, video: false, content: None });
        let record = AttendeeRecord { attendee, connection };
        self.meetings.below_mut(meeting)?.attendees.insert(id.clone(), record);
        self.note_presence(meeting, &MeetingRules::default(), now);
        Some(id)
    }
}

/// The external user id of a media pipeline's attendee: a prefix and five
/// hexadecimal digits.
fn pipeline_user(pipeline: &str) -> ExternalUserId {
    let digits = pipeline.get(..5).unwrap_or(pipeline);
    format!("{PIPELINE_USER}{digits}").into()
}
