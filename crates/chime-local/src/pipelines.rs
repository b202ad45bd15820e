//! Chime SDK media pipelines.

use chime_model::media_pipelines::MediaPipelineId;
use chime_model::meetings::MeetingId;

use crate::engine::dispatch::Moment;
use crate::engine::rows::tables;
use crate::engine::table::Table;
use crate::meetings::Watcher;

tables! {
    /// The state of media pipelines.
    pub(crate) struct Pipelines {
        pipelines: Table<MediaPipelineId, ()> = "pipelines",
    }
}

impl Watcher for Pipelines {
    fn meeting_ends(&mut self, _: &MeetingId, _: &mut Moment<'_>) {}
}
