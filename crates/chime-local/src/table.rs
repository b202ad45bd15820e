//! Records in the order of their creation, found by id.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::ops::Bound;

/// Records by id and by position. A position is never given out twice, so that one remembered in a
/// page token holds its place whatever is added or removed, and whatever the clock does.
pub(crate) struct Table<K, V> {
    rows: BTreeMap<u64, (K, V)>,
    positions: HashMap<K, u64>,
    next: u64,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), positions: HashMap::new(), next: 0 }
    }
}

impl<K: Clone + Eq + Hash, V> Table<K, V> {
    /// Adds a record at the end. One of the same id makes way.
    pub(crate) fn insert(&mut self, id: K, value: V) {
        if let Some(former) = self.positions.insert(id.clone(), self.next) {
            self.rows.remove(&former);
        }
        self.rows.insert(self.next, (id, value));
        self.next += 1;
    }

    pub(crate) fn remove(&mut self, id: &K) -> Option<V> {
        let position = self.positions.remove(id)?;
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
        self.rows.get_mut(&position).map(|(_, value)| value)
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
