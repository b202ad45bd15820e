//! Voice analytics: the tasks of insights pipelines.

use chime_model::media_pipelines::MediaPipelineTaskStatus as Status;
use chime_model::media_pipelines::*;
use chime_model::{Exception, SensitiveString, ServiceError};
use time::{Duration, OffsetDateTime};

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request, conflict, not_found};
use crate::pipelines::documents::{SdkTask, TaskKind};
use crate::pipelines::record::{PipelineRecord, Work};
use crate::pipelines::{Call, Pipelines};

handlers! {
    Pipelines:
        start_speaker_search_task, get_speaker_search_task, stop_speaker_search_task,
        start_voice_tone_analysis_task, get_voice_tone_analysis_task, stop_voice_tone_analysis_task
}

/// How long a task takes to start, and to stop.
const TASK: Duration = Duration::seconds(1);
/// How many tasks of a kind can be active in a control region.
const MAX_TASKS: usize = 25;

impl SdkTask {
    /// Sets the unset members to their defaults.
    pub(super) fn complete(mut self, now: OffsetDateTime) -> Self {
        self.status.get_or_insert(Status::InProgress);
        let created = *self.created_timestamp.get_or_insert(now);
        self.updated_timestamp.get_or_insert(created);
        self
    }

    fn is_active(&self) -> bool {
        !matches!(self.status, Some(Status::Stopped | Status::Failed))
    }

    pub(super) fn set_status(&mut self, status: Status, now: OffsetDateTime) {
        self.status = Some(status);
        self.updated_timestamp = Some(now);
    }

    /// Returns the next status and when it is due.
    pub(super) fn next(&self) -> Option<(OffsetDateTime, Status)> {
        let next = match self.status.as_ref()? {
            Status::Initializing => Status::InProgress,
            Status::Stopping => Status::Stopped,
            _ => return None,
        };
        Some((self.updated_timestamp?.saturating_add(TASK), next))
    }

    /// Begins to stop the task, unless it is stopping or has ended.
    pub(super) fn stop(&mut self, now: OffsetDateTime) {
        if self.is_active() && self.status != Some(Status::Stopping) {
            self.set_status(Status::Stopping, now);
        }
    }

    /// Returns the task as responses show it.
    fn speaker_search(self) -> SpeakerSearchTask {
        SpeakerSearchTask::default()
            .set_created_timestamp(self.created_timestamp)
            .speaker_search_task_id(self.task_id)
            .set_speaker_search_task_status(self.status)
            .set_updated_timestamp(self.updated_timestamp)
    }

    /// Returns the task as responses show it.
    fn voice_tone_analysis(self) -> VoiceToneAnalysisTask {
        VoiceToneAnalysisTask::default()
            .set_created_timestamp(self.created_timestamp)
            .voice_tone_analysis_task_id(self.task_id)
            .set_voice_tone_analysis_task_status(self.status)
            .set_updated_timestamp(self.updated_timestamp)
    }
}

