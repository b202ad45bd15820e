//! Meetings, attendees and transcription. Seeds and the state have them in the same form: the state
//! fills in what a seed leaves open.

use chime_model::meetings::*;
use chime_model::{SensitiveString, Shape};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::engine::document::{GUID, SECRET, TEXT, document, values};
use crate::engine::home::Home;
use crate::engine::ids::Ids;
use crate::engine::table::Row;
use crate::engine::tags::by_key;
use crate::meetings::MeetingTables;
use crate::meetings::capabilities;
use crate::meetings::ids::{join_token, new_attendee_id};
use crate::meetings::placement::media_placement;
use crate::meetings::rules::MeetingRules;

static STATE: Shape = values("TranscriptionState", &["Starting", "Running", "Interrupted"]);

document! {
    /// A meeting of the Chime SDK that has not ended.
    ///
    /// Unset members get defaults: the meeting is created now, the media region is the control region,
    /// and the media placement follows from the ids.
    pub struct SdkMeeting {
        /// The id of the meeting, a GUID.
        required meeting_id("MeetingId"): MeetingId = GUID,
        /// The id of the meeting in the caller's own system.
        required external_meeting_id("ExternalMeetingId"): ExternalMeetingId = SECRET,
        /// The client request token that created the meeting.
        optional client_request_token("ClientRequestToken"): SensitiveString = SECRET,
        /// The region of the media. Default: the control region.
        optional media_region("MediaRegion"): MediaRegion = TEXT,
        /// The id of the host.
        optional meeting_host_id("MeetingHostId"): SensitiveString = SECRET,
        /// The primary meeting of a replica.
        optional primary_meeting_id("PrimaryMeetingId"): MeetingId = GUID,
        /// The features.
        optional meeting_features("MeetingFeatures"): MeetingFeaturesConfiguration,
        /// The targets of events in addition to EventBridge.
        optional notifications_configuration("NotificationsConfiguration"): NotificationsConfiguration,
        /// The ids of the tenants.
        list tenant_ids("TenantIds"): TenantId = TEXT,
        /// The tags.
        list tags("Tags"): Tag,
        /// The URLs of the media. Default: made from the ids.
        optional media_placement("MediaPlacement"): MediaPlacement,
        /// The attendees. Only seeds have them here: in the state, they are in a table below the meeting.
        list attendees("Attendees"): SdkAttendee,
        /// The time of creation. Default: now.
        time created_timestamp("CreatedTimestamp"),
        /// The time since when nobody is connected. Default: the time of creation.
        time idle_since("IdleSince"),
        /// The live transcription.
        optional transcription("Transcription"): SdkTranscription,
    }
}

document! {
    /// An attendee of a meeting.
    pub struct SdkAttendee {
        /// The id of the attendee, a GUID.
        required attendee_id("AttendeeId"): AttendeeId = GUID,
        /// The id of the user in the caller's own system.
        required external_user_id("ExternalUserId"): ExternalUserId = SECRET,
        /// The secret with which a client joins. Default: made from the attendee's id.
        optional join_token("JoinToken"): SensitiveString = SECRET,
        /// What the attendee may send and receive. Default: all that the features of the meeting allow.
        optional capabilities("Capabilities"): AttendeeCapabilities,
        /// Whether the attendee is connected. If not, the members below have no effect.
        default connected("Connected"): bool = Shape::Boolean,
        /// The network of the connection. Default: `Voip`.
        optional network_type("NetworkType"): String = TEXT,
        /// Whether the attendee sends video.
        default sends_video("SendsVideo"): bool = Shape::Boolean,
        /// Whether the attendee shares content.
        default shares_content("SharesContent"): bool = Shape::Boolean,
        /// Whether the shared content has video.
        default shares_video("SharesVideo"): bool = Shape::Boolean,
    }
}

document! {
    /// The live transcription of a meeting.
    pub struct SdkTranscription {
        /// The configuration, as the caller sent it.
        required configuration("Configuration"): TranscriptionConfiguration,
        /// The region of Amazon Transcribe.
        required region("Region"): String = TEXT,
        /// `Starting`, `Running` or `Interrupted`.
        required state("State"): TranscriptionState = STATE,
        /// The time when transcription starts, or starts again with this configuration. Default: now, if
        /// it is `Starting`.
        time starts("Starts"),
    }
}

/// The state of live transcription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TranscriptionState {
    /// Requested; starts in a moment.
    Starting,
    /// Running.
    Running,
    /// Interrupted; may resume.
    Interrupted,
}

