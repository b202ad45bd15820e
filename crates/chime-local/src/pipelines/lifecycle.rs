//! Pipelines of any kind: shown, listed and stopped by a call.

use chime_model::media_pipelines::*;

use crate::engine::dispatch::handlers;
use crate::engine::errors::Result;
use crate::engine::paging::List;
use crate::pipelines::call::no_pipeline;
use crate::pipelines::record::PipelineRow;
use crate::pipelines::{Call, Pipelines};

handlers! {
    Pipelines: get_media_pipeline, list_media_pipelines, delete_media_pipeline
}

/// How many items a page of any list has if the caller does not say.
pub(super) const PAGE: usize = 100;

fn get_media_pipeline(
    call: &mut Call<'_>,
    request: GetMediaPipelineRequest,
) -> Result<GetMediaPipelineResponse> {
    let shown = call.pipeline(&request.media_pipeline_id)?.shown(&call.home);
    Ok(GetMediaPipelineResponse::default().media_pipeline(shown))
}

fn list_media_pipelines(
    call: &mut Call<'_>,
    request: ListMediaPipelinesRequest,
) -> Result<ListMediaPipelinesResponse> {
    let list = List::open(&call.list_owner(), &request, PAGE)?;
    Ok(list.page(call.listed(list.after()), |row| {
        let summary = MediaPipelineSummary::default().media_pipeline_id(&row.id);
        summary.media_pipeline_arn(row.arn(&call.home))
    }))
}

fn delete_media_pipeline(call: &mut Call<'_>, request: DeleteMediaPipelineRequest) -> Result<()> {
    call.stop(&request.media_pipeline_id)
}

impl Call<'_> {
    /// The pipelines that lists have, after a position.
    pub(super) fn listed(&self, after: Option<u64>) -> impl Iterator<Item = (u64, &PipelineRow)> {
        let all = self.rules.pipelines.stopped_pipelines_are_listed;
        let rows = self.region().into_iter().flat_map(move |it| it.pipelines.after(after));
        rows.filter(move |(_, row)| all || row.is_active())
    }

    /// Stops a pipeline, which takes a while. One that is stopping already goes on.
    pub(super) fn stop(&mut self, id: &MediaPipelineId) -> Result<()> {
        if !self.pipeline(id)?.is_active() {
            return Err(no_pipeline(id.as_str()));
        }
        let Call { home, at, rules, pipelines, meetings } = self;
        pipelines.stop(home, id, at, rules, meetings);
        Ok(())
    }
}
