//! Group commit: changes that are saved together, with one write to the disk.

use chime_model::ServiceError;
use tokio::sync::oneshot;

use super::{Root, Storage, Store, StoreError};
use crate::engine::rows::{self, Change, Mark, Snapshot, Which};
use crate::engine::world::World;

/// Notifies a call that what it read and changed is saved, or why it was undone.
pub(super) type Waiter = oneshot::Sender<Result<(), ServiceError>>;

/// Completes when what a call read and changed is saved, or when it was undone.
pub(crate) type Saved = oneshot::Receiver<Result<(), ServiceError>>;

/// All unsaved changes before a mark, with the storage to save them in.
pub(super) struct Group {
    rows: Rows,
    root: Root,
    /// All unsaved changes before this mark are in the group.
    end: Mark,
    /// The number of events of the outbox that belong to the group.
    events: usize,
    storage: Box<dyn Storage>,
}

enum Rows {
    Changed(Vec<Change>),
    /// All rows, because it is unknown which ones the storage has.
    All(Snapshot),
}

impl Group {
    /// Saves the changes in one transaction.
    pub(super) fn save(&mut self) -> Result<(), StoreError> {
        match &self.rows {
            Rows::Changed(changes) => self.storage.save(changes),
            Rows::All(rows) => self.storage.replace(rows),
        }
    }
}

impl<W: World> Store<W> {
    /// Returns a receiver that completes when the current state is saved; `None` if it is saved.
    pub(crate) fn saved(&mut self) -> Option<Saved> {
        let waiters = if self.is_changed {
            &mut self.waiting
        } else if self.storage.is_none() {
            &mut self.waiting_for_group
        } else {
            return None;
        };
        let (waiter, saved) = oneshot::channel();
        waiters.push(waiter);
        Some(saved)
    }

    /// Whether a group can be [begun](Self::begin).
    pub(super) fn has_group(&self) -> bool {
        self.is_changed && self.storage.is_some()
    }

    /// Whether a group was begun and not [finished](Self::finish).
    pub(super) fn is_saving(&self) -> bool {
        self.storage.is_none()
    }

    /// Takes all changes as a group; `None` if no row has changed.
    ///
    /// # Errors
    /// Returns an error if the changes cannot be serialized. Then they are undone.
    pub(super) fn begin(&mut self) -> Result<Option<Group>, StoreError> {
        if !self.has_group() {
            return Ok(None);
        }
        let rows = self.rows_to_save();
        let Some(storage) = self.storage.take() else { return Ok(None) };
        let (root, end) = (self.state.root.clone(), Mark::now());
        let events = self.state.outbox.len();
        self.is_changed = false;
        self.waiting_for_group.append(&mut self.waiting);
        match rows {
            Ok(Some(rows)) => Ok(Some(Group { rows, root, end, events, storage })),
            Ok(None) => {
                self.storage = Some(storage);
                self.commit(root, end, events);
                Ok(None)
            }
            Err(error) => {
                self.storage = Some(storage);
                self.undo(&error);
                Err(error)
            }
        }
    }

    fn rows_to_save(&mut self) -> Result<Option<Rows>, StoreError> {
        if self.uncertain {
            return Ok(Some(Rows::All(self.state.rows()?)));
        }
        let mut changes = Vec::new();
        if self.saved_root != self.state.root {
            rows::put("", &self.state.root, &mut changes)?;
        }
        self.state.world.write(&mut String::new(), Which::Changed, &mut changes)?;
        Ok((!changes.is_empty()).then_some(Rows::Changed(changes)))
    }

    /// Makes the changes of a group final. If they could not be saved, undoes them and all later
    /// changes, which depend on them.
    pub(super) fn finish(
        &mut self,
        group: Group,
        outcome: Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let Group { root, end, events, storage, .. } = group;
        self.storage = Some(storage);
        self.uncertain = outcome.is_err();
        match &outcome {
            Ok(()) => self.commit(root, end, events),
            Err(error) => self.undo(error),
        }
        outcome
    }

    /// Saves all changes on the current thread.
    ///
    /// # Errors
    /// Returns an error if the save fails. Then the changes are undone.
    pub(crate) fn flush(&mut self) -> Result<(), StoreError> {
        let Some(mut group) = self.begin()? else { return Ok(()) };
        let outcome = group.save();
        self.finish(group, outcome)
    }

    fn commit(&mut self, root: Root, end: Mark, events: usize) {
        self.publisher.publish(self.state.outbox.drain(..events).collect());
        self.state.world.forget(end);
        self.saved_root = root;
        self.saved_to = end;
        for waiter in self.waiting_for_group.drain(..) {
            // The call may have been cancelled.
            let _ = waiter.send(Ok(()));
        }
    }

    fn undo(&mut self, error: &StoreError) {
        self.state.world.undo(self.saved_to);
        self.state.outbox.clear();
        self.state.root = self.saved_root.clone();
        self.state.next_due = None;
        self.is_changed = false;
        for waiter in self.waiting_for_group.drain(..).chain(self.waiting.drain(..)) {
            let _ = waiter.send(Err(error.into()));
        }
    }
}
