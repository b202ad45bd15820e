//! Control regions of AWS accounts in seeds.

use std::collections::BTreeMap;

use chime_model::media_pipelines::{
    MediaCapturePipeline, MediaInsightsPipeline, MediaLiveConnectorPipeline, MediaPipeline,
    MediaStreamPipeline,
};

use crate::engine::document::{ID, document};
use crate::engine::home::Home;
use crate::engine::seeding::{Seeding, TWICE};
use crate::meetings::Meetings;
use crate::meetings::record::SdkMeeting;
use crate::meetings::rules::MeetingRules;
use crate::pipelines::Pipelines;
use crate::pipelines::documents::{
    SdkConcatenationPipeline, SdkInsightsConfiguration, SdkPipelineState, SdkPool,
};
use crate::pipelines::record::Work;

document! {
    /// The Chime SDK resources of an AWS account in one control region.
    ///
    /// Pipelines except concatenations have the form of responses. Unset members get the values that
    /// the service would give them: a new id, the current time, and the status `InProgress`.
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
    ///     "CapturePipelines": [{
    ///         "MediaPipelineId": "d4a71c0e-5f83-4b29-9e60-1c8b7f2d35a9",
    ///         "SourceArn": "arn:aws:chime::111122223333:meeting:a7d04e16-2b9f-4c58-b1e3-50c6f98d2713",
    ///         "SinkArn": "arn:aws:s3:::recordings/webinar"
    ///     }],
    ///     "PipelineStates": [{
    ///         "MediaPipelineId": "d4a71c0e-5f83-4b29-9e60-1c8b7f2d35a9",
    ///         "Tags": [{"Key": "team", "Value": "core"}]
    ///     }]
    /// }]}]}"#)?)?;
    /// let region = &chime.export().aws_accounts[0].sdk[0];
    /// assert_eq!(region.capture_pipelines.len(), 1);
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
        /// Pipelines that record a meeting in a bucket.
        list capture_pipelines("CapturePipelines"): MediaCapturePipeline,
        /// Pipelines that stream a meeting to an RTMP endpoint.
        list live_connector_pipelines("LiveConnectorPipelines"): MediaLiveConnectorPipeline,
        /// Pipelines that write the audio of a meeting to pools of Kinesis video streams.
        list stream_pipelines("StreamPipelines"): MediaStreamPipeline,
        /// Pipelines that concatenate the artifacts of a capture pipeline.
        list concatenation_pipelines("ConcatenationPipelines"): SdkConcatenationPipeline,
        /// Pipelines that analyze audio.
        list insights_pipelines("InsightsPipelines"): MediaInsightsPipeline,
        /// What responses do not show of those pipelines, such as tags and tasks, in the order of
        /// creation.
        list pipeline_states("PipelineStates"): SdkPipelineState,
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
        let mut order = Vec::new();
        let mut states = BTreeMap::new();
        at.each("PipelineStates", self.pipeline_states, |at, state| {
            let id = state.media_pipeline_id.clone();
            order.push(id.clone());
            at.each("Tasks", &state.tasks, |at, task| {
                at.once("task", format!("{id} {}", task.task_id), "TaskId", TWICE);
            });
            let twice = states.insert(id, (state, at.path_of(""))).is_some();
            at.problem_if(twice, "MediaPipelineId", TWICE);
        });
        let mut put = |at: &mut Seeding<'_>, of| {
            pipelines.put(&home, of, &mut states, meetings, rules, at);
        };
        at.each("CapturePipelines", self.capture_pipelines, |at, of| put(at, Work::Capture(of)));
        at.each("LiveConnectorPipelines", self.live_connector_pipelines, |at, of| {
            put(at, Work::LiveConnector(of));
        });
        at.each("StreamPipelines", self.stream_pipelines, |at, of| put(at, Work::Stream(of)));
        at.each("ConcatenationPipelines", self.concatenation_pipelines, |at, of| {
            put(at, of.work(&home));
        });
        at.each("InsightsPipelines", self.insights_pipelines, |at, of| put(at, Work::Insights(of)));
        for (_, path) in states.into_values() {
            let path = format!("{path}.MediaPipelineId");
            at.problem_at(&path, "must be a pipeline of this region");
        }
        pipelines.put_in_order(&home, &order);
    }

    /// Exports an account and region.
    pub(crate) fn export(home: &Home, meetings: &Meetings, pipelines: &Pipelines) -> Self {
        let mut seed = Self::new(&home.region);
        seed.meetings = meetings.export(home);
        let region = pipelines.region(home);
        seed.pools = region.pools.values().cloned().collect();
        seed.insights_configurations = region.configurations.values().cloned().collect();
        for record in region.pipelines.values() {
            let MediaPipeline {
                media_capture_pipeline: capture,
                media_live_connector_pipeline: live_connector,
                media_stream_pipeline: stream,
                media_concatenation_pipeline: concatenation,
                media_insights_pipeline: insights,
                ..
            } = record.described(None);
            seed.capture_pipelines.extend(capture);
            seed.live_connector_pipelines.extend(live_connector);
            seed.stream_pipelines.extend(stream);
            let concatenation = concatenation.and_then(SdkConcatenationPipeline::of);
            seed.concatenation_pipelines.extend(concatenation);
            seed.insights_pipelines.extend(insights);
            seed.pipeline_states.push(SdkPipelineState::of(record));
        }
        seed
    }
}
