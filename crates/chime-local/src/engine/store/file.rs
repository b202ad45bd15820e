//! Stores the state in a file of the embedded database redb.
//!
//! A commit returns after it is on the disk. After a crash, the file opens with the last commit.
//! redb locks the file.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use redb::backends::FileBackend;
use redb::{
    Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError, Table, TableDefinition,
};

use super::{Storage, StoreError};
use crate::engine::rows::{Change, Snapshot};

/// Rows by path.
const ROWS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("rows");
/// Rows of snapshots, by the name of the snapshot and the path.
const SNAPSHOTS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("snapshots");
/// The format version of the rows. Their form is what `tests/format-3.txt` has; another form needs another
/// version.
const FORMAT: TableDefinition<'_, (), u64> = TableDefinition::new("format");
pub(super) const FORMAT_VERSION: u64 = 3;

/// The character after `/`. Every path except the empty one starts with `/`, so this is after all
/// paths.
const AFTER_PATHS: &str = "0";

/// Small, because all rows are in memory anyway.
const CACHE_BYTES: usize = 16 * 1024 * 1024;

type Opened = Result<Database, StoreError>;

pub(super) struct StateFile {
    /// Opens the file. The argument is whether it may create the file, which only the first call
    /// may: a new file for one that was deleted meanwhile would have only the last changes.
    open: Box<dyn Fn(bool) -> Opened + Send>,
    /// `None` after an I/O error, because redb then fails until the file is reopened.
    database: Option<Database>,
}

impl StateFile {
    /// Opens a file, or creates one that only its owner can read, because it has PINs and tokens.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let path = path.to_owned();
        Self::opened_by(move |create| {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(create).truncate(false);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = options.open(&path).map_err(StorageError::Io)?;
            if !create && file.metadata().map_err(StorageError::Io)?.len() == 0 {
                return Err(StoreError::Unreadable("it is empty".to_owned()));
            }
            let mut builder = Database::builder();
            builder.set_cache_size(CACHE_BYTES);
            Ok(builder.create_with_backend(FileBackend::new(file)?)?)
        })
    }

    fn opened_by(open: impl Fn(bool) -> Opened + Send + 'static) -> Result<Self, StoreError> {
        let database = open(true)?;
        check_format(&database, true)?;
        Ok(Self { open: Box::new(open), database: Some(database) })
    }

    /// Runs work on the database, which is reopened after an I/O error.
    fn with<T>(
        &mut self,
        work: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let database = match self.database.take() {
            Some(database) => database,
            None => {
                let database = (self.open)(false)?;
                check_format(&database, false)?;
                database
            }
        };
        let outcome = work(&database);
        if !matches!(outcome, Err(StoreError::Io(_))) {
            self.database = Some(database);
        }
        outcome
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

/// Checks that this version can read the rows. A new file gets the current format.
fn check_format(database: &Database, may_be_new: bool) -> Result<(), StoreError> {
    let write = database.begin_write().map_err(redb::Error::from)?;
    {
        let mut format = write.open_table(FORMAT).map_err(redb::Error::from)?;
        let found = format.get(()).map_err(redb::Error::from)?.map(|found| found.value());
        match found {
            Some(FORMAT_VERSION) => {}
            None if may_be_new => drop(format.insert((), FORMAT_VERSION)?),
            None => return Err(StoreError::Unreadable("it has no format version".to_owned())),
            Some(other) => {
                return Err(StoreError::Unreadable(format!(
                    "it has format {other}, but this version reads only format {FORMAT_VERSION}"
                )));
            }
        }
        write.open_table(ROWS).map_err(redb::Error::from)?;
        write.open_table(SNAPSHOTS).map_err(redb::Error::from)?;
    }
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
        self.write(|table| {
            table.retain(|_, _| false)?;
            for (path, row) in rows {
                table.insert(&**path, &**row)?;
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
            // redb returns this for a file that is not a database.
            redb::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
                Self::Unreadable(error.to_string())
            }
            redb::Error::Io(error) => Self::Io(error),
            redb::Error::Corrupted(why) => Self::Unreadable(why),
            other => Self::Io(io::Error::other(other)),
        }
    }
}

#[cfg(test)]
mod tests;
