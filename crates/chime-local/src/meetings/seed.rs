//! Meetings as seeds have them.

use chime_model::SensitiveString;
use chime_model::meetings::*;
use chime_model::timestamp::Iso8601;
use chime_model::{Enumeration, Shape};
use serde_with::As;
use time::OffsetDateTime;

use crate::engine::document::{GUID, ID, SECRET, TIMESTAMP, document};
use crate::engine::home::Home;
use crate::engine::seeding::{Seeding, TWICE};
use crate::engine::table::Row;
use crate::meetings::placement::{join_token, media_placement};
use crate::meetings::record::{
    AttendeeRecord, Connection, MeetingRecord, MeetingRow, Transcription, TranscriptionState,
};
use crate::meetings::rules::MeetingRules;
use crate::meetings::tags::pairs;
use crate::meetings::{Meetings, capabilities};

const TEXT: Shape = ID;
static STATE: Shape = Shape::Enumeration(Enumeration {
    name: "TranscriptionState",
    values: TranscriptionState::VALUES,
});

document! {
    /// A meeting of the Chime SDK that has not ended.
    ///
    /// What is left open is filled in: it was created now, the media are in the control region, and
    /// the media placement follows from the ids.
    pub struct SdkMeeting {
        /// The meeting, a GUID.
        required meeting_id("MeetingId"): MeetingId = GUID,
        /// The meeting, as its maker named it.
        required external_meeting_id("ExternalMeetingId"): ExternalMeetingId = SECRET,
        /// The token that it was created with.
        optional client_request_token("ClientRequestToken"): SensitiveString = SECRET,
        /// The region of its media.
        optional media_region("MediaRegion"): MediaRegion = TEXT,
        /// Its host.
        optional meeting_host_id("MeetingHostId"): SensitiveString = SECRET,
        /// The meeting that it is a replica of, one before it.
        optional primary_meeting_id("PrimaryMeetingId"): MeetingId = GUID,
        /// Its features.
        optional meeting_features("MeetingFeatures"): MeetingFeaturesConfiguration =
            Shape::Structure(MeetingFeaturesConfiguration::SHAPE),
        /// Where its events go beside EventBridge.
        optional notifications_configuration("NotificationsConfiguration"): NotificationsConfiguration =
            Shape::Structure(NotificationsConfiguration::SHAPE),
        /// The tenants that it belongs to.
        list tenant_ids("TenantIds"): TenantId = TEXT,
        /// Its tags.
        list tags("Tags"): Tag = Shape::Structure(Tag::SHAPE),
        /// The URLs of its media.
        optional media_placement("MediaPlacement"): MediaPlacement =
            Shape::Structure(MediaPlacement::SHAPE),
        /// Its attendees.
        list attendees("Attendees"): SdkAttendee = Shape::Structure(SdkAttendee::SHAPE),
        /// When it was created.
        #[serde(with = "As::<Option<Iso8601>>")]
        optional created_timestamp("CreatedTimestamp"): OffsetDateTime = TIMESTAMP,
        /// Since when nobody is connected; by default since it was created.
        #[serde(with = "As::<Option<Iso8601>>")]
        optional idle_since("IdleSince"): OffsetDateTime = TIMESTAMP,
        /// Its live transcription.
        optional transcription("Transcription"): SdkTranscription =
            Shape::Structure(SdkTranscription::SHAPE),
    }
}

