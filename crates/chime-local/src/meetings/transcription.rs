//! Live transcription: started and stopped by calls, changed by the clock and by verbs.

use chime_model::events::MeetingEventType as Kind;
use chime_model::meetings::*;
use time::Duration;

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request, unprocessable};
use crate::engine::world::ActionError;
use crate::meetings::record::{SdkTranscription, TranscriptionState as State};
use crate::meetings::{Call, Meetings, Service, regions};

handlers! {
    Meetings: start_meeting_transcription, stop_meeting_transcription
}

fn start_meeting_transcription(
    call: &mut Call<'_>,
    request: StartMeetingTranscriptionRequest,
) -> Result<()> {
    let configuration = request.transcription_configuration;
    let meeting = &call.meeting(&request.meeting_id)?.meeting;
    if meeting.is_replica() {
        return Err(unprocessable("A replica uses the transcription of its primary meeting"));
    }
    let has_engine = configuration.engine_transcribe_settings.is_some();
    if has_engine == configuration.engine_transcribe_medical_settings.is_some() {
        return Err(bad_request(
            "TranscriptionConfiguration: must have the settings of exactly one engine",
        ));
    }
    let media = meeting.media_region();
    let region = transcribe_region(&configuration, media);
    let problem = if !call.service.rules.transcription_role {
        let role = "AccessDeniedException: the service-linked role for transcription is missing";
        Some(role.to_owned())
    } else if let Some(reason) = refused(&configuration) {
        Some(format!("BadRequestException: {reason}"))
    } else {
        let missing = || format!("Amazon Transcribe is not available in {media}");
        region.is_none().then(missing)
    };
    let state = meeting.transcription.as_ref().map_or(State::Starting, |it| it.state);
    let wait = Duration::seconds(call.service.rules.transcription_start_seconds.into());
    let starts = Some(call.service.at.now.saturating_add(wait));
    let region = region.unwrap_or_else(|| media.to_owned());
    let transcription =
        SdkTranscription { starts, problem, ..SdkTranscription::new(configuration, region, state) };
    call.service.meetings.change(&request.meeting_id, |meeting| {
        meeting.transcription = Some(transcription);
    });
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
fn transcribe_region(configuration: &TranscriptionConfiguration, media: &str) -> Option<String> {
    let medical = configuration.engine_transcribe_medical_settings.as_ref();
    let standard = configuration.engine_transcribe_settings.as_ref();
    let region = regions::find(media);
    let nearest = if medical.is_some() { region.medical } else { region.transcribe };
    let of_medical = medical.and_then(|settings| Some(settings.region.as_ref()?.as_str()));
    let of_standard = standard.and_then(|settings| Some(settings.region.as_ref()?.as_str()));
    match of_medical.or(of_standard) {
        Some("auto") => Some(nearest.to_owned()),
        Some(region) => Some(region.to_owned()),
        None => (nearest == media).then(|| media.to_owned()),
    }
}

/// Returns why Amazon Transcribe refuses a configuration. That shows only when transcription starts.
fn refused(configuration: &TranscriptionConfiguration) -> Option<&'static str> {
    let settings = configuration.engine_transcribe_settings.as_ref()?;
    let identifies = settings.identify_language == Some(true);
    let identifies_content = settings.content_identification_type.is_some();
    let redacts = settings.content_redaction_type.is_some();
    let options = settings.language_options.as_deref();
    let reason = if settings.language_code.is_some() == identifies {
        "exactly one of LanguageCode and IdentifyLanguage is required"
    } else if identifies_content && redacts {
        "ContentIdentificationType and ContentRedactionType cannot be combined"
    } else if settings.pii_entity_types.is_some() && !identifies_content && !redacts {
        "PiiEntityTypes requires ContentIdentificationType or ContentRedactionType"
    } else if (options.is_some() || settings.preferred_language.is_some()) && !identifies {
        "LanguageOptions and PreferredLanguage require IdentifyLanguage"
    } else if options.is_some_and(|options| options.split(',').count() < 2) {
        "LanguageOptions must have at least two languages"
    } else if settings.preferred_language.is_some() && options.is_none() {
        "PreferredLanguage requires LanguageOptions"
    } else if identifies
        && (settings.language_model_name.is_some() || identifies_content || redacts)
    {
        "IdentifyLanguage cannot be combined with LanguageModelName, identification or redaction"
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
        meetings.change(id, |meeting| meeting.transcription = next);
    }

    /// Stops transcription, if there is one.
    pub(super) fn stop_transcription(&mut self, id: &MeetingId) {
        self.set_transcription(id, Kind::TranscriptionStopped, None, None);
    }

    /// Starts transcription that has been requested, or lets it fail.
    pub(super) fn begin_transcription(&mut self, id: &MeetingId) {
        let transcription = self.meetings.get(id).and_then(|it| it.meeting.transcription.clone());
        match transcription {
            Some(SdkTranscription { problem: Some(problem), .. }) => {
                self.set_transcription(id, Kind::TranscriptionFailed, Some(problem), None);
            }
            Some(it) => {
                let running = SdkTranscription { state: State::Running, starts: None, ..it };
                self.set_transcription(id, Kind::TranscriptionStarted, None, Some(running));
            }
            None => {}
        }
    }

    /// Interrupts or resumes transcription, or lets it fail. No operation can do that.
    pub(super) fn change_transcription(
        &mut self,
        id: &MeetingId,
        kind: Kind,
        message: Option<String>,
    ) -> Result<(), ActionError> {
        let row = self.meetings.get(id).ok_or(ActionError::NotFound)?;
        let transcription = row.meeting.transcription.clone();
        let state = transcription.as_ref().map(|transcription| transcription.state);
        let next = match (&kind, state) {
            (Kind::TranscriptionInterrupted, Some(State::Running)) => Ok(Some(State::Interrupted)),
            (Kind::TranscriptionResumed, Some(State::Interrupted)) => Ok(Some(State::Running)),
            (Kind::TranscriptionFailed, Some(_)) => Ok(None),
            (Kind::TranscriptionInterrupted, _) => Err("transcription is not running"),
            (Kind::TranscriptionResumed, _) => Err("transcription is not interrupted"),
            _ => Err("the meeting has no transcription"),
        };
        let next = next.map_err(ActionError::Conflict)?;
        let next = transcription.zip(next).map(|(it, state)| SdkTranscription { state, ..it });
        self.set_transcription(id, kind, message, next);
        Ok(())
    }
}
