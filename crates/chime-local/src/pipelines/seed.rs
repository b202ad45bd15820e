//! Media pipelines put in place by a seed, and exported as one.

mod pipelines;

use chime_model::media_pipelines::KinesisVideoStreamPoolStatus;
use time::OffsetDateTime;

use crate::engine::home::Home;
use crate::engine::ids::Ids;
use crate::engine::seeding::{Seeding, TWICE, with_paths};
use crate::engine::tags::by_key;
use crate::meetings::Meetings;
use crate::pipelines::configurations::SdkInsightsConfiguration;
use crate::pipelines::documents::SdkConcatenationPipeline;
use crate::pipelines::pools::{SdkPool, new_pool_id};
use crate::pipelines::record::Work;
use crate::pipelines::seed::pipelines::{export, work};
use crate::pipelines::{Pipelines, RegionTables};
use crate::seed::sdk_region::SdkRegion;

impl Pipelines {
    /// Puts the resources of a region in place. Its meetings are in place already.
    pub(crate) fn put(
        &mut self,
        home: &Home,
        of: SdkRegion,
        path: &str,
        meetings: &mut Meetings,
        at: &mut Seeding<'_>,
    ) {
        for (pool, path) in with_paths(of.pools, path, "Pools") {
            let key = format!("{} {} {}", home.account, home.region, pool.pool_name);
            at.once("pool", key, || format!("{path}.PoolName"), TWICE);
            let pool = pool.complete(home, at.ids, at.now);
            self.regions.below_or_default(home).pools.insert(pool.pool_name.clone(), pool);
        }
        for (of, path) in with_paths(of.insights_configurations, path, "InsightsConfigurations") {
            let key = format!("{} {} {}", home.account, home.region, of.name);
            at.once("insights configuration", key, || format!("{path}.Name"), TWICE);
            let of = of.complete(at.ids, at.now);
            self.regions.below_or_default(home).configurations.insert(of.name.clone(), of);
        }
        for (of, path) in with_paths(of.capture_pipelines, path, "CapturePipelines") {
            self.put_in_meeting(home, of.record(of.work(), at.now), &path, meetings, at);
        }
        for (of, path) in with_paths(of.live_connector_pipelines, path, "LiveConnectorPipelines") {
            let record = of.record(Work::LiveConnector(work(&of)), at.now);
            self.put_in_meeting(home, record, &path, meetings, at);
        }
        for (of, path) in with_paths(of.stream_pipelines, path, "StreamPipelines") {
            let mut record = of.record(Work::Stream(work(&of)), at.now);
            record.streams = of.streams;
            self.put_in_meeting(home, record, &path, meetings, at);
        }
        for (of, path) in with_paths(of.concatenation_pipelines, path, "ConcatenationPipelines") {
            self.put_concatenation(home, of, &path, at);
        }
        for (of, path) in with_paths(of.insights_pipelines, path, "InsightsPipelines") {
            self.put_insights(home, of, &path, at);
        }
    }

    /// Returns the accounts and regions that have resources.
    pub(crate) fn homes(&self) -> impl Iterator<Item = &Home> {
        let has = |region: &RegionTables| {
            region.pipelines.len() + region.configurations.len() + region.pools.len() > 0
        };
        self.regions().filter(move |(_, region)| has(region)).map(|(home, _)| home)
    }

    /// Adds the resources of a region to its seed.
    pub(crate) fn export(&self, home: &Home, seed: &mut SdkRegion) {
        let Some(region) = self.region(home) else { return };
        seed.pools = region.pools.values().cloned().collect();
        seed.insights_configurations = region.configurations.values().cloned().collect();
        for record in region.pipelines.values() {
            match &record.work {
                Work::Capture(work) => seed.capture_pipelines.extend(export(record, work)),
                Work::LiveConnector(work) => {
                    seed.live_connector_pipelines.extend(export(record, work));
                }
                Work::Stream(work) => seed.stream_pipelines.extend(export(record, work)),
                Work::Concatenation(work) => seed
                    .concatenation_pipelines
                    .extend(SdkConcatenationPipeline::export(record, work, home)),
                Work::Insights(work) => seed.insights_pipelines.extend(export(record, work)),
            }
        }
    }
}

impl SdkPool {
    /// Sets the unset members to their defaults.
    fn complete(mut self, home: &Home, ids: &mut Ids, now: OffsetDateTime) -> Self {
        let name = &self.pool_name;
        self.pool_id.get_or_insert_with(|| new_pool_id(name, &ids.guid()));
        self.region.get_or_insert_with(|| home.region.clone());
        self.pool_status.get_or_insert(KinesisVideoStreamPoolStatus::Active);
        let created = *self.created_timestamp.get_or_insert(now);
        self.updated_timestamp.get_or_insert(created);
        self.tags = by_key(self.tags);
        self
    }
}

impl SdkInsightsConfiguration {
    /// Sets the unset members to their defaults.
    fn complete(mut self, ids: &mut Ids, now: OffsetDateTime) -> Self {
        self.id.get_or_insert_with(|| ids.guid().into());
        let created = *self.created_timestamp.get_or_insert(now);
        self.updated_timestamp.get_or_insert(created);
        self.tags = by_key(self.tags);
        self
    }
}
