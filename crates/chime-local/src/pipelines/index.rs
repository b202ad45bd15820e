//! The indexes of the pipelines of a region, so that a change looks only at those to which something
//! happens.

use chime_model::media_pipelines::MediaPipelineId;
use time::OffsetDateTime;

use crate::engine::index::Index;
use crate::engine::indexed::IndexesOf;
use crate::engine::rows::tables;
use crate::pipelines::RegionTables;
use crate::pipelines::record::PipelineRecord;

tables! {
    /// The pipelines of a region by what happens to them next.
    pub(crate) struct Indexes {
        /// The positions of the pipelines that are active or have a task whose status changes.
        unfinished: Index<(), u64> = index,
        /// All other pipelines, by the time when they are forgotten.
        finished: Index<(), (OffsetDateTime, MediaPipelineId)> = index,
    }
}

impl IndexesOf<MediaPipelineId, PipelineRecord> for Indexes {
    fn set(&mut self, id: &MediaPipelineId, position: u64, record: &PipelineRecord, present: bool) {
        match record.forgotten_at() {
            None => self.unfinished.set((), position, present),
            Some(at) => self.finished.set((), (at, id.clone()), present),
        };
    }
}

impl RegionTables {
    /// Returns the pipelines that are active or have a task whose status changes, in the order of
    /// creation.
    pub(super) fn unfinished(&self) -> impl Iterator<Item = &PipelineRecord> {
        let positions = self.pipelines.indexes().unfinished.after(&(), None);
        positions.filter_map(|position| self.pipelines.at(*position)).map(|row| &row.value)
    }

    /// Returns the pipeline that is forgotten next, and when.
    pub(super) fn first_forgotten(&self) -> Option<&(OffsetDateTime, MediaPipelineId)> {
        self.pipelines.indexes().finished.first(&())
    }
}
