//! The actions of attendees in a meeting, which no operation of the API causes.

use chime_model::SensitiveString;
use chime_model::events::MeetingEventType as Kind;
use chime_model::meetings::{AttendeeCapabilities, AttendeeId, MediaCapabilities, MeetingId};
use serde::{Deserialize, Serialize};

use crate::engine::world::ActionError;
use crate::meetings::Service;
use crate::meetings::capabilities::sends;
use crate::meetings::record::{MeetingRow, SdkAttendee};
use crate::meetings::rules::MeetingRules;

/// How many attendees of a meeting can share content at once.
const MAX_SHARES: usize = 2;

/// An action of an attendee. Serialized in kebab case, such as `video-start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AttendeeAction {
    /// Connects. If the attendee is connected already, a second device takes over.
    Join,
    /// Leaves; video and content end first.
    Leave,
    /// Loses the connection; video and content end first.
    Drop,
    /// Starts to send video.
    VideoStart,
    /// Stops sending video.
    VideoStop,
    /// Starts to share content.
    ContentJoin,
    /// Stops sharing content.
    ContentLeave,
    /// Loses the connection of the shared content.
    ContentDrop,
    /// Starts the video of the shared content.
    ContentVideoStart,
    /// Stops the video of the shared content.
    ContentVideoStop,
}

/// The body of the verb `join`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(crate) struct Joining {
    /// Must be the attendee's, if it is set.
    pub(crate) join_token: Option<SensitiveString>,
    /// Default: `Voip`.
    pub(crate) network_type: Option<String>,
}

impl Service<'_> {
    /// Performs an action of an attendee.
    pub(crate) fn act_as(
        &mut self,
        meeting: &MeetingId,
        id: &AttendeeId,
        action: AttendeeAction,
        joining: Joining,
    ) -> Result<(), ActionError> {
        self.perform(meeting, id, action, joining)?;
        self.tell_of_attendees(meeting);
        Ok(())
    }

    /// Performs an action without telling the watcher.
    fn perform(
        &mut self,
        meeting: &MeetingId,
        id: &AttendeeId,
        action: AttendeeAction,
        joining: Joining,
    ) -> Result<(), ActionError> {
        let Self { meetings, rules, at, .. } = self;
        let row = meetings.get(meeting).ok_or(ActionError::NotFound)?;
        let before = row.below.attendees.get(id).ok_or(ActionError::NotFound)?;
        let after = after(row, before, action, joining, rules)?;
        let subject = if after.connected { &after } else { &before.value };
        let kinds = kinds(before, &after, action, rules);
        at.events.extend(kinds.map(|kind| row.attendee_event(kind, subject, at.now)));
        *meetings.attendee_mut(meeting, id).ok_or(ActionError::NotFound)? = after;
        meetings.update_idle_timer(meeting, rules, at.now);
        Ok(())
    }

    /// Lets all connected attendees of a meeting leave.
    pub(super) fn disconnect_all(&mut self, meeting: &MeetingId) {
        let Some(row) = self.meetings.get(meeting) else { return };
        let connected = row.below.connected().map(|attendee| attendee.attendee_id.clone());
        for id in connected.collect::<Vec<_>>() {
            self.disconnect(meeting, &id);
        }
    }

    /// Lets an attendee leave, if it is connected, as a part of a larger change.
    pub(super) fn disconnect(&mut self, meeting: &MeetingId, id: &AttendeeId) {
        // It fails only if the attendee is not connected.
        let _ = self.perform(meeting, id, AttendeeAction::Leave, Joining::default());
    }
}

