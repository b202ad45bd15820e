//! A pipeline on the page.

use chime_model::media_pipelines::{
    GetMediaPipelineResponse, MediaPipeline, MediaPipelineId, MediaPipelineStatus as Status,
    MediaStreamSink,
};

use super::{configuration, link, link_by_arn, meeting, status, tags};
use crate::engine::view::{Cell, HIDDEN, Listing, Page, encode};
use crate::meetings::Meetings;
use crate::pipelines::Pipelines;
use crate::pipelines::documents::SdkTask;
use crate::pipelines::record::{PipelineRecord, Work};

pub(super) fn show(
    pipelines: &Pipelines,
    meetings: &Meetings,
    id: &MediaPipelineId,
    page: &mut Page<'_>,
) -> Option<()> {
    let (home, record) = pipelines.find(id)?;
    page.title("Media pipelines", &[], id.as_str());
    let bucket = record.work.bucket().map_or("", |(_, arn)| arn.expose());
    let configuration = configuration::used(record);
    // The id ends the ARN.
    let captured = record.work.captured().and_then(|arn| arn.rsplit('/').next());
    page.facts(&[
        ("Kind", record.work.kind().into()),
        ("Status", status(record)),
        ("Failing since", Cell::time(record.state.failing_since)),
        ("Reason", Cell::name(record.state.failure_reason.as_deref())),
        ("ARN", Cell::id(record.arn(home))),
        ("AWS account", home.account.as_str().into()),
        ("Control region", home.region.as_str().into()),
        ("Meeting", meeting(meetings, record)),
        ("Capture pipeline", captured.map_or_else(|| "".into(), link)),
        (
            "Configuration",
            configuration.map_or_else(|| "".into(), |arn| link_by_arn("configuration", arn)),
        ),
        ("Bucket", bucket.into()),
        ("Tags", tags(&record.state.tags)),
        ("Created", Cell::time(Some(record.created))),
        ("Updated", Cell::time(Some(record.updated()))),
        ("No fragments since", Cell::time(record.state.no_fragments_since)),
        ("Events", Cell::events_of(id.as_str())),
    ]);
    page.actions(&format!("media-pipelines/{}", encode(id.as_str())), &actions(record));
    match record.work {
        Work::Stream(_) => page.list("Sinks", sinks(record.work.pools())),
        Work::Insights(_) => page.list("Tasks", tasks(&record.state.tasks)),
        _ => {}
    }
    let response = GetMediaPipelineResponse::default();
    page.response(&response.media_pipeline(without_stream_keys(record.shown(home))));
    Some(())
}

/// Returns the buttons of all [actions](crate::PipelineAction): label, action, and whether the kind and
/// the state of the pipeline permit it.
fn actions(of: &PipelineRecord) -> [(&'static str, &'static str, bool); 5] {
    let is_running = of.status == Status::InProgress;
    let can_flow = |flows| is_running && of.can_set_mixed_stream(flows);
    [
        ("Fail temporarily", "fail-temporarily", is_running),
        ("Resume", "resume", is_running && of.state.failing_since.is_some()),
        ("Fail", "fail", of.is_active()),
        ("Start stream", "stream-start", can_flow(true)),
        ("End stream", "stream-end", can_flow(false)),
    ]
}

impl PipelineRecord {
    /// Whether the stream of mixed audio, or those that an insights pipeline reads, can start or end.
    fn can_set_mixed_stream(&self, flows: bool) -> bool {
        match &self.work {
            Work::Insights(work) => {
                work.kinesis_video_stream_source_runtime_configuration.is_some()
                    && self.state.no_fragments_since.is_some() == flows
            }
            _ => self.state.streams.iter().any(|it| it.attendee_id.is_none() && it.ended == flows),
        }
    }
}

/// Hides the URLs that a live connector sends to, because they contain a key.
fn without_stream_keys(mut shown: MediaPipeline) -> MediaPipeline {
    let connector = shown.media_live_connector_pipeline.as_mut();
    for sink in connector.and_then(|connector| connector.sinks.as_mut()).into_iter().flatten() {
        sink.rtmp_configuration.url = HIDDEN.into();
    }
    shown
}

fn sinks(sinks: &[MediaStreamSink]) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let rows = sinks.iter().map(|sink| {
        vec![
            link_by_arn("pool", sink.sink_arn.expose()),
            sink.media_stream_type.as_str().into(),
            sink.reserved_stream_capacity.to_string().into(),
        ]
    });
    Listing { heads: &["Pool", "Streams", "Capacity"], total: sinks.len(), rows }
}

fn tasks(tasks: &[SdkTask]) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let rows = tasks.iter().map(|task| {
        vec![
            Cell::id(task.task_id.as_str()),
            format!("{:?}", task.kind).into(),
            Cell::name(task.status.as_ref().map(|status| status.as_str())),
            Cell::time(task.created_timestamp),
        ]
    });
    Listing { heads: &["Id", "Kind", "Status", "Created"], total: tasks.len(), rows }
}
