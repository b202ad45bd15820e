//! Stores the state in a file of the embedded database redb.
//!
//! A commit returns after it is on the disk. After a crash, the file opens with the last commit.

mod locked;

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use redb::backends::FileBackend;
use redb::{
    Database, DatabaseError, ReadableDatabase, ReadableTable, StorageBackend, StorageError, Table,
    TableDefinition,
};

use self::locked::LockedFile;
use super::{Storage, StoreError};
use crate::engine::rows::{Change, Snapshot};

/// Rows by path.
const ROWS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("rows");
/// Rows of snapshots, by the name of the snapshot and the path.
const SNAPSHOTS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("snapshots");
/// The format version of the rows. Their form is what `tests/format-4.txt` has; another form needs another
/// version.
const FORMAT: TableDefinition<'_, (), u64> = TableDefinition::new("format");
pub(super) const FORMAT_VERSION: u64 = 4;

/// The character after `/`. Every path except the empty one starts with `/`, so this is after all
/// paths.
const AFTER_PATHS: &str = "0";

/// Small, because all rows are in memory anyway.
const CACHE_BYTES: usize = 16 * 1024 * 1024;

pub(super) struct StateFile {
    file: LockedFile,
    /// `None` after an error, because redb then fails until the database is reopened.
    database: Option<Database>,
}

impl StateFile {
    /// Opens a file, or creates one that only its owner can read, because it has PINs and tokens.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(StoreError::Io)?;
        Self::over(FileBackend::new(file)?)
    }

    /// Opens the database in a file, or creates it in a file that is blank.
    fn over(file: impl StorageBackend) -> Result<Self, StoreError> {
        let file = LockedFile::lock(file)?;
        if file.is_blank().map_err(StoreError::Io)? {
            file.set_len(0).map_err(StoreError::Io)?;
        }
        let database = Some(open_database(&file)?);
        let mut file = Self { file, database };
        file.with(check_format)?;
        Ok(file)
    }

    /// Runs work on the database, which is reopened after an error.
    fn with<T>(
        &mut self,
        work: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let database = match self.database.take() {
            Some(database) => database,
            // A new database would have only the last changes.
            None if self.file.is_blank().map_err(StoreError::Io)? => {
                return Err(StoreError::Unreadable("it is empty".to_owned()));
            }
            None => open_database(&self.file)?,
        };
        let database = self.database.insert(database);
        let outcome = guarded(|| work(database));
        if outcome.is_err() {
            self.close();
        }
        outcome
    }

    fn close(&mut self) {
        let database = self.database.take();
        // Whatever could not be written is recovered when the database is opened again.
        let _ = guarded(|| {
            drop(database);
            Ok(())
        });
    }

    /// All rows, sorted by path.
    pub(super) fn rows(&mut self) -> Result<Snapshot, StoreError> {
        self.with(|database| {
            let read = database.begin_read().map_err(redb::Error::from)?;
            let table = read.open_table(ROWS).map_err(redb::Error::from)?;
            let mut rows = Vec::new();
            for row in table.iter()? {
                let (path, row) = row?;
                rows.push((path.value().to_owned(), row.value().to_owned()));
            }
            Ok(rows)
        })
    }

    /// Changes the rows in one transaction.
    fn write(
        &mut self,
        change: impl FnOnce(&mut Table<'_, &str, &[u8]>) -> Result<(), StorageError>,
    ) -> Result<(), StoreError> {
        self.with(|database| {
            let write = database.begin_write().map_err(redb::Error::from)?;
            change(&mut write.open_table(ROWS).map_err(redb::Error::from)?)?;
            Ok(write.commit().map_err(redb::Error::from)?)
        })
    }

    /// Changes the snapshots in one transaction.
    fn write_snapshots<T>(
        &mut self,
        change: impl FnOnce(&mut Table<'_, (&str, &str), &[u8]>) -> Result<T, StorageError>,
    ) -> Result<T, StoreError> {
        self.with(|database| {
            let write = database.begin_write().map_err(redb::Error::from)?;
            let outcome = change(&mut write.open_table(SNAPSHOTS).map_err(redb::Error::from)?)?;
            write.commit().map_err(redb::Error::from)?;
            Ok(outcome)
        })
    }
}

impl Drop for StateFile {
    fn drop(&mut self) {
        self.close();
        // The system unlocks a file that is closed, but not while a new process still shares it.
        let _ = self.file.unlock();
    }
}

/// Runs work of redb, which panics if the file is damaged.
fn guarded<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let damaged = || StoreError::Unreadable("it is damaged".to_owned());
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(damaged()))
}

