//! Records in the order of their creation, found by id.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::hash::Hash;
use std::mem;
use std::ops::Bound;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::engine::rows::{self, Change, Record, Rows, Which};

/// Records by id and by position. A position is never given out twice, so that one remembered in a
/// page token holds its place whatever is added or removed, and whatever the clock does.
///
/// It knows which of its rows changed, so that a database need not be told the others. What can be
/// changed through a borrow counts as changed.
pub(crate) struct Table<K, V> {
    rows: BTreeMap<u64, (K, V)>,
    positions: HashMap<K, u64>,
    next: u64,
    /// The rows that were borrowed to be changed, each with whether its own value may have changed
    /// or only the tables below it; as often as they were.
    touched: Vec<(u64, bool)>,
    grown: bool,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            positions: HashMap::new(),
            next: 0,
            touched: Vec::new(),
            grown: false,
        }
    }
}

impl<K: Clone + Eq + Hash, V> Table<K, V> {
    /// Adds a record at the end. One of the same id makes way.
    pub(crate) fn insert(&mut self, id: K, value: V) {
        let position = self.next;
        self.next += 1;
        self.grown = true;
        if let Some(former) = self.put(position, id, value) {
            self.rows.remove(&former);
            self.touched.push((former, true));
        }
        self.touched.push((position, true));
    }

    /// Sets a record at a position; where the id stood before, if it did.
    fn put(&mut self, position: u64, id: K, value: V) -> Option<u64> {
        self.rows.insert(position, (id.clone(), value));
        self.positions.insert(id, position)
    }

    pub(crate) fn remove(&mut self, id: &K) -> Option<V> {
        let position = self.positions.remove(id)?;
        self.touched.push((position, true));
        self.rows.remove(&position).map(|(_, value)| value)
    }

    pub(crate) fn get(&self, id: &K) -> Option<&V> {
        self.find(id).map(|(_, value)| value)
    }

    /// The record of that id with its position.
    pub(crate) fn find(&self, id: &K) -> Option<(u64, &V)> {
        let position = self.position(id)?;
        self.at(position).map(|value| (position, value))
    }

    pub(crate) fn get_mut(&mut self, id: &K) -> Option<&mut V> {
        let position = self.position(id)?;
        self.touched.push((position, true));
        self.rows.get_mut(&position).map(|(_, value)| value)
    }

    /// The record of that id, made if there is none: for changes of the tables below it and none of
    /// its own.
    pub(crate) fn visit(&mut self, id: &K) -> &mut V
    where
        V: Default,
    {
        if !self.contains(id) {
            self.insert(id.clone(), V::default());
        }
        let position = self.position(id).unwrap_or_default();
        self.touched.push((position, false));
        &mut self.rows.entry(position).or_insert_with(|| (id.clone(), V::default())).1
    }

