//! Properties of tables: order, positions, saving and undoing changes.

use proptest::prelude::*;

use super::*;
use crate::engine::index::Index;
use crate::engine::rows::{Snapshot, tables, write_all};

fn table(ids: &[&'static str]) -> Table<&'static str, &'static str> {
    let mut table = Table::default();
    for id in ids {
        table.insert(*id, *id);
    }
    table
}

#[test]
fn records_are_in_the_order_of_creation() {
    let mut table = table(&["c", "a", "b"]);
    table.remove(&"a");
    table.insert("a", "a");
    assert_eq!(table.values().copied().collect::<Vec<_>>(), ["c", "b", "a"]);
}

#[test]
fn the_position_of_a_removed_record_is_not_reused() {
    let mut table = table(&["a", "b"]);
    let position = table.position(&"b");
    table.remove(&"b");
    table.insert("c", "c");
    assert_eq!(table.after(position).map(|(_, row)| **row).collect::<Vec<_>>(), ["c"]);
    assert!(table.at(position.unwrap()).is_none());
}

#[test]
fn an_id_has_one_record() {
    let mut table = table(&["a"]);
    table.insert("a", "second");
    assert_eq!(table.len(), 1);
    assert_eq!(**table.get(&"a").unwrap(), "second");
    assert_eq!(table.remove(&"a").map(|row| **row), Some("second"));
    assert!(!table.contains(&"a"));
    assert_eq!(table.len(), 0);
}

tables! {
    /// Shelves with books, and an index of the shelves of each book.
    struct Library indexed by Library::find {
        shelves: Table<u8, u32, Shelf> = "shelves",
        shelf_of: Index<u8, u8> = index,
    }
}

tables! {
    struct Shelf {
        books: Table<u8, u32> = "books",
    }
}

impl Library {
    fn find(&mut self) {
        for (shelf, row) in self.shelves.rows() {
            row.below.books.ids().for_each(|book| self.shelf_of.insert(*book, *shelf));
        }
    }

    fn change(&mut self, (kind, shelf, book, value): Change) {
        match kind {
            0 => {
                self.change((1, shelf, book, value));
                self.shelves.insert(shelf, value);
            }
            1 => {
                let row = self.shelves.get(&shelf);
                let books: Vec<u8> =
                    row.into_iter().flat_map(|row| row.below.books.ids().copied()).collect();
                for book in &books {
                    self.shelf_of.remove(book, &shelf);
                }
                self.shelves.remove(&shelf);
            }
            2 => drop(self.shelves.get_mut(&shelf).map(|own| *own = value)),
            3 => {
                if let Some(below) = self.shelves.below_mut(&shelf) {
                    below.books.insert(book, value);
                    self.shelf_of.insert(book, shelf);
                }
            }
            4 => {
                let below = self.shelves.below_mut(&shelf);
                if below.and_then(|below| below.books.remove(&book)).is_some() {
                    self.shelf_of.remove(&book, &shelf);
                }
            }
            _ => {
                let below = self.shelves.below_mut(&shelf);
                if let Some(own) = below.and_then(|below| below.books.get_mut(&book)) {
                    *own = value;
                }
            }
        }
    }

    /// All rows and the index.
    fn seen(&mut self) -> (Snapshot, Vec<Vec<u8>>) {
        let shelves = (0..3).map(|book| self.shelf_of.after(&book, None).copied().collect());
        let shelves = shelves.collect();
        (write_all(&(), self).unwrap(), shelves)
    }
}

type Change = (u8, u8, u8, u32);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    proptest::collection::vec((0..6u8, 0..3u8, 0..3u8, 0..9u32), 0..20)
}

/// Applies the changed rows to existing ones.
fn write(library: &mut Library, rows: &mut BTreeMap<String, Vec<u8>>) {
    let mut changes = Vec::new();
    library.write(&mut String::new(), Which::Changed, &mut changes).unwrap();
    for (path, row) in changes {
        match row {
            Some(row) => drop(rows.insert(path, row)),
            None => {
                let below = format!("{path}/");
                rows.retain(|kept, _| *kept != path && !kept.starts_with(&below));
            }
        }
    }
}

proptest! {
    #[test]
    fn changes_during_a_save_can_be_saved_or_undone_later(
        saved in changes(),
        group in changes(),
        meanwhile in changes(),
        fails in any::<bool>(),
        more in changes(),
    ) {
        let mut library = Library::default();
        let mut rows = BTreeMap::new();
        saved.into_iter().for_each(|change| library.change(change));
        write(&mut library, &mut rows);
        library.forget(Mark::now());
        let (before, start) = (library.seen(), Mark::now());

        group.into_iter().for_each(|change| library.change(change));
        let mut with_group = rows.clone();
        write(&mut library, &mut with_group);
        let (between, end) = (library.seen(), Mark::now());
        meanwhile.iter().for_each(|change| library.change(*change));
        if fails {
            library.undo(start);
            prop_assert_eq!(library.seen(), before);
        } else {
            library.forget(end);
            rows = with_group;
            // The next two groups fail.
            library.undo(end);
            prop_assert_eq!(library.seen(), between.clone());
            more.iter().for_each(|change| library.change(*change));
            library.undo(end);
            prop_assert_eq!(library.seen(), between);
            meanwhile.into_iter().for_each(|change| library.change(change));
        }
        more.into_iter().for_each(|change| library.change(change));
        write(&mut library, &mut rows);
        library.forget(Mark::now());
        let rows: Vec<_> = rows.into_iter().collect();
        prop_assert_eq!(&rows[..], &library.seen().0[1..]);
    }

    #[test]
    fn all_changes_since_a_mark_can_be_undone(
        saved in changes(),
        kept in changes(),
        undone in proptest::collection::vec((any::<bool>(), changes()), 0..4),
        more in changes(),
    ) {
        let mut library = Library::default();
        let mut rows: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut save = |library: &mut Library| {
            write(library, &mut rows);
            library.forget(Mark::now());
            rows.clone().into_iter().collect::<Vec<_>>()
        };
        saved.into_iter().for_each(|change| library.change(change));
        save(&mut library);
        kept.into_iter().for_each(|change| library.change(change));
        let before = library.seen();
        let first = Mark::now();
        for (alone, changes) in undone {
            // Marks can be nested: only the inner changes are undone, or all.
            let inner = Mark::now();
            changes.into_iter().for_each(|change| library.change(change));
            library.undo(if alone { inner } else { first });
        }
        library.undo(first);
        prop_assert_eq!(library.seen(), before);

        // The rows that were saved in several steps are all rows.
        more.into_iter().for_each(|change| library.change(change));
        let mut all = library.seen();
        prop_assert_eq!(&save(&mut library)[..], &all.0[1..]);
        library.reindex();
        prop_assert_eq!(library.seen(), std::mem::take(&mut all));
    }
}
