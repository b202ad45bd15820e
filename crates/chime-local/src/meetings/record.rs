//! What is remembered of a meeting and of an attendee.

use chime_model::SensitiveString;
use chime_model::meetings::*;
use chime_model::timestamp::Iso8601;
use serde::{Deserialize, Serialize};
use serde_with::As;
use time::OffsetDateTime;

use crate::engine::home::Home;
use crate::engine::table::Row;
use crate::engine::tags::Tags;
use crate::meetings::MeetingTables;

/// A meeting with its attendees.
pub(crate) type MeetingRow = Row<MeetingRecord, MeetingTables>;

/// A meeting.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MeetingRecord {
    pub(crate) home: Home,
    /// As responses show it.
    pub(crate) meeting: Meeting,
    pub(crate) token: Option<SensitiveString>,
    pub(crate) notifications: Option<NotificationsConfiguration>,
    pub(crate) tags: Tags,
    #[serde(with = "As::<Iso8601>")]
    pub(crate) created: OffsetDateTime,
    /// Since when nobody is connected; `None` while somebody is.
    #[serde(with = "As::<Option<Iso8601>>")]
    pub(crate) idle_since: Option<OffsetDateTime>,
    pub(crate) transcription: Option<Transcription>,
}

impl MeetingRecord {
    /// Whether a request asks for this meeting.
    pub(crate) fn is_of(&self, request: &CreateMeetingRequest) -> bool {
        let meeting = &self.meeting;
        let tenants = request.tenant_ids.as_deref().unwrap_or_default();
        meeting.external_meeting_id.as_ref() == Some(&request.external_meeting_id)
            && meeting.media_region.as_ref() == Some(&request.media_region)
            && meeting.meeting_host_id == request.meeting_host_id
            && meeting.meeting_features == request.meeting_features
            && meeting.primary_meeting_id == request.primary_meeting_id
            && meeting.tenant_ids.as_deref().unwrap_or_default() == tenants
            && self.notifications == request.notifications_configuration
    }

    pub(crate) fn is_replica(&self) -> bool {
        self.meeting.primary_meeting_id.is_some()
    }

    /// How many attendees it can have.
    pub(crate) fn places(&self, limit: usize) -> usize {
        let features = self.meeting.meeting_features.as_ref();
        let most = features.and_then(|features| features.attendee.as_ref()?.max_count);
        most.and_then(|most| usize::try_from(most).ok()).map_or(limit, |most| most.min(limit))
    }
}

/// Live transcription that was asked for.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Transcription {
    pub(crate) configuration: TranscriptionConfiguration,
    /// The region of Amazon Transcribe that it runs in.
    pub(crate) region: String,
    pub(crate) state: TranscriptionState,
    /// When it starts, or starts again with another configuration.
    #[serde(with = "As::<Option<Iso8601>>")]
    pub(crate) starts: Option<OffsetDateTime>,
    /// Why it will fail instead of starting.
    pub(crate) problem: Option<String>,
}

/// How far live transcription is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TranscriptionState {
    /// It was asked for, and starts in a moment.
    Starting,
    /// It runs.
    Running,
    /// It was interrupted, and may go on.
    Interrupted,
}

impl TranscriptionState {
    pub(crate) const VALUES: &'static [&'static str] = &["Starting", "Running", "Interrupted"];
}

/// An attendee.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AttendeeRecord {
    /// As responses show it.
    pub(crate) attendee: Attendee,
    pub(crate) connection: Option<Connection>,
}

/// How an attendee takes part.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Connection {
    pub(crate) network_type: String,
    /// Whether it sends video.
    pub(crate) video: bool,
    /// Whether it shares content, and if so, whether with video.
    pub(crate) content: Option<bool>,
}

/// What the external user ids of media pipelines start with.
pub(crate) const PIPELINE_USER: &str = "aws:MediaPipeline-";

impl AttendeeRecord {
    /// Whether a media pipeline is behind it.
    pub(crate) fn is_pipeline(&self) -> bool {
        let user = self.attendee.external_user_id.as_ref();
        user.is_some_and(|user| user.as_str().starts_with(PIPELINE_USER))
    }
}
