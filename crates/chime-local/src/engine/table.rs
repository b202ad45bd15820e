//! Tables of records, in the order of creation and by id.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::hash::Hash;
use std::ops::{Bound, Deref};

use rustc_hash::FxHashMap;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::engine::rows::{self, Change, Mark, Rows, Which};

/// Records by id and by position. Positions increase and are never reused, so a page token with a
/// position stays valid when records are added or removed and when the clock moves.
///
/// A record is a value `V` with the tables `B` below it. Every mutable borrow is logged, so that
/// changes can be undone and only changed rows are saved.
pub(crate) struct Table<K, V, B = ()> {
    rows: BTreeMap<u64, (K, Row<V, B>)>,
    positions: FxHashMap<K, u64>,
    next: u64,
    log: Vec<(Mark, Entry<K, V, B>)>,
}

/// A record: its value, to which it dereferences, and the tables below it.
#[derive(Default)]
pub(crate) struct Row<V, B = ()> {
    pub(crate) value: V,
    pub(crate) below: B,
}

impl<V, B> Deref for Row<V, B> {
    type Target = V;

    fn deref(&self) -> &V {
        &self.value
    }
}

/// A change at a position.
enum Entry<K, V, B> {
    Added(u64),
    Removed(u64, K, Row<V, B>),
    /// The value was mutably borrowed. This is the value before.
    Changed(u64, V),
    /// The tables below were mutably borrowed. They log their own changes.
    Below(u64),
}

impl<K, V, B> Default for Table<K, V, B> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), positions: FxHashMap::default(), next: 0, log: Vec::new() }
    }
}

impl<K: Clone + Eq + Hash, V, B: Default> Table<K, V, B> {
    /// Adds a record at the end, and removes an existing record of the same id.
    pub(crate) fn insert(&mut self, id: K, value: V) {
        self.remove(&id);
        self.append(id, value);
    }

    /// Adds a record at the end, whose id is new. Returns its position.
    fn append(&mut self, id: K, value: V) -> u64 {
        let position = self.next;
        self.next += 1;
        self.log(Entry::Added(position));
        self.put(position, id, Row { value, below: B::default() });
        position
    }

    /// Removes a record and returns it, borrowed from the log.
    pub(crate) fn remove(&mut self, id: &K) -> Option<&Row<V, B>> {
        let position = self.positions.remove(id)?;
        let (id, row) = self.rows.remove(&position)?;
        self.log(Entry::Removed(position, id, row));
        match self.log.last() {
            Some((_, Entry::Removed(_, _, row))) => Some(row),
            _ => None,
        }
    }

