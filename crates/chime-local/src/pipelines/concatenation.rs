//! Concatenation pipelines, which join what a capture pipeline wrote.

use chime_model::media_pipelines::*;

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request};
use crate::engine::home::Home;
use crate::pipelines::create::create;
use crate::pipelines::record::{PIPELINE, PipelineRecord, PipelineRow, Work};
use crate::pipelines::{Call, Pipelines, RegionTables};

handlers! {
    Pipelines: create_media_concatenation_pipeline
}

fn create_media_concatenation_pipeline(
    call: &mut Call<'_>,
    request: CreateMediaConcatenationPipelineRequest,
) -> Result<CreateMediaConcatenationPipelineResponse> {
    let CreateMediaConcatenationPipelineRequest { sources, sinks, tags, .. } = request;
    let token = request.client_request_token;
    let created = create(call, "concatenation", token, tags, |call| {
        // Capture pipelines are remembered for 30 days, which is how old they may be.
        let capture = call.region().and_then(|it| captured(it, &call.home, &sources));
        let capture =
            capture.ok_or_else(|| bad_request("Sources: no such capture pipeline exists"))?;
        let meeting = capture.meeting.clone();
        for sink in &sinks {
            call.check_bucket(&sink.s3_bucket_sink_configuration.destination)?;
        }
        let work = MediaConcatenationPipeline::default().sources(sources).sinks(sinks);
        Ok((Work::Concatenation(work), meeting))
    })?;
    let pipeline = created.media_concatenation_pipeline;
    let response = CreateMediaConcatenationPipelineResponse::default();
    Ok(response.set_media_concatenation_pipeline(pipeline))
}

/// The capture pipeline of a source.
fn captured<'a>(
    region: &'a RegionTables,
    home: &Home,
    sources: &[ConcatenationSource],
) -> Option<&'a PipelineRow> {
    let source = &sources.first()?.media_capture_pipeline_source_configuration;
    let id = home.resource(source.media_pipeline_arn.as_str())?.strip_prefix(PIPELINE)?;
    let row = region.pipelines.get(&id.into())?;
    matches!(row.work, Work::Capture(_)).then_some(row)
}

impl RegionTables {
    /// The capture pipeline of a concatenation, while it is remembered.
    pub(super) fn capture_of(&self, record: &PipelineRecord, home: &Home) -> Option<&PipelineRow> {
        let Work::Concatenation(work) = &record.work else { return None };
        captured(self, home, work.sources.as_deref()?)
    }
}
