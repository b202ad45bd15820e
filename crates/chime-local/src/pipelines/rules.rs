//! The rules of media pipelines.

use crate::engine::rules::rules;

rules! {
    /// Limits of Chime SDK media pipelines, and choices where their behaviour is not documented.
    pub struct PipelineRules {
        /// Whether lists contain stopped and failed pipelines: false.
        stopped_pipelines_are_listed: bool = false,
        /// How many media pipelines can be active in an AWS account and control region, without insights
        /// pipelines. Unset: 100 in us-east-1 and 10 elsewhere, as documented.
        active_pipelines: Option<usize> = None,
        /// Whether the AWS account may start speaker search and voice tone analysis: true. With false,
        /// both are throttled, as with the documented default rate of 0.
        voice_analytics: bool = true,
        /// The S3 buckets that pipelines may not write to: none.
        forbidden_buckets: Vec<String> = Vec::new(),
        /// The directory where pipelines write their folders, with empty files: capture pipelines when
        /// they have started, concatenation pipelines at their end. Default: none. All files are
        /// written when the last clone of the emulator is dropped.
        artifact_directory: Option<String> = None,
        /// How many seconds a pipeline takes to start: 2.
        pipeline_start_seconds: u32 = 2,
        /// How many seconds a pipeline takes to stop: 2.
        pipeline_stop_seconds: u32 = 2,
        /// How many seconds a concatenation takes after its capture pipeline has stopped: 5.
        concatenation_seconds: u32 = 5,
        /// How many seconds the creation, update or deletion of a pool of streams takes: 5.
        pool_seconds: u32 = 5,
    }
}

impl PipelineRules {
    /// Returns how many pipelines can be active in a control region.
    pub(super) fn max_active(&self, region: &str) -> usize {
        let documented = if region == "us-east-1" { 100 } else { 10 };
        self.active_pipelines.unwrap_or(documented)
    }
}
