//! State as rows: what a database keeps of it, and how it comes back.
//!
//! A row is a JSON value at a path. The path of a record is that of its table and the record's
//! position there; the tables of a record lie below its own path. So the rows of a record sort
//! before those below it, those of a table sort in the order of its records, and what is removed
//! goes with everything that begins with its path.

use std::fmt::{self, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A path, and what stands there from now on: nothing, and nothing below it, if it is `None`.
pub(crate) type Change = (String, Option<Vec<u8>>);

/// Rows that do not make sense: of a damaged file, or one that a newer version wrote.
#[derive(Debug)]
pub(crate) struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Paths hold numbers and names of tables only, nobody's data.
        write!(f, "the row at `{}` cannot be read", self.0)
    }
}

impl std::error::Error for Unreadable {}

/// A value that is kept as one row, and whatever tables it has as rows below.
pub(crate) trait Record: Serialize + DeserializeOwned + Send {
    /// The tables. Their names are part of what is stored and must stay as they are.
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Rows)> {
        Vec::new()
    }

    /// Makes up what is not stored, from what is.
    fn reindex(&mut self) {}
}

/// A table, whatever it holds.
pub(crate) trait Rows: Send {
    /// Adds the rows that changed since the last time, or all of them.
    fn write(&mut self, path: &mut String, which: Which, changes: &mut Vec<Change>);

    /// Forgets which rows changed.
    fn forget_changes(&mut self);

    /// Takes in one row, at a path relative to this table.
    fn read(&mut self, path: &str, row: &[u8]) -> Option<()>;

    /// Has every record make up what is not stored.
    fn reindex(&mut self);
}

/// Which rows to write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Changed,
    All,
}

/// Adds a row. What serde cannot write is left out; there is nothing of the kind in our records.
pub(crate) fn put(path: &str, value: &impl Serialize, changes: &mut Vec<Change>) {
    if let Ok(row) = serde_json::to_vec(value) {
        changes.push((path.to_owned(), Some(row)));
    }
}

/// Adds the rows of the tables of a record that lies at `path`.
pub(crate) fn write_tables<R: Record>(
    record: &mut R,
    path: &mut String,
    which: Which,
    changes: &mut Vec<Change>,
) {
    let length = path.len();
    for (name, table) in record.tables() {
        // A `String` takes everything.
        let _ = write!(path, "/{name}");
        table.write(path, which, changes);
        path.truncate(length);
    }
}

/// Takes in a row at `path`, relative to the record: of one of its tables, or of what is in them.
pub(crate) fn read_tables<R: Record>(record: &mut R, path: &str, row: &[u8]) -> Option<()> {
    let (name, rest) = path.split_once('/').unwrap_or((path, ""));
    let mut tables = record.tables().into_iter();
    tables.find(|(known, _)| *known == name)?.1.read(rest, row)
}

/// Makes a record of all its rows: its own, at the empty path, and those below, in the order of
/// their paths.
pub(crate) fn read_all<R: Record>(
    rows: impl IntoIterator<Item = (String, Vec<u8>)>,
) -> Result<R, Unreadable> {
    let mut rows = rows.into_iter();
    let (path, row) = rows.next().ok_or_else(|| Unreadable(String::new()))?;
    let mut record: R = match serde_json::from_slice(&row) {
        Ok(record) if path.is_empty() => record,
        _ => return Err(Unreadable(path)),
    };
    for (path, row) in rows {
        let inner = path.strip_prefix('/');
        if inner.and_then(|inner| read_tables(&mut record, inner, &row)).is_none() {
            return Err(Unreadable(path));
        }
    }
    for (_, table) in record.tables() {
        table.reindex();
    }
    record.reindex();
    Ok(record)
}

/// All rows of a record, in the order of their paths: its own, and those below.
pub(crate) fn write_all<R: Record>(record: &mut R) -> Vec<Change> {
    let mut changes = Vec::new();
    put("", record, &mut changes);
    write_tables(record, &mut String::new(), Which::All, &mut changes);
    changes.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    changes
}
