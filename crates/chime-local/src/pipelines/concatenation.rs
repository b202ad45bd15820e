//! Concatenation pipelines in seeds, which name their capture pipeline by its id.

use chime_model::media_pipelines::*;

use crate::engine::home::Home;
use crate::pipelines::documents::SdkConcatenationPipeline;
use crate::pipelines::record::{PIPELINE, Work};

impl SdkConcatenationPipeline {
    /// Returns the pipeline as responses show it.
    pub(crate) fn work(self, home: &Home) -> Work {
        let artifacts = self.artifacts_configuration.unwrap_or_else(all_artifacts);
        let source = MediaCapturePipelineSourceConfiguration::new(
            home.arn(&format!("{PIPELINE}{}", self.capture_pipeline_id)),
            ChimeSdkMeetingConcatenationConfiguration::new(artifacts),
        );
        let source =
            ConcatenationSource::new(ConcatenationSourceType::MediaCapturePipeline, source);
        let sink = S3BucketSinkConfiguration::new(self.destination);
        let work = MediaConcatenationPipeline::default()
            .sources([source])
            .sinks([ConcatenationSink::new(ConcatenationSinkType::S3Bucket, sink)])
            .media_pipeline_id(self.media_pipeline_id)
            .set_status(self.status)
            .set_created_timestamp(self.created_timestamp)
            .set_updated_timestamp(self.updated_timestamp);
        Work::Concatenation(work)
    }

    /// Describes a pipeline as responses show it.
    pub(crate) fn of(shown: MediaConcatenationPipeline) -> Option<Self> {
        let source = shown.sources?.pop()?.media_capture_pipeline_source_configuration;
        let sink = shown.sinks?.pop()?.s3_bucket_sink_configuration;
        let (_, capture) = source.media_pipeline_arn.as_str().split_once(PIPELINE)?;
        let artifacts = source.chime_sdk_meeting_configuration.artifacts_configuration;
        Some(Self {
            artifacts_configuration: Some(artifacts),
            status: shown.status,
            created_timestamp: shown.created_timestamp,
            updated_timestamp: shown.updated_timestamp,
            ..Self::new(shown.media_pipeline_id?, capture, sink.destination)
        })
    }
}

/// Returns the configuration of a concatenation of all artifacts.
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
