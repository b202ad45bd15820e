//! Live transcription: started and stopped by calls, changed by the clock and by verbs.

use chime_model::events::MeetingEventType as Kind;
use chime_model::meetings::*;
use time::Duration;

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request, unprocessable};
use crate::engine::world::ActionError;
use crate::meetings::presence::require;
use crate::meetings::record::{SdkTranscription, TranscriptionState as State};
use crate::meetings::rules::MeetingRules;
use crate::meetings::{Call, Meetings, Service, regions};

handlers! {
    Meetings: start_meeting_transcription, stop_meeting_transcription
}

fn start_meeting_transcription(
    call: &mut Call<'_>,
    request: StartMeetingTranscriptionRequest,
) -> Result<()> {
    let asked = request.transcription_configuration;
    let is_standard = asked.engine_transcribe_settings.is_some();
    if is_standard == asked.engine_transcribe_medical_settings.is_some() {
        return Err(bad_request(
            "TranscriptionConfiguration: must have the settings of exactly one engine",
        ));
    }
    let meeting = &call.meeting(&request.meeting_id)?.meeting;
    if meeting.is_replica() {
        return Err(unprocessable("A replica uses the transcription of its primary meeting"));
    }
    let state = meeting.transcription.as_ref().map_or(State::Starting, |it| it.state);
    let wait = Duration::seconds(call.service.rules.transcription_start_seconds.into());
    let starts = Some(call.service.at.now.saturating_add(wait));
    let media = meeting.media_region();
    let region = region(&asked, media).unwrap_or(media).to_owned();
    let next = SdkTranscription { starts, ..SdkTranscription::new(asked, region, state) };
    let meetings = &mut call.service.meetings.meetings;
    meetings.change(&request.meeting_id, |record| record.meeting.transcription = Some(next));
    Ok(())
}

fn stop_meeting_transcription(
    call: &mut Call<'_>,
    request: StopMeetingTranscriptionRequest,
) -> Result<()> {
    let meeting = &call.meeting(&request.meeting_id)?.meeting;
    if meeting.transcription.is_none() && call.service.rules.stop_needs_transcription {
        return Err(unprocessable("The meeting has no transcription"));
    }
    call.service.stop_transcription(&request.meeting_id);
    Ok(())
}

/// Returns the region of a transcription: the configured region, or the media region if none is
/// configured, or the nearest region for `auto`. Returns `None` if the media region has no such engine.
fn region<'a>(asked: &'a TranscriptionConfiguration, media: &'a str) -> Option<&'a str> {
    let near = regions::find(media);
    let standard = asked.engine_transcribe_settings.as_ref();
    let (nearest, configured) = match &asked.engine_transcribe_medical_settings {
        Some(medical) => (near.medical, medical.region.as_ref().map(|it| it.as_str())),
        None => (near.transcribe, standard.and_then(|it| Some(it.region.as_ref()?.as_str()))),
    };
    match configured {
        Some("auto") => Some(nearest),
        Some(region) => Some(region),
        None => (nearest == media).then_some(media),
    }
}

/// Returns why transcription will fail instead of starting.
fn problem(
    asked: &TranscriptionConfiguration,
    media: &str,
    rules: &MeetingRules,
) -> Option<String> {
    let settings = asked.engine_transcribe_settings.as_ref();
    if !rules.transcription_role {
        Some("AccessDeniedException: the role for transcription is missing".to_owned())
    } else if let Some(reason) = settings.and_then(refused) {
        Some(format!("BadRequestException: {reason}"))
    } else if region(asked, media).is_none() {
        Some(format!("Amazon Transcribe is not available in {media}"))
    } else {
        None
    }
}

/// Returns why Amazon Transcribe refuses these settings.
fn refused(settings: &EngineTranscribeSettings) -> Option<&'static str> {
    let identifies_language = settings.identify_language == Some(true);
    let identifies_content = settings.content_identification_type.is_some();
    let redacts = settings.content_redaction_type.is_some();
    let has_model = settings.language_model_name.is_some();
    let prefers = settings.preferred_language.is_some();
    let options = settings.language_options.as_deref();
    let reason = if settings.language_code.is_some() == identifies_language {
        "exactly one of LanguageCode and IdentifyLanguage is required"
    } else if identifies_content && redacts {
        "ContentIdentificationType and ContentRedactionType cannot be combined"
    } else if settings.pii_entity_types.is_some() && !identifies_content && !redacts {
        "PiiEntityTypes requires ContentIdentificationType or ContentRedactionType"
    } else if (options.is_some() || prefers) && !identifies_language {
        "LanguageOptions and PreferredLanguage require IdentifyLanguage"
    } else if options.is_some_and(|options| options.split(',').count() < 2) {
        "LanguageOptions must have at least two languages"
    } else if prefers && options.is_none() {
        "PreferredLanguage requires LanguageOptions"
    } else if identifies_language && (has_model || redacts) {
        "IdentifyLanguage cannot be combined with LanguageModelName or ContentRedactionType"
    } else {
        return None;
    };
    Some(reason)
}

impl Service<'_> {
    /// Sends an event of a transcription, and then changes or removes the transcription.
    fn set_transcription(
        &mut self,
        id: &MeetingId,
        kind: Kind,
        message: Option<String>,
        next: Option<SdkTranscription>,
    ) {
        let Self { meetings, at, .. } = self;
        let event = meetings.get(id).and_then(|row| row.transcription_event(kind, message, at.now));
        at.events.extend(event);
        meetings.meetings.change(id, |record| record.meeting.transcription = next);
    }

    /// Stops transcription, if there is one.
    pub(super) fn stop_transcription(&mut self, id: &MeetingId) {
        self.set_transcription(id, Kind::TranscriptionStopped, None, None);
    }

    /// Starts transcription that has been requested, or lets it fail.
    pub(super) fn begin_transcription(&mut self, id: &MeetingId) {
        let Some(meeting) = self.meetings.get(id).map(|row| &row.meeting) else { return };
        let Some(before) = meeting.transcription.clone() else { return };
        let problem = problem(&before.configuration, meeting.media_region(), self.rules);
        let running = SdkTranscription { state: State::Running, starts: None, ..before };
        let (kind, next) = match problem {
            None => (Kind::TranscriptionStarted, Some(running)),
            Some(_) => (Kind::TranscriptionFailed, None),
        };
        self.set_transcription(id, kind, problem, next);
    }

    /// Interrupts or resumes transcription, or lets it fail. No operation can do that.
    pub(super) fn change_transcription(
        &mut self,
        id: &MeetingId,
        kind: Kind,
        message: Option<String>,
    ) -> Result<(), ActionError> {
        let row = self.meetings.get(id).ok_or(ActionError::NotFound)?;
        let before = row.meeting.transcription.clone();
        let before = before.ok_or(ActionError::Conflict("the meeting has no transcription"))?;
        let state = match kind {
            Kind::TranscriptionInterrupted => {
                require(before.state == State::Running, "transcription is not running")?;
                Some(State::Interrupted)
            }
            Kind::TranscriptionResumed => {
                require(before.state == State::Interrupted, "transcription is not interrupted")?;
                Some(State::Running)
            }
            _ => None,
        };
        let next = state.map(|state| SdkTranscription { state, ..before });
        let default = || "Amazon Transcribe is unavailable".to_owned();
        let message = (kind != Kind::TranscriptionResumed).then(|| message.unwrap_or_else(default));
        self.set_transcription(id, kind, message, next);
        Ok(())
    }
}
