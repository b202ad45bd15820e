//! What attendees do in a meeting, which no call of the API can cause.

use chime_model::SensitiveString;
use chime_model::events::MeetingEventType as Kind;
use chime_model::meetings::{AttendeeId, MediaCapabilities, MeetingId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::engine::dispatch::Moment;
use crate::engine::events::Caused;
use crate::engine::world::ActionError;
use crate::meetings::Meetings;
use crate::meetings::capabilities::sends;
use crate::meetings::record::{AttendeeRecord, Connection, MeetingRecord};
use crate::meetings::rules::MeetingRules;

/// The most attendees that share content at once.
const MOST_SHARES: usize = 2;

/// What an attendee does. Written in kebab case, such as `video-start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AttendeeAction {
    /// Connects. Once more, it is a second device that takes over.
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

/// How an attendee joins.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(crate) struct Joining {
    /// Checked if it is given.
    pub(crate) join_token: Option<SensitiveString>,
    pub(crate) network_type: Option<String>,
}

impl Meetings {
    /// Applies an action of an attendee.
    pub(crate) fn act_as(
        &mut self,
        meeting: &MeetingId,
        id: &AttendeeId,
        action: AttendeeAction,
        joining: &Joining,
        rules: &MeetingRules,
        at: &mut Moment<'_>,
    ) -> Result<(), ActionError> {
        let row = self.meetings.get(meeting).ok_or(ActionError::NotFound)?;
        let record = row.below.attendees.get(id).ok_or(ActionError::NotFound)?;
        let all = || row.below.attendees.values();
        let connected = || all().filter(|other| other.connection.is_some());
        let has_place = connected().count() < row.places(rules.attendees_per_meeting);
        let shares = |it: &&AttendeeRecord| {
            it.connection.as_ref().is_some_and(|connection| connection.content.is_some())
        };
        let room = Room { has_place, can_share: connected().filter(shares).count() < MOST_SHARES };
        let (connection, kinds) =
            step(record, action, joining, room, rules).map_err(ActionError::Conflict)?;
        match kinds {
            Step::Departure(kind) => at.events.extend(row.departure(record, kind, at.now)),
            Step::Events(kinds) => {
                let events =
                    kinds.into_iter().map(|kind| row.act(kind, record, &connection, at.now));
                at.events.extend(events.collect::<Vec<_>>());
            }
        }
        let below = self.meetings.below_mut(meeting).ok_or(ActionError::NotFound)?;
        below.attendees.get_mut(id).ok_or(ActionError::NotFound)?.connection = connection;
        self.note_presence(meeting, rules, at.now);
        Ok(())
    }
}

/// What there is room for in a meeting.
struct Room {
    has_place: bool,
    can_share: bool,
}

/// The events of an action.
enum Step {
    Events(Vec<Kind>),
    /// All that it takes to leave.
    Departure(Kind),
}

