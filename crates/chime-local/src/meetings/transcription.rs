//! Live transcription: started and stopped by a call, and a while later in fact.

use chime_model::events::MeetingEventType as Kind;
use chime_model::meetings::*;
use chime_model::{Exception, ServiceError};
use time::{Duration, OffsetDateTime};

use crate::engine::dispatch::{Moment, handlers};
use crate::engine::errors::{Result, bad_request};
use crate::engine::events::Caused;
use crate::engine::world::ActionError;
use crate::meetings::call::no_meeting;
use crate::meetings::record::{MeetingRecord, Transcription, TranscriptionState};
use crate::meetings::{Call, Meetings};

mod regions;

handlers! {
    Meetings: start_meeting_transcription, stop_meeting_transcription
}

fn start_meeting_transcription(
    call: &mut Call<'_>,
    request: StartMeetingTranscriptionRequest,
) -> Result<()> {
    let StartMeetingTranscriptionRequest { meeting_id, transcription_configuration, .. } = request;
    let configuration = transcription_configuration;
    let row = call.meeting(&meeting_id)?;
    if row.is_replica() {
        return Err(unprocessable("A replica has the transcription of its primary meeting"));
    }
    let engines = (
        &configuration.engine_transcribe_settings,
        &configuration.engine_transcribe_medical_settings,
    );
    if !matches!(engines, (Some(_), None) | (None, Some(_))) {
        return Err(bad_request("TranscriptionConfiguration: must have settings of one engine"));
    }
    let media = row.meeting.media_region.as_ref().map_or("", |region| region.as_str());
    let region = regions::of(&configuration, media);
    let problem = match (&region, problem(&configuration)) {
        _ if !call.rules.transcription_role => Some(
            "AccessDeniedException: the service-linked role for transcription is missing"
                .to_owned(),
        ),
        (_, Some(problem)) => Some(format!("BadRequestException: {problem}")),
        (None, None) => Some(format!("Amazon Transcribe is not available in {media}")),
        (Some(_), None) => None,
    };
    let state = row.transcription.as_ref().map_or(TranscriptionState::Starting, |now| now.state);
    let wait = Duration::seconds(call.rules.transcription_start_seconds.into());
    let starts = Some(call.at.now.saturating_add(wait));
    let region = region.unwrap_or(media).to_owned();
    let record = call.meetings.meetings.get_mut(&meeting_id);
    let record = record.ok_or_else(|| no_meeting(&meeting_id))?;
    record.transcription = Some(Transcription { configuration, region, state, starts, problem });
    Ok(())
}

fn stop_meeting_transcription(
    call: &mut Call<'_>,
    request: StopMeetingTranscriptionRequest,
) -> Result<()> {
    let id = request.meeting_id;
    let row = call.meeting(&id)?;
    let Some(transcription) = &row.transcription else {
        if call.rules.stop_needs_transcription {
            return Err(unprocessable("The meeting has no transcription"));
        }
        return Ok(());
    };
    let stopped = (transcription.state != TranscriptionState::Starting)
        .then(|| row.tell_of_transcription(Kind::TranscriptionStopped, None, call.at.now));
    call.at.events.extend(stopped.flatten());
    let record = call.meetings.meetings.get_mut(&id).ok_or_else(|| no_meeting(&id))?;
    record.transcription = None;
    Ok(())
}

fn unprocessable(message: &str) -> ServiceError {
    ServiceError::new(Exception::UnprocessableEntity, message)
}

