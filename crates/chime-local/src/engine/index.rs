//! Indexes, which are rebuilt from the rows and not stored.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::ops::Bound;

use rustc_hash::FxHashMap;

use crate::engine::rows::{Mark, Rows};

/// Sets of values by key. It logs its changes, as a table does, so that they can be undone.
pub(crate) struct Index<K, V> {
    entries: FxHashMap<K, BTreeSet<V>>,
    /// The changes. The flag is true if the value was added, false if it was removed.
    log: Vec<(Mark, K, V, bool)>,
}

impl<K, V> Default for Index<K, V> {
    fn default() -> Self {
        Self { entries: FxHashMap::default(), log: Vec::new() }
    }
}

impl<K: Clone + Eq + Hash, V: Clone + Ord> Index<K, V> {
    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.set(key, value, true);
    }

    /// Removes a value. Returns whether it existed.
    pub(crate) fn remove(&mut self, key: &K, value: &V) -> bool {
        self.set(key.clone(), value.clone(), false)
    }

    /// Adds or removes a value. Returns whether that is a change.
    pub(crate) fn set(&mut self, key: K, value: V, present: bool) -> bool {
        let changes = self.apply(&key, &value, present);
        if changes {
            self.log.push((Mark::of_change(), key, value, present));
        }
        changes
    }

    fn apply(&mut self, key: &K, value: &V, present: bool) -> bool {
        if present {
            return match self.entries.get_mut(key) {
                Some(values) => values.insert(value.clone()),
                None => self.entries.insert(key.clone(), BTreeSet::from([value.clone()])).is_none(),
            };
        }
        let Some(values) = self.entries.get_mut(key) else { return false };
        let changes = values.remove(value);
        if values.is_empty() {
            self.entries.remove(key);
        }
        changes
    }

    pub(crate) fn contains(&self, key: &K) -> bool {
        self.entries.contains_key(key)
    }

    /// The number of values of a key.
    pub(crate) fn count(&self, key: &K) -> usize {
        self.entries.get(key).map_or(0, BTreeSet::len)
    }

    /// The smallest value of a key. It is the only one in an index with unique keys.
    pub(crate) fn first(&self, key: &K) -> Option<&V> {
        self.entries.get(key)?.first()
    }

    /// The values of a key that are greater than a given one, or all.
    pub(crate) fn after<'a>(
        &'a self,
        key: &K,
        value: Option<V>,
    ) -> impl Iterator<Item = &'a V> + use<'a, K, V> {
        let start = value.map_or(Bound::Unbounded, Bound::Excluded);
        let values = self.entries.get(key).into_iter();
        values.flat_map(move |values| values.range((start.clone(), Bound::Unbounded)))
    }
}

impl<K: Clone + Eq + Hash + Send, V: Clone + Ord + Send> Rows for Index<K, V> {
    fn forget(&mut self, to: Mark) {
        let end = self.log.partition_point(|(mark, ..)| *mark < to);
        self.log.drain(..end);
    }

    fn undo(&mut self, to: Mark) {
        while let Some((_, key, value, added)) = self.log.pop_if(|(mark, ..)| *mark >= to) {
            self.apply(&key, &value, !added);
        }
    }

    fn reindex(&mut self) {
        self.entries.clear();
    }
}
