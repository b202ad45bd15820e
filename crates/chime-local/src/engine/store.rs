//! Where the state is stored: in memory, and in a file too if there is one.

#[cfg(feature = "durable")]
mod file;

use std::collections::BTreeMap;
use std::{fmt, io};

use chime_model::{Exception, ServiceError};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::engine::clock::{ClockMode, LATEST};
use crate::engine::dispatch::Moment;
use crate::engine::document::InvalidDocument;
use crate::engine::events::Outbox;
use crate::engine::ids::Ids;
use crate::engine::rows::{self, Change, Mark, Snapshot, Unreadable, Which};
use crate::engine::world::World;

/// Everything that is remembered.
pub(crate) struct State<W> {
    pub(crate) root: Root,
    pub(crate) world: W,
    /// The events of changes that are not saved yet, or not sent.
    pub(crate) outbox: Outbox,
    /// Until when nothing becomes due; `None` if that is not known.
    next_due: Option<OffsetDateTime>,
}

/// What is remembered beside the tables.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Root {
    pub(crate) ids: Ids,
    /// How the time of the services goes, as of the last change.
    pub(crate) clock: ClockMode,
}

impl<W: World> State<W> {
    pub(crate) fn new(random_seed: u64, clock: ClockMode) -> Self {
        let root = Root { ids: Ids::new(random_seed), clock };
        Self { root, world: W::default(), outbox: Outbox::new(), next_due: None }
    }

    /// The world, and what is needed to change it.
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
pub(crate) struct Store<W> {
    pub(crate) state: State<W>,
    storage: Box<dyn Storage>,
    /// The root as it was saved last.
    saved: Root,
    /// Whether a save failed, so that it is not known which rows the storage has.
    uncertain: bool,
}

/// Stores rows, and named copies of all of them.
trait Storage: Send {
    /// Whether changes have to be saved.
    fn is_durable(&self) -> bool;

    /// Saves changes: all of them or, with an error, none.
    fn save(&mut self, changes: &[Change]) -> Result<(), StoreError>;

    /// Replaces all rows with these.
    fn replace(&mut self, rows: &Snapshot) -> Result<(), StoreError>;

    fn snapshots(&mut self) -> Result<Vec<String>, StoreError>;

    /// The rows of a snapshot; `None` if no snapshot has the name.
    fn snapshot(&mut self, name: &str) -> Result<Option<Snapshot>, StoreError>;

    /// Saves a snapshot; it replaces one of the same name.
    fn put_snapshot(&mut self, name: &str, rows: Snapshot) -> Result<(), StoreError>;

    /// Whether there was one of that name.
    fn remove_snapshot(&mut self, name: &str) -> Result<bool, StoreError>;
}

impl<W: World> Store<W> {
    pub(crate) fn in_memory(state: State<W>) -> Self {
        Self::new(state, Box::new(Snapshots::default()))
    }

    /// Opens a file, with what it holds or, if it is new, with an initial state.
    #[cfg(feature = "durable")]
    pub(crate) fn open(path: &std::path::Path, initial: State<W>) -> Result<Self, StoreError> {
        Self::over(file::StateFile::open(path)?, initial)
    }

    #[cfg(feature = "durable")]
    fn over(mut file: file::StateFile, mut initial: State<W>) -> Result<Self, StoreError> {
        let rows = file.rows()?;
        let state = if rows.is_empty() {
            file.replace(&initial.rows()?)?;
            initial
        } else {
            State::read(rows)?
        };
        Ok(Self::new(state, Box::new(file)))
    }

    fn new(mut state: State<W>, storage: Box<dyn Storage>) -> Self {
        state.world.forget();
        Self { saved: state.root.clone(), state, storage, uncertain: false }
    }

    /// Does what has become due.
    pub(crate) fn settle(&mut self, now: OffsetDateTime, rules: &W::Rules) {
        if self.state.next_due.is_none_or(|due| due <= now) {
            let (world, at) = self.state.at(now);
            self.state.next_due = Some(world.settle(at, rules).unwrap_or(LATEST));
            // It is saved before anyone sees it. If that fails, it is saved with the next change.
            let _ = self.save();
        }
    }

