//! Where the state is kept: in memory, and in a file too if there is one.

#[cfg(feature = "durable")]
mod file;

use std::collections::BTreeMap;
use std::{fmt, io};

use chime_model::{Exception, ServiceError};

use crate::InvalidDocument;
use crate::chime::state::{Root, State};
use crate::engine::rows::{self, Change, Record, Unreadable, Which};

/// The state, and what keeps it.
pub(crate) struct Store {
    pub(crate) state: State,
    storage: Box<dyn Storage>,
    /// What the state's own row said when it was kept last.
    root: Root,
    /// What could not be kept yet.
    unsaved: Vec<Change>,
}

/// Rows that belong together, in the order of their paths.
type Snapshot = Vec<(String, Vec<u8>)>;

/// Keeps rows, and named copies of all of them.
trait Storage: Send {
    /// Whether it wants to be told of changes.
    fn is_durable(&self) -> bool;

    /// Keeps changes: all of them or, with an error, none.
    fn save(&mut self, changes: &[Change]) -> Result<(), StoreError>;

    /// Keeps these rows in place of all others.
    fn replace(&mut self, rows: &Snapshot) -> Result<(), StoreError>;

    fn snapshots(&mut self) -> Result<Vec<String>, StoreError>;

    /// `None` if there is none of that name.
    fn snapshot(&mut self, name: &str) -> Result<Option<Snapshot>, StoreError>;

    /// Keeps a snapshot; one of the same name makes way.
    fn put_snapshot(&mut self, name: &str, rows: Snapshot) -> Result<(), StoreError>;

    /// Whether there was one of that name.
    fn remove_snapshot(&mut self, name: &str) -> Result<bool, StoreError>;
}

impl Store {
    pub(crate) fn in_memory(state: State) -> Self {
        Self::new(state, Box::new(Snapshots::default()))
    }

    /// Opens a file, with what it holds or, if it is new, with `initial`.
    #[cfg(feature = "durable")]
    pub(crate) fn open(
        path: &std::path::Path,
        initial: impl FnOnce() -> State,
    ) -> Result<Self, StoreError> {
        Self::over(file::StateFile::open(path)?, initial)
    }

    #[cfg(feature = "durable")]
    fn over(
        mut file: file::StateFile,
        initial: impl FnOnce() -> State,
    ) -> Result<Self, StoreError> {
        let rows = file.rows()?;
        let state = if rows.is_empty() {
            let mut state = initial();
            file.replace(&rows_of(&mut state))?;
            state
        } else {
            rows::read_all(rows)?
        };
        Ok(Self::new(state, Box::new(file)))
    }

    fn new(state: State, storage: Box<dyn Storage>) -> Self {
        let root = state.root();
        Self { state, storage, root, unsaved: Vec::new() }
    }

    /// Keeps what changed. What an earlier call could not keep is tried again first.
    pub(crate) fn save(&mut self) -> Result<(), StoreError> {
        if !self.storage.is_durable() {
            self.state.tables().into_iter().for_each(|(_, table)| table.forget_changes());
            return Ok(());
        }
        rows::write_tables(&mut self.state, &mut String::new(), Which::Changed, &mut self.unsaved);
        let root = self.state.root();
        if self.root != root {
            rows::put("", &self.state, &mut self.unsaved);
            self.root = root;
        }
        if !self.unsaved.is_empty() {
            self.storage.save(&self.unsaved)?;
            self.unsaved.clear();
        }
        Ok(())
    }

    /// Puts another state in place of this one.
    pub(crate) fn replace(&mut self, mut state: State) -> Result<(), StoreError> {
        if self.storage.is_durable() {
            self.storage.replace(&rows_of(&mut state))?;
        }
        self.root = state.root();
        self.state = state;
        self.unsaved.clear();
        Ok(())
    }

    /// The names of the snapshots, in order.
    pub(crate) fn snapshots(&mut self) -> Result<Vec<String>, StoreError> {
        self.storage.snapshots()
    }

    /// Keeps the present state under a name. A snapshot of the same name makes way.
    pub(crate) fn take_snapshot(&mut self, name: &str) -> Result<(), StoreError> {
        let rows = rows_of(&mut self.state);
        self.storage.put_snapshot(name, rows)
    }

    /// Puts the state of a snapshot in place of the present one.
    pub(crate) fn restore_snapshot(&mut self, name: &str) -> Result<(), StoreError> {
        let rows = self.storage.snapshot(name)?.ok_or(StoreError::NoSnapshot)?;
        self.replace(rows::read_all(rows)?)
    }

    pub(crate) fn remove_snapshot(&mut self, name: &str) -> Result<(), StoreError> {
        if self.storage.remove_snapshot(name)? { Ok(()) } else { Err(StoreError::NoSnapshot) }
    }
}

fn rows_of(state: &mut State) -> Snapshot {
    let rows = rows::write_all(state);
    rows.into_iter().filter_map(|(path, row)| Some((path, row?))).collect()
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

/// Why state could not be kept or brought back.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no snapshot of that name.
    NoSnapshot,
    /// Another process has the file open: a file serves one Chime at a time.
    InUse,
    /// The file holds something else, is damaged, or was written by a newer version.
    Unreadable(String),
    /// What was to be kept, or the configuration of a Chime that keeps it, makes no sense.
    Invalid(InvalidDocument),
    /// The file could not be read or written. What was changed meanwhile is in memory, and is
    /// written with the next change if that succeeds.
    Io(io::Error),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSnapshot => f.write_str("there is no snapshot of that name"),
            Self::InUse => f.write_str("another process has the file open"),
            Self::Unreadable(why) => write!(f, "the file is none of a local Chime: {why}"),
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

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        Self::new(Exception::ServiceFailure, format!("The change could not be kept: {error}"))
    }
}

#[cfg(test)]
mod tests;
