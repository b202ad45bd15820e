//! Voice analytics: tasks of insights pipelines that look for a speaker or analyze a voice.

use chime_model::SensitiveString;
use chime_model::media_pipelines::*;

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request, not_found};
use crate::pipelines::call::{conflict, no_pipeline, throttled};
use crate::pipelines::record::{PipelineRecord, TaskKind, TaskRecord, Work};
use crate::pipelines::{Call, Pipelines};

handlers! {
    Pipelines:
        start_speaker_search_task, get_speaker_search_task, stop_speaker_search_task,
        start_voice_tone_analysis_task, get_voice_tone_analysis_task, stop_voice_tone_analysis_task
}

/// How many tasks of a kind can be at work in a control region.
const MOST: usize = 25;

type Task = (String, TaskRecord);

impl Call<'_> {
    /// The task of that kind and id, and its pipeline.
    fn task(
        &self,
        identifier: &ResourceIdentifier,
        kind: TaskKind,
        id: &str,
    ) -> Result<(MediaPipelineId, Task)> {
        let pipeline = self.insights(identifier)?;
        let row = self.pipeline(&pipeline)?.below.tasks.get(&id.to_owned());
        let row = row.filter(|task| task.kind == kind);
        let row = row.ok_or_else(|| not_found(&format!("Task <{id}>")))?;
        Ok((pipeline, (id.to_owned(), row.value.clone())))
    }

    /// Starts a task, or finds the one that was started with the same token.
    fn start_task(
        &mut self,
        identifier: &ResourceIdentifier,
        kind: TaskKind,
        token: Option<SensitiveString>,
    ) -> Result<Task> {
        if !self.rules.pipelines.voice_analytics {
            return Err(throttled());
        }
        let pipeline = self.insights(identifier)?;
        let scope = format!("{kind:?} {pipeline}");
        let first = self.made_with(&scope, token.as_ref());
        if let Some((_, first)) = first.and_then(|id| self.task(identifier, kind, id).ok()) {
            return Ok(first);
        }
        let row = self.pipeline(&pipeline)?;
        if row.status != MediaPipelineStatus::InProgress {
            return Err(conflict("The pipeline is not InProgress"));
        }
        if !self.analyzes(row, kind) {
            return Err(bad_request("The configuration of the pipeline does not enable the task"));
        }
        let is_same = |task: &&TaskRecord| task.kind == kind && task.is_active();
        if row.below.tasks.values().any(|task| is_same(&task)) {
            return Err(conflict("The pipeline has such a task at work"));
        }
        let all = self.region().into_iter().flat_map(|region| region.pipelines.rows());
        let all = all.flat_map(|(_, row)| row.below.tasks.values());
        if all.filter(is_same).count() >= MOST {
            return Err(conflict("The AWS account has as many such tasks as it can have"));
        }
        let (id, now) = (self.at.ids.guid(), self.at.now);
        let status = MediaPipelineTaskStatus::Initializing;
        let task = TaskRecord { kind, status, created: now, updated: now };
        let below = self.region_mut().pipelines.below_mut(&pipeline);
        below.ok_or_else(|| no_pipeline(pipeline.as_str()))?.tasks.insert(id.clone(), task.clone());
        self.remember(&scope, token, id.clone());
        Ok((id, task))
    }

    /// Whether the configuration of a pipeline enables tasks of that kind.
    fn analyzes(&self, record: &PipelineRecord, kind: TaskKind) -> bool {
        let Work::Insights(work) = &record.work else { return false };
        let arn = work.media_insights_pipeline_configuration_arn.as_ref();
        let Some(Ok((_, found))) = arn.map(|arn| self.configuration_of(arn)) else { return false };
        let mut settings = found
            .elements
            .iter()
            .filter_map(|it| it.voice_analytics_processor_configuration.as_ref());
        let status = settings.next().and_then(|settings| match kind {
            TaskKind::SpeakerSearch => settings.speaker_search_status.as_ref(),
            TaskKind::VoiceToneAnalysis => settings.voice_tone_analysis_status.as_ref(),
        });
        status == Some(&VoiceAnalyticsConfigurationStatus::Enabled)
    }

    fn stop_task(
        &mut self,
        identifier: &ResourceIdentifier,
        kind: TaskKind,
        id: &str,
    ) -> Result<()> {
        let (pipeline, (id, task)) = self.task(identifier, kind, id)?;
        if !task.is_active() {
            return Err(conflict("The task has stopped"));
        }
        let now = self.at.now;
        let below = self.region_mut().pipelines.below_mut(&pipeline);
        let task = below.and_then(|below| below.tasks.get_mut(&id));
        if let Some(task) = task.filter(|it| it.status != MediaPipelineTaskStatus::Stopping) {
            task.set_status(MediaPipelineTaskStatus::Stopping, now);
        }
        Ok(())
    }
}

fn speaker_search((id, task): Task) -> SpeakerSearchTask {
    SpeakerSearchTask::default()
        .created_timestamp(task.created)
        .speaker_search_task_id(id)
        .speaker_search_task_status(task.status)
        .updated_timestamp(task.updated)
}

fn voice_tone_analysis((id, task): Task) -> VoiceToneAnalysisTask {
    VoiceToneAnalysisTask::default()
        .created_timestamp(task.created)
        .voice_tone_analysis_task_id(id)
        .voice_tone_analysis_task_status(task.status)
        .updated_timestamp(task.updated)
}

fn start_speaker_search_task(
    call: &mut Call<'_>,
    request: StartSpeakerSearchTaskRequest,
) -> Result<StartSpeakerSearchTaskResponse> {
    let token = request.client_request_token;
    let task = call.start_task(&request.identifier, TaskKind::SpeakerSearch, token)?;
    Ok(StartSpeakerSearchTaskResponse::default().speaker_search_task(speaker_search(task)))
}

fn get_speaker_search_task(
    call: &mut Call<'_>,
    request: GetSpeakerSearchTaskRequest,
) -> Result<GetSpeakerSearchTaskResponse> {
    let id = request.speaker_search_task_id;
    let (_, task) = call.task(&request.identifier, TaskKind::SpeakerSearch, id.as_str())?;
    Ok(GetSpeakerSearchTaskResponse::default().speaker_search_task(speaker_search(task)))
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
    Ok(response.voice_tone_analysis_task(voice_tone_analysis(task)))
}

fn get_voice_tone_analysis_task(
    call: &mut Call<'_>,
    request: GetVoiceToneAnalysisTaskRequest,
) -> Result<GetVoiceToneAnalysisTaskResponse> {
    let id = request.voice_tone_analysis_task_id;
    let (_, task) = call.task(&request.identifier, TaskKind::VoiceToneAnalysis, id.as_str())?;
    let response = GetVoiceToneAnalysisTaskResponse::default();
    Ok(response.voice_tone_analysis_task(voice_tone_analysis(task)))
}

fn stop_voice_tone_analysis_task(
    call: &mut Call<'_>,
    request: StopVoiceToneAnalysisTaskRequest,
) -> Result<()> {
    let id = request.voice_tone_analysis_task_id;
    call.stop_task(&request.identifier, TaskKind::VoiceToneAnalysis, id.as_str())
}
