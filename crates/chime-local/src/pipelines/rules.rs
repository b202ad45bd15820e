//! Choices that the documentation of media pipelines leaves open.

use crate::engine::rules::rules;

rules! {
    /// Limits of Chime SDK media pipelines, and choices where their behaviour is not documented.
    pub struct PipelineRules {
        /// Whether lists have pipelines that stopped or failed too: false.
        stopped_pipelines_are_listed: bool = false,
        /// How many media pipelines an AWS account can have at work in a control region, insights
        /// pipelines apart. Unset, 100 in us-east-1 and 10 elsewhere, as documented.
        active_pipelines: Option<usize> = None,
        /// Whether the AWS account may start speaker search and voice tone analysis: true. Otherwise
        /// both are throttled, as with the documented default rate of 0.
        voice_analytics: bool = true,
        /// S3 buckets that pipelines may not write to: none.
        forbidden_buckets: Vec<String> = Vec::new(),
        /// A directory for the folders that a capture pipeline writes, with empty files: none.
        artifact_directory: Option<String> = None,
        /// How many seconds a pipeline takes to start: 2.
        pipeline_start_seconds: u32 = 2,
        /// How many seconds a pipeline takes to stop: 2.
        pipeline_stop_seconds: u32 = 2,
        /// How many seconds a concatenation takes once its capture pipeline stopped: 5.
        concatenation_seconds: u32 = 5,
        /// How many seconds it takes to create, update or delete a pool of streams: 5.
        pool_seconds: u32 = 5,
    }
}

impl PipelineRules {
    /// How many pipelines can be at work in a control region.
    pub(super) fn most_active(&self, region: &str) -> usize {
        let documented = if region == "us-east-1" { 100 } else { 10 };
        self.active_pipelines.unwrap_or(documented)
    }
}