fn open_database(file: &LockedFile) -> Result<Database, StoreError> {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    guarded(|| Ok(builder.create_with_backend(file.clone())?))
}

/// Checks that this version can read the rows. A new database gets the tables and the current format.
fn check_format(database: &Database) -> Result<(), StoreError> {
    let read = database.begin_read().map_err(redb::Error::from)?;
    if read.list_tables()?.next().is_none() && read.list_multimap_tables()?.next().is_none() {
        return create_tables(database);
    }
    let format = read.open_table(FORMAT).map_err(redb::Error::from)?;
    match format.get(())?.map(|found| found.value()) {
        Some(FORMAT_VERSION) => Ok(()),
        Some(other) => Err(StoreError::Unreadable(format!(
            "it has format {other}, but this version reads only format {FORMAT_VERSION}"
        ))),
        None => Err(StoreError::Unreadable("it has no format version".to_owned())),
    }
}

fn create_tables(database: &Database) -> Result<(), StoreError> {
    let write = database.begin_write().map_err(redb::Error::from)?;
    write.open_table(FORMAT).map_err(redb::Error::from)?.insert((), FORMAT_VERSION)?;
    write.open_table(ROWS).map_err(redb::Error::from)?;
    write.open_table(SNAPSHOTS).map_err(redb::Error::from)?;
    Ok(write.commit().map_err(redb::Error::from)?)
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
                        let (from, to) = (format!("{path}/"), format!("{path}{AFTER_PATHS}"));
                        table.retain_in(&*from..&*to, |_, _| false)?;
                    }
                }
            }
            Ok(())
        })
    }

    fn replace(&mut self, rows: &Snapshot) -> Result<(), StoreError> {
        let mut missing: BTreeMap<&str, &[u8]> =
            rows.iter().map(|(path, row)| (&**path, &**row)).collect();
        self.write(|table| {
            // Equal rows are not written again, because a transaction needs room for what it writes.
            table.retain(|path, row| {
                let is_equal = missing.get(path) == Some(&row);
                is_equal && missing.remove(path).is_some()
            })?;
            for (path, row) in missing {
                table.insert(path, row)?;
            }
            Ok(())
        })
    }

    fn snapshots(&mut self) -> Result<Vec<String>, StoreError> {
        self.with(|database| {
            let read = database.begin_read().map_err(redb::Error::from)?;
            let table = read.open_table(SNAPSHOTS).map_err(redb::Error::from)?;
            let mut names: Vec<String> = Vec::new();
            let mut first = table.iter()?.next();
            while let Some(row) = first {
                let name = row?.0.value().0.to_owned();
                // Skips the rows of this snapshot.
                first = table.range((&*name, AFTER_PATHS)..)?.next();
                names.push(name);
            }
            Ok(names)
        })
    }

    fn snapshot(&mut self, name: &str) -> Result<Option<Snapshot>, StoreError> {
        self.with(|database| {
            let read = database.begin_read().map_err(redb::Error::from)?;
            let table = read.open_table(SNAPSHOTS).map_err(redb::Error::from)?;
            let mut rows = Vec::new();
            for row in table.range((name, "")..(name, AFTER_PATHS))? {
                let (key, row) = row?;
                rows.push((key.value().1.to_owned(), row.value().to_owned()));
            }
            Ok((!rows.is_empty()).then_some(rows))
        })
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

/// Removes the rows of a snapshot. Returns whether there were any.
fn remove(table: &mut Table<'_, (&str, &str), &[u8]>, name: &str) -> Result<bool, StorageError> {
    let found = table.get((name, ""))?.is_some();
    table.retain_in((name, "")..(name, AFTER_PATHS), |_, _| false)?;
    Ok(found)
}

impl From<DatabaseError> for StoreError {
    fn from(error: DatabaseError) -> Self {
        redb::Error::from(error).into()
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
            // redb returns this for a file that is not a database.
            redb::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
                Self::Unreadable(error.to_string())
            }
            redb::Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Self::Unreadable("it is truncated".to_owned())
            }
            redb::Error::Io(error) => Self::Io(error),
            redb::Error::Corrupted(why) => Self::Unreadable(why),
            redb::Error::UpgradeRequired(_) => Self::Unreadable(error.to_string()),
            redb::Error::TableDoesNotExist(_)
            | redb::Error::TableIsMultimap(_)
            | redb::Error::TableTypeMismatch { .. }
            | redb::Error::TypeDefinitionChanged { .. } => {
                Self::Unreadable("it is a redb database of another program".to_owned())
            }
            other => Self::Io(io::Error::other(other)),
        }
    }
}

#[cfg(test)]
mod tests;
