//! What the page shows of media pipelines: pipelines, configurations and pools.

use crate::engine::home::Home;
use crate::engine::view::{Cell, Listing, Page, ROWS};
use crate::pipelines::{Pipelines, RegionTables};

/// Shows all pipelines, configurations and pools.
pub(crate) fn view(pipelines: &Pipelines, page: &mut Page<'_>) {
    let regions = || pipelines.regions.rows().map(|(home, row)| (home, &row.below));
    let place = |home: &Home| [Cell::from(home.account.as_str()), Cell::from(home.region.as_str())];
    let list = |heads, rows: Vec<Vec<Cell>>| {
        let total = rows.len();
        Listing { heads, rows: rows.into_iter().take(ROWS).collect(), total }
    };
    let all = regions().flat_map(|(home, region): (&Home, &RegionTables)| {
        region.pipelines.values().map(move |record| {
            let mut cells = vec![Cell::from(record.id.as_str())];
            cells.extend(place(home));
            let meeting = record.meeting.as_ref().map(|meeting| meeting.meeting_id.as_str());
            cells.extend([
                record.work.kind().into(),
                record.status.as_str().into(),
                Cell::name(meeting),
                Cell::time(Some(record.created)),
            ]);
            cells
        })
    });
    const PIPELINES: &[&str] =
        &["Pipeline", "AWS account", "Control region", "Kind", "Status", "Meeting", "Created"];
    page.html.listing("Media pipelines", &list(PIPELINES, all.collect()));
    let all = regions().flat_map(|(home, region): (&Home, &RegionTables)| {
        region.configurations.values().map(move |record| {
            let mut cells = vec![Cell::from(record.name.as_str())];
            cells.extend(place(home));
            let types = record.elements.iter().map(|element| element.r#type.as_str());
            cells.push(types.collect::<Vec<_>>().join(", ").into());
            cells
        })
    });
    const CONFIGURATIONS: &[&str] = &["Configuration", "AWS account", "Control region", "Elements"];
    page.html.listing("Insights configurations", &list(CONFIGURATIONS, all.collect()));
    let all = regions().flat_map(|(home, region): (&Home, &RegionTables)| {
        region.pools.values().map(move |pool| {
            let mut cells = vec![Cell::from(pool.name.as_str())];
            cells.extend(place(home));
            cells.extend([pool.streams.region.as_str().into(), pool.status.as_str().into()]);
            cells
        })
    });
    const POOLS: &[&str] = &["Pool", "AWS account", "Control region", "Region", "Status"];
    page.html.listing("Kinesis video stream pools", &list(POOLS, all.collect()));
}