impl Call<'_> {
    /// Finds a task of an insights pipeline.
    fn task(&self, pipeline: &ResourceIdentifier, kind: TaskKind, id: &str) -> Result<SdkTask> {
        let mut tasks = self.insights(pipeline)?.state.tasks.iter();
        let task = tasks.find(|task| task.kind == kind && task.task_id == id);
        task.cloned().ok_or_else(|| not_found(&format!("Task <{id}>")))
    }

    /// Starts a task, or finds the task that was started with the same token.
    fn start_task(
        &mut self,
        identifier: &ResourceIdentifier,
        kind: TaskKind,
        token: Option<SensitiveString>,
    ) -> Result<SdkTask> {
        if !self.service.rules.voice_analytics {
            return Err(ServiceError::new(Exception::ThrottledClient, "Rate exceeded"));
        }
        let pipeline = self.insights(identifier)?.id.clone();
        let find = |call: &Self, id: &str| call.task(identifier, kind, id);
        self.once(&format!("{kind:?} {pipeline}"), token, find, |call| {
            call.check_task(call.pipeline(&pipeline)?, kind)?;
            let id = call.new_id();
            let status = Some(Status::Initializing);
            let task = SdkTask { status, ..SdkTask::new(&id, kind) }.complete(call.now());
            call.region_mut().pipelines.change(&pipeline, |record| record.state.tasks.push(task));
            Ok(id)
        })
    }

    /// Checks that a task of that kind can start.
    fn check_task(&self, record: &PipelineRecord, kind: TaskKind) -> Result<()> {
        let is_same = |task: &&SdkTask| task.kind == kind && task.is_active();
        if record.status != MediaPipelineStatus::InProgress {
            return Err(conflict("The pipeline is not InProgress"));
        }
        if !self.analyzes(record, kind) {
            return Err(bad_request("The configuration of the pipeline does not enable the task"));
        }
        if record.state.tasks.iter().any(|task| is_same(&task)) {
            return Err(conflict("The pipeline has an active task of the same kind"));
        }
        let all = self.region().unfinished().flat_map(|record| &record.state.tasks);
        if all.filter(is_same).count() >= MAX_TASKS {
            return Err(conflict("The AWS account has the maximum number of active tasks"));
        }
        Ok(())
    }

    /// Whether the configuration of a pipeline enables tasks of a kind.
    fn analyzes(&self, record: &PipelineRecord, kind: TaskKind) -> bool {
        let Work::Insights(work) = &record.work else { return false };
        let found = self.region().configuration_of(&self.home, work);
        let Ok(configuration) = found else { return false };
        let mut elements = configuration.elements.iter();
        let settings =
            elements.find_map(|element| element.voice_analytics_processor_configuration.as_ref());
        let status = settings.and_then(|settings| match kind {
            TaskKind::SpeakerSearch => settings.speaker_search_status.as_ref(),
            TaskKind::VoiceToneAnalysis => settings.voice_tone_analysis_status.as_ref(),
        });
        status == Some(&VoiceAnalyticsConfigurationStatus::Enabled)
    }

    fn stop_task(&mut self, pipeline: &ResourceIdentifier, kind: TaskKind, id: &str) -> Result<()> {
        if !self.task(pipeline, kind, id)?.is_active() {
            return Err(conflict("The task has stopped"));
        }
        let (pipeline, now) = (self.insights(pipeline)?.id.clone(), self.now());
        self.region_mut().pipelines.change(&pipeline, |record| {
            let task = record.state.tasks.iter_mut().find(|task| task.task_id == id);
            task.into_iter().for_each(|task| task.stop(now));
        });
        Ok(())
    }
}

fn start_speaker_search_task(
    call: &mut Call<'_>,
    request: StartSpeakerSearchTaskRequest,
) -> Result<StartSpeakerSearchTaskResponse> {
    let token = request.client_request_token;
    let task = call.start_task(&request.identifier, TaskKind::SpeakerSearch, token)?;
    Ok(StartSpeakerSearchTaskResponse::default().speaker_search_task(task.speaker_search()))
}

fn get_speaker_search_task(
    call: &mut Call<'_>,
    request: GetSpeakerSearchTaskRequest,
) -> Result<GetSpeakerSearchTaskResponse> {
    let id = request.speaker_search_task_id;
    let task = call.task(&request.identifier, TaskKind::SpeakerSearch, id.as_str())?;
    Ok(GetSpeakerSearchTaskResponse::default().speaker_search_task(task.speaker_search()))
}

fn stop_speaker_search_task(
    call: &mut Call<'_>,
    request: StopSpeakerSearchTaskRequest,
) -> Result<()> {
    let id = request.speaker_search_task_id;
    call.stop_task(&request.identifier, TaskKind::SpeakerSearch, id.as_str())
}

fn start_voice_tone_analysis_task(
    call: &mut Call<'_>,
    request: StartVoiceToneAnalysisTaskRequest,
) -> Result<StartVoiceToneAnalysisTaskResponse> {
    let token = request.client_request_token;
    let task = call.start_task(&request.identifier, TaskKind::VoiceToneAnalysis, token)?;
    let response = StartVoiceToneAnalysisTaskResponse::default();
    Ok(response.voice_tone_analysis_task(task.voice_tone_analysis()))
}

fn get_voice_tone_analysis_task(
    call: &mut Call<'_>,
    request: GetVoiceToneAnalysisTaskRequest,
) -> Result<GetVoiceToneAnalysisTaskResponse> {
    let id = request.voice_tone_analysis_task_id;
    let task = call.task(&request.identifier, TaskKind::VoiceToneAnalysis, id.as_str())?;
    let response = GetVoiceToneAnalysisTaskResponse::default();
    Ok(response.voice_tone_analysis_task(task.voice_tone_analysis()))
}

fn stop_voice_tone_analysis_task(
    call: &mut Call<'_>,
    request: StopVoiceToneAnalysisTaskRequest,
) -> Result<()> {
    let id = request.voice_tone_analysis_task_id;
    call.stop_task(&request.identifier, TaskKind::VoiceToneAnalysis, id.as_str())
}