/// What becomes of a connection.
fn step(
    record: &AttendeeRecord,
    action: AttendeeAction,
    joining: &Joining,
    room: Room,
    rules: &MeetingRules,
) -> Result<(Option<Connection>, Step), &'static str> {
    use AttendeeAction as Do;
    let may = |media: fn(&chime_model::meetings::AttendeeCapabilities) -> &MediaCapabilities| {
        record.attendee.capabilities.as_ref().is_none_or(|given| sends(media(given)))
    };
    let Some(mut connection) = record.connection.clone() else {
        if action != Do::Join {
            return Err("the attendee is not connected");
        }
        check_token(record, joining)?;
        if !room.has_place {
            return Err("as many attendees are connected as the meeting can have");
        }
        let network_type = joining.network_type.clone().unwrap_or_else(|| "Voip".to_owned());
        let connection = Connection { network_type, video: false, content: None };
        let authorized = rules.authorized_on_every_join.then_some(Kind::AttendeeAuthorized);
        let kinds = authorized.into_iter().chain([Kind::AttendeeJoined]);
        return Ok((Some(connection), Step::Events(kinds.collect())));
    };
    let require = |holds: bool, why| if holds { Ok(()) } else { Err(why) };
    let kind = match action {
        Do::Join => {
            check_token(record, joining)?;
            Kind::AttendeeAuthorized
        }
        Do::Leave => return Ok((None, Step::Departure(Kind::AttendeeLeft))),
        Do::Drop => return Ok((None, Step::Departure(Kind::AttendeeDropped))),
        Do::VideoStart => {
            require(!connection.video, "the attendee sends video already")?;
            require(may(|given| &given.video), "the attendee may not send video")?;
            connection.video = true;
            Kind::AttendeeVideoStarted
        }
        Do::VideoStop => {
            require(connection.video, "the attendee sends no video")?;
            connection.video = false;
            Kind::AttendeeVideoStopped
        }
        Do::ContentJoin => {
            require(connection.content.is_none(), "the attendee shares content already")?;
            require(may(|given| &given.content), "the attendee may not share content")?;
            require(room.can_share, "two attendees share content already")?;
            connection.content = Some(false);
            Kind::AttendeeContentJoined
        }
        Do::ContentLeave | Do::ContentDrop => {
            let shared = connection.content.take().ok_or("the attendee shares no content")?;
            let last = match action {
                Do::ContentLeave => Kind::AttendeeContentLeft,
                _ => Kind::AttendeeContentDropped,
            };
            let video = shared.then_some(Kind::AttendeeContentVideoStopped);
            let kinds = video.into_iter().chain([last]).collect();
            return Ok((Some(connection), Step::Events(kinds)));
        }
        Do::ContentVideoStart => {
            require(
                connection.content == Some(false),
                "the attendee shares no content without video",
            )?;
            connection.content = Some(true);
            Kind::AttendeeContentVideoStarted
        }
        Do::ContentVideoStop => {
            require(connection.content == Some(true), "the attendee shares no content with video")?;
            connection.content = Some(false);
            Kind::AttendeeContentVideoStopped
        }
    };
    Ok((Some(connection), Step::Events(vec![kind])))
}

fn check_token(record: &AttendeeRecord, joining: &Joining) -> Result<(), &'static str> {
    let is_wrong = joining.join_token.is_some() && joining.join_token != record.attendee.join_token;
    if is_wrong { Err("the join token is not the attendee's") } else { Ok(()) }
}

impl MeetingRecord {
    /// An event of what an attendee does.
    fn act(
        &self,
        kind: Kind,
        record: &AttendeeRecord,
        connection: &Option<Connection>,
        now: OffsetDateTime,
    ) -> Caused {
        let has_network = matches!(
            kind,
            Kind::AttendeeJoined
                | Kind::AttendeeLeft
                | Kind::AttendeeDropped
                | Kind::AttendeeContentJoined
                | Kind::AttendeeContentLeft
                | Kind::AttendeeContentDropped
        );
        let network = connection.as_ref().map(|connection| connection.network_type.clone());
        let event = self.attendee_event(kind, &record.attendee, now);
        self.tell(event.set_network_type(network.filter(|_| has_network)), now)
    }

    /// All events of an attendee who leaves: the end of video and content, and then `last`.
    pub(super) fn departure(
        &self,
        record: &AttendeeRecord,
        last: Kind,
        now: OffsetDateTime,
    ) -> Vec<Caused> {
        let Some(connection) = &record.connection else { return Vec::new() };
        let kinds = [
            (connection.video, Kind::AttendeeVideoStopped),
            (connection.content == Some(true), Kind::AttendeeContentVideoStopped),
            (connection.content.is_some(), Kind::AttendeeContentLeft),
            (true, last),
        ];
        let kinds = kinds.into_iter().filter_map(|(happens, kind)| happens.then_some(kind));
        kinds.map(|kind| self.act(kind, record, &record.connection, now)).collect()
    }
}
