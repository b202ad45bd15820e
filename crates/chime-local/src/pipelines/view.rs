//! The parts of the page about media pipelines: all pipelines, configurations and pools, and one
//! pipeline.

use chime_model::media_pipelines::{MediaPipelineId, MediaPipelineStatus};

use crate::engine::home::Home;
use crate::engine::view::{Button, Cell, Listing, Page, Shown, encode, target};
use crate::pipelines::Pipelines;
use crate::pipelines::configurations::SdkInsightsConfiguration;
use crate::pipelines::pools::SdkPool;
use crate::pipelines::record::PipelineRecord;
use crate::pipelines::tasks::SdkTask;

/// The buttons of all [actions](crate::PipelineAction): label and action.
const ACTIONS: [(&str, &str); 5] = [
    ("Fail temporarily", "fail-temporarily"),
    ("Resume", "resume"),
    ("Fail", "fail"),
    ("Start stream", "stream-start"),
    ("End stream", "stream-end"),
];

/// Shows all pipelines, configurations and pools, or one pipeline.
pub(crate) fn view(pipelines: &Pipelines, page: &mut Page<'_>) -> Option<Shown> {
    let Some(id) = page.asked("pipeline") else {
        page.list("Media pipelines", all(pipelines));
        page.list("Configurations", configurations(pipelines));
        page.list("Stream pools", pools(pipelines));
        return Some(Shown::Overview);
    };
    let id = MediaPipelineId::from(id);
    let mut found = pipelines.regions().map(|(home, region)| (home, region.pipelines.get(&id)));
    let (home, record) = found.find_map(|(home, record)| Some((home, record?)))?;
    page.title("Media pipelines", &[], id.as_str());
    page.facts(&[
        ("Kind", record.work.kind().into()),
        ("Status", status(record)),
        ("AWS account", home.account.as_str().into()),
        ("Control region", home.region.as_str().into()),
        ("Meeting", meeting(record)),
        ("Created", Cell::time(Some(record.created))),
        ("Updated", Cell::time(Some(record.updated))),
    ]);
    page.html.markup("<section><h2>Actions</h2><p class=\"row\">");
    for (label, action) in ACTIONS {
        let verb = format!("POST media-pipelines/{}/{action}", encode(id.as_str()));
        page.html.button(&Button { label, verb: &verb, ..Button::default() });
    }
    page.html.markup("</p></section>\n");
    page.list("Tasks", tasks(&record.tasks));
    Some(Shown::Part)
}

fn all(pipelines: &Pipelines) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let row = |(home, record): (&Home, &PipelineRecord)| {
        let id = record.id.as_str();
        vec![
            Cell::link(id, target(&[("pipeline", id)])),
            home.account.as_str().into(),
            home.region.as_str().into(),
            record.work.kind().into(),
            status(record),
            meeting(record),
            Cell::time(Some(record.created)),
        ]
    };
    Listing {
        heads: &["Id", "AWS account", "Control region", "Kind", "Status", "Meeting", "Created"],
        total: pipelines.regions().map(|(_, region)| region.pipelines.len()).sum(),
        rows: pipelines.records().map(row),
    }
}

fn configurations(pipelines: &Pipelines) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let row = |home: &Home, configuration: &SdkInsightsConfiguration| {
        let types = configuration.elements.iter().map(|element| element.r#type.as_str());
        vec![
            configuration.name.as_str().into(),
            home.account.as_str().into(),
            home.region.as_str().into(),
            types.collect::<Vec<_>>().join(", ").into(),
            Cell::time(configuration.created_timestamp),
        ]
    };
    Listing {
        heads: &["Name", "AWS account", "Control region", "Elements", "Created"],
        total: pipelines.regions().map(|(_, region)| region.configurations.len()).sum(),
        rows: pipelines.regions().flat_map(move |(home, region)| {
            region.configurations.values().map(move |configuration| row(home, configuration))
        }),
    }
}

fn pools(pipelines: &Pipelines) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let row = |home: &Home, pool: &SdkPool| {
        vec![
            pool.pool_name.as_str().into(),
            home.account.as_str().into(),
            home.region.as_str().into(),
            pool.region().into(),
            Cell::name(pool.pool_status.as_ref().map(|status| status.as_str())),
            Cell::time(pool.created_timestamp),
        ]
    };
    Listing {
        heads: &["Name", "AWS account", "Control region", "Region", "Status", "Created"],
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

/// Links to the meeting of a pipeline, which may have ended.
fn meeting(record: &PipelineRecord) -> Cell {
    let meeting = record.meeting.as_ref().map(|meeting| meeting.meeting_id.as_str());
    meeting.map_or_else(|| "".into(), |id| Cell::link(id, target(&[("meeting", id)])))
}
