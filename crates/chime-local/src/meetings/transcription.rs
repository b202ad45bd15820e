//! Live transcription: started and stopped by calls, changed by the clock and by verbs.

use chime_model::events::MeetingEventType as Kind;
use chime_model::meetings::*;
use chime_model::{Exception, ServiceError};
use time::Duration;

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request};
use crate::engine::world::ActionError;
use crate::meetings::record::{SdkTranscription, TranscriptionState as State};
use crate::meetings::{Call, Meetings, Service};

mod regions;

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
    let region = regions::of(&configuration, media);
    let problem = if !call.service.rules.transcription_role {
        let role = "AccessDeniedException: the service-linked role for transcription is missing";
        Some(role.to_owned())
    } else if let Some(problem) = problem(&configuration) {
        Some(format!("BadRequestException: {problem}"))
    } else {
        let missing = || format!("Amazon Transcribe is not available in {media}");
        region.is_none().then(missing)
    };
    let state = meeting.transcription.as_ref().map_or(State::Starting, |it| it.state);
    let wait = Duration::seconds(call.service.rules.transcription_start_seconds.into());
    let starts = Some(call.service.at.now.saturating_add(wait));
    let region = region.unwrap_or(media).to_owned();
    let transcription =
        SdkTranscription { starts, problem, ..SdkTranscription::new(configuration, region, state) };
    call.meeting_mut(&request.meeting_id)?.transcription = Some(transcription);
    Ok(())
}

fn stop_meeting_transcription(
    call: &mut Call<'_>,
    request: StopMeetingTranscriptionRequest,
) -> Result<()> {
    let row = call.meeting(&request.meeting_id)?;
    let state = row.meeting.transcription.as_ref().map(|transcription| transcription.state);
    if state.is_none() && call.service.rules.stop_needs_transcription {
        return Err(unprocessable("The meeting has no transcription"));
    }
    if state.is_some_and(|state| state != State::Starting) {
        let now = call.service.at.now;
        let event = row.transcription_event(Kind::TranscriptionStopped, None, now);
        call.service.at.events.extend(event);
    }
    if state.is_some() {
        call.meeting_mut(&request.meeting_id)?.transcription = None;
    }
    Ok(())
}

fn unprocessable(message: &str) -> ServiceError {
    ServiceError::new(Exception::UnprocessableEntity, message)
}

/// Returns why Amazon Transcribe refuses a configuration. That shows only when transcription starts.
fn problem(configuration: &TranscriptionConfiguration) -> Option<&'static str> {
    let settings = configuration.engine_transcribe_settings.as_ref()?;
    let identifies = settings.identify_language == Some(true);
    let identifies_content = settings.content_identification_type.is_some();
    let redacts = settings.content_redaction_type.is_some();
    let options = settings.language_options.as_deref();
    let checks = [
        (
            settings.language_code.is_some() == identifies,
            "exactly one of LanguageCode and IdentifyLanguage is required",
        ),
        (
            identifies_content && redacts,
            "ContentIdentificationType and ContentRedactionType cannot be combined",
        ),
        (
            settings.pii_entity_types.is_some() && !identifies_content && !redacts,
            "PiiEntityTypes requires ContentIdentificationType or ContentRedactionType",
        ),
        (
            (options.is_some() || settings.preferred_language.is_some()) && !identifies,
            "LanguageOptions and PreferredLanguage require IdentifyLanguage",
        ),
        (
            options.is_some_and(|options| options.split(',').count() < 2),
            "LanguageOptions must have at least two languages",
        ),
        (
            settings.preferred_language.is_some() && options.is_none(),
            "PreferredLanguage requires LanguageOptions",
        ),
        (
            identifies && (settings.language_model_name.is_some() || identifies_content || redacts),
            "IdentifyLanguage cannot be combined with LanguageModelName, identification or redaction",
        ),
    ];
    checks.into_iter().find_map(|(is_wrong, why)| is_wrong.then_some(why))
}

impl Service<'_> {
    /// Starts transcription if it is due, or lets it fail.
    pub(super) fn act_on_transcription(&mut self, id: &MeetingId) {
        let Self { meetings, at, .. } = self;
        let Some(row) = meetings.get(id) else { return };
        let is_due = |it: &&SdkTranscription| it.starts.is_some_and(|starts| starts <= at.now);
        let Some(transcription) = row.meeting.transcription.as_ref().filter(is_due) else { return };
        let problem = transcription.problem.clone();
        let running =
            SdkTranscription { state: State::Running, starts: None, ..transcription.clone() };
        let (kind, next) = match problem {
            Some(_) => (Kind::TranscriptionFailed, None),
            None => (Kind::TranscriptionStarted, Some(running)),
        };
        at.events.extend(row.transcription_event(kind, problem, at.now));
        if let Some(meeting) = meetings.get_mut(id) {
            meeting.transcription = next;
        }
    }

    /// Interrupts or resumes transcription, or lets it fail. No operation can do that.
    pub(super) fn change_transcription(
        &mut self,
        id: &MeetingId,
        kind: Kind,
        message: Option<String>,
    ) -> Result<(), ActionError> {
        let Self { meetings, at, .. } = self;
        let row = meetings.get(id).ok_or(ActionError::NotFound)?;
        let mut next = row.meeting.transcription.clone();
        match (&kind, &mut next) {
            (Kind::TranscriptionInterrupted, Some(it)) if it.state == State::Running => {
                it.state = State::Interrupted;
            }
            (Kind::TranscriptionResumed, Some(it)) if it.state == State::Interrupted => {
                it.state = State::Running;
            }
            (Kind::TranscriptionFailed, Some(_)) => next = None,
            _ => return Err(ActionError::Conflict("transcription is not in the required state")),
        }
        at.events.extend(row.transcription_event(kind, message, at.now));
        meetings.get_mut(id).ok_or(ActionError::NotFound)?.transcription = next;
        Ok(())
    }
}
