//! Pipelines of all kinds: shown, listed, paused and stopped by calls.

use chime_model::media_pipelines::*;

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, conflict};
use crate::pipelines::call::no_pipeline;
use crate::pipelines::record::{PipelineRecord, Work};
use crate::pipelines::{Call, Pipelines};

handlers! {
    Pipelines:
        get_media_pipeline, list_media_pipelines, delete_media_pipeline,
        get_media_capture_pipeline, list_media_capture_pipelines, delete_media_capture_pipeline,
        update_media_insights_pipeline_status
}

fn get_media_pipeline(
    call: &mut Call<'_>,
    request: GetMediaPipelineRequest,
) -> Result<GetMediaPipelineResponse> {
    let shown = call.pipeline(&request.media_pipeline_id)?.shown(&call.home);
    Ok(GetMediaPipelineResponse::default().media_pipeline(shown))
}

fn get_media_capture_pipeline(
    call: &mut Call<'_>,
    request: GetMediaCapturePipelineRequest,
) -> Result<GetMediaCapturePipelineResponse> {
    let shown = call.capture(&request.media_pipeline_id)?.shown(&call.home);
    let response = GetMediaCapturePipelineResponse::default();
    Ok(response.set_media_capture_pipeline(shown.media_capture_pipeline))
}

fn list_media_pipelines(
    call: &mut Call<'_>,
    request: ListMediaPipelinesRequest,
) -> Result<ListMediaPipelinesResponse> {
    let list = call.list(&request)?;
    let rows = call.rows(list.after());
    Ok(list.page_of(
        rows,
        |record| call.is_listed(record),
        |record| {
            let summary = MediaPipelineSummary::default().media_pipeline_id(&record.id);
            summary.media_pipeline_arn(record.arn(&call.home))
        },
    ))
}

fn list_media_capture_pipelines(
    call: &mut Call<'_>,
    request: ListMediaCapturePipelinesRequest,
) -> Result<ListMediaCapturePipelinesResponse> {
    let list = call.list(&request)?;
    let is_capture = |record: &PipelineRecord| matches!(record.work, Work::Capture(_));
    let matches = |record: &&PipelineRecord| is_capture(record) && call.is_listed(record);
    Ok(list.page_of(call.rows(list.after()), matches, |record| {
        let summary = MediaCapturePipelineSummary::default().media_pipeline_id(&record.id);
        summary.media_pipeline_arn(record.arn(&call.home))
    }))
}

fn delete_media_pipeline(call: &mut Call<'_>, request: DeleteMediaPipelineRequest) -> Result<()> {
    call.stop(&request.media_pipeline_id)
}

fn delete_media_capture_pipeline(
    call: &mut Call<'_>,
    request: DeleteMediaCapturePipelineRequest,
) -> Result<()> {
    call.capture(&request.media_pipeline_id)?;
    call.stop(&request.media_pipeline_id)
}

fn update_media_insights_pipeline_status(
    call: &mut Call<'_>,
    request: UpdateMediaInsightsPipelineStatusRequest,
) -> Result<()> {
    use MediaPipelineStatus::{InProgress, Paused};
    let record = call.insights(&request.identifier)?;
    let (from, to) = match request.update_status {
        MediaPipelineStatusUpdate::Pause => (InProgress, Paused),
        _ => (Paused, InProgress),
    };
    if record.status != from {
        return Err(conflict(format!("The pipeline is not {}", from.as_str())));
    }
    let id = record.id.clone();
    call.service.set_status(&call.home, &id, to, None);
    Ok(())
}

impl Call<'_> {
    fn capture(&self, id: &MediaPipelineId) -> Result<&PipelineRecord> {
        let record = self.pipeline(id).ok();
        let record = record.filter(|record| matches!(record.work, Work::Capture(_)));
        record.ok_or_else(|| no_pipeline(id.as_str()))
    }

    /// Returns the pipelines after a position in a list.
    fn rows(&self, after: Option<u64>) -> impl Iterator<Item = (u64, &PipelineRecord)> {
        let rows = self.region().into_iter().flat_map(move |it| it.pipelines.after(after));
        rows.map(|(at, row)| (at, &row.value))
    }

    fn is_listed(&self, record: &PipelineRecord) -> bool {
        record.is_active() || self.service.rules.stopped_pipelines_are_listed
    }

    /// Begins to stop a pipeline, unless it is stopping already.
    fn stop(&mut self, id: &MediaPipelineId) -> Result<()> {
        if !self.pipeline(id)?.is_active() {
            return Err(no_pipeline(id.as_str()));
        }
        self.service.stop(&self.home, id);
        Ok(())
    }
}