document! {
    /// An attendee of a meeting.
    pub struct SdkAttendee {
        /// The attendee, a GUID.
        required attendee_id("AttendeeId"): AttendeeId = GUID,
        /// The user behind it.
        required external_user_id("ExternalUserId"): ExternalUserId = SECRET,
        /// What joins with; by default it is made from the id.
        optional join_token("JoinToken"): SensitiveString = SECRET,
        /// What it may send and receive; by default what the features of the meeting allow.
        optional capabilities("Capabilities"): AttendeeCapabilities =
            Shape::Structure(AttendeeCapabilities::SHAPE),
        /// Whether it is connected.
        default connected("Connected"): bool = Shape::Boolean,
        /// The network of the connection; `Voip` by default.
        optional network_type("NetworkType"): String = TEXT,
        /// Whether it sends video.
        default sends_video("SendsVideo"): bool = Shape::Boolean,
        /// Whether it shares content.
        default shares_content("SharesContent"): bool = Shape::Boolean,
        /// Whether the shared content has video.
        default shares_video("SharesVideo"): bool = Shape::Boolean,
    }
}

document! {
    /// Live transcription of a meeting.
    pub struct SdkTranscription {
        /// What was asked for.
        required configuration("Configuration"): TranscriptionConfiguration =
            Shape::Structure(TranscriptionConfiguration::SHAPE),
        /// The region of Amazon Transcribe that it runs in.
        required region("Region"): String = TEXT,
        /// `Starting`, `Running` or `Interrupted`.
        required state("State"): TranscriptionState = STATE,
        /// When it starts, or starts again with this configuration.
        #[serde(with = "As::<Option<Iso8601>>")]
        optional starts("Starts"): OffsetDateTime = TIMESTAMP,
        /// Why it will fail instead.
        optional problem("Problem"): String = TEXT,
    }
}

impl Meetings {
    /// Puts a meeting in place. It replaces one of the same id.
    pub(crate) fn put(&mut self, home: &Home, of: SdkMeeting, path: &str, at: &mut Seeding<'_>) {
        let id = of.meeting_id.clone();
        at.once("SDK meeting", id.as_str(), || format!("{path}.MeetingId"), TWICE);
        if let Some(primary) = &of.primary_meeting_id {
            let row = self.at_home(home, primary);
            let wrong = row.is_none_or(|row| row.is_replica());
            at.problem_if(
                wrong,
                || format!("{path}.PrimaryMeetingId"),
                "is no primary meeting before it",
            );
        }
        if let Some(token) = &of.client_request_token {
            let key = (home.clone(), token.clone());
            let taken = self.tokens.first(&key).is_some_and(|other| *other != id);
            at.problem_if(taken, || format!("{path}.ClientRequestToken"), "another meeting has it");
        }
        if let Some(old) = self.meetings.get(&id).map(|row| row.value.clone()) {
            self.set_indexes(&id, &old, false);
        }
        let (record, attendees) = record(home, of, at.now);
        self.add(id.clone(), record);
        let Some(row) = self.meetings.get(&id) else { return };
        let attendees: Vec<_> =
            attendees.into_iter().map(|attendee| attendee_record(&row.meeting, attendee)).collect();
        for (i, (attendee_id, attendee)) in attendees.into_iter().enumerate() {
            let path = || format!("{path}.Attendees[{i}].AttendeeId");
            at.once("attendee", format!("{id} {attendee_id}"), path, TWICE);
            if let Some(below) = self.meetings.below_mut(&id) {
                below.attendees.insert(attendee_id, attendee);
            }
        }
        // A meeting where somebody is connected is not idle.
        self.note_presence(&id, &MeetingRules::default(), at.now);
    }

    /// The meetings of a place as seeds.
    pub(crate) fn export(&self, home: &Home) -> Vec<SdkMeeting> {
        let here = self.meetings.rows().filter(|(_, row)| row.home == *home);
        here.map(|(id, row)| export(id, row)).collect()
    }

    /// The places that have meetings.
    pub(crate) fn homes(&self) -> impl Iterator<Item = &Home> {
        self.meetings.values().map(|record| &record.home)
    }
}

