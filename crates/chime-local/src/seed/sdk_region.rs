//! Control regions of AWS accounts in seeds.

use chime_model::media_pipelines::{MediaCapturePipeline, MediaPipeline};

use crate::engine::document::{ID, document};
use crate::engine::home::Home;
use crate::engine::seeding::Seeding;
use crate::meetings::Meetings;
use crate::meetings::record::SdkMeeting;
use crate::meetings::rules::MeetingRules;
use crate::pipelines::Pipelines;
use crate::pipelines::concatenation::SdkConcatenationPipeline;
use crate::pipelines::documents::{SdkInsightsConfiguration, SdkPipeline, SdkPool};
use crate::pipelines::record::PipelineRecord;

document! {
    /// The Chime SDK resources of an AWS account in one control region.
    ///
    /// ```
    /// use chime_local::{LocalChime, Seed};
    ///
    /// let chime = LocalChime::sample();
    /// chime.seed(Seed::parse(r#"{"AwsAccounts": [{"AwsAccountId": "111122223333", "Sdk": [{
    ///     "ControlRegion": "us-east-1",
    ///     "Meetings": [{
    ///         "MeetingId": "a7d04e16-2b9f-4c58-b1e3-50c6f98d2713",
    ///         "ExternalMeetingId": "webinar"
    ///     }],
    ///     "Pipelines": [{
    ///         "MediaPipeline": {"MediaCapturePipeline": {
    ///             "SourceArn": "arn:aws:chime::111122223333:meeting:a7d04e16-2b9f-4c58-b1e3-50c6f98d2713",
    ///             "SinkArn": "arn:aws:s3:::recordings/webinar"
    ///         }},
    ///         "State": {"Tags": [{"Key": "team", "Value": "core"}]}
    ///     }]
    /// }]}]}"#)?)?;
    /// let region = &chime.export().aws_accounts[0].sdk[0];
    /// assert_eq!(region.pipelines.len(), 1);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub struct SdkRegion {
        /// The control region, such as `us-east-1`.
        required control_region("ControlRegion"): String = ID,
        /// Meetings.
        list meetings("Meetings"): SdkMeeting,
        /// Pools of Kinesis video streams.
        list pools("Pools"): SdkPool,
        /// Configurations of insights pipelines.
        list insights_configurations("InsightsConfigurations"): SdkInsightsConfiguration,
        /// Pipelines, in the order of creation.
        list pipelines("Pipelines"): SdkPipeline,
        /// Capture pipelines as responses show them: a short form of `Pipelines`, which exports do not use.
        list capture_pipelines("CapturePipelines"): MediaCapturePipeline,
        /// Concatenations of all artifacts: a short form of `Pipelines`, which exports do not use.
        list concatenation_pipelines("ConcatenationPipelines"): SdkConcatenationPipeline,
    }
}

impl SdkRegion {
    /// Adds everything except meetings. Those of all regions must be there already.
    pub(crate) fn put_pipelines(
        self,
        account: &str,
        pipelines: &mut Pipelines,
        meetings: &mut Meetings,
        rules: &MeetingRules,
        at: &mut Seeding<'_>,
    ) {
        let home = Home::new(account, &self.control_region);
        at.each("Pools", self.pools, |at, pool| pipelines.put_pool(&home, pool, at));
        at.each("InsightsConfigurations", self.insights_configurations, |at, of| {
            pipelines.put_configuration(&home, of, at);
        });
        let mut put = |at: &mut Seeding<'_>, pipeline| {
            pipelines.put(&home, pipeline, meetings, rules, at);
        };
        // A concatenation comes after its capture pipeline.
        at.each("CapturePipelines", self.capture_pipelines, |at, of| {
            put(at, SdkPipeline::new(MediaPipeline::default().media_capture_pipeline(of)));
        });
        at.each("Pipelines", self.pipelines, &mut put);
        at.each("ConcatenationPipelines", self.concatenation_pipelines, |at, of| {
            put(at, of.pipeline(&home));
        });
    }

    /// Exports an account and region.
    pub(crate) fn export(home: &Home, meetings: &Meetings, pipelines: &Pipelines) -> Self {
        let mut seed = Self::new(&home.region);
        seed.meetings = meetings.export(home);
        let region = pipelines.region(home);
        seed.pools = region.pools.values().cloned().collect();
        seed.insights_configurations = region.configurations.values().cloned().collect();
        let pipeline = |record: &PipelineRecord| SdkPipeline {
            media_pipeline: record.described(None),
            state: record.state.clone(),
        };
        seed.pipelines = region.pipelines.values().map(pipeline).collect();
        seed
    }
}
