//! Control regions of AWS accounts in seeds.

use std::collections::HashMap;
use std::mem;

use chime_model::Shape;
use chime_model::media_pipelines::{
    MediaCapturePipeline, MediaInsightsPipeline, MediaLiveConnectorPipeline, MediaPipeline,
    MediaPipelineId, MediaStreamPipeline,
};

use crate::engine::document::{ID, document};
use crate::engine::home::Home;
use crate::engine::seeding::{Seeding, TWICE, with_paths};
use crate::meetings::Meetings;
use crate::meetings::record::SdkMeeting;
use crate::meetings::rules::MeetingRules;
use crate::pipelines::Pipelines;
use crate::pipelines::configurations::SdkInsightsConfiguration;
use crate::pipelines::documents::{SdkConcatenationPipeline, SdkPipelineState};
use crate::pipelines::pools::SdkPool;
use crate::pipelines::record::Work;

document! {
    /// The Chime SDK resources of an AWS account in one control region.
    ///
    /// Pipelines have the form of responses, in which unset members get the values that the service
    /// would give them: a new id, the current time, and the status `InProgress`.
    pub struct SdkRegion {
        /// The control region, such as `us-east-1`.
        required control_region("ControlRegion"): String = ID,
        /// Meetings. A primary meeting must come before its replicas.
        list meetings("Meetings"): SdkMeeting = Shape::Structure(SdkMeeting::SHAPE),
        /// Pools of Kinesis video streams.
        list pools("Pools"): SdkPool = Shape::Structure(SdkPool::SHAPE),
        /// Configurations of insights pipelines.
        list insights_configurations("InsightsConfigurations"): SdkInsightsConfiguration =
            Shape::Structure(SdkInsightsConfiguration::SHAPE),
        /// Pipelines that record a meeting in a bucket.
        list capture_pipelines("CapturePipelines"): MediaCapturePipeline =
            Shape::Structure(MediaCapturePipeline::SHAPE),
        /// Pipelines that stream a meeting to an RTMP endpoint.
        list live_connector_pipelines("LiveConnectorPipelines"): MediaLiveConnectorPipeline =
            Shape::Structure(MediaLiveConnectorPipeline::SHAPE),
        /// Pipelines that write the audio of a meeting to pools of Kinesis video streams.
        list stream_pipelines("StreamPipelines"): MediaStreamPipeline =
            Shape::Structure(MediaStreamPipeline::SHAPE),
        /// Pipelines that concatenate the artifacts of a capture pipeline.
        list concatenation_pipelines("ConcatenationPipelines"): SdkConcatenationPipeline =
            Shape::Structure(SdkConcatenationPipeline::SHAPE),
        /// Pipelines that analyze audio.
        list insights_pipelines("InsightsPipelines"): MediaInsightsPipeline =
            Shape::Structure(MediaInsightsPipeline::SHAPE),
        /// What responses do not show of those pipelines, such as tags and tasks.
        list pipeline_states("PipelineStates"): SdkPipelineState =
            Shape::Structure(SdkPipelineState::SHAPE),
    }
}

impl SdkRegion {
    /// Adds the meetings of a region. Those of all regions must be added before the pipelines.
    pub(crate) fn put_meetings(
        &mut self,
        account: &str,
        path: &str,
        meetings: &mut Meetings,
        rules: &MeetingRules,
        at: &mut Seeding<'_>,
    ) {
        let home = Home::new(account, &self.control_region);
        for (meeting, path) in with_paths(mem::take(&mut self.meetings), path, "Meetings") {
            meetings.put(&home, meeting, &path, rules, at);
        }
    }

    /// Adds everything except meetings.
    pub(crate) fn put_pipelines(
        self,
        account: &str,
        path: &str,
        pipelines: &mut Pipelines,
        meetings: &mut Meetings,
        rules: &MeetingRules,
        at: &mut Seeding<'_>,
    ) {
        let home = Home::new(account, &self.control_region);
        for pool in with_paths(self.pools, path, "Pools") {
            pipelines.put_pool(&home, pool, at);
        }
        for of in with_paths(self.insights_configurations, path, "InsightsConfigurations") {
            pipelines.put_configuration(&home, of, at);
        }
        let mut states = HashMap::new();
        for (state, path) in with_paths(self.pipeline_states, path, "PipelineStates") {
            let id = state.media_pipeline_id.clone();
            let member = format!("{path}.MediaPipelineId");
            at.problem_if(states.insert(id, (state, path)).is_some(), || member, TWICE);
        }
        let mut put = |of: (Work, String)| {
            let state = |id: &MediaPipelineId| states.remove(id);
            pipelines.put(&home, of, state, meetings, rules, at);
        };
        for (of, path) in with_paths(self.capture_pipelines, path, "CapturePipelines") {
            put((Work::Capture(of), path));
        }
        for (of, path) in with_paths(self.live_connector_pipelines, path, "LiveConnectorPipelines")
        {
            put((Work::LiveConnector(of), path));
        }
        for (of, path) in with_paths(self.stream_pipelines, path, "StreamPipelines") {
            put((Work::Stream(of), path));
        }
        for (of, path) in with_paths(self.concatenation_pipelines, path, "ConcatenationPipelines") {
            put((of.work(&home), path));
        }
        for (of, path) in with_paths(self.insights_pipelines, path, "InsightsPipelines") {
            put((Work::Insights(of), path));
        }
        for (_, path) in states.into_values() {
            at.problem(format!("{path}.MediaPipelineId"), "must be a pipeline of this region");
        }
    }

    /// Exports an account and region.
    pub(crate) fn export(home: &Home, meetings: &Meetings, pipelines: &Pipelines) -> Self {
        let mut seed = Self::new(&home.region);
        seed.meetings = meetings.export(home);
        let Some(region) = pipelines.region(home) else { return seed };
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
        // The order of the table is lost, since it has all kinds.
        seed.pipeline_states
            .sort_by(|one, other| one.media_pipeline_id.cmp(&other.media_pipeline_id));
        seed
    }
}