    /// Changes the state and saves it. Nothing has changed if that fails, or if it only reads.
    pub(crate) fn attempt<T, E: From<StoreError>>(
        &mut self,
        clock: ClockMode,
        saves: bool,
        change: impl FnOnce(&mut State<W>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (mark, root, sent) = (Mark::now(), self.state.root.clone(), self.state.outbox.len());
        let outcome = change(&mut self.state).and_then(|value| {
            if saves {
                self.state.root.clock = clock;
                self.save()?;
            }
            Ok(value)
        });
        if saves && outcome.is_ok() {
            self.state.next_due = None;
        } else {
            self.state.world.undo(mark);
            self.state.outbox.truncate(sent);
            self.state.root = root;
        }
        outcome
    }

    /// Saves what changed.
    fn save(&mut self) -> Result<(), StoreError> {
        if self.storage.is_durable() {
            let root = &self.state.root;
            let outcome = if self.uncertain {
                let rows = self.state.rows()?;
                self.storage.replace(&rows)
            } else {
                let mut changes = Vec::new();
                if self.saved != *root {
                    rows::put("", root, &mut changes)?;
                }
                self.state.world.write(&mut String::new(), Which::Changed, &mut changes)?;
                if changes.is_empty() { Ok(()) } else { self.storage.save(&changes) }
            };
            self.uncertain = outcome.is_err();
            outcome?;
            self.saved = self.state.root.clone();
        }
        self.state.world.forget();
        Ok(())
    }

    /// Puts another state in place of this one.
    pub(crate) fn replace(&mut self, mut state: State<W>) -> Result<(), StoreError> {
        if self.storage.is_durable() {
            let outcome = self.storage.replace(&state.rows()?);
            self.uncertain |= outcome.is_err();
            outcome?;
        }
        state.world.forget();
        self.saved = state.root.clone();
        self.state = state;
        Ok(())
    }

    /// The names of the snapshots, in order.
    pub(crate) fn snapshots(&mut self) -> Result<Vec<String>, StoreError> {
        self.storage.snapshots()
    }

    /// Saves the present state under a name. It replaces a snapshot of the same name.
    pub(crate) fn take_snapshot(&mut self, name: &str) -> Result<(), StoreError> {
        let rows = self.state.rows()?;
        self.storage.put_snapshot(name, rows)
    }

    /// Puts the state of a snapshot in place of the present one.
    pub(crate) fn restore_snapshot(&mut self, name: &str) -> Result<(), StoreError> {
        let rows = self.storage.snapshot(name)?.ok_or(StoreError::NoSnapshot)?;
        self.replace(State::read(rows)?)
    }

    pub(crate) fn remove_snapshot(&mut self, name: &str) -> Result<(), StoreError> {
        if self.storage.remove_snapshot(name)? { Ok(()) } else { Err(StoreError::NoSnapshot) }
    }
}

/// The snapshots of a Chime without a file.
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

/// Why state could not be saved or read.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no snapshot of that name.
    NoSnapshot,
    /// Another process has the file open: a file serves one Chime at a time.
    InUse,
    /// The file holds something else, is damaged, or was written by another version.
    Unreadable(String),
    /// The seed or the configuration is invalid.
    Invalid(InvalidDocument),
    /// The file could not be read or written. A change that could not be saved was undone.
    Io(io::Error),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSnapshot => f.write_str("no snapshot has this name"),
            Self::InUse => f.write_str("another process has the file open"),
            Self::Unreadable(why) => write!(f, "not a readable state file: {why}"),
            Self::Invalid(error) => error.fmt(f),
            Self::Io(_) => f.write_str("the file cannot be read or written"),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<InvalidDocument> for StoreError {
    fn from(error: InvalidDocument) -> Self {
        Self::Invalid(error)
    }
}

impl From<Unreadable> for StoreError {
    fn from(error: Unreadable) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Io(error.into())
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        Self::new(Exception::ServiceFailure, format!("The change could not be saved: {error}"))
    }
}

#[cfg(test)]
mod tests;
