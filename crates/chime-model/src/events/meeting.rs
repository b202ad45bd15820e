//! Events of meetings, attendees and live transcription.

use serde::{Deserialize, Serialize};
use serde_with::As;
use time::OffsetDateTime;

use super::timestamps::EpochMillis;
use crate::meetings::{
    AttendeeId, ExternalMeetingId, ExternalUserId, MediaCapabilities, MeetingId,
};
use crate::{SensitiveMap, Value};

open_enum! {
    /// The types of meeting events.
    MeetingEventType {
        /// A meeting was created.
        MeetingStarted = "chime:MeetingStarted",
        /// A meeting ended.
        MeetingEnded = "chime:MeetingEnded",
        /// An attendee was created.
        AttendeeAdded = "chime:AttendeeAdded",
        /// An attendee was deleted.
        AttendeeDeleted = "chime:AttendeeDeleted",
        /// An attendee's join token was accepted.
        AttendeeAuthorized = "chime:AttendeeAuthorized",
        /// An attendee connected.
        AttendeeJoined = "chime:AttendeeJoined",
        /// An attendee left. Sent instead of `AttendeeDropped`, never with it.
        AttendeeLeft = "chime:AttendeeLeft",
        /// An attendee lost the connection.
        AttendeeDropped = "chime:AttendeeDropped",
        /// An attendee's capabilities were updated, or the update failed.
        AttendeeCapabilitiesUpdated = "chime:AttendeeCapabilitiesUpdated",
        /// An attendee started to send video.
        AttendeeVideoStarted = "chime:AttendeeVideoStarted",
        /// An attendee stopped sending video.
        AttendeeVideoStopped = "chime:AttendeeVideoStopped",
        /// An attendee started to share content.
        AttendeeContentJoined = "chime:AttendeeContentJoined",
        /// An attendee stopped sharing content.
        AttendeeContentLeft = "chime:AttendeeContentLeft",
        /// The connection of shared content was lost.
        AttendeeContentDropped = "chime:AttendeeContentDropped",
        /// The video of shared content started.
        AttendeeContentVideoStarted = "chime:AttendeeContentVideoStarted",
        /// The video of shared content stopped.
        AttendeeContentVideoStopped = "chime:AttendeeContentVideoStopped",
        /// Live transcription started, or its configuration was replaced.
        TranscriptionStarted = "chime:TranscriptionStarted",
        /// Live transcription stopped.
        TranscriptionStopped = "chime:TranscriptionStopped",
        /// Live transcription was interrupted and will resume or fail.
        TranscriptionInterrupted = "chime:TranscriptionInterrupted",
        /// Live transcription resumed.
        TranscriptionResumed = "chime:TranscriptionResumed",
        /// Live transcription failed.
        TranscriptionFailed = "chime:TranscriptionFailed",
        /// An alternative name of `TranscriptionFailed`, which AWS's documentation also uses.
        TranscriptFailed = "chime:TranscriptFailed",
    }
}

open_enum! {
    /// Whether an update of an attendee's capabilities succeeded.
    UpdateOutcome {
        /// The update succeeded.
        Success = "1",
        /// The update failed.
        Failure = "0",
    }
}

/// The capabilities of an attendee, in an event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EventCapabilities {
    /// Whether the attendee may send and receive audio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio: Option<MediaCapabilities>,
    /// Whether the attendee may send and receive video.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<MediaCapabilities>,
    /// Whether the attendee may send and receive shared content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<MediaCapabilities>,
    /// Members unknown to this version.
    #[serde(flatten, skip_serializing_if = "SensitiveMap::is_empty")]
    pub other: SensitiveMap<Value>,
}

impl EventCapabilities {
    setters! {
        audio, set_audio: MediaCapabilities,
        video, set_video: MediaCapabilities,
        content, set_content: MediaCapabilities,
    }
}

/// The detail of `Chime Meeting State Change`: a meeting, an attendee or live transcription.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MeetingEvent {
    /// The version of the detail, `0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The event type.
    pub event_type: MeetingEventType,
    /// The time of the change, to the millisecond.
    #[serde(default, with = "As::<Option<EpochMillis>>", skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<OffsetDateTime>,
    /// The meeting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meeting_id: Option<MeetingId>,
    /// The attendee, in events about attendees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attendee_id: Option<AttendeeId>,
    /// The external user id of the attendee.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_user_id: Option<ExternalUserId>,
    /// The type of network of the connection: `Voip`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_type: Option<String>,
    /// The external id of the meeting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_meeting_id: Option<ExternalMeetingId>,
    /// The media region of the meeting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_region: Option<String>,
    /// Whether the update of the capabilities succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success: Option<UpdateOutcome>,
    /// The attendee's capabilities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attendee_capabilities: Option<EventCapabilities>,
    /// The region of live transcription.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transcription_region: Option<String>,
    /// The [`TranscriptionConfiguration`](crate::meetings::TranscriptionConfiguration) of the
    /// request, as JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transcription_configuration: Option<String>,
    /// A human-readable reason why live transcription was interrupted or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Members unknown to this version.
    #[serde(flatten, skip_serializing_if = "SensitiveMap::is_empty")]
    pub other: SensitiveMap<Value>,
}

impl MeetingEvent {
    /// Creates an event of this type.
    #[must_use]
    pub fn new(event_type: impl Into<MeetingEventType>) -> Self {
        Self {
            version: Some("0".to_owned()),
            event_type: event_type.into(),
            timestamp: None,
            meeting_id: None,
            attendee_id: None,
            external_user_id: None,
            network_type: None,
            external_meeting_id: None,
            media_region: None,
            success: None,
            attendee_capabilities: None,
            transcription_region: None,
            transcription_configuration: None,
            message: None,
            other: SensitiveMap::default(),
        }
    }

    setters! {
        version, set_version: String,
        timestamp, set_timestamp: OffsetDateTime,
        meeting_id, set_meeting_id: MeetingId,
        attendee_id, set_attendee_id: AttendeeId,
        external_user_id, set_external_user_id: ExternalUserId,
        network_type, set_network_type: String,
        external_meeting_id, set_external_meeting_id: ExternalMeetingId,
        media_region, set_media_region: String,
        success, set_success: UpdateOutcome,
        attendee_capabilities, set_attendee_capabilities: EventCapabilities,
        transcription_region, set_transcription_region: String,
        transcription_configuration, set_transcription_configuration: String,
        message, set_message: String,
    }
}
