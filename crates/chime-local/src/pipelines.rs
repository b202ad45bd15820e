//! Chime SDK media pipelines: pipelines of five kinds, configurations, tasks, and pools of streams.

mod artifacts;
mod call;
mod clock;
pub(crate) mod configurations;
pub(crate) mod control;
mod create;
pub(crate) mod documents;
mod events;
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

use bytes::Bytes;
use chime_model::media_pipelines::*;
use chime_model::{Api, Exception, SensitiveString, ServiceError};
use http::Response;

use crate::engine::dispatch::{Hosted, handlers};
use crate::engine::home::Home;
use crate::engine::rows::tables;
use crate::engine::table::Table;
use crate::pipelines::call::Spent;
use crate::pipelines::configurations::SdkInsightsConfiguration;
use crate::pipelines::pools::SdkPool;
use crate::pipelines::record::PipelineRecord;

pub(crate) use call::{Call, Service};
pub(crate) use view::{pool_of, subject, view};

tables! {
    /// The state of media pipelines.
    pub(crate) struct Pipelines {
        regions: Table<Home, (), RegionTables> = "regions",
    }
}

tables! {
    /// The resources of an AWS account in a control region.
    pub(crate) struct RegionTables {
        pub(crate) pipelines: Table<MediaPipelineId, PipelineRecord> = "pipelines",
        pub(crate) configurations: Table<MediaInsightsPipelineConfigurationName, SdkInsightsConfiguration> =
            "configurations",
        pub(crate) pools: Table<PoolName, SdkPool> = "pools",
        /// The client request tokens, by the kind of what they created.
        tokens: Table<(String, SensitiveString), Spent> = "tokens",
    }
}

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
    pub(crate) fn region(&self, home: &Home) -> Option<&RegionTables> {
        self.regions.get(home).map(|row| &row.below)
    }

    fn regions(&self) -> impl Iterator<Item = (&Home, &RegionTables)> {
        self.regions.rows().map(|(home, row)| (home, &row.below))
    }

    /// Returns all pipelines, each with its account and region.
    fn records(&self) -> impl Iterator<Item = (&Home, &PipelineRecord)> {
        let of_region = |(home, region)| {
            let region: &RegionTables = region;
            region.pipelines.values().map(move |record| (home, record))
        };
        self.regions().flat_map(of_region)
    }

    /// Returns the pipelines that match, each by account and region, and id.
    fn ids_of(&self, matches: impl Fn(&PipelineRecord) -> bool) -> Vec<(Home, MediaPipelineId)> {
        let matching = self.records().filter(|(_, record)| matches(record));
        matching.map(|(home, record)| (home.clone(), record.id.clone())).collect()
    }

    /// Finds a pipeline to change it.
    fn record_mut(&mut self, home: &Home, id: &MediaPipelineId) -> Option<&mut PipelineRecord> {
        self.regions.below_mut(home)?.pipelines.get_mut(id)
    }
}

#[cfg(test)]
mod tests;
