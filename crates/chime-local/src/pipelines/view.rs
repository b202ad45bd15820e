//! The parts of the page about media pipelines: all pipelines, configurations and pools, and one
//! pipeline.

use chime_model::events::{MediaPipelineEvent, StreamPoolEvent};
use chime_model::media_pipelines::{
    KinesisVideoStreamPoolStatus as PoolStatus, MediaPipelineId, MediaPipelineStatus,
};

use crate::engine::home::Home;
use crate::engine::view::{Cell, Listing, Page, Shown, encode, target};
use crate::meetings::{self, Meetings};
use crate::pipelines::Pipelines;
use crate::pipelines::configurations::SdkInsightsConfiguration;
use crate::pipelines::pools::SdkPool;
use crate::pipelines::record::PipelineRecord;
use crate::pipelines::tasks::SdkTask;

/// Shows all pipelines, configurations and pools, or one pipeline or pool.
pub(crate) fn view(
    pipelines: &Pipelines,
    meetings: &Meetings,
    page: &mut Page<'_>,
) -> Option<Shown> {
    match (page.asked("pipeline"), page.asked("pool")) {
        (None, None) => {
            page.list("Media pipelines", all(pipelines, meetings));
            page.list("Configurations", configurations(pipelines));
            page.list("Stream pools", pools(pipelines));
            return Some(Shown::Overview);
        }
        (Some(id), _) => show(pipelines, meetings, &MediaPipelineId::from(id), page)?,
        (None, Some(arn)) => show_pool(pipelines, &arn, page)?,
    }
    Some(Shown::Part)
}

fn show(
    pipelines: &Pipelines,
    meetings: &Meetings,
    id: &MediaPipelineId,
    page: &mut Page<'_>,
) -> Option<()> {
    let (home, record) = pipelines.find(id)?;
    page.title("Media pipelines", &[], id.as_str());
    page.facts(&[
        ("Kind", record.work.kind().into()),
        ("Status", status(record)),
        ("AWS account", home.account.as_str().into()),
        ("Control region", home.region.as_str().into()),
        ("Meeting", meeting(meetings, record)),
        ("Created", Cell::time(Some(record.created))),
        ("Updated", Cell::time(Some(record.updated))),
        ("Events", Cell::events_of(id.as_str())),
    ]);
    page.actions(&format!("media-pipelines/{}", encode(id.as_str())), &actions(record));
    page.list("Tasks", tasks(&record.tasks));
    Some(())
}

fn show_pool(pipelines: &Pipelines, arn: &str, page: &mut Page<'_>) -> Option<()> {
    let all = pipelines
        .regions()
        .flat_map(|(home, region)| region.pools.values().map(move |pool| (home, pool)));
    let (home, pool) = all.into_iter().find(|(home, pool)| pool.arn(home) == arn)?;
    page.title("Stream pools", &[], pool.pool_name.as_str());
    page.facts(&[
        ("ARN", Cell::id(arn)),
        ("Status", pool_status(pool)),
        ("Region", pool.region().into()),
        ("AWS account", home.account.as_str().into()),
        ("Control region", home.region.as_str().into()),
        ("Created", Cell::time(pool.created_timestamp)),
        ("Updated", Cell::time(pool.updated_timestamp)),
        ("Events", Cell::events_of(arn)),
    ]);
    let is_possible = !matches!(pool.pool_status, Some(PoolStatus::Failed | PoolStatus::Deleting));
    let actions = [("Fail temporarily", "fail-temporarily"), ("Fail", "fail")];
    let actions = actions.map(|(label, action)| (label, action, is_possible));
    page.actions(&format!("pools/{}", encode(arn)), &actions);
    Some(())
}

/// Links to the pipeline of an event.
pub(crate) fn subject(event: &MediaPipelineEvent) -> Option<Cell> {
    let id = event.media_pipeline_id.as_ref()?.as_str();
    Some(Cell::id_link(id, target(&[("pipeline", id)])))
}

