//! Tables with indexes that follow every change of a record.

use std::hash::Hash;
use std::ops::Deref;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::engine::rows::{Change, Mark, Rows, Which};
use crate::engine::table::{Row, Table};

/// The indexes of a table with ids `K` and values `V`.
pub(crate) trait IndexesOf<K, V>: Rows + Default {
    /// Adds the entries of a record to the indexes, or removes them.
    ///
    /// The entries must follow from the arguments alone, so that the entries that are removed are
    /// those that were added. Each must contain the id or the position, so that no two records
    /// share one.
    fn set(&mut self, id: &K, position: u64, record: &V, present: bool);
}

/// A [`Table`] with indexes of its values, but not of the tables below them. Its records can be read
/// like those of the table, but only changed here, so that no caller can forget the indexes.
pub(crate) struct Indexed<K, V, I, B = ()> {
    table: Table<K, V, B>,
    indexes: I,
}

impl<K, V, I: Default, B> Default for Indexed<K, V, I, B> {
    fn default() -> Self {
        Self { table: Table::default(), indexes: I::default() }
    }
}

impl<K, V, I, B> Deref for Indexed<K, V, I, B> {
    type Target = Table<K, V, B>;

    fn deref(&self) -> &Table<K, V, B> {
        &self.table
    }
}

impl<K: Clone + Eq + Hash, V: Clone, I: IndexesOf<K, V>, B: Default> Indexed<K, V, I, B> {
    pub(crate) fn indexes(&self) -> &I {
        &self.indexes
    }

    /// Adds a record at the end, and removes an existing record of the same id.
    pub(crate) fn insert(&mut self, id: K, value: V) {
        self.remove(&id);
        self.table.insert(id.clone(), value);
        self.set(&id, true);
    }

    /// Changes a record, if it exists.
    pub(crate) fn change<T>(&mut self, id: &K, change: impl FnOnce(&mut V) -> T) -> Option<T> {
        self.set(id, false);
        let changed = self.table.get_mut(id).map(change);
        self.set(id, true);
        changed
    }

    /// Removes a record and returns it, borrowed from the log.
    pub(crate) fn remove(&mut self, id: &K) -> Option<&Row<V, B>> {
        self.set(id, false);
        self.table.remove(id)
    }

    /// The tables below a record, to change their content.
    pub(crate) fn below_mut(&mut self, id: &K) -> Option<&mut B> {
        self.table.below_mut(id)
    }

    fn set(&mut self, id: &K, present: bool) {
        if let Some((position, record)) = self.table.find(id) {
            self.indexes.set(id, position, record, present);
        }
    }
}

/// It is stored as the table is, so a table can get indexes without a change of the format.
impl<K, V, I, B> Rows for Indexed<K, V, I, B>
where
    K: Clone + Eq + Hash + Serialize + DeserializeOwned + Send,
    V: Clone + Serialize + DeserializeOwned + Send,
    I: IndexesOf<K, V>,
    B: Rows + Default,
{
    fn write(
        &mut self,
        path: &mut String,
        which: Which,
        changes: &mut Vec<Change>,
    ) -> serde_json::Result<()> {
        self.table.write(path, which, changes)
    }

    fn forget(&mut self, to: Mark) {
        self.table.forget(to);
        self.indexes.forget(to);
    }

    fn undo(&mut self, to: Mark) {
        self.table.undo(to);
        self.indexes.undo(to);
    }

    fn read(&mut self, path: &str, row: &[u8]) -> Option<()> {
        self.table.read(path, row)
    }

    fn reindex(&mut self) {
        let Self { table, indexes } = self;
        table.reindex();
        indexes.reindex();
        for (id, (position, record)) in table.ids().zip(table.after(None)) {
            indexes.set(id, position, record, true);
        }
    }
}

#[cfg(test)]
mod tests;