/// Returns an attendee after an action, or why the action is not possible.
fn after(
    row: &MeetingRow,
    before: &SdkAttendee,
    action: AttendeeAction,
    joining: Joining,
    rules: &MeetingRules,
) -> Result<SdkAttendee, ActionError> {
    use AttendeeAction as Do;
    let may = |media: fn(&AttendeeCapabilities) -> &MediaCapabilities| {
        before.capabilities.as_ref().is_none_or(|given| sends(media(given)))
    };
    before.permits(action)?;
    let mut after = before.clone();
    match action {
        Do::Join => {
            let is_right = joining.join_token.is_none() || joining.join_token == before.join_token;
            require(is_right, "the join token is not the attendee's")?;
            if !before.connected {
                let is_full = row.below.connected().count() >= row.meeting.max_attendees(rules);
                require(!is_full, "the meeting has the maximum number of connected attendees")?;
                after.connect(joining.network_type);
            }
        }
        Do::Leave | Do::Drop => after.disconnect(),
        Do::VideoStart => {
            require(may(|given| &given.video), "the attendee may not send video")?;
            after.sends_video = true;
        }
        Do::VideoStop => after.sends_video = false,
        Do::ContentJoin => {
            require(may(|given| &given.content), "the attendee may not share content")?;
            let shares = row.below.connected().filter(|other| other.shares_content).count();
            require(shares < MAX_SHARES, "two attendees already share content")?;
            after.shares_content = true;
        }
        Do::ContentLeave | Do::ContentDrop => {
            after.shares_content = false;
            after.shares_video = false;
        }
        Do::ContentVideoStart => {
            require(may(|given| &given.content), "the attendee may not share content")?;
            after.shares_video = true;
        }
        Do::ContentVideoStop => after.shares_video = false,
    }
    Ok(after)
}

/// Returns a conflict unless a condition holds.
pub(super) fn require(holds: bool, otherwise: &'static str) -> Result<(), ActionError> {
    if holds { Ok(()) } else { Err(ActionError::Conflict(otherwise)) }
}

impl SdkAttendee {
    /// Checks that the connection of the attendee permits an action. The meeting may still refuse it.
    pub(super) fn permits(&self, action: AttendeeAction) -> Result<(), ActionError> {
        use AttendeeAction as Do;
        match action {
            Do::Join => Ok(()),
            _ if !self.connected => Err(ActionError::Conflict("the attendee is not connected")),
            Do::Leave | Do::Drop => Ok(()),
            Do::VideoStart => require(!self.sends_video, "the attendee already sends video"),
            Do::VideoStop => require(self.sends_video, "the attendee does not send video"),
            Do::ContentJoin => require(!self.shares_content, "the attendee already shares content"),
            Do::ContentLeave | Do::ContentDrop => {
                require(self.shares_content, "the attendee does not share content")
            }
            Do::ContentVideoStart => require(
                self.shares_content && !self.shares_video,
                "the attendee does not share content without video",
            ),
            Do::ContentVideoStop => {
                require(self.shares_video, "the attendee does not share content with video")
            }
        }
    }
}

/// Returns the events of an action, from what it changes. Video and content end before the connection.
fn kinds(
    before: &SdkAttendee,
    after: &SdkAttendee,
    action: AttendeeAction,
    rules: &MeetingRules,
) -> impl Iterator<Item = Kind> {
    use AttendeeAction as Do;
    let starts = |has: fn(&SdkAttendee) -> bool| has(after) && !has(before);
    let ends = |has: fn(&SdkAttendee) -> bool| has(before) && !has(after);
    let is_authorized = before.connected || rules.authorized_on_every_join;
    let (left, content_left) = match action {
        Do::Drop => (Kind::AttendeeDropped, Kind::AttendeeContentLeft),
        Do::ContentDrop => (Kind::AttendeeLeft, Kind::AttendeeContentDropped),
        _ => (Kind::AttendeeLeft, Kind::AttendeeContentLeft),
    };
    let kinds = [
        (action == Do::Join && is_authorized, Kind::AttendeeAuthorized),
        (starts(|it| it.connected), Kind::AttendeeJoined),
        (starts(|it| it.sends_video), Kind::AttendeeVideoStarted),
        (starts(|it| it.shares_content), Kind::AttendeeContentJoined),
        (starts(|it| it.shares_video), Kind::AttendeeContentVideoStarted),
        (ends(|it| it.sends_video), Kind::AttendeeVideoStopped),
        (ends(|it| it.shares_video), Kind::AttendeeContentVideoStopped),
        (ends(|it| it.shares_content), content_left),
        (ends(|it| it.connected), left),
    ];
    kinds.into_iter().filter_map(|(happens, kind)| happens.then_some(kind))
}
