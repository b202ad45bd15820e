//! Chime SDK media pipelines: five types of pipelines, insights configurations, pools of Kinesis video
//! streams, and tasks.

mod artifacts;
mod call;
mod capture;
mod concatenation;
mod configurations;
pub(crate) mod control;
mod create;
mod due;
mod events;
mod insights;
mod lifecycle;
mod live_connector;
mod pools;
pub(crate) mod record;
pub(crate) mod rules;
pub(crate) mod seed;
mod stream;
pub(crate) mod streams;
mod tags;
mod tasks;
mod view;
mod walk;

use bytes::Bytes;
use chime_model::media_pipelines::*;
use chime_model::{Api, Exception, SensitiveString, ServiceError};
use http::Response;

use crate::engine::dispatch::{Handlers, Hosted};
use crate::engine::home::Home;
use crate::engine::rows::tables;
use crate::engine::table::Table;
use crate::pipelines::call::Spent;
use crate::pipelines::record::{ConfigurationRecord, PipelineRecord, PoolRecord, TaskRecord};

pub(crate) use call::Call;
pub(crate) use view::view;

tables! {
    /// The state of media pipelines.
    pub(crate) struct Pipelines {
        regions: Table<Home, (), RegionTables> = "regions",
    }
}

tables! {
    /// The resources of an AWS account in a control region.
    pub(crate) struct RegionTables {
        pipelines: Table<MediaPipelineId, PipelineRecord, PipelineTables> = "pipelines",
        configurations: Table<MediaInsightsPipelineConfigurationName, ConfigurationRecord> =
            "configurations",
        pools: Table<PoolName, PoolRecord> = "pools",
        /// Created resources by their type and client request token.
        tokens: Table<(String, SensitiveString), Spent> = "tokens",
    }
}

tables! {
    /// The resources of a pipeline.
    pub(crate) struct PipelineTables {
        tasks: Table<String, TaskRecord> = "tasks",
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

/// The handlers of all operations.
pub(crate) fn handlers() -> Handlers<Pipelines> {
    let mut handlers = Handlers::new();
    for register in [
        capture::register,
        concatenation::register,
        configurations::register,
        insights::register,
        lifecycle::register,
        live_connector::register,
        pools::register,
        stream::register,
        tags::register,
        tasks::register,
    ] {
        register(&mut handlers);
    }
    handlers
}

impl Pipelines {
    fn region(&self, home: &Home) -> Option<&RegionTables> {
        self.regions.get(home).map(|row| &row.below)
    }
}

#[cfg(test)]
mod tests;
