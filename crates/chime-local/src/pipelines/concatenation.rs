//! Concatenation pipelines of handwritten seeds, which name their capture pipeline by its id.

use chime_model::media_pipelines::*;
use chime_model::{SensitiveString, Shape};

use crate::engine::document::{GUID, SECRET, document, values};
use crate::engine::home::Home;
use crate::pipelines::documents::SdkPipeline;
use crate::pipelines::record::PIPELINE;

static STATUS: Shape = values("MediaPipelineStatus", MediaPipelineStatus::VALUES);

document! {
    /// A pipeline that concatenates all artifacts of a capture pipeline.
    pub struct SdkConcatenationPipeline {
        /// The id of the pipeline, a GUID.
        required media_pipeline_id("MediaPipelineId"): MediaPipelineId = GUID,
        /// The id of the capture pipeline, a GUID.
        required capture_pipeline_id("CapturePipelineId"): MediaPipelineId = GUID,
        /// The ARN of the bucket.
        required destination("Destination"): SensitiveString = SECRET,
        /// The status. Default: `InProgress`.
        optional status("Status"): MediaPipelineStatus = STATUS,
    }
}

impl SdkConcatenationPipeline {
    /// Returns the pipeline in its full form.
    pub(crate) fn pipeline(self, home: &Home) -> SdkPipeline {
        let source = MediaCapturePipelineSourceConfiguration::new(
            home.arn(&format!("{PIPELINE}{}", self.capture_pipeline_id)),
            ChimeSdkMeetingConcatenationConfiguration::new(all_artifacts()),
        );
        let source =
            ConcatenationSource::new(ConcatenationSourceType::MediaCapturePipeline, source);
        let sink = S3BucketSinkConfiguration::new(self.destination);
        let pipeline = MediaConcatenationPipeline::default()
            .media_pipeline_id(self.media_pipeline_id)
            .sources([source])
            .sinks([ConcatenationSink::new(ConcatenationSinkType::S3Bucket, sink)])
            .set_status(self.status);
        SdkPipeline::new(MediaPipeline::default().media_concatenation_pipeline(pipeline))
    }
}

fn all_artifacts() -> ArtifactsConcatenationConfiguration {
    let enabled = || ArtifactsConcatenationState::Enabled;
    ArtifactsConcatenationConfiguration::new(
        AudioConcatenationConfiguration::new(AudioArtifactsConcatenationState::Enabled),
        VideoConcatenationConfiguration::new(enabled()),
        ContentConcatenationConfiguration::new(enabled()),
        DataChannelConcatenationConfiguration::new(enabled()),
        TranscriptionMessagesConcatenationConfiguration::new(enabled()),
        MeetingEventsConcatenationConfiguration::new(enabled()),
        CompositedVideoConcatenationConfiguration::new(enabled()),
    )
}