/// What Amazon Transcribe refuses, which shows only once transcription should start.
fn problem(configuration: &TranscriptionConfiguration) -> Option<&'static str> {
    let settings = configuration.engine_transcribe_settings.as_ref()?;
    let identifies = settings.identify_language == Some(true);
    let identifies_content = settings.content_identification_type.is_some();
    let redacts = settings.content_redaction_type.is_some();
    let options = settings.language_options.as_deref();
    let checks = [
        (
            settings.language_code.is_some() == identifies,
            "either LanguageCode or IdentifyLanguage is needed, and not both",
        ),
        (
            identifies_content && redacts,
            "ContentIdentificationType and ContentRedactionType exclude each other",
        ),
        (
            settings.pii_entity_types.is_some() && !identifies_content && !redacts,
            "PiiEntityTypes needs ContentIdentificationType or ContentRedactionType",
        ),
        (
            (options.is_some() || settings.preferred_language.is_some()) && !identifies,
            "LanguageOptions and PreferredLanguage need IdentifyLanguage",
        ),
        (
            options.is_some_and(|options| options.split(',').count() < 2),
            "LanguageOptions must have two languages at least",
        ),
        (
            settings.preferred_language.is_some() && options.is_none(),
            "PreferredLanguage needs LanguageOptions",
        ),
        (
            identifies && (settings.language_model_name.is_some() || identifies_content || redacts),
            "IdentifyLanguage excludes LanguageModelName, identification and redaction",
        ),
    ];
    checks.into_iter().find_map(|(is_wrong, why)| is_wrong.then_some(why))
}

impl Meetings {
    /// Starts transcription that is due, or lets it fail.
    pub(super) fn act_on_transcription(&mut self, id: &MeetingId, at: &mut Moment<'_>) {
        let Some(row) = self.meetings.get(id) else { return };
        let is_due = |it: &&Transcription| it.starts.is_some_and(|starts| starts <= at.now);
        let Some(transcription) = row.transcription.as_ref().filter(is_due) else { return };
        let problem = transcription.problem.clone();
        let kind = match problem {
            Some(_) => Kind::TranscriptionFailed,
            None => Kind::TranscriptionStarted,
        };
        let failed = problem.is_some();
        at.events.extend(row.tell_of_transcription(kind, problem, at.now));
        let Some(record) = self.meetings.get_mut(id) else { return };
        match &mut record.transcription {
            Some(transcription) if !failed => {
                transcription.state = TranscriptionState::Running;
                transcription.starts = None;
            }
            transcription => *transcription = None,
        }
    }

    /// Interrupts running transcription, resumes it, or lets it fail: what no call can do.
    pub(super) fn change_transcription(
        &mut self,
        id: &MeetingId,
        kind: Kind,
        message: Option<String>,
        at: &mut Moment<'_>,
    ) -> Result<(), ActionError> {
        let row = self.meetings.get(id).ok_or(ActionError::NotFound)?;
        let state = row.transcription.as_ref().map(|transcription| transcription.state);
        let next = match (&kind, state) {
            (Kind::TranscriptionInterrupted, Some(TranscriptionState::Running)) => {
                Some(TranscriptionState::Interrupted)
            }
            (Kind::TranscriptionResumed, Some(TranscriptionState::Interrupted)) => {
                Some(TranscriptionState::Running)
            }
            (Kind::TranscriptionFailed, Some(_)) => None,
            _ => return Err(ActionError::Conflict("transcription is not in the state for that")),
        };
        at.events.extend(row.tell_of_transcription(kind, message, at.now));
        let record = self.meetings.get_mut(id).ok_or(ActionError::NotFound)?;
        match (next, &mut record.transcription) {
            (Some(next), Some(transcription)) => transcription.state = next,
            (_, transcription) => *transcription = None,
        }
        Ok(())
    }
}

impl MeetingRecord {
    /// What happened to live transcription, in its envelope.
    pub(super) fn tell_of_transcription(
        &self,
        kind: Kind,
        message: Option<String>,
        now: OffsetDateTime,
    ) -> Option<Caused> {
        let transcription = self.transcription.as_ref()?;
        let event = self
            .event(kind, now)
            .transcription_region(&transcription.region)
            .set_transcription_configuration(
                serde_json::to_string(&transcription.configuration).ok(),
            )
            .set_message(message);
        Some(self.tell(event, now))
    }
}
