//! Control regions of AWS accounts in seeds.

use chime_model::Shape;

use crate::engine::document::{ID, document};
use crate::meetings::record::SdkMeeting;
use crate::pipelines::configurations::SdkInsightsConfiguration;
use crate::pipelines::documents::{
    SdkCapturePipeline, SdkConcatenationPipeline, SdkInsightsPipeline, SdkLiveConnectorPipeline,
    SdkStreamPipeline,
};
use crate::pipelines::pools::SdkPool;

document! {
    /// The Chime SDK resources of an AWS account in one control region.
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
        list capture_pipelines("CapturePipelines"): SdkCapturePipeline =
            Shape::Structure(SdkCapturePipeline::SHAPE),
        /// Pipelines that stream a meeting to an RTMP endpoint.
        list live_connector_pipelines("LiveConnectorPipelines"): SdkLiveConnectorPipeline =
            Shape::Structure(SdkLiveConnectorPipeline::SHAPE),
        /// Pipelines that write the audio of a meeting to pools of Kinesis video streams.
        list stream_pipelines("StreamPipelines"): SdkStreamPipeline =
            Shape::Structure(SdkStreamPipeline::SHAPE),
        /// Pipelines that concatenate the artifacts of a capture pipeline.
        list concatenation_pipelines("ConcatenationPipelines"): SdkConcatenationPipeline =
            Shape::Structure(SdkConcatenationPipeline::SHAPE),
        /// Pipelines that analyze audio.
        list insights_pipelines("InsightsPipelines"): SdkInsightsPipeline =
            Shape::Structure(SdkInsightsPipeline::SHAPE),
    }
}