    /// Removes the oldest records, as long as they match.
    pub(crate) fn remove_while(&mut self, matches: impl Fn(&V) -> bool) {
        let oldest = self.rows().take_while(|(_, row)| matches(row));
        for id in oldest.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.remove(&id);
        }
    }

    pub(crate) fn get(&self, id: &K) -> Option<&Row<V, B>> {
        self.find(id).map(|(_, row)| row)
    }

    /// A record and its position.
    pub(crate) fn find(&self, id: &K) -> Option<(u64, &Row<V, B>)> {
        let position = self.position(id)?;
        self.at(position).map(|row| (position, row))
    }

    /// The value of a record, to change it.
    pub(crate) fn get_mut(&mut self, id: &K) -> Option<&mut V>
    where
        V: Clone,
    {
        let position = self.position(id)?;
        let (_, row) = self.rows.get_mut(&position)?;
        self.log.push((Mark::of_change(), Entry::Changed(position, row.value.clone())));
        Some(&mut row.value)
    }

    /// The tables below a record, to change their content.
    pub(crate) fn below_mut(&mut self, id: &K) -> Option<&mut B> {
        let position = self.position(id)?;
        self.log(Entry::Below(position));
        self.rows.get_mut(&position).map(|(_, row)| &mut row.below)
    }

    /// The tables below a record, to change their content. Creates the record if it does not exist.
    pub(crate) fn below_or_default(&mut self, id: &K) -> &mut B
    where
        V: Default,
    {
        let position = self.position(id).unwrap_or_else(|| self.append(id.clone(), V::default()));
        self.log(Entry::Below(position));
        // Every position of an id has a row, so this inserts none.
        &mut self.rows.entry(position).or_insert_with(|| (id.clone(), Row::default())).1.below
    }

    /// The tables below each wanted record, to change their content.
    pub(crate) fn each_below_mut(
        &mut self,
        wanted: impl Fn(&Row<V, B>) -> bool,
    ) -> impl Iterator<Item = &mut B> {
        let log = &mut self.log;
        let wanted = self.rows.iter_mut().filter(move |(_, (_, row))| wanted(row));
        wanted.map(move |(position, (_, row))| {
            log.push((Mark::of_change(), Entry::Below(*position)));
            &mut row.below
        })
    }

    fn log(&mut self, entry: Entry<K, V, B>) {
        self.log.push((Mark::of_change(), entry));
    }

    fn put(&mut self, position: u64, id: K, row: Row<V, B>) -> Option<u64> {
        self.rows.insert(position, (id.clone(), row));
        self.positions.insert(id, position)
    }

    pub(crate) fn contains(&self, id: &K) -> bool {
        self.positions.contains_key(id)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn position(&self, id: &K) -> Option<u64> {
        self.positions.get(id).copied()
    }

    /// The record at a position; `None` if it was removed.
    pub(crate) fn at(&self, position: u64) -> Option<&Row<V, B>> {
        self.rows.get(&position).map(|(_, row)| row)
    }

    /// The records after a position, or all records, with their positions.
    pub(crate) fn after(&self, position: Option<u64>) -> impl Iterator<Item = (u64, &Row<V, B>)> {
        let start = position.map_or(Bound::Unbounded, Bound::Excluded);
        self.rows.range((start, Bound::Unbounded)).map(|(position, (_, row))| (*position, row))
    }

    pub(crate) fn rows(&self) -> impl DoubleEndedIterator<Item = (&K, &Row<V, B>)> {
        self.rows.values().map(|(id, row)| (id, row))
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &K> {
        self.rows.values().map(|(id, _)| id)
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.rows.values().map(|(_, row)| &row.value)
    }
}

impl<K, V, B> Rows for Table<K, V, B>
where
    K: Clone + Eq + Hash + Serialize + DeserializeOwned + Send,
    V: Clone + Serialize + DeserializeOwned + Send,
    B: Rows + Default,
{
    fn write(
        &mut self,
        path: &mut String,
        which: Which,
        changes: &mut Vec<Change>,
    ) -> serde_json::Result<()> {
        // The positions to write, with the value before if it was only borrowed.
        let mut own: BTreeMap<u64, Option<&V>> = BTreeMap::new();
        let mut below = BTreeSet::new();
        let mut grown = false;
        if which == Which::All {
            own.extend(self.rows.keys().map(|position| (*position, None)));
            below.extend(self.rows.keys());
            grown = self.next > 0;
        }
        for (_, entry) in self.log.iter().filter(|_| which == Which::Changed) {
            match entry {
                Entry::Added(position) => {
                    grown = true;
                    own.insert(*position, None);
                }
                Entry::Removed(position, ..) => drop(own.insert(*position, None)),
                Entry::Changed(position, before) => {
                    own.entry(*position).or_insert(Some(before));
                }
                Entry::Below(position) => drop(below.insert(*position)),
            }
        }
        if grown {
            rows::put(path, &self.next, changes)?;
        }
        let length = path.len();
        for (position, before) in own {
            let _ = write!(path, "/{position:016x}");
            match self.rows.get(&position) {
                Some((id, row)) if !is_same(before, &row.value)? => {
                    rows::put(path, &(id, &row.value), changes)?;
                }
                Some(_) => {}
                None => changes.push((path.clone(), None)),
            }
            path.truncate(length);
        }
        for position in below {
            let Some((_, row)) = self.rows.get_mut(&position) else { continue };
            let _ = write!(path, "/{position:016x}");
            row.below.write(path, which, changes)?;
            path.truncate(length);
        }
        Ok(())
    }

    fn forget(&mut self, to: Mark) {
        if self.log.is_empty() {
            return;
        }
        let mut forgotten = None;
        let end = self.log.partition_point(|(mark, _)| *mark < to);
        for (_, entry) in self.log.drain(..end) {
            // A call borrows the same tables many times in a row.
            if let Entry::Below(position) = entry
                && forgotten.replace(position) != Some(position)
                && let Some((_, row)) = self.rows.get_mut(&position)
            {
                row.below.forget(to);
            }
        }
        // If the removal is undone, the changes in the row must be final as well.
        for (_, entry) in &mut self.log {
            if let Entry::Removed(_, _, row) = entry {
                row.below.forget(to);
            }
        }
    }

    fn undo(&mut self, to: Mark) {
        let mut below = Vec::new();
        while let Some((_, entry)) = self.log.pop_if(|(mark, _)| *mark >= to) {
            match entry {
                Entry::Added(position) => {
                    if let Some((id, _)) = self.rows.remove(&position) {
                        self.positions.remove(&id);
                    }
                    self.next = position;
                }
                Entry::Removed(position, id, row) => drop(self.put(position, id, row)),
                Entry::Changed(position, before) => {
                    if let Some((_, row)) = self.rows.get_mut(&position) {
                        row.value = before;
                    }
                }
                Entry::Below(position) if below.last() == Some(&position) => {}
                Entry::Below(position) => below.push(position),
            }
        }
        for position in below {
            if let Some((_, row)) = self.rows.get_mut(&position) {
                row.below.undo(to);
            }
        }
    }

    fn read(&mut self, path: &str, row: &[u8]) -> Option<()> {
        if path.is_empty() {
            self.next = serde_json::from_slice(row).ok()?;
            return Some(());
        }
        let (position, rest) = path.split_once('/').unwrap_or((path, ""));
        let position = u64::from_str_radix(position, 16).ok()?;
        if rest.is_empty() {
            let (id, value) = serde_json::from_slice(row).ok()?;
            let doubled = self.put(position, id, Row { value, below: B::default() }).is_some();
            return (position < self.next && !doubled).then_some(());
        }
        self.rows.get_mut(&position)?.1.below.read(rest, row)
    }

    fn reindex(&mut self) {
        self.rows.values_mut().for_each(|(_, row)| row.below.reindex());
    }
}

/// Whether a value is serialized as it was before.
fn is_same<V: Serialize>(before: Option<&V>, now: &V) -> serde_json::Result<bool> {
    let Some(before) = before else { return Ok(false) };
    Ok(serde_json::to_vec(before)? == serde_json::to_vec(now)?)
}

#[cfg(test)]
mod tests;
