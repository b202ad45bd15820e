//! What the page shows of meetings: all of them, one with its attendees, and what one joins with.

use chime_model::JoinInfo;
use chime_model::meetings::{AttendeeId, MeetingId};

use crate::engine::table::Row;
use crate::engine::view::{Button, Cell, Listing, Page, Shown, encode, target};
use crate::meetings::Meetings;
use crate::meetings::record::{AttendeeRecord, Connection, MeetingRow};

/// Shows all meetings, one, or an attendee with its join information.
pub(crate) fn view(meetings: &Meetings, page: &mut Page<'_>) -> Option<Shown> {
    let Some(id) = page.asked("meeting") else {
        page.list("Meetings", all(meetings));
        return Some(Shown::Overview);
    };
    let row = meetings.get(&MeetingId::from(&*id))?;
    match page.asked("attendee") {
        None => show(&id, row, page),
        Some(attendee) => {
            let record = row.below.attendees.get(&AttendeeId::from(&*attendee))?;
            show_attendee(meetings, &id, row, &attendee, record, page);
        }
    }
    Some(Shown::Part)
}

fn show(id: &str, row: &MeetingRow, page: &mut Page<'_>) {
    let meeting = &row.meeting;
    page.title("Meetings", &[], external_id(row));
    page.facts(&[
        ("Meeting id", Cell::id(id)),
        ("AWS account", row.home.account.as_str().into()),
        ("Control region", row.home.region.as_str().into()),
        ("Media region", Cell::name(meeting.media_region.as_ref().map(|region| region.as_str()))),
        ("Replica of", primary(row)),
        ("Transcription", row.transcription.as_ref().map_or("", |_| "on").into()),
        ("Created", Cell::time(Some(row.created))),
        ("Nobody since", Cell::time(row.idle_since)),
    ]);
    page.list("Attendees", attendees(id, row));
}

fn show_attendee(
    meetings: &Meetings,
    id: &str,
    row: &MeetingRow,
    attendee: &str,
    record: &AttendeeRecord,
    page: &mut Page<'_>,
) {
    page.title("Meetings", &[(external_id(row), &target(&[("meeting", id)]))], user(record));
    let capabilities = record.attendee.capabilities.as_ref();
    page.facts(&[
        ("Attendee id", Cell::id(attendee)),
        ("Connection", connection(record).into()),
        ("Audio", Cell::name(capabilities.map(|given| given.audio.as_str()))),
        ("Video", Cell::name(capabilities.map(|given| given.video.as_str()))),
        ("Content", Cell::name(capabilities.map(|given| given.content.as_str()))),
    ]);
    page.html.markup("<section><h2>What the attendee does</h2><p class=\"row\">");
    for (label, action, is_possible) in actions(record.connection.as_ref()) {
        let verb = format!("POST meetings/{}/attendees/{}/{action}", encode(id), encode(attendee));
        let is_disabled = !is_possible;
        page.html.button(&Button { label, verb: &verb, is_disabled, ..Button::default() });
    }
    let primary = row.meeting.primary_meeting_id.as_ref();
    let primary = primary.and_then(|id| meetings.get(id)?.meeting.external_meeting_id.clone());
    let info = JoinInfo::new(row.meeting.clone(), record.attendee.clone())
        .set_primary_external_meeting_id(primary);
    page.html.markup("</p></section>\n<section><h2>Join information</h2>");
    page.html.copyable(&serde_json::to_string_pretty(&info.nested()).unwrap_or_default());
    page.html.markup("</section>\n");
}

/// The buttons with the actions of [`AttendeeAction`](crate::AttendeeAction), and whether an attendee
/// with that connection can do them. Whether it may is for the meeting to say.
fn actions(connection: Option<&Connection>) -> [(&'static str, &'static str, bool); 10] {
    let is_here = connection.is_some();
    let video = connection.is_some_and(|it| it.video);
    let content = connection.and_then(|it| it.content);
    [
        (if is_here { "Join again" } else { "Join" }, "join", true),
        ("Leave", "leave", is_here),
        ("Drop", "drop", is_here),
        ("Start video", "video-start", is_here && !video),
        ("Stop video", "video-stop", video),
        ("Share content", "content-join", is_here && content.is_none()),
        ("Stop content", "content-leave", content.is_some()),
        ("Drop content", "content-drop", content.is_some()),
        ("Start content video", "content-video-start", content == Some(false)),
        ("Stop content video", "content-video-stop", content == Some(true)),
    ]
}

fn all(meetings: &Meetings) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let row = |(id, row): (&MeetingId, &MeetingRow)| {
        let attendees = &row.below.attendees;
        let connected = attendees.values().filter(|attendee| attendee.connection.is_some());
        vec![
            Cell::link(external_id(row), target(&[("meeting", id.as_str())])),
            Cell::id(id.as_str()),
            row.home.account.as_str().into(),
            row.home.region.as_str().into(),
            Cell::name(row.meeting.media_region.as_ref().map(|region| region.as_str())),
            primary(row),
            attendees.len().to_string().into(),
            connected.count().to_string().into(),
            Cell::time(Some(row.created)),
        ]
    };
    Listing {
        heads: &[
            "External id",
            "Id",
            "AWS account",
            "Control region",
            "Media region",
            "Replica of",
            "Attendees",
            "Connected",
            "Created",
        ],
        total: meetings.meetings.len(),
        rows: meetings.meetings.rows().map(row),
    }
}

fn attendees(meeting: &str, row: &MeetingRow) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let cells = move |(id, record): (&AttendeeId, &Row<AttendeeRecord>)| {
        let capabilities = record.attendee.capabilities.as_ref();
        let join = target(&[("meeting", meeting), ("attendee", id.as_str())]);
        vec![
            Cell::link(user(record), join),
            Cell::id(id.as_str()),
            connection(record).into(),
            Cell::name(capabilities.map(|given| given.audio.as_str())),
            Cell::name(capabilities.map(|given| given.video.as_str())),
            Cell::name(capabilities.map(|given| given.content.as_str())),
        ]
    };
    Listing {
        heads: &["User", "Id", "Connection", "May audio", "May video", "May content"],
        total: row.below.attendees.len(),
        rows: row.below.attendees.rows().map(cells),
    }
}

/// A link to the primary meeting of a replica.
fn primary(row: &MeetingRow) -> Cell {
    let primary = row.meeting.primary_meeting_id.as_ref();
    primary.map_or_else(
        || "".into(),
        |id| Cell::link(id.as_str(), target(&[("meeting", id.as_str())])),
    )
}

/// How an attendee takes part.
fn connection(record: &AttendeeRecord) -> String {
    let Some(connection) = &record.connection else { return "not connected".to_owned() };
    let video = connection.video.then_some("video");
    let content = connection.content.map(|video| if video { "content video" } else { "content" });
    ["connected"].into_iter().chain(video).chain(content).collect::<Vec<_>>().join(", ")
}

fn external_id(row: &MeetingRow) -> &str {
    row.meeting.external_meeting_id.as_ref().map_or("", |id| id.as_str())
}

fn user(record: &AttendeeRecord) -> &str {
    record.attendee.external_user_id.as_ref().map_or("", |user| user.as_str())
}
