//! The folders that a capture pipeline writes, as empty files in a directory.

use std::fs;
use std::path::{Component, Path};

use time::OffsetDateTime;

use crate::pipelines::create::bucket;
use crate::pipelines::record::{PipelineRecord, Work};

/// The folders of the documentation, and what the names of files in them end with.
const FOLDERS: [(&str, &str); 5] = [
    ("audio", "mp4"),
    ("video", "mp4"),
    ("data-channel", "txt"),
    ("meeting-events", "txt"),
    ("transcription-messages", "txt"),
];

/// Writes `BUCKET/PREFIX/PIPELINE/FOLDER/FILE` below a directory. What cannot be written is left out:
/// the files are for those who look, and no call fails without them.
pub(super) fn write(directory: &str, record: &PipelineRecord, now: OffsetDateTime) {
    let Work::Capture(work) = &record.work else { return };
    let (bucket, prefix) = work.sink_arn.as_ref().map_or(("", ""), |sink| bucket(sink.expose()));
    let inside = Path::new(bucket).join(prefix).join(record.id.as_str());
    // The caller chose the names: they must not lead elsewhere.
    if !inside.components().all(|part| matches!(part, Component::Normal(_))) {
        return;
    }
    let (hour, minute, second, millis) = now.to_hms_milli();
    let name = format!("{}-{hour:02}-{minute:02}-{second:02}-{millis:03}", now.date());
    for (folder, extension) in FOLDERS {
        let folder = Path::new(directory).join(&inside).join(folder);
        if fs::create_dir_all(&folder).is_ok() {
            let _ = fs::File::create(folder.join(format!("{name}.{extension}")));
        }
    }
}
