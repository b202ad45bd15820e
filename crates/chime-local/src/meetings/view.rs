//! The parts of the page about meetings: all of them, one with its attendees, and one attendee with
//! its join information.

use chime_model::events::MeetingEvent;
use chime_model::meetings::{
    AttendeeCapabilities, AttendeeId, GetMeetingResponse, MediaCapabilities, MeetingId,
    NotificationsConfiguration,
};
use chime_model::{JoinInfo, SensitiveString};

use crate::engine::view::{Cell, Listing, Page, Shown, encode, target};
use crate::engine::world::action;
use crate::meetings::Meetings;
use crate::meetings::events::unreached;
use crate::meetings::record::{MeetingRow, SdkAttendee, SdkMeeting, TranscriptionState as State};

/// Shows all meetings.
pub(crate) fn overview(meetings: &Meetings, page: &mut Page<'_>) {
    page.list("Meetings", all(meetings));
}

/// Shows a meeting, with the lists of other services about it, or one of its attendees.
pub(crate) fn view(
    meetings: &Meetings,
    id: &MeetingId,
    page: &mut Page<'_>,
    more: impl FnOnce(&mut Page<'_>),
) -> Option<Shown> {
    let row = meetings.get(id)?;
    match page.asked("attendee") {
        None => show(meetings, row, page, more),
        Some(attendee) => {
            let attendee = row.below.attendees.get(&AttendeeId::from(attendee))?;
            show_attendee(meetings, row, attendee, page);
        }
    }
    Some(Shown::Part)
}

/// Links to the attendee or the meeting of an event.
pub(crate) fn subject(event: &MeetingEvent) -> Option<Cell> {
    let meeting = ("meeting", event.meeting_id.as_ref()?.as_str());
    Some(match (&event.attendee_id, &event.external_meeting_id) {
        (Some(id), _) => {
            let name = event.external_user_id.as_ref().map_or(id.as_str(), |name| name.as_str());
            Cell::link(name, target(&[meeting, ("attendee", id.as_str())]))
        }
        (None, Some(name)) => Cell::link(name.as_str(), target(&[meeting])),
        (None, None) => Cell::id_link(meeting.1, target(&[meeting])),
    })
}

/// Links to a meeting by its name; shows the id of a meeting that has ended.
pub(crate) fn link(meetings: &Meetings, id: &MeetingId) -> Cell {
    match meetings.get(id).map(|row| row.meeting.external_meeting_id.as_str()) {
        Some(name) => Cell::link(name, target(&[("meeting", id.as_str())])),
        None => Cell::id(id.as_str()),
    }
}

fn show(
    meetings: &Meetings,
    row: &MeetingRow,
    page: &mut Page<'_>,
    more: impl FnOnce(&mut Page<'_>),
) {
    let (meeting, response) = (&row.meeting, GetMeetingResponse::default().meeting(row.shown()));
    let arn = response.meeting.as_ref().and_then(|meeting| meeting.meeting_arn.as_ref());
    let tags = meeting.tags.iter().map(|tag| (&*tag.key, &*tag.value));
    let state = meeting.transcription.as_ref().map(|transcription| transcription.state);
    let to = meeting.notifications_configuration.as_ref();
    let problems = to.map(|to| unreached(to, &row.home.region)).unwrap_or_default();
    page.title("Meetings", &[], meeting.external_meeting_id.as_str());
    page.facts(&[
        ("Meeting id", Cell::id(meeting.meeting_id.as_str())),
        ("ARN", Cell::id(arn.map_or("", |arn| arn.as_str()))),
        ("AWS account", row.home.account.as_str().into()),
        ("Control region", row.home.region.as_str().into()),
        ("Media region", meeting.media_region().into()),
        ("Replica of", primary(meetings, meeting)),
        ("Transcription", state.map(|state| format!("{state:?}")).unwrap_or_default().into()),
        ("Created", Cell::time(meeting.created_timestamp)),
        ("Empty since", Cell::time(meeting.idle_since)),
        ("Tags", Cell::tags(tags)),
        ("Notification targets", to.map(targets).unwrap_or_default().into()),
        ("Notification problems", Cell::failure(problems.join("; "))),
        ("Events", Cell::events_of(meeting.meeting_id.as_str())),
    ]);
    if state.is_some() {
        let resource = format!("meetings/{}/transcription", encode(meeting.meeting_id.as_str()));
        let (is_running, is_interrupted) = (Some(State::Running), Some(State::Interrupted));
        page.actions(
            &resource,
            &[
                ("Interrupt transcription", "interrupt", state == is_running),
                ("Resume transcription", "resume", state == is_interrupted),
                ("Fail transcription", "fail", true),
            ],
        );
    }
    page.list("Attendees", attendees(row));
    more(page);
    page.response(&response);
}

/// The ARNs that events are sent to.
fn targets(to: &NotificationsConfiguration) -> String {
    let arns = [&to.lambda_function_arn, &to.sns_topic_arn, &to.sqs_queue_arn];
    let arns = arns.into_iter().flatten().map(SensitiveString::expose);
    arns.collect::<Vec<_>>().join(", ")
}

fn show_attendee(
    meetings: &Meetings,
    row: &MeetingRow,
    attendee: &SdkAttendee,
    page: &mut Page<'_>,
) {
    let (meeting, id) = (&row.meeting, row.meeting.meeting_id.as_str());
    let crumb = (meeting.external_meeting_id.as_str(), &*target(&[("meeting", id)]));
    page.title("Meetings", &[crumb], attendee.external_user_id.as_str());
    let [audio, video, content] = capabilities(attendee);
    page.facts(&[
        ("Attendee id", Cell::id(attendee.attendee_id.as_str())),
        ("Connection", connection(attendee).into()),
        ("Audio", audio),
        ("Video", video),
        ("Content", content),
        ("Events", Cell::events_of(attendee.attendee_id.as_str())),
    ]);
    let [meeting_id, attendee_id] = [id, attendee.attendee_id.as_str()].map(encode);
    let resource = format!("meetings/{meeting_id}/attendees/{attendee_id}");
    page.actions(&resource, &actions(attendee));
    let primary = meeting.primary_meeting_id.as_ref().and_then(|id| meetings.get(id));
    let info = JoinInfo::new(row.shown(), attendee.shown()).set_primary_external_meeting_id(
        primary.map(|row| row.meeting.external_meeting_id.clone()),
    );
    page.json("Join information", &info.nested());
}

/// Returns the buttons of all [actions](crate::AttendeeAction): label, action, and whether the connection
/// of the attendee permits it.
fn actions(of: &SdkAttendee) -> [(&'static str, &'static str, bool); 10] {
    [
        (if of.connected { "Join again" } else { "Join" }, "join"),
        ("Leave", "leave"),
        ("Drop", "drop"),
        ("Start video", "video-start"),
        ("Stop video", "video-stop"),
        ("Share content", "content-join"),
        ("Stop content", "content-leave"),
        ("Drop content", "content-drop"),
        ("Start content video", "content-video-start"),
        ("Stop content video", "content-video-stop"),
    ]
    .map(|(label, name)| {
        (label, name, action(name).is_some_and(|action| of.permits(action).is_ok()))
    })
}

/// The meetings, the newest first.
fn all(meetings: &Meetings) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let cells = move |(id, row): (&MeetingId, &MeetingRow)| {
        let (meeting, attendees) = (&row.meeting, &row.below.attendees);
        let link = target(&[("meeting", id.as_str())]);
        vec![
            Cell::link(meeting.external_meeting_id.as_str(), link),
            Cell::id(id.as_str()),
            attendees.len().to_string().into(),
            row.below.connected().count().to_string().into(),
            Cell::time(meeting.created_timestamp),
            meeting.media_region().into(),
            primary(meetings, meeting),
            row.home.account.as_str().into(),
            row.home.region.as_str().into(),
        ]
    };
    Listing {
        heads: &[
            "External id",
            "Id",
            "Attendees",
            "Connected",
            "Created",
            "Media region",
            "Replica of",
            "AWS account",
            "Control region",
        ],
        total: meetings.meetings.len(),
        rows: meetings.meetings.rows().rev().map(cells),
    }
}

fn attendees(row: &MeetingRow) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let cells = |attendee: &SdkAttendee| {
        let (meeting, id) = (row.meeting.meeting_id.as_str(), attendee.attendee_id.as_str());
        let link = target(&[("meeting", meeting), ("attendee", id)]);
        let name = Cell::link(attendee.external_user_id.as_str(), link);
        let own = [name, Cell::id(id), connection(attendee).into()];
        own.into_iter().chain(capabilities(attendee)).collect()
    };
    Listing {
        heads: &["User", "Id", "Connection", "May audio", "May video", "May content"],
        total: row.below.attendees.len(),
        rows: row.below.attendees.values().map(cells),
    }
}

/// Links to the primary meeting of a replica.
fn primary(meetings: &Meetings, meeting: &SdkMeeting) -> Cell {
    let primary = meeting.primary_meeting_id.as_ref();
    primary.map_or_else(|| "".into(), |id| link(meetings, id))
}

/// Returns the cells for audio, video and content.
fn capabilities(attendee: &SdkAttendee) -> [Cell; 3] {
    let given = attendee.capabilities.as_ref();
    let cell = |media: fn(&AttendeeCapabilities) -> &MediaCapabilities| {
        Cell::name(given.map(|given| media(given).as_str()))
    };
    [cell(|it| &it.audio), cell(|it| &it.video), cell(|it| &it.content)]
}

fn connection(attendee: &SdkAttendee) -> String {
    let words = [
        (!attendee.connected, "not connected"),
        (attendee.connected, "connected"),
        (attendee.sends_video, "video"),
        (attendee.shares_content && !attendee.shares_video, "content"),
        (attendee.shares_video, "content video"),
    ];
    let words = words.into_iter().filter_map(|(holds, word)| holds.then_some(word));
    words.collect::<Vec<_>>().join(", ")
}
