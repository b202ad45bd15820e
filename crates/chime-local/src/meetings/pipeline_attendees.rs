//! The attendees that media pipelines join meetings as.

use chime_model::meetings::{AttendeeId, ExternalUserId, MeetingId};
use time::OffsetDateTime;

use crate::engine::ids::Ids;
use crate::meetings::presence::{AttendeeAction, Joining};
use crate::meetings::record::SdkAttendee;
use crate::meetings::rules::MeetingRules;
use crate::meetings::{Meetings, Service};

/// The start of the external user ids of media pipelines.
const PIPELINE_USER: &str = "aws:MediaPipeline-";

impl SdkAttendee {
    /// Whether the attendee is a media pipeline.
    pub(super) fn is_pipeline(&self) -> bool {
        self.external_user_id.as_str().starts_with(PIPELINE_USER)
    }
}

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
        let all = self.get(meeting).into_iter().flat_map(|row| row.below.connected());
        let users = all.filter(|attendee| !attendee.is_pipeline());
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
        self.get(meeting)?;
        let attendee = SdkAttendee { connected: true, ..pipeline_attendee(pipeline) };
        let id = attendee.attendee_id.clone();
        self.put_attendee(meeting, attendee);
        self.update_idle_timer(meeting, rules, now);
        Some(id)
    }
}

/// Makes the attendee of a media pipeline. Its ids follow from the id of the pipeline.
fn pipeline_attendee(pipeline: &str) -> SdkAttendee {
    let user = format!("{PIPELINE_USER}{}", pipeline.get(..5).unwrap_or(pipeline));
    SdkAttendee::make(&mut Ids::of(pipeline), user.into())
}
