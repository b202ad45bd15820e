//! The pipelines of a region and their indexes, so that a change looks only at those to which something
//! happens.

use chime_model::media_pipelines::MediaPipelineId;
use time::OffsetDateTime;

use crate::engine::index::Index;
use crate::engine::rows::tables;
use crate::pipelines::RegionTables;
use crate::pipelines::record::PipelineRecord;

tables! {
    /// The pipelines of a region by what happens to them next.
    #[cfg_attr(test, derive(Debug))]
    pub(super) struct Indexes {
        /// The positions of the pipelines that are active or have a task whose status changes.
        unfinished: Index<(), u64> = index,
        /// All other pipelines, by the time when they are forgotten.
        finished: Index<(), (OffsetDateTime, MediaPipelineId)> = index,
    }
}

impl Indexes {
    /// Adds or removes a pipeline in its current state.
    fn set(&mut self, position: u64, record: &PipelineRecord, present: bool) {
        match record.forgotten_at() {
            None => self.unfinished.set((), position, present),
            Some(at) => self.finished.set((), (at, record.id.clone()), present),
        };
    }
}

impl RegionTables {
    /// Adds a pipeline, whose id is new.
    pub(super) fn add(&mut self, record: PipelineRecord) {
        let id = record.id.clone();
        self.pipelines.insert(id.clone(), record);
        self.set_indexes(&id, true);
    }

    /// Changes a pipeline, if it exists.
    pub(super) fn change<T>(
        &mut self,
        id: &MediaPipelineId,
        change: impl FnOnce(&mut PipelineRecord) -> T,
    ) -> Option<T> {
        self.set_indexes(id, false);
        let changed = self.pipelines.get_mut(id).map(change);
        self.set_indexes(id, true);
        changed
    }

    /// Removes a pipeline, if it exists.
    pub(super) fn remove(&mut self, id: &MediaPipelineId) {
        self.set_indexes(id, false);
        self.pipelines.remove(id);
    }

    fn set_indexes(&mut self, id: &MediaPipelineId, present: bool) {
        if let Some((position, record)) = self.pipelines.find(id) {
            self.indexes.set(position, record, present);
        }
    }

    /// Returns the pipelines that are active or have a task whose status changes, in the order of
    /// creation.
    pub(super) fn unfinished(&self) -> impl Iterator<Item = &PipelineRecord> {
        let positions = self.indexes.unfinished.after(&(), None);
        positions.filter_map(|position| self.pipelines.at(*position)).map(|row| &row.value)
    }

    /// Returns the pipeline that is forgotten next, and when.
    pub(super) fn first_forgotten(&self) -> Option<&(OffsetDateTime, MediaPipelineId)> {
        self.indexes.finished.first(&())
    }

    pub(super) fn index(&mut self) {
        for (position, record) in self.pipelines.after(None) {
            self.indexes.set(position, record, true);
        }
    }
}
