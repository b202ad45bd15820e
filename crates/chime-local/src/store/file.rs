//! State in a file: an embedded database, redb.
//!
//! A commit returns when the disk has it, and a file that was not closed opens with the last commit,
//! whatever ended the process. The database locks the file.

use std::io;
use std::path::Path;

use redb::{
    Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError, Table, TableDefinition,
};

use super::{Snapshot, Storage, StoreError};
use crate::rows::Change;

/// Rows by their path.
const ROWS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("rows");
/// Rows of snapshots, by the name of the snapshot and their path.
const SNAPSHOTS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("snapshots");
/// What the rows look like, so that a later version can tell.
const FORMAT: TableDefinition<'_, (), u64> = TableDefinition::new("format");
const PRESENT_FORMAT: u64 = 1;

/// The rows live in memory: what the database would cache as well is a waste.
const CACHE_BYTES: usize = 16 * 1024 * 1024;

pub(super) struct StateFile(Database);

impl StateFile {
    /// Opens a file, or makes it.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Database::builder().set_cache_size(CACHE_BYTES).create(path)?;
        let write = database.begin_write().map_err(redb::Error::from)?;
        {
            let mut format = write.open_table(FORMAT).map_err(redb::Error::from)?;
            let found = format.get(()).map_err(redb::Error::from)?.map(|found| found.value());
            match found {
                Some(PRESENT_FORMAT) => {}
                Some(other) => {
                    return Err(StoreError::Unreadable(format!("its format is {other}")));
                }
                None => {
                    format.insert((), PRESENT_FORMAT).map_err(redb::Error::from)?;
                }
            }
            write.open_table(ROWS).map_err(redb::Error::from)?;
            write.open_table(SNAPSHOTS).map_err(redb::Error::from)?;
        }
        write.commit().map_err(redb::Error::from)?;
        Ok(Self(database))
    }

    /// All rows, in the order of their paths.
    pub(super) fn rows(&self) -> Result<Snapshot, StoreError> {
        let read = self.0.begin_read().map_err(redb::Error::from)?;
        let table = read.open_table(ROWS).map_err(redb::Error::from)?;
        let mut rows = Vec::new();
        for row in table.iter()? {
            let (path, row) = row?;
            rows.push((path.value().to_owned(), row.value().to_owned()));
        }
        Ok(rows)
    }

    /// Changes the rows in one transaction.
    fn write(
        &self,
        change: impl FnOnce(&mut Table<'_, &str, &[u8]>) -> Result<(), StorageError>,
    ) -> Result<(), StoreError> {
        let write = self.0.begin_write().map_err(redb::Error::from)?;
        change(&mut write.open_table(ROWS).map_err(redb::Error::from)?)?;
        Ok(write.commit().map_err(redb::Error::from)?)
    }

    /// Changes the snapshots in one transaction.
    fn write_snapshots<T>(
        &self,
        change: impl FnOnce(&mut Table<'_, (&str, &str), &[u8]>) -> Result<T, StorageError>,
    ) -> Result<T, StoreError> {
        let write = self.0.begin_write().map_err(redb::Error::from)?;
        let outcome = change(&mut write.open_table(SNAPSHOTS).map_err(redb::Error::from)?)?;
        write.commit().map_err(redb::Error::from)?;
        Ok(outcome)
    }
}

impl Storage for StateFile {
    fn is_durable(&self) -> bool {
        true
    }

    fn save(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.write(|table| {
            for (path, row) in changes {
                match row {
                    Some(row) => drop(table.insert(&**path, &**row)?),
                    None => {
                        table.remove(&**path)?;
                        // `0` is the character behind `/`.
                        let (from, to) = (format!("{path}/"), format!("{path}0"));
                        table.retain_in(&*from..&*to, |_, _| false)?;
                    }
                }
            }
            Ok(())
        })
    }

    fn replace(&mut self, rows: &Snapshot) -> Result<(), StoreError> {
        self.write(|table| {
            table.retain(|_, _| false)?;
            for (path, row) in rows {
                table.insert(&**path, &**row)?;
            }
            Ok(())
        })
    }

    fn snapshots(&self) -> Result<Vec<String>, StoreError> {
        let read = self.0.begin_read().map_err(redb::Error::from)?;
        let table = read.open_table(SNAPSHOTS).map_err(redb::Error::from)?;
        let mut names = Vec::new();
        // The first row of every snapshot is that of the whole state.
        for row in table.iter()? {
            let (key, _) = row?;
            if let (name, "") = key.value() {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    fn snapshot(&self, name: &str) -> Result<Option<Snapshot>, StoreError> {
        let read = self.0.begin_read().map_err(redb::Error::from)?;
        let table = read.open_table(SNAPSHOTS).map_err(redb::Error::from)?;
        let mut rows = Vec::new();
        for row in table.range((name, "")..)? {
            let (key, row) = row?;
            let (of, path) = key.value();
            if of != name {
                break;
            }
            rows.push((path.to_owned(), row.value().to_owned()));
        }
        Ok((!rows.is_empty()).then_some(rows))
    }

    fn put_snapshot(&mut self, name: &str, rows: Snapshot) -> Result<(), StoreError> {
        self.write_snapshots(|table| {
            remove(table, name)?;
            for (path, row) in &rows {
                table.insert((name, &**path), &**row)?;
            }
            Ok(())
        })
    }

    fn remove_snapshot(&mut self, name: &str) -> Result<bool, StoreError> {
        self.write_snapshots(|table| remove(table, name))
    }
}

/// Removes the rows of a snapshot, and tells whether there were any.
fn remove(table: &mut Table<'_, (&str, &str), &[u8]>, name: &str) -> Result<bool, StorageError> {
    let found = table.get((name, ""))?.is_some();
    // No path begins with a character behind `/`.
    table.retain_in((name, "")..(name, "0"), |_, _| false)?;
    Ok(found)
}

impl From<DatabaseError> for StoreError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => Self::InUse,
            DatabaseError::UpgradeRequired(_) => Self::Unreadable(error.to_string()),
            other => redb::Error::from(other).into(),
        }
    }
}

impl From<StorageError> for StoreError {
    fn from(error: StorageError) -> Self {
        redb::Error::from(error).into()
    }
}

impl From<redb::Error> for StoreError {
    fn from(error: redb::Error) -> Self {
        match error {
            // So it calls what is no database.
            redb::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
                Self::Unreadable(error.to_string())
            }
            redb::Error::Io(error) => Self::Io(error),
            redb::Error::Corrupted(why) => Self::Unreadable(why),
            other => Self::Io(io::Error::other(other)),
        }
    }
}
