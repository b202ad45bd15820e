//! The folders that pipelines write to a bucket, as empty files in a directory.

use std::fs;
use std::path::{Component, Path};

use chime_model::media_pipelines::*;
use time::OffsetDateTime;

use crate::engine::events::Effect;
use crate::pipelines::record::{PipelineRecord, Work};
use crate::pipelines::sources::bucket;

/// A folder, and the extension of the files in it.
type Folder = (&'static str, &'static str);

/// The documented folders of a capture pipeline.
const CAPTURED: [Folder; 5] = [
    ("audio", "mp4"),
    ("video", "mp4"),
    ("data-channel", "txt"),
    ("meeting-events", "txt"),
    ("transcription-messages", "txt"),
];

/// Returns the work that writes the files of a pipeline whose status changes, below a directory:
/// `BUCKET/PREFIX/PIPELINE/FOLDER/TIME` once a capture has started, `BUCKET/PREFIX/FOLDER/PIPELINE` once
/// a concatenation is complete. It skips files that cannot be written, since no call depends on them.
pub(super) fn of(
    record: &PipelineRecord,
    next: &MediaPipelineStatus,
    directory: &str,
    now: OffsetDateTime,
) -> Option<Effect> {
    use MediaPipelineStatus::{InProgress, Stopped};
    let id = record.id.as_str();
    let (folders, file) = match (&record.work, &record.status, next) {
        (Work::Capture(_), _, InProgress) => (CAPTURED.to_vec(), file_of(now)),
        (Work::Concatenation(work), InProgress, Stopped) => (concatenated(work)?, id.to_owned()),
        _ => return None,
    };
    let (_, arn) = record.work.bucket()?;
    let (bucket, prefix) = bucket(arn.expose())?;
    let inside = Path::new(bucket).join(prefix);
    let is_shared = matches!(record.work, Work::Capture(_)) || prefix.is_empty();
    let inside = if is_shared { inside.join(id) } else { inside };
    // The caller chose the names: they must not lead out of the directory.
    if !inside.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let directory = Path::new(directory).join(inside);
    Some(Effect::Work(Box::new(move || {
        for (folder, extension) in folders {
            let folder = directory.join(folder);
            if fs::create_dir_all(&folder).is_ok() {
                let _ = fs::File::create(folder.join(format!("{file}.{extension}")));
            }
        }
    })))
}

/// Returns the name of a file that is begun at a time.
fn file_of(now: OffsetDateTime) -> String {
    let (hour, minute, second, millis) = now.to_hms_milli();
    format!("{}-{hour:02}-{minute:02}-{second:02}-{millis:03}", now.date())
}

/// Returns the folders of the artifacts that a concatenation has.
fn concatenated(work: &MediaConcatenationPipeline) -> Option<Vec<Folder>> {
    use ArtifactsConcatenationState::Enabled;
    let source = &work.sources.as_ref()?.first()?.media_capture_pipeline_source_configuration;
    let of = &source.chime_sdk_meeting_configuration.artifacts_configuration;
    let video = of.video.state == Enabled || of.content.state == Enabled;
    let all = [
        (of.audio.state == AudioArtifactsConcatenationState::Enabled, ("audio", "mp4")),
        (video, ("video", "mp4")),
        (of.composited_video.state == Enabled, ("composited-video", "mp4")),
        (of.data_channel.state == Enabled, ("data-channel", "txt")),
        (of.meeting_events.state == Enabled, ("meeting-events", "txt")),
        (of.transcription_messages.state == Enabled, ("transcription-messages", "txt")),
    ];
    Some(all.into_iter().filter_map(|(has, folder)| has.then_some(folder)).collect())
}
