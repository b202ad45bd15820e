//! Choices that the documentation of meetings leaves open.

use crate::engine::rules::rules;
use crate::meetings::placement::is_media_region;

rules! {
    /// Limits of Chime SDK meetings, and choices where their behaviour is not documented.
    pub struct MeetingRules {
        /// The exception for a request that breaks a constraint of its description:
        /// `BadRequestException` as described; `ValidationException` has been seen too.
        constraint_error_name: String = "BadRequestException".to_owned(),
        /// What a repeated client request token with other parameters gives: the first meeting, with
        /// `ReturnFirst`, or a 409, with `Conflict`.
        token_mismatch: TokenMismatch = TokenMismatch::ReturnFirst,
        /// Whether the client request token of a meeting that has ended makes a new one: true.
        /// Otherwise it gives the ended meeting.
        ended_meeting_frees_token: bool = true,
        /// Whether an external user id that a meeting has gives the attendee of that id: true.
        /// Otherwise it makes a second one.
        external_user_id_is_idempotent: bool = true,
        /// How many attendees `CreateMeetingWithAttendees` takes: 20 as described; another page says 10.
        attendees_per_create_meeting: usize = 20,
        /// Whether the attendee of a media pipeline keeps a meeting alive: true.
        pipelines_keep_meetings_alive: bool = true,
        /// Whether `chime:AttendeeAuthorized` comes before every join: true. Otherwise it comes only
        /// when an attendee who is connected joins once more.
        authorized_on_every_join: bool = true,
        /// Whether `StopMeetingTranscription` fails with a 422 if there is no transcription: false.
        stop_needs_transcription: bool = false,
        /// Whether attendees of replicas can be given capabilities: true.
        replica_capabilities: bool = true,
        /// Whether a request must be signed for one of the control regions of the service: false.
        strict_control_regions: bool = false,
        /// After how many seconds without a connection a meeting ends: 300 as documented.
        meeting_idle_seconds: u32 = 300,
        /// After how many seconds every meeting ends: 86,400 as documented.
        meeting_max_seconds: u32 = 86_400,
        /// How many meetings an AWS account can have in a control region: 250 as documented.
        meetings_per_account: usize = 250,
        /// How many attendees a meeting can have: 250 as documented.
        attendees_per_meeting: usize = 250,
        /// How many replicas a meeting can have: 4 as documented.
        replicas_per_meeting: usize = 4,
        /// How many attendees a page has if the caller does not say: 100.
        attendee_page_size: usize = 100,
        /// How many seconds live transcription takes to start: 1.
        transcription_start_seconds: u32 = 1,
        /// Whether the AWS account has the role that live transcription needs: true. Otherwise it
        /// fails once it would start.
        transcription_role: bool = true,
        /// The media regions; empty for those of the documentation.
        media_regions: Vec<String> = Vec::new(),
        /// The domain of media hosts: `chime.test`, which no name server knows, so that no client
        /// sends tokens of these meetings to AWS.
        media_domain: String = "chime.test".to_owned(),
    }
}

impl MeetingRules {
    /// Whether media can be in a region.
    pub(crate) fn is_media_region(&self, region: &str) -> bool {
        let regions = &self.media_regions;
        regions.iter().any(|known| known == region) || regions.is_empty() && is_media_region(region)
    }
}

/// What a repeated token with other parameters gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum TokenMismatch {
    /// The first meeting, with nothing of the new request.
    ReturnFirst,
    /// A 409.
    Conflict,
}
