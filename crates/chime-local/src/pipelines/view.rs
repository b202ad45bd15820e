//! What the page shows of media pipelines: pipelines, configurations and pools, and one pipeline.

use chime_model::media_pipelines::{MediaPipelineId, MediaPipelineStatus};

use crate::engine::home::Home;
use crate::engine::table::{Row, Table};
use crate::engine::view::{Button, Cell, Listing, Page, Shown, encode, target};
use crate::pipelines::record::{PipelineRow, TaskRecord};
use crate::pipelines::{Pipelines, RegionTables};

/// The buttons with the actions of [`PipelineAction`](crate::PipelineAction).
const ACTIONS: [(&str, &str); 5] = [
    ("Fail for a while", "fail-temporarily"),
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
    let key = MediaPipelineId::from(&*id);
    let mut found =
        pipelines.regions.rows().map(|(home, row)| (home, row.below.pipelines.get(&key)));
    let (home, record) = found.find_map(|(home, record)| Some((home, record?)))?;
    page.title("Media pipelines", &[], &id);
    page.facts(&[
        ("Kind", record.work.kind().into()),
        ("Status", status(&record.status)),
        ("AWS account", home.account.as_str().into()),
        ("Control region", home.region.as_str().into()),
        ("Meeting", meeting(record)),
        ("Created", Cell::time(Some(record.created))),
        ("Updated", Cell::time(Some(record.updated))),
    ]);
    page.html.markup("<section><h2>What happens to the pipeline</h2><p class=\"row\">");
    for (label, action) in ACTIONS {
        let verb = format!("POST media-pipelines/{}/{action}", encode(&id));
        page.html.button(&Button { label, verb: &verb, ..Button::default() });
    }
    page.html.markup("</p></section>\n");
    page.list("Tasks", tasks(&record.below.tasks));
    Some(Shown::Part)
}

/// What each account has in each region.
fn regions(pipelines: &Pipelines) -> impl Iterator<Item = (&Home, &RegionTables)> {
    pipelines.regions.rows().map(|(home, row)| (home, &row.below))
}

fn all(pipelines: &Pipelines) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let row = |(home, record): (&Home, &PipelineRow)| {
        let id = record.id.as_str();
        vec![
            Cell::link(id, target(&[("pipeline", id)])),
            home.account.as_str().into(),
            home.region.as_str().into(),
            record.work.kind().into(),
            status(&record.status),
            meeting(record),
            Cell::time(Some(record.created)),
        ]
    };
    let rows = regions(pipelines)
        .flat_map(|(home, region)| region.pipelines.rows().map(move |(_, row)| (home, row)));
    Listing {
        heads: &["Id", "AWS account", "Control region", "Kind", "Status", "Meeting", "Created"],
        total: regions(pipelines).map(|(_, region)| region.pipelines.len()).sum(),
        rows: rows.map(row),
    }
}

fn configurations(pipelines: &Pipelines) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let rows = regions(pipelines).flat_map(|(home, region)| {
        region.configurations.values().map(move |record| {
            let types = record.elements.iter().map(|element| element.r#type.as_str());
            vec![
                record.name.as_str().into(),
                home.account.as_str().into(),
                home.region.as_str().into(),
                types.collect::<Vec<_>>().join(", ").into(),
                Cell::time(Some(record.created)),
            ]
        })
    });
    Listing {
        heads: &["Name", "AWS account", "Control region", "Elements", "Created"],
        total: regions(pipelines).map(|(_, region)| region.configurations.len()).sum(),
        rows,
    }
}

fn pools(pipelines: &Pipelines) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let rows = regions(pipelines).flat_map(|(home, region)| {
        region.pools.values().map(move |pool| {
            vec![
                pool.name.as_str().into(),
                home.account.as_str().into(),
                home.region.as_str().into(),
                pool.streams.region.as_str().into(),
                pool.status.as_str().into(),
                Cell::time(Some(pool.created)),
            ]
        })
    });
    Listing {
        heads: &["Name", "AWS account", "Control region", "Region", "Status", "Created"],
        total: regions(pipelines).map(|(_, region)| region.pools.len()).sum(),
        rows,
    }
}

fn tasks(tasks: &Table<String, TaskRecord>) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let rows = tasks.rows().map(|(id, task): (&String, &Row<TaskRecord>)| {
        vec![
            Cell::id(id.as_str()),
            format!("{:?}", task.kind).into(),
            task.status.as_str().into(),
            Cell::time(Some(task.created)),
        ]
    });
    Listing { heads: &["Id", "Kind", "Status", "Created"], total: tasks.len(), rows }
}

fn status(status: &MediaPipelineStatus) -> Cell {
    match status {
        MediaPipelineStatus::Failed => Cell::failure(status.as_str()),
        _ => status.as_str().into(),
    }
}

/// A link to the meeting of a pipeline, which may have ended.
fn meeting(record: &PipelineRow) -> Cell {
    let meeting = record.meeting.as_ref().map(|meeting| meeting.meeting_id.as_str());
    meeting.map_or_else(|| "".into(), |id| Cell::link(id, target(&[("meeting", id)])))
}
