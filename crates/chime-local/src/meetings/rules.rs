//! The rules of meetings.

use crate::engine::rules::rules;
use crate::meetings::regions::is_media_region;

rules! {
    /// Limits of Chime SDK meetings, and choices where their behaviour is not documented.
    pub struct MeetingRules {
        /// The exception for a request that breaks a constraint of its description. Default:
        /// `BadRequestException`, as described. `ValidationException` has been seen too.
        constraint_error_name: String = "BadRequestException".to_owned(),
        /// The response to a known client request token with other parameters. Default: `ReturnFirst`.
        token_mismatch: TokenMismatch = TokenMismatch::ReturnFirst,
        /// Whether the client request token of a meeting that has ended creates a new meeting. Default:
        /// true. With false, the response is the ended meeting for two days from its creation.
        ended_meeting_frees_token: bool = true,
        /// Whether a known external user id returns the existing attendee of the meeting. Default: true.
        /// With false, it creates a second attendee.
        external_user_id_is_idempotent: bool = true,
        /// The most attendees of a `CreateMeetingWithAttendees` request. Default: 20, as described.
        /// Another page says 10.
        attendees_per_create_meeting: usize = 20,
        /// Whether the attendee of a media pipeline keeps its meeting from ending as idle. Default: true.
        /// With false, only other attendees do.
        pipelines_keep_meetings_alive: bool = true,
        /// Whether `chime:AttendeeAuthorized` is sent before every join. Default: true. With false, it is
        /// sent only when a connected attendee joins again.
        authorized_on_every_join: bool = true,
        /// Whether `StopMeetingTranscription` fails with a 422 if there is no transcription. Default:
        /// false. With false, it succeeds.
        stop_needs_transcription: bool = false,
        /// Whether requests can set capabilities of the attendees of replicas. Default: true. With false,
        /// they fail with a 400.
        replica_capabilities: bool = true,
        /// Whether requests must be signed for a control region of the service. Default: false. With
        /// false, any region is accepted.
        strict_control_regions: bool = false,
        /// How many seconds without a connection end a meeting. Default: 300, as documented.
        meeting_idle_seconds: u32 = 300,
        /// How many seconds a meeting lasts at most. Default: 86,400, as documented.
        meeting_max_seconds: u32 = 86_400,
        /// The most active meetings of an AWS account in a control region. Default: 250, as documented.
        meetings_per_account: usize = 250,
        /// The most attendees of a meeting. Default: 250, as documented.
        attendees_per_meeting: usize = 250,
        /// The most replicas of a meeting. Default: 4, as documented.
        replicas_per_meeting: usize = 4,
        /// The page size of `ListAttendees` if the request has none. Default: 100.
        attendee_page_size: usize = 100,
        /// How many seconds live transcription takes to start. Default: 1.
        transcription_start_seconds: u32 = 1,
        /// Whether the AWS account has the role that live transcription needs. Default: true. With false,
        /// transcription fails when it should start.
        transcription_role: bool = true,
        /// The media regions. Default: empty, which stands for the documented ones.
        media_regions: Vec<String> = Vec::new(),
        /// The domain of media hosts. Default: `chime.test`, which does not resolve, so that no client
        /// sends join tokens to AWS.
        media_domain: String = "chime.test".to_owned(),
    }
}

impl MeetingRules {
    /// Whether a region can host media.
    pub(crate) fn is_media_region(&self, region: &str) -> bool {
        let regions = &self.media_regions;
        regions.iter().any(|known| known == region) || regions.is_empty() && is_media_region(region)
    }
}

/// The response to a known client request token with other parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum TokenMismatch {
    /// The first meeting; the new parameters have no effect.
    ReturnFirst,
    /// A 409. Tags and the network type of the media placement are not compared.
    Conflict,
}
