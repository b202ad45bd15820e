//! Pipelines of all kinds: shown, listed, paused and stopped by calls.

use chime_model::media_pipelines::*;

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, conflict};
use crate::engine::table::Row;
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
    let shown = call.pipeline_if(request.media_pipeline_id.as_str(), is_capture)?.shown(&call.home);
    let response = GetMediaCapturePipelineResponse::default();
    Ok(response.set_media_capture_pipeline(shown.media_capture_pipeline))
}

fn list_media_pipelines(
    call: &mut Call<'_>,
    request: ListMediaPipelinesRequest,
) -> Result<ListMediaPipelinesResponse> {
    let list = call.list(&request)?;
    let rows = call.region().pipelines.after(list.after());
    let matches = |record: &&Row<_>| call.is_listed(record);
    Ok(list.page_of(rows, matches, |record| {
        let summary = MediaPipelineSummary::default().media_pipeline_id(&record.id);
        summary.media_pipeline_arn(record.arn(&call.home))
    }))
}

fn list_media_capture_pipelines(
    call: &mut Call<'_>,
    request: ListMediaCapturePipelinesRequest,
) -> Result<ListMediaCapturePipelinesResponse> {
    let list = call.list(&request)?;
    let rows = call.region().pipelines.after(list.after());
    let matches = |record: &&Row<_>| is_capture(record) && call.is_listed(record);
    Ok(list.page_of(rows, matches, |record| {
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
    call.pipeline_if(request.media_pipeline_id.as_str(), is_capture)?;
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

fn is_capture(record: &PipelineRecord) -> bool {
    matches!(record.work, Work::Capture(_))
}

impl Call<'_> {
    fn is_listed(&self, record: &PipelineRecord) -> bool {
        record.is_active() || self.service.rules.stopped_pipelines_are_listed
    }

    /// Begins to stop a pipeline, unless it is stopping already.
    fn stop(&mut self, id: &MediaPipelineId) -> Result<()> {
        self.pipeline_if(id.as_str(), PipelineRecord::is_active)?;
        self.service.stop(&self.home, id);
        Ok(())
    }
}
