//! What the page shows of meetings: all of them, one with its attendees, and what one joins with.

use chime_model::JoinInfo;
use chime_model::meetings::{AttendeeId, MeetingId};

use crate::engine::view::{Cell, Listing, Page, ROWS, Shown, target};
use crate::meetings::Meetings;
use crate::meetings::record::{AttendeeRecord, MeetingRow};

/// Shows all meetings, one, or the join information of an attendee.
pub(crate) fn view(meetings: &Meetings, page: &mut Page<'_>) -> Option<Shown> {
    let Some(id) = page.asked("meeting") else {
        page.html.listing("Meetings", &all(meetings));
        return Some(Shown::Overview);
    };
    let row = meetings.get(&MeetingId::from(id.as_str()))?;
    let back = target(&[("meeting", &id)]);
    page.html.markup("<p>Meeting ").link(external_id(row), &back).markup(", ").text(&id);
    page.html.markup("</p>\n");
    match page.asked("attendee") {
        None => {
            page.html.listing("Attendees", &attendees(&id, row));
        }
        Some(attendee) => {
            let record = row.below.attendees.get(&AttendeeId::from(attendee.as_str()))?;
            let primary = row.meeting.primary_meeting_id.as_ref();
            let primary =
                primary.and_then(|id| meetings.get(id)?.meeting.external_meeting_id.clone());
            let info = JoinInfo::new(row.meeting.clone(), record.attendee.clone())
                .set_primary_external_meeting_id(primary);
            let text = serde_json::to_string_pretty(&info.nested()).unwrap_or_default();
            page.html.markup("<h2>To join as ").text(user(record)).markup("</h2><pre>");
            page.html.text(&text).markup("</pre>\n");
        }
    }
    Some(Shown::Part)
}

fn all(meetings: &Meetings) -> Listing {
    let row = |(id, row): (&MeetingId, &MeetingRow)| {
        let attendees = &row.below.attendees;
        let connected = attendees.values().filter(|attendee| attendee.connection.is_some());
        vec![
            Cell::link(external_id(row), target(&[("meeting", id.as_str())])),
            id.as_str().into(),
            row.home.account.as_str().into(),
            row.home.region.as_str().into(),
            Cell::name(row.meeting.media_region.as_ref().map(|region| region.as_str())),
            Cell::name(row.meeting.primary_meeting_id.as_ref().map(|id| id.as_str())),
            attendees.len().to_string().into(),
            connected.count().to_string().into(),
            Cell::time(Some(row.created)),
        ]
    };
    Listing {
        heads: &[
            "External id",
            "Meeting",
            "AWS account",
            "Control region",
            "Media region",
            "Replica of",
            "Attendees",
            "Connected",
            "Created",
        ],
        rows: meetings.meetings.rows().take(ROWS).map(row).collect(),
        total: meetings.meetings.len(),
    }
}

fn attendees(meeting: &str, row: &MeetingRow) -> Listing {
    let cells = |(id, record): (&AttendeeId, &crate::engine::table::Row<AttendeeRecord>)| {
        let capabilities = record.attendee.capabilities.as_ref();
        let connection = record.connection.as_ref();
        let join = target(&[("meeting", meeting), ("attendee", id.as_str())]);
        vec![
            Cell::link(user(record), join),
            id.as_str().into(),
            connection.map_or("", |_| "connected").into(),
            connection.filter(|it| it.video).map_or("", |_| "video").into(),
            connection.filter(|it| it.content.is_some()).map_or("", |_| "content").into(),
            Cell::name(capabilities.map(|given| given.audio.as_str())),
            Cell::name(capabilities.map(|given| given.video.as_str())),
            Cell::name(capabilities.map(|given| given.content.as_str())),
        ]
    };
    Listing {
        heads: &[
            "User",
            "Attendee",
            "Connection",
            "Sends",
            "Shares",
            "May audio",
            "May video",
            "May content",
        ],
        rows: row.below.attendees.rows().take(ROWS).map(cells).collect(),
        total: row.below.attendees.len(),
    }
}

fn external_id(row: &MeetingRow) -> &str {
    row.meeting.external_meeting_id.as_ref().map_or("", |id| id.as_str())
}

fn user(record: &AttendeeRecord) -> &str {
    record.attendee.external_user_id.as_ref().map_or("", |user| user.as_str())
}
