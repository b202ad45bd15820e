//! State as rows, the form in which a database stores it.
//!
//! A row is a JSON value at a path. The path of a record is the path of its table, followed by its
//! position there. The tables of a record are below its own path. Therefore the row of a record
//! sorts before the rows below it, the rows of a table sort in the order of its records, and
//! removing a record means removing all rows with its path as a prefix.

use std::cell::Cell;
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A path, and its new row. `None` removes the row and all rows below it.
pub(crate) type Change = (String, Option<Vec<u8>>);

/// All rows of a state, in the order of their paths.
pub(crate) type Snapshot = Vec<(String, Vec<u8>)>;

/// A row that cannot be parsed: the file is damaged, or a newer version wrote it.
#[derive(Debug)]
pub(crate) struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Paths have only numbers and names of tables, so they reveal no data.
        write!(f, "the row at `{}` is damaged, or a newer version wrote it", self.0)
    }
}

impl std::error::Error for Unreadable {}

/// A point between two changes. All changes since then can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark(u64);

/// Numbers all changes of this process, so that a mark is valid for every table of a state.
static CHANGES: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// The number of changes that this thread has made.
    static MADE: Cell<u64> = const { Cell::new(0) };
}

/// Does some work, and returns whether it changed any table. Changes of other threads do not count: they
/// are those of other states.
pub(crate) fn changes<T>(work: impl FnOnce() -> T) -> (T, bool) {
    let before = MADE.get();
    let value = work();
    (value, MADE.get() != before)
}

impl Mark {
    /// The point after the last change so far.
    pub(crate) fn now() -> Self {
        Self(CHANGES.load(Ordering::Relaxed))
    }

    /// The number of changes between an earlier point and this one.
    pub(crate) fn changes_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The point before a new change, which it counts.
    pub(crate) fn of_change() -> Self {
        MADE.set(MADE.get().wrapping_add(1));
        Self(CHANGES.fetch_add(1, Ordering::Relaxed))
    }
}

/// The rows to write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Changed,
    All,
}

/// A table, an index, or a group of both that [`tables!`] declares. Tables and indexes log their
/// changes until they are saved or undone. A group calls each of its members.
pub(crate) trait Rows: Send {
    /// The members of a group: its tables by name, and its indexes, which have none. Names are stored in
    /// paths, so they must not change.
    fn members(&mut self) -> Vec<(Option<&'static str>, &mut dyn Rows)> {
        Vec::new()
    }

    /// Fills the indexes of a group from its rows.
    fn fill_indexes(&mut self) {}

    /// Appends the rows that changed since [`forget`](Self::forget), or all rows, to `changes`.
    fn write(
        &mut self,
        path: &mut String,
        which: Which,
        changes: &mut Vec<Change>,
    ) -> serde_json::Result<()> {
        let length = path.len();
        for (name, table) in self.members() {
            let Some(name) = name else { continue };
            // Writing to a `String` cannot fail.
            let _ = write!(path, "/{name}");
            table.write(path, which, changes)?;
            path.truncate(length);
        }
        Ok(())
    }

    /// Clears the logs up to a mark: the changes before it are final.
    fn forget(&mut self, to: Mark);

    /// Undoes all changes since a mark.
    fn undo(&mut self, to: Mark);

    /// Loads one row, at a path relative to this one. Returns `None` if it is invalid.
    fn read(&mut self, path: &str, row: &[u8]) -> Option<()> {
        let (name, rest) = path.split_once('/').unwrap_or((path, ""));
        let mut members = self.members().into_iter();
        members.find(|(known, _)| *known == Some(name))?.1.read(rest, row)
    }

    /// Rebuilds all indexes.
    fn reindex(&mut self) {
        self.members().into_iter().for_each(|(_, member)| member.reindex());
        self.fill_indexes();
        // Filling an index is not a change to save or undo.
        self.forget(Mark::now());
    }
}

/// The tables of a record without tables.
impl Rows for () {
    fn forget(&mut self, _: Mark) {}

    fn undo(&mut self, _: Mark) {}
}

/// The name that a member of a group is stored under.
macro_rules! stored_as {
    (index) => {
        None
    };
    ($name:literal) => {
        Some($name)
    };
}
pub(crate) use stored_as;

/// Declares a group of tables: each field with the name that it is stored under, or `index` for an
/// index, which is not stored. `indexed by` names the function that fills indexes that span several
/// tables; those of one table are in an [`Indexed`](crate::engine::indexed::Indexed).
macro_rules! tables {
    (
        $(#[$meta:meta])*
        $vis:vis struct $group:ident $(indexed by $fill:path)? {
            $($(#[$note:meta])* $access:vis $field:ident: $table:ty = $name:tt,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Default)]
        $vis struct $group {
            $($(#[$note])* $access $field: $table,)+
        }

        impl $crate::engine::rows::Rows for $group {
            fn members(
                &mut self,
            ) -> Vec<(Option<&'static str>, &mut dyn $crate::engine::rows::Rows)> {
                vec![$(($crate::engine::rows::stored_as!($name), &mut self.$field)),+]
            }

            // These run for every call, so they list the fields without a vector.

            fn forget(&mut self, to: $crate::engine::rows::Mark) {
                $($crate::engine::rows::Rows::forget(&mut self.$field, to);)+
            }

            fn undo(&mut self, to: $crate::engine::rows::Mark) {
                $($crate::engine::rows::Rows::undo(&mut self.$field, to);)+
            }

            $(fn fill_indexes(&mut self) {
                $fill(self);
            })?
        }
    };
}
pub(crate) use tables;

/// Appends a row.
pub(crate) fn put(
    path: &str,
    value: &impl Serialize,
    changes: &mut Vec<Change>,
) -> serde_json::Result<()> {
    changes.push((path.to_owned(), Some(serde_json::to_vec(value)?)));
    Ok(())
}

/// Loads a state from all its rows in the order of their paths: first its own row, at the empty
/// path, then those of its tables.
pub(crate) fn read_all<R: DeserializeOwned, T: Rows + Default>(
    rows: impl IntoIterator<Item = (String, Vec<u8>)>,
) -> Result<(R, T), Unreadable> {
    let mut rows = rows.into_iter();
    let (path, row) = rows.next().ok_or_else(|| Unreadable(String::new()))?;
    let root = match serde_json::from_slice(&row) {
        Ok(root) if path.is_empty() => root,
        _ => return Err(Unreadable(path)),
    };
    let mut tables = T::default();
    for (path, row) in rows {
        let inner = path.strip_prefix('/');
        if inner.and_then(|inner| tables.read(inner, &row)).is_none() {
            return Err(Unreadable(path));
        }
    }
    tables.reindex();
    Ok((root, tables))
}

/// All rows of a state in the order of their paths.
pub(crate) fn write_all(
    root: &impl Serialize,
    tables: &mut impl Rows,
) -> serde_json::Result<Snapshot> {
    let mut changes = Vec::new();
    put("", root, &mut changes)?;
    tables.write(&mut String::new(), Which::All, &mut changes)?;
    changes.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    Ok(changes.into_iter().filter_map(|(path, row)| Some((path, row?))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_other_threads_do_not_count() {
        assert!(changes(Mark::of_change).1);
        assert!(!changes(|| ()).1);
        assert!(!changes(|| std::thread::spawn(Mark::of_change).join()).1);
    }
}
