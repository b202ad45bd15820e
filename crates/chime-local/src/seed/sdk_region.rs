//! A control region of an AWS account, as seeds have it.

use chime_model::Shape;

use crate::engine::document::{ID, document};
use crate::meetings::record::SdkMeeting;
use crate::pipelines::documents::{
    SdkCapturePipeline, SdkConcatenationPipeline, SdkInsightsConfiguration, SdkInsightsPipeline,
    SdkLiveConnectorPipeline, SdkPool, SdkStreamPipeline,
};

document! {
    /// What an AWS account has of the Chime SDK in one control region.
    pub struct SdkRegion {
        /// The control region, such as `us-east-1`.
        required control_region("ControlRegion"): String = ID,
        /// The meetings, each primary meeting before its replicas.
        list meetings("Meetings"): SdkMeeting = Shape::Structure(SdkMeeting::SHAPE),
        /// The pools of Kinesis video streams.
        list pools("Pools"): SdkPool = Shape::Structure(SdkPool::SHAPE),
        /// The configurations of insights pipelines.
        list insights_configurations("InsightsConfigurations"): SdkInsightsConfiguration =
            Shape::Structure(SdkInsightsConfiguration::SHAPE),
        /// The pipelines that write a meeting to a bucket.
        list capture_pipelines("CapturePipelines"): SdkCapturePipeline =
            Shape::Structure(SdkCapturePipeline::SHAPE),
        /// The pipelines that stream a meeting to an RTMP endpoint.
        list live_connector_pipelines("LiveConnectorPipelines"): SdkLiveConnectorPipeline =
            Shape::Structure(SdkLiveConnectorPipeline::SHAPE),
        /// The pipelines that write the audio of a meeting to pools.
        list stream_pipelines("StreamPipelines"): SdkStreamPipeline =
            Shape::Structure(SdkStreamPipeline::SHAPE),
        /// The pipelines that join what a capture pipeline wrote.
        list concatenation_pipelines("ConcatenationPipelines"): SdkConcatenationPipeline =
            Shape::Structure(SdkConcatenationPipeline::SHAPE),
        /// The pipelines that analyze audio.
        list insights_pipelines("InsightsPipelines"): SdkInsightsPipeline =
            Shape::Structure(SdkInsightsPipeline::SHAPE),
    }
}
