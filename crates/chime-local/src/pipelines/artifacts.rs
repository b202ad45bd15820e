//! The folders of a capture pipeline, as empty files in a directory.

use std::fs;
use std::path::{Component, Path};

use time::OffsetDateTime;

use crate::engine::events::Effect;
use crate::pipelines::record::{PipelineRecord, Work};
use crate::pipelines::sources::bucket;

/// The documented folders, and the extensions of the files in them.
const FOLDERS: [(&str, &str); 5] = [
    ("audio", "mp4"),
    ("video", "mp4"),
    ("data-channel", "txt"),
    ("meeting-events", "txt"),
    ("transcription-messages", "txt"),
];

/// Returns the work that writes `BUCKET/PREFIX/PIPELINE/FOLDER/FILE` below a directory. It skips files
/// that cannot be written, since no call depends on them.
pub(super) fn of(record: &PipelineRecord, directory: &str, now: OffsetDateTime) -> Option<Effect> {
    let Work::Capture(work) = &record.work else { return None };
    let (bucket, prefix) = work.sink_arn.as_ref().map_or(("", ""), |sink| bucket(sink.expose()));
    let inside = Path::new(bucket).join(prefix).join(record.id.as_str());
    // The caller chose the names: they must not lead out of the directory.
    if !inside.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let (hour, minute, second, millis) = now.to_hms_milli();
    let name = format!("{}-{hour:02}-{minute:02}-{second:02}-{millis:03}", now.date());
    let directory = Path::new(directory).join(inside);
    Some(Effect::Work(Box::new(move || {
        for (folder, extension) in FOLDERS {
            let folder = directory.join(folder);
            if fs::create_dir_all(&folder).is_ok() {
                let _ = fs::File::create(folder.join(format!("{name}.{extension}")));
            }
        }
    })))
}
