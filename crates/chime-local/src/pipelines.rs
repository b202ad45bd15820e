//! Chime SDK media pipelines: pipelines of five kinds, configurations, tasks, and pools of streams.

mod artifacts;
mod call;
mod clock;
pub(crate) mod concatenation;
pub(crate) mod configurations;
pub(crate) mod control;
mod create;
pub(crate) mod documents;
mod events;
mod index;
mod lifecycle;
pub(crate) mod pools;
pub(crate) mod record;
pub(crate) mod rules;
mod seed;
mod sources;
pub(crate) mod streams;
mod tags;
pub(crate) mod tasks;
mod view;

use std::sync::LazyLock;

use bytes::Bytes;
use chime_model::media_pipelines::*;
use chime_model::{Api, Exception, SensitiveString, ServiceError};
use http::Response;

use crate::engine::dispatch::{Hosted, handlers};
use crate::engine::home::Home;
use crate::engine::indexed::Indexed;
use crate::engine::rows::tables;
use crate::engine::table::Table;
use crate::pipelines::call::Spent;
use crate::pipelines::documents::{SdkInsightsConfiguration, SdkPool};
use crate::pipelines::index::Indexes;
use crate::pipelines::record::{PIPELINE, PipelineRecord, Work};

pub(crate) use call::{Call, Service};
pub(crate) use view::{list_of_meeting, pool_of, subject, view};

tables! {
    /// The state of media pipelines.
    pub(crate) struct Pipelines {
        regions: Table<Home, (), RegionTables> = "regions",
    }
}

tables! {
    /// The resources of an AWS account in a control region.
    pub(crate) struct RegionTables {
        pub(crate) pipelines: Indexed<MediaPipelineId, PipelineRecord, Indexes> = "pipelines",
        pub(crate) configurations: Table<MediaInsightsPipelineConfigurationName, SdkInsightsConfiguration> =
            "configurations",
        pub(crate) pools: Table<PoolName, SdkPool> = "pools",
        /// The client request tokens, by the kind of what they created.
        tokens: Table<(String, SensitiveString), Spent> = "tokens",
    }
}

/// The tables of a region without resources.
static EMPTY: LazyLock<RegionTables> = LazyLock::new(RegionTables::default);

impl Hosted for Pipelines {
    const API: &'static Api = &API;
    type Call<'a> = Call<'a>;

    fn encode_error(mut error: ServiceError) -> Response<Bytes> {
        if error.exception == Exception::ThrottledClient {
            error.code = Some("Throttling".to_owned());
        }
        chime_wire::encode_error_with_request_id(&error)
    }
}

handlers! {
    Pipelines; with configurations, create, lifecycle, pools, tags, tasks
}

impl Pipelines {
    /// Returns the resources of an account and region, which may have none.
    pub(crate) fn region(&self, home: &Home) -> &RegionTables {
        self.regions.get(home).map_or(&EMPTY, |row| &row.below)
    }

    fn region_mut(&mut self, home: &Home) -> &mut RegionTables {
        self.regions.below_or_default(home)
    }

    fn regions(&self) -> impl Iterator<Item = (&Home, &RegionTables)> {
        self.regions.rows().map(|(home, row)| (home, &row.below))
    }

    fn get(&self, home: &Home, id: &MediaPipelineId) -> Option<&PipelineRecord> {
        self.region(home).pipelines.get(id).map(|row| &row.value)
    }

    /// Finds the capture pipeline of a concatenation.
    fn capture_of(&self, home: &Home, work: &Work) -> Option<&PipelineRecord> {
        let id = home.name_in(work.captured()?, PIPELINE)?;
        self.get(home, &id.into()).filter(|record| matches!(record.work, Work::Capture(_)))
    }

    /// Finds a pipeline in any account and region.
    fn find(&self, id: &MediaPipelineId) -> Option<(&Home, &PipelineRecord)> {
        self.regions().find_map(|(home, region)| Some((home, &region.pipelines.get(id)?.value)))
    }

    /// Returns the [unfinished](RegionTables::unfinished) pipelines, each with its account and region.
    fn unfinished(&self) -> impl Iterator<Item = (&Home, &PipelineRecord)> {
        self.regions()
            .flat_map(|(home, region)| region.unfinished().map(move |record| (home, record)))
    }

    /// Returns the unfinished pipelines that match, each by account and region, and id.
    fn ids_of(&self, matches: impl Fn(&PipelineRecord) -> bool) -> Vec<(Home, MediaPipelineId)> {
        let matching = self.unfinished().filter(|(_, record)| matches(record));
        matching.map(|(home, record)| (home.clone(), record.id.clone())).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests;