/// Links to the pool of an event.
pub(crate) fn pool_of(event: &StreamPoolEvent) -> Option<Cell> {
    let arn = event.pool_arn.as_ref()?.as_str();
    let name = arn.rsplit('/').next().unwrap_or(arn);
    Some(Cell::link(name, target(&[("pool", arn)])))
}

/// Returns the buttons of all [actions](crate::PipelineAction): label, action, and whether the status
/// of the pipeline permits it. The pipeline may still refuse.
fn actions(of: &PipelineRecord) -> [(&'static str, &'static str, bool); 5] {
    let is_running = of.status == MediaPipelineStatus::InProgress;
    [
        ("Fail temporarily", "fail-temporarily", is_running),
        ("Resume", "resume", is_running),
        ("Fail", "fail", of.is_active()),
        ("Start stream", "stream-start", is_running),
        ("End stream", "stream-end", is_running),
    ]
}

fn all(pipelines: &Pipelines, meetings: &Meetings) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let row = move |home: &Home, record: &PipelineRecord| {
        let id = record.id.as_str();
        vec![
            Cell::id_link(id, target(&[("pipeline", id)])),
            record.work.kind().into(),
            status(record),
            meeting(meetings, record),
            Cell::time(Some(record.created)),
            home.account.as_str().into(),
            home.region.as_str().into(),
        ]
    };
    Listing {
        heads: &["Id", "Kind", "Status", "Meeting", "Created", "AWS account", "Control region"],
        total: pipelines.regions().map(|(_, region)| region.pipelines.len()).sum(),
        rows: pipelines.regions().flat_map(move |(home, region)| {
            region.pipelines.values().map(move |record| row(home, record))
        }),
    }
}

fn configurations(pipelines: &Pipelines) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let row = |home: &Home, configuration: &SdkInsightsConfiguration| {
        let types = configuration.elements.iter().map(|element| element.r#type.as_str());
        vec![
            configuration.name.as_str().into(),
            types.collect::<Vec<_>>().join(", ").into(),
            Cell::time(configuration.created_timestamp),
            home.account.as_str().into(),
            home.region.as_str().into(),
        ]
    };
    Listing {
        heads: &["Name", "Elements", "Created", "AWS account", "Control region"],
        total: pipelines.regions().map(|(_, region)| region.configurations.len()).sum(),
        rows: pipelines.regions().flat_map(move |(home, region)| {
            region.configurations.values().map(move |configuration| row(home, configuration))
        }),
    }
}

fn pools(pipelines: &Pipelines) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let row = |home: &Home, pool: &SdkPool| {
        vec![
            Cell::link(pool.pool_name.as_str(), target(&[("pool", &pool.arn(home))])),
            pool_status(pool),
            pool.region().into(),
            Cell::time(pool.created_timestamp),
            home.account.as_str().into(),
            home.region.as_str().into(),
        ]
    };
    Listing {
        heads: &["Name", "Status", "Region", "Created", "AWS account", "Control region"],
        total: pipelines.regions().map(|(_, region)| region.pools.len()).sum(),
        rows: pipelines
            .regions()
            .flat_map(move |(home, region)| region.pools.values().map(move |pool| row(home, pool))),
    }
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

fn status(record: &PipelineRecord) -> Cell {
    match &record.status {
        MediaPipelineStatus::Failed => Cell::failure(record.status.as_str()),
        status => status.as_str().into(),
    }
}

fn pool_status(pool: &SdkPool) -> Cell {
    match &pool.pool_status {
        Some(PoolStatus::Failed) => Cell::failure(PoolStatus::Failed.as_str()),
        status => Cell::name(status.as_ref().map(|status| status.as_str())),
    }
}

/// Links to the meeting of a pipeline.
fn meeting(meetings: &Meetings, record: &PipelineRecord) -> Cell {
    let meeting = record.meeting.as_ref();
    meeting.map_or_else(|| "".into(), |meeting| meetings::link(meetings, &meeting.meeting_id))
}
