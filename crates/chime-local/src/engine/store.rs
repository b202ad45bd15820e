//! Stores the state in memory, and optionally in a file.

mod error;
#[cfg(feature = "durable")]
mod file;
mod group;
pub(crate) mod shared;

use std::collections::BTreeMap;
use std::{io, mem};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use self::group::Waiter;
use crate::engine::clock::{ClockMode, LATEST};
use crate::engine::dispatch::Moment;
use crate::engine::events::{EventRules, Outbox, Publisher};
use crate::engine::ids::Ids;
use crate::engine::rows::{self, Change, Mark, Snapshot};
use crate::engine::world::World;

pub use self::error::StoreError;

/// The maximum number of final changes in the logs of the tables, in memory. Forgetting visits the table
/// of each change and all tables above it, so it is done for several changes at a time. They are few, so
/// that the allocator reuses the memory of the old values at once.
const MAX_LOGGED: u64 = 8;

/// The whole state of an emulator.
pub(crate) struct State<W> {
    pub(crate) root: Root,
    pub(crate) world: W,
    /// The events of changes that are not saved yet. They are sent after the save.
    pub(crate) outbox: Outbox,
    /// The time before which nothing becomes due; `None` if unknown.
    next_due: Option<OffsetDateTime>,
}

/// Whether changes of the state are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intent {
    /// Changes are undone. Handlers of reads create missing tables, for example.
    Read,
    Write,
}

impl Intent {
    /// The intent of a request, by its HTTP method.
    pub(crate) fn of(method: &str) -> Self {
        if method == "GET" { Self::Read } else { Self::Write }
    }
}

/// The part of the state that is not in tables.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Root {
    pub(crate) ids: Ids,
    /// The mode of the clock at the last change.
    pub(crate) clock: ClockMode,
}

impl<W: World> State<W> {
    pub(crate) fn new(random_seed: u64, clock: ClockMode) -> Self {
        let root = Root { ids: Ids::new(random_seed), clock };
        Self { root, world: W::default(), outbox: Outbox::new(), next_due: None }
    }

    /// The world, with the [`Moment`] to change it at.
    pub(crate) fn at(&mut self, now: OffsetDateTime) -> (&mut W, Moment<'_>) {
        let Self { root, world, outbox, .. } = self;
        (world, Moment { now, ids: &mut root.ids, events: outbox })
    }

    fn read(rows: Snapshot) -> Result<Self, StoreError> {
        let (root, world) = rows::read_all(rows)?;
        Ok(Self { root, world, outbox: Outbox::new(), next_due: None })
    }

    pub(crate) fn rows(&mut self) -> Result<Snapshot, StoreError> {
        Ok(rows::write_all(&self.root, &mut self.world)?)
    }
}

/// The state and its storage.
///
/// In memory, a change is final at once. With a durable storage, changes are collected and saved as
/// one [`Group`](group::Group). If that fails, they are undone together with all later changes.
pub(crate) struct Store<W> {
    pub(crate) state: State<W>,
    /// Sends the events of changes after these are final.
    pub(crate) publisher: Publisher,
    /// `None` while a group is being saved.
    storage: Option<Box<dyn Storage>>,
    is_durable: bool,
    /// Whether the state is from a file that existed.
    pub(crate) is_reopened: bool,
    /// The root in the storage.
    saved_root: Root,
    /// All changes before this mark are saved, and no longer logged.
    saved_to: Mark,
    /// Whether the last save failed, so that it is unknown which rows the storage has.
    uncertain: bool,
    /// Whether there may be changes that are not part of a group yet.
    is_changed: bool,
    /// The calls that wait for the save of those changes.
    waiting: Vec<Waiter>,
    /// The calls that wait for the group that is being saved.
    waiting_for_group: Vec<Waiter>,
    /// The number of threads that wait until no group is being saved. While it is not 0, the writer
    /// begins no new group.
    exclusive_waiters: usize,
    /// Whether the store is closed, so that the writer ends after the last save.
    is_closed: bool,
}

/// Stores rows and snapshots, which are named copies of all rows.
trait Storage: Send {
    /// Whether the storage outlives the process, so that changes must be saved.
    fn is_durable(&self) -> bool;

    /// Saves changes in one transaction.
    fn save(&mut self, changes: &[Change]) -> Result<(), StoreError>;

    /// Replaces all rows.
    fn replace(&mut self, rows: &Snapshot) -> Result<(), StoreError>;

    fn snapshots(&mut self) -> Result<Vec<String>, StoreError>;

    /// The rows of a snapshot; `None` if no snapshot has the name.
    fn snapshot(&mut self, name: &str) -> Result<Option<Snapshot>, StoreError>;

    /// Saves a snapshot, which replaces one of the same name.
    fn put_snapshot(&mut self, name: &str, rows: Snapshot) -> Result<(), StoreError>;

    /// Removes a snapshot. Returns whether one had the name.
    fn remove_snapshot(&mut self, name: &str) -> Result<bool, StoreError>;
}

impl<W: World> Store<W> {
    pub(crate) fn in_memory(state: State<W>) -> Self {
        Self::new(state, Box::new(Snapshots::default()))
    }

    /// Opens a file and reads its state. A new file gets the initial state.
    #[cfg(feature = "durable")]
    pub(crate) fn open(path: &std::path::Path, initial: State<W>) -> Result<Self, StoreError> {
        Self::over(file::StateFile::open(path)?, initial)
    }