    /// The records that are wanted, like [`visit`](Self::visit).
    pub(crate) fn visit_those(
        &mut self,
        wanted: impl Fn(&V) -> bool,
    ) -> impl Iterator<Item = &mut V> {
        let touched = &mut self.touched;
        let wanted = self.rows.iter_mut().filter(move |(_, (_, value))| wanted(value));
        wanted.map(move |(position, (_, value))| {
            touched.push((*position, false));
            value
        })
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = (&K, &V)> {
        self.rows.values().map(|(id, value)| (id, value))
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &K> {
        self.rows.values().map(|(id, _)| id)
    }

    pub(crate) fn contains(&self, id: &K) -> bool {
        self.positions.contains_key(id)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Where the record of that id stands.
    pub(crate) fn position(&self, id: &K) -> Option<u64> {
        self.positions.get(id).copied()
    }

    /// The record at that position, if it is still there.
    pub(crate) fn at(&self, position: u64) -> Option<&V> {
        self.rows.get(&position).map(|(_, value)| value)
    }

    /// The records behind a position, or all of them, each with its own.
    pub(crate) fn after(&self, position: Option<u64>) -> impl Iterator<Item = (u64, &V)> {
        let start = position.map_or(Bound::Unbounded, Bound::Excluded);
        self.rows.range((start, Bound::Unbounded)).map(|(position, (_, value))| (*position, value))
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.rows.values().map(|(_, value)| value)
    }
}

impl<K, V> Rows for Table<K, V>
where
    K: Clone + Eq + Hash + Serialize + DeserializeOwned + Send,
    V: Record,
{
    fn write(&mut self, path: &mut String, which: Which, changes: &mut Vec<Change>) {
        let mut touched = mem::take(&mut self.touched);
        let grown = mem::take(&mut self.grown);
        if grown || (which == Which::All && self.next > 0) {
            rows::put(path, &self.next, changes);
        }
        match which {
            Which::Changed => {
                touched.sort_unstable();
                touched.dedup_by(|next, row| {
                    let is_same = next.0 == row.0;
                    row.1 |= is_same && next.1;
                    is_same
                });
            }
            Which::All => touched = self.rows.keys().map(|position| (*position, true)).collect(),
        }
        let length = path.len();
        for (position, own) in touched {
            let _ = write!(path, "/{position:016x}");
            match self.rows.get_mut(&position) {
                Some(row) => {
                    if own {
                        rows::put(path, &*row, changes);
                    }
                    rows::write_tables(&mut row.1, path, which, changes);
                }
                None => changes.push((path.clone(), None)),
            }
            path.truncate(length);
        }
    }

    fn forget_changes(&mut self) {
        self.grown = false;
        for (position, _) in self.touched.drain(..) {
            let Some((_, record)) = self.rows.get_mut(&position) else { continue };
            for (_, table) in record.tables() {
                table.forget_changes();
            }
        }
    }

    fn read(&mut self, path: &str, row: &[u8]) -> Option<()> {
        if path.is_empty() {
            self.next = serde_json::from_slice(row).ok()?;
            return Some(());
        }
        let (position, below) = path.split_once('/').unwrap_or((path, ""));
        let position = u64::from_str_radix(position, 16).ok()?;
        if below.is_empty() {
            let (id, value) = serde_json::from_slice(row).ok()?;
            let doubled = self.put(position, id, value).is_some();
            return (position < self.next && !doubled).then_some(());
        }
        rows::read_tables(&mut self.rows.get_mut(&position)?.1, below, row)
    }

    fn reindex(&mut self) {
        for (_, record) in self.rows.values_mut() {
            for (_, table) in record.tables() {
                table.reindex();
            }
            record.reindex();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(ids: &[&'static str]) -> Table<&'static str, &'static str> {
        let mut table = Table::default();
        for id in ids {
            table.insert(*id, *id);
        }
        table
    }

    #[test]
    fn lists_in_the_order_of_creation_whatever_the_ids() {
        let mut table = table(&["c", "a", "b"]);
        table.remove(&"a");
        table.insert("a", "a");
        assert_eq!(table.values().copied().collect::<Vec<_>>(), ["c", "b", "a"]);
    }

    #[test]
    fn a_removed_position_is_not_given_out_again() {
        let mut table = table(&["a", "b"]);
        let position = table.position(&"b");
        table.remove(&"b");
        table.insert("c", "c");
        assert_eq!(table.after(position).map(|(_, v)| *v).collect::<Vec<_>>(), ["c"]);
        assert_eq!(table.at(position.unwrap()), None);
    }

    #[test]
    fn an_id_has_one_record() {
        let mut table = table(&["a"]);
        table.insert("a", "second");
        assert_eq!(table.len(), 1);
        assert_eq!(table.get(&"a"), Some(&"second"));
        assert_eq!(table.remove(&"a"), Some("second"));
        assert!(!table.contains(&"a"));
        assert_eq!(table.len(), 0);
    }
}
