//! The actions of attendees in a meeting, which no operation of the API causes.

use chime_model::SensitiveString;
use chime_model::events::MeetingEventType as Kind;
use chime_model::meetings::{AttendeeCapabilities, AttendeeId, MediaCapabilities, MeetingId};
use serde::{Deserialize, Serialize};

use crate::engine::world::ActionError;
use crate::meetings::Service;
use crate::meetings::capabilities::sends;
use crate::meetings::record::SdkAttendee;
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
        let Self { meetings, rules, at } = self;
        let row = meetings.get(meeting).ok_or(ActionError::NotFound)?;
        let before = row.below.attendees.get(id).ok_or(ActionError::NotFound)?;
        let connected = || row.below.attendees.values().filter(|other| other.connected);
        let max = row.meeting.max_attendees(rules.attendees_per_meeting);
        let room = Room {
            is_full: connected().count() >= max,
            shares: connected().filter(|other| other.shares_content).count(),
        };
        let step = step(before, action, joining, room, rules);
        let (after, kinds) = step.map_err(ActionError::Conflict)?;
        let subject = if after.connected { &after } else { &before.value };
        at.events.extend(row.attendee_events(kinds, subject, at.now));
        let attendees = meetings.attendees_mut(meeting).ok_or(ActionError::NotFound)?;
        *attendees.get_mut(id).ok_or(ActionError::NotFound)? = after;
        meetings.note_presence(meeting, rules, at.now);
        Ok(())
    }
}

/// The connected attendees of a meeting.
struct Room {
    is_full: bool,
    /// How many attendees share content.
    shares: usize,
}

/// Returns an attendee after an action, and the events of the action.
fn step(
    before: &SdkAttendee,
    action: AttendeeAction,
    joining: Joining,
    room: Room,
    rules: &MeetingRules,
) -> Result<(SdkAttendee, Vec<Kind>), &'static str> {
    use AttendeeAction as Do;
    let require = |holds: bool, why| if holds { Ok(()) } else { Err(why) };
    let may = |media: fn(&AttendeeCapabilities) -> &MediaCapabilities| {
        before.capabilities.as_ref().is_none_or(|given| sends(media(given)))
    };
    let mut after = before.clone();
    require(before.connected || action == Do::Join, "the attendee is not connected")?;
    let kinds = match action {
        Do::Join => {
            let is_right = joining.join_token.is_none() || joining.join_token == before.join_token;
            require(is_right, "the join token is not the attendee's")?;
            if before.connected {
                return Ok((after, vec![Kind::AttendeeAuthorized]));
            }
            require(!room.is_full, "the meeting has the maximum number of connected attendees")?;
            after.connect(joining.network_type);
            let authorized = rules.authorized_on_every_join.then_some(Kind::AttendeeAuthorized);
            authorized.into_iter().chain([Kind::AttendeeJoined]).collect()
        }
        Do::Leave | Do::Drop => {
            after.disconnect();
            before.departure(match action {
                Do::Leave => Kind::AttendeeLeft,
                _ => Kind::AttendeeDropped,
            })
        }
        Do::VideoStart => {
            require(!before.sends_video, "the attendee already sends video")?;
            require(may(|given| &given.video), "the attendee may not send video")?;
            after.sends_video = true;
            vec![Kind::AttendeeVideoStarted]
        }
        Do::VideoStop => {
            require(before.sends_video, "the attendee does not send video")?;
            after.sends_video = false;
            vec![Kind::AttendeeVideoStopped]
        }
        Do::ContentJoin => {
            require(!before.shares_content, "the attendee already shares content")?;
            require(may(|given| &given.content), "the attendee may not share content")?;
            require(room.shares < MAX_SHARES, "two attendees already share content")?;
            after.shares_content = true;
            vec![Kind::AttendeeContentJoined]
        }
        Do::ContentLeave | Do::ContentDrop => {
            require(before.shares_content, "the attendee does not share content")?;
            after.shares_content = false;
            after.shares_video = false;
            let last = match action {
                Do::ContentLeave => Kind::AttendeeContentLeft,
                _ => Kind::AttendeeContentDropped,
            };
            let video = before.shares_video.then_some(Kind::AttendeeContentVideoStopped);
            video.into_iter().chain([last]).collect()
        }
        Do::ContentVideoStart => {
            let is_without = before.shares_content && !before.shares_video;
            require(is_without, "the attendee does not share content without video")?;
            after.shares_video = true;
            vec![Kind::AttendeeContentVideoStarted]
        }
        Do::ContentVideoStop => {
            require(before.shares_video, "the attendee does not share content with video")?;
            after.shares_video = false;
            vec![Kind::AttendeeContentVideoStopped]
        }
    };
    Ok((after, kinds))
}

impl SdkAttendee {
    /// Returns the events of a connected attendee who leaves: the end of video and content, then `last`.
    pub(super) fn departure(&self, last: Kind) -> Vec<Kind> {
        let kinds = [
            (self.sends_video, Kind::AttendeeVideoStopped),
            (self.shares_video, Kind::AttendeeContentVideoStopped),
            (self.shares_content, Kind::AttendeeContentLeft),
            (true, last),
        ];
        kinds.into_iter().filter_map(|(happens, kind)| happens.then_some(kind)).collect()
    }
}