    #[cfg(feature = "durable")]
    fn over(mut file: file::StateFile, mut initial: State<W>) -> Result<Self, StoreError> {
        let rows = file.rows()?;
        let is_reopened = !rows.is_empty();
        let state = if is_reopened {
            State::read(rows)?
        } else {
            file.replace(&initial.rows()?)?;
            initial
        };
        Ok(Self { is_reopened, ..Self::new(state, Box::new(file)) })
    }

    fn new(mut state: State<W>, storage: Box<dyn Storage>) -> Self {
        let saved_to = Mark::now();
        state.world.forget(saved_to);
        Self {
            saved_root: state.root.clone(),
            state,
            publisher: Publisher::new(EventRules::default(), 0, Ids::new(0)),
            is_durable: storage.is_durable(),
            is_reopened: false,
            storage: Some(storage),
            saved_to,
            uncertain: false,
            is_changed: false,
            waiting: Vec::new(),
            waiting_for_group: Vec::new(),
            exclusive_waiters: 0,
            is_closed: false,
        }
    }

    /// Applies what has become due.
    pub(crate) fn settle(&mut self, now: OffsetDateTime, rules: &W::Rules) {
        if self.state.next_due.is_none_or(|due| due <= now) {
            let ((), has_changed) = rows::changes(|| {
                let (world, at) = self.state.at(now);
                self.state.next_due = Some(world.settle(at, rules).unwrap_or(LATEST));
            });
            if has_changed {
                self.changed();
            }
        }
    }

    /// Runs a change of the state. If it fails, or if the intent is to read, the change is undone.
    pub(crate) fn attempt<T, E>(
        &mut self,
        clock: ClockMode,
        intent: Intent,
        change: impl FnOnce(&mut State<W>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (mark, root, sent) = (Mark::now(), self.state.root.clone(), self.state.outbox.len());
        let (outcome, has_changed) = rows::changes(|| change(&mut self.state));
        if intent == Intent::Write && outcome.is_ok() {
            self.state.root.clock = clock;
            self.state.next_due = None;
            self.changed();
        } else {
            if has_changed {
                self.state.world.undo(mark);
            }
            self.state.outbox.truncate(sent);
            self.state.root = root;
        }
        outcome
    }

    fn changed(&mut self) {
        if self.is_durable {
            self.is_changed = true;
        } else {
            let end = Mark::now();
            if end.changes_since(self.saved_to) >= MAX_LOGGED {
                self.state.world.forget(end);
                self.saved_to = end;
            }
            self.publisher.publish(mem::take(&mut self.state.outbox));
        }
    }

    /// Replaces the state.
    pub(crate) fn replace(&mut self, mut state: State<W>) -> Result<(), StoreError> {
        if self.is_durable {
            let rows = state.rows()?;
            let outcome = self.idle_storage()?.replace(&rows);
            self.uncertain = outcome.is_err();
            outcome?;
        }
        self.saved_to = Mark::now();
        state.world.forget(self.saved_to);
        self.saved_root = state.root.clone();
        self.state = state;
        Ok(())
    }

    /// The names of the snapshots, sorted.
    pub(crate) fn snapshots(&mut self) -> Result<Vec<String>, StoreError> {
        self.idle_storage()?.snapshots()
    }

    /// Saves the current state as a snapshot, which replaces one of the same name.
    pub(crate) fn take_snapshot(&mut self, name: &str) -> Result<(), StoreError> {
        let rows = self.state.rows()?;
        self.idle_storage()?.put_snapshot(name, rows)
    }

    /// Replaces the state with that of a snapshot.
    pub(crate) fn restore_snapshot(&mut self, name: &str) -> Result<(), StoreError> {
        let rows = self.idle_storage()?.snapshot(name)?.ok_or(StoreError::NoSnapshot)?;
        self.replace(State::read(rows)?)
    }

    /// The storage. The caller must have waited until no group is being saved.
    fn idle_storage(&mut self) -> Result<&mut dyn Storage, StoreError> {
        match &mut self.storage {
            Some(storage) => Ok(&mut **storage),
            None => Err(StoreError::Io(io::ErrorKind::ResourceBusy.into())),
        }
    }

    pub(crate) fn remove_snapshot(&mut self, name: &str) -> Result<(), StoreError> {
        if self.idle_storage()?.remove_snapshot(name)? {
            Ok(())
        } else {
            Err(StoreError::NoSnapshot)
        }
    }
}

/// The snapshots of an emulator in memory.
#[derive(Default)]
struct Snapshots(BTreeMap<String, Snapshot>);

impl Storage for Snapshots {
    fn is_durable(&self) -> bool {
        false
    }

    fn save(&mut self, _: &[Change]) -> Result<(), StoreError> {
        Ok(())
    }

    fn replace(&mut self, _: &Snapshot) -> Result<(), StoreError> {
        Ok(())
    }

    fn snapshots(&mut self) -> Result<Vec<String>, StoreError> {
        Ok(self.0.keys().cloned().collect())
    }

    fn snapshot(&mut self, name: &str) -> Result<Option<Snapshot>, StoreError> {
        Ok(self.0.get(name).cloned())
    }

    fn put_snapshot(&mut self, name: &str, rows: Snapshot) -> Result<(), StoreError> {
        self.0.insert(name.to_owned(), rows);
        Ok(())
    }

    fn remove_snapshot(&mut self, name: &str) -> Result<bool, StoreError> {
        Ok(self.0.remove(name).is_some())
    }
}

#[cfg(test)]
pub(crate) mod tests;
