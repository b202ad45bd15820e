//! The attendees that media pipelines join meetings as.

use chime_model::meetings::{AttendeeId, ExternalUserId, MeetingId};
use time::OffsetDateTime;

use crate::engine::ids::Ids;
use crate::meetings::presence::{AttendeeAction, Joining};
use crate::meetings::record::{PIPELINE_USER, SdkAttendee};
use crate::meetings::rules::MeetingRules;
use crate::meetings::{Meetings, Service};

impl Service<'_> {
    /// Adds an attendee for a media pipeline, and connects it. Returns `None` if the meeting is full or
    /// has ended.
    pub(crate) fn join_pipeline(
        &mut self,
        meeting: &MeetingId,
        pipeline: &str,
    ) -> Option<AttendeeId> {
        let attendee = pipeline_attendee(pipeline);
        let id = attendee.attendee_id.clone();
        self.add_attendee(meeting, attendee)?;
        self.act_as(meeting, &id, AttendeeAction::Join, Joining::default()).ok()?;
        Some(id)
    }
}

impl Meetings {
    /// Returns the connected attendees of a meeting except media pipelines.
    pub(crate) fn connected_users(
        &self,
        meeting: &MeetingId,
    ) -> impl Iterator<Item = (&AttendeeId, &ExternalUserId)> {
        let all = self.get(meeting).into_iter().flat_map(|row| row.below.attendees.values());
        let users = all.filter(|attendee| attendee.connected && !attendee.is_pipeline());
        users.map(|attendee| (&attendee.attendee_id, &attendee.external_user_id))
    }

    /// Puts the connected attendee of a seeded media pipeline in place, without events.
    pub(crate) fn put_pipeline(
        &mut self,
        meeting: &MeetingId,
        pipeline: &str,
        rules: &MeetingRules,
        now: OffsetDateTime,
    ) -> Option<AttendeeId> {
        let mut attendee = pipeline_attendee(pipeline).complete(&self.get(meeting)?.meeting);
        let id = attendee.attendee_id.clone();
        attendee.connect(None);
        self.attendees_mut(meeting)?.insert(id.clone(), attendee);
        self.update_idle_timer(meeting, rules, now);
        Some(id)
    }
}

/// Makes the attendee of a media pipeline. Its ids follow from the id of the pipeline.
fn pipeline_attendee(pipeline: &str) -> SdkAttendee {
    let user = format!("{PIPELINE_USER}{}", pipeline.get(..5).unwrap_or(pipeline));
    SdkAttendee::make(&mut Ids::of(pipeline), user.into())
}
