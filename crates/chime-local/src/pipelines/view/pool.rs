//! Pools of Kinesis video streams on the page.

use chime_model::media_pipelines::{
    GetMediaPipelineKinesisVideoStreamPoolResponse, KinesisVideoStreamPoolStatus as Status,
};

use super::{link_by_arn, list, tags};
use crate::engine::home::Home;
use crate::engine::view::{Cell, Listing, Page, encode};
use crate::meetings::Meetings;
use crate::pipelines::Pipelines;
use crate::pipelines::documents::SdkPool;
use crate::pipelines::record::PipelineRecord;

pub(super) fn all(pipelines: &Pipelines) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let row = |(home, pool): (&Home, &SdkPool)| {
        vec![
            link_by_arn("pool", &pool.arn(home)),
            status(pool),
            pool.region().into(),
            Cell::time(pool.created_timestamp),
            home.account.as_str().into(),
            home.region.as_str().into(),
        ]
    };
    Listing {
        heads: &["Name", "Status", "Region", "Created", "AWS account", "Control region"],
        total: pipelines.regions().map(|(_, region)| region.pools.len()).sum(),
        rows: rows(pipelines).map(row),
    }
}

/// Shows a pool, with the pipelines that write to it.
pub(super) fn show(
    pipelines: &Pipelines,
    meetings: &Meetings,
    arn: &str,
    page: &mut Page<'_>,
) -> Option<()> {
    let (home, pool) = rows(pipelines).find(|(home, pool)| pool.arn(home) == arn)?;
    page.title("Stream pools", &[], pool.pool_name.as_str());
    page.facts(&[
        ("ARN", Cell::id(arn)),
        ("Status", status(pool)),
        ("Region", pool.region().into()),
        ("AWS account", home.account.as_str().into()),
        ("Control region", home.region.as_str().into()),
        ("Tags", tags(&pool.tags)),
        ("Created", Cell::time(pool.created_timestamp)),
        ("Updated", Cell::time(pool.updated_timestamp)),
        ("Events", Cell::events_of(arn)),
    ]);
    let is_possible = !matches!(pool.pool_status, Some(Status::Failed | Status::Deleting));
    let actions = [("Fail temporarily", "fail-temporarily"), ("Fail", "fail")];
    let actions = actions.map(|(label, action)| (label, action, is_possible));
    page.actions(&format!("pools/{}", encode(arn)), &actions);
    let uses = |record: &PipelineRecord| {
        record.work.pools().iter().any(|sink| sink.sink_arn.expose() == arn)
    };
    list(pipelines, meetings, uses, page);
    let response = GetMediaPipelineKinesisVideoStreamPoolResponse::default();
    page.response(&response.kinesis_video_stream_pool_configuration(pool.shown(home)));
    Some(())
}

fn rows(pipelines: &Pipelines) -> impl Iterator<Item = (&Home, &SdkPool)> {
    let regions = pipelines.regions();
    regions.flat_map(|(home, region)| region.pools.values().map(move |pool| (home, pool)))
}

fn status(pool: &SdkPool) -> Cell {
    match &pool.pool_status {
        Some(Status::Failed) => Cell::failure(Status::Failed.as_str()),
        status => Cell::name(status.as_ref().map(|status| status.as_str())),
    }
}
