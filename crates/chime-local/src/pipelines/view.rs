//! The parts of the page about media pipelines: all pipelines, configurations and pools, and one of
//! them.

mod configuration;
mod pipeline;
mod pool;

use std::iter;

use chime_model::events::{MediaPipelineEvent, StreamPoolEvent};
use chime_model::media_pipelines::{MediaPipelineId, MediaPipelineStatus, Tag};
use chime_model::meetings::MeetingId;

use crate::engine::home::Home;
use crate::engine::view::{Cell, Listing, Page, Shown, target};
use crate::meetings::{self, Meetings};
use crate::pipelines::Pipelines;
use crate::pipelines::record::PipelineRecord;

/// Shows all pipelines, configurations and pools, or one of them.
pub(crate) fn view(
    pipelines: &Pipelines,
    meetings: &Meetings,
    page: &mut Page<'_>,
) -> Option<Shown> {
    match ["pipeline", "configuration", "pool"].map(|part| page.asked(part)) {
        [None, None, None] => {
            list(pipelines, meetings, |_| true, page);
            page.list("Configurations", configuration::all(pipelines));
            page.list("Stream pools", pool::all(pipelines));
            return Some(Shown::Overview);
        }
        [Some(id), _, _] => pipeline::show(pipelines, meetings, &MediaPipelineId::from(id), page)?,
        [None, Some(arn), _] => configuration::show(pipelines, meetings, &arn, page)?,
        [None, None, Some(arn)] => pool::show(pipelines, meetings, &arn, page)?,
    }
    Some(Shown::Part)
}

/// Lists the pipelines of a meeting, with the concatenations of what they captured.
pub(crate) fn list_of_meeting(
    pipelines: &Pipelines,
    meetings: &Meetings,
    id: &MeetingId,
    page: &mut Page<'_>,
) {
    let is_in =
        |it: &PipelineRecord| it.state.meeting.as_ref().is_some_and(|it| it.meeting_id == *id);
    list(pipelines, meetings, is_in, page);
}

/// Links to the pipeline of an event.
pub(crate) fn subject(event: &MediaPipelineEvent) -> Option<Cell> {
    Some(link(event.media_pipeline_id.as_ref()?.as_str()))
}

/// Links to the pool of an event.
pub(crate) fn pool_of(event: &StreamPoolEvent) -> Option<Cell> {
    Some(link_by_arn("pool", event.pool_arn.as_ref()?.as_str()))
}

/// Links to a pipeline.
fn link(id: &str) -> Cell {
    Cell::id_link(id, target(&[("pipeline", id)]))
}

/// Links to a configuration or a pool by its name, which ends its ARN.
fn link_by_arn(part: &str, arn: &str) -> Cell {
    Cell::link(arn.rsplit('/').next().unwrap_or(arn), target(&[(part, arn)]))
}

/// Lists the pipelines that match, the newest first.
fn list(
    pipelines: &Pipelines,
    meetings: &Meetings,
    matches: impl Fn(&PipelineRecord) -> bool,
    page: &mut Page<'_>,
) {
    let row = |(home, record): (&Home, &PipelineRecord)| {
        vec![
            link(record.id.as_str()),
            record.work.kind().into(),
            status(record),
            meeting(meetings, record),
            Cell::time(Some(record.created)),
            home.account.as_str().into(),
            home.region.as_str().into(),
        ]
    };
    let all = pipelines.regions().flat_map(|(_, region)| region.pipelines.values());
    let listing = Listing {
        heads: &["Id", "Kind", "Status", "Meeting", "Created", "AWS account", "Control region"],
        total: all.filter(|record| matches(record)).count(),
        rows: newest(pipelines).filter(|(_, record)| matches(record)).map(row),
    };
    page.list("Media pipelines", listing);
}

/// Merges the pipelines of all regions, the newest first. In a region, they are in the order of
/// creation.
fn newest(pipelines: &Pipelines) -> impl Iterator<Item = (&Home, &PipelineRecord)> {
    let regions = pipelines.regions().map(|(home, region)| {
        region.pipelines.values().rev().map(move |record| (home, record)).peekable()
    });
    let mut regions: Vec<_> = regions.collect();
    iter::from_fn(move || {
        let created = regions.iter_mut().map(|rows| rows.peek().map(|(_, record)| record.created));
        let (newest, _) = created.enumerate().max_by_key(|(_, created)| *created)?;
        regions.get_mut(newest)?.next()
    })
}

fn status(record: &PipelineRecord) -> Cell {
    let status = record.status.as_str();
    match &record.status {
        MediaPipelineStatus::Failed => Cell::failure(status),
        _ if record.state.failing_since.is_some() => Cell::failure(format!("{status}, failing")),
        _ => status.into(),
    }
}

/// Links to the meeting of a pipeline.
fn meeting(meetings: &Meetings, record: &PipelineRecord) -> Cell {
    let meeting = record.state.meeting.as_ref();
    meeting.map_or_else(|| "".into(), |meeting| meetings::link(meetings, &meeting.meeting_id))
}

fn tags(tags: &[Tag]) -> Cell {
    Cell::tags(tags.iter().map(|tag| (&*tag.key, &*tag.value)))
}