/// A meeting, and where it lives. Its attendees are in the table below it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MeetingRecord {
    pub(crate) home: Home,
    pub(crate) meeting: SdkMeeting,
}

/// A meeting with its attendees.
pub(crate) type MeetingRow = Row<MeetingRecord, MeetingTables>;

impl MeetingRecord {
    /// Returns the meeting as responses show it.
    pub(crate) fn shown(&self) -> Meeting {
        let meeting = self.meeting.clone();
        Meeting::default()
            .meeting_arn(self.home.arn(&format!("meeting/{}", meeting.meeting_id)))
            .external_meeting_id(meeting.external_meeting_id)
            .set_media_placement(meeting.media_placement)
            .set_media_region(meeting.media_region)
            .set_meeting_features(meeting.meeting_features)
            .set_meeting_host_id(meeting.meeting_host_id)
            .meeting_id(meeting.meeting_id)
            .set_primary_meeting_id(meeting.primary_meeting_id)
            .tenant_ids(meeting.tenant_ids)
    }
}

impl SdkMeeting {
    /// Sets the unset members to their defaults.
    pub(super) fn complete(mut self, home: &Home, media_domain: &str, now: OffsetDateTime) -> Self {
        let media = self.media_region.get_or_insert_with(|| home.region.as_str().into());
        let placement = || media_placement(&self.meeting_id, home, media, media_domain);
        self.media_placement.get_or_insert_with(placement);
        let created = *self.created_timestamp.get_or_insert(now);
        self.idle_since.get_or_insert(created);
        if let Some(transcription) = &mut self.transcription
            && transcription.state == TranscriptionState::Starting
        {
            transcription.starts.get_or_insert(now);
        }
        self.tags = by_key(self.tags);
        self
    }

    /// Whether a request asks for a meeting like this one.
    pub(super) fn equals(&self, asked: &Self) -> bool {
        self.external_meeting_id == asked.external_meeting_id
            && self.media_region == asked.media_region
            && self.meeting_host_id == asked.meeting_host_id
            && self.meeting_features == asked.meeting_features
            && self.primary_meeting_id == asked.primary_meeting_id
            && self.tenant_ids == asked.tenant_ids
            && self.notifications_configuration == asked.notifications_configuration
    }

    pub(super) fn is_replica(&self) -> bool {
        self.primary_meeting_id.is_some()
    }

    pub(crate) fn media_region(&self) -> &str {
        self.media_region.as_ref().map_or("", |region| region.as_str())
    }

    /// Returns the maximum number of attendees that the features have.
    pub(super) fn max_count(&self) -> Option<usize> {
        self.meeting_features.as_ref()?.attendee.as_ref()?.max_count?.try_into().ok()
    }

    /// Returns how many attendees the meeting can have: its `MaxCount`, or the limit if that is lower.
    pub(super) fn max_attendees(&self, rules: &MeetingRules) -> usize {
        self.max_count().unwrap_or(usize::MAX).min(rules.attendees_per_meeting)
    }
}

impl SdkAttendee {
    /// Makes an attendee with a new id and join token.
    pub(super) fn make(ids: &mut Ids, user: ExternalUserId) -> Self {
        let (id, token) = new_attendee_id(ids);
        Self { join_token: Some(token), ..Self::new(id, user) }
    }

    /// Sets the unset members to their defaults.
    pub(super) fn complete(mut self, meeting: &SdkMeeting) -> Self {
        let id = self.attendee_id.as_str();
        self.join_token.get_or_insert_with(|| join_token(id, id));
        self.capabilities.get_or_insert_with(|| capabilities::default_of(meeting));
        if self.connected {
            let network_type = self.network_type.take();
            self.connect(network_type);
            self.shares_video &= self.shares_content;
        } else {
            self.disconnect();
        }
        self
    }

    /// Returns the attendee as responses show it.
    pub(super) fn shown(&self) -> Attendee {
        Attendee::default()
            .attendee_id(&self.attendee_id)
            .set_capabilities(self.capabilities.clone())
            .external_user_id(&self.external_user_id)
            .set_join_token(self.join_token.clone())
    }

    /// Connects the attendee.
    pub(super) fn connect(&mut self, network_type: Option<String>) {
        self.connected = true;
        self.network_type = network_type.or_else(|| Some("Voip".to_owned()));
    }

    /// Disconnects the attendee, which ends video and content.
    pub(super) fn disconnect(&mut self) {
        self.connected = false;
        self.network_type = None;
        self.sends_video = false;
        self.shares_content = false;
        self.shares_video = false;
    }
}