fn record(home: &Home, of: SdkMeeting, now: OffsetDateTime) -> (MeetingRecord, Vec<SdkAttendee>) {
    let id = &of.meeting_id;
    let media = of.media_region.unwrap_or_else(|| home.region.as_str().into());
    let made = || media_placement(id, home, &media, &MeetingRules::default().media_domain);
    let placement = of.media_placement.unwrap_or_else(made);
    let meeting = Meeting::default()
        .external_meeting_id(of.external_meeting_id)
        .media_placement(placement)
        .media_region(media)
        .meeting_arn(home.arn(&format!("meeting/{id}")))
        .set_meeting_features(of.meeting_features)
        .set_meeting_host_id(of.meeting_host_id)
        .meeting_id(id)
        .set_primary_meeting_id(of.primary_meeting_id)
        .tenant_ids(of.tenant_ids);
    let created = of.created_timestamp.unwrap_or(now);
    let record = MeetingRecord {
        home: home.clone(),
        meeting,
        token: of.client_request_token,
        notifications: of.notifications_configuration,
        tags: pairs(of.tags).collect(),
        created,
        idle_since: Some(of.idle_since.unwrap_or(created)),
        transcription: of.transcription.map(|of| Transcription {
            configuration: of.configuration,
            region: of.region,
            state: of.state,
            starts: of.starts,
            problem: of.problem,
        }),
    };
    (record, of.attendees)
}

fn attendee_record(meeting: &Meeting, of: SdkAttendee) -> (AttendeeId, AttendeeRecord) {
    let id = of.attendee_id;
    let token = of.join_token.unwrap_or_else(|| join_token(id.as_str(), id.as_str()));
    let capabilities = of.capabilities.unwrap_or_else(|| capabilities::default_of(meeting));
    let connection = of.connected.then(|| Connection {
        network_type: of.network_type.unwrap_or_else(|| "Voip".to_owned()),
        video: of.sends_video,
        content: of.shares_content.then_some(of.shares_video),
    });
    let attendee = Attendee::default()
        .attendee_id(&id)
        .capabilities(capabilities)
        .external_user_id(of.external_user_id)
        .join_token(token);
    (id, AttendeeRecord { attendee, connection })
}

fn export(id: &MeetingId, row: &MeetingRow) -> SdkMeeting {
    let MeetingRecord { meeting, .. } = &row.value;
    let tag = |(key, value): (&String, &String)| Tag::new(key, value);
    SdkMeeting {
        client_request_token: row.token.clone(),
        media_region: meeting.media_region.clone(),
        meeting_host_id: meeting.meeting_host_id.clone(),
        primary_meeting_id: meeting.primary_meeting_id.clone(),
        meeting_features: meeting.meeting_features.clone(),
        notifications_configuration: row.notifications.clone(),
        tenant_ids: meeting.tenant_ids.clone().unwrap_or_default(),
        tags: row.tags.iter().map(tag).collect(),
        media_placement: meeting.media_placement.clone(),
        attendees: row.below.attendees.rows().map(export_attendee).collect(),
        created_timestamp: Some(row.created),
        idle_since: row.idle_since,
        transcription: row.transcription.clone().map(|of| SdkTranscription {
            starts: of.starts,
            problem: of.problem,
            ..SdkTranscription::new(of.configuration, of.region, of.state)
        }),
        ..SdkMeeting::new(id, meeting.external_meeting_id.clone().unwrap_or_else(|| "".into()))
    }
}

fn export_attendee((id, row): (&AttendeeId, &Row<AttendeeRecord>)) -> SdkAttendee {
    let AttendeeRecord { attendee, connection } = &row.value;
    let content = connection.as_ref().and_then(|connection| connection.content);
    SdkAttendee {
        join_token: attendee.join_token.clone(),
        capabilities: attendee.capabilities.clone(),
        connected: connection.is_some(),
        network_type: connection.as_ref().map(|connection| connection.network_type.clone()),
        sends_video: connection.as_ref().is_some_and(|connection| connection.video),
        shares_content: content.is_some(),
        shares_video: content == Some(true),
        ..SdkAttendee::new(id, attendee.external_user_id.clone().unwrap_or_else(|| "".into()))
    }
}
