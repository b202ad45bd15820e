//! The law of indexed tables: whatever happens, the indexes are those of the rows.

use std::mem;

use proptest::prelude::*;

use super::*;
use crate::engine::index::Index;
use crate::engine::rows::{read_all, tables, write_all};

/// A color, and a price if the item is for sale.
type Item = (u8, Option<u8>);

const COLORS: u8 = 3;

tables! {
    struct Shop {
        items: Indexed<u8, Item, Indexes, Below> = "items",
    }
}

tables! {
    struct Below {
        parts: Indexed<u8, Item, Indexes> = "parts",
    }
}

tables! {
    struct Indexes {
        /// The positions of the items of each color.
        colors: Index<u8, u64> = index,
        /// The items for sale by price.
        prices: Index<(), (u8, u8)> = index,
    }
}

impl IndexesOf<u8, Item> for Indexes {
    fn set(&mut self, id: &u8, position: u64, (color, price): &Item, present: bool) {
        self.colors.set(*color, position, present);
        if let Some(price) = price {
            self.prices.set((), (*price, *id), present);
        }
    }
}

/// An item with its id and its parts.
type Known = (u8, Item, Vec<(u8, Item)>);

/// The items in the order of creation.
type Model = Vec<Known>;

fn find(model: &mut Model, id: u8) -> Option<&mut Known> {
    model.iter_mut().find(|(known, ..)| *known == id)
}

/// Checks the rows and the indexes of a table.
fn check<B: Default>(table: &Indexed<u8, Item, Indexes, B>, expected: &[(u8, Item)]) {
    let rows = table.rows().map(|(id, row)| (*id, row.value));
    assert_eq!(rows.collect::<Vec<_>>(), expected);
    let Indexes { colors, prices } = table.indexes();
    for color in 0..COLORS {
        let found = colors.after(&color, None).map(|at| table.at(*at).map(|row| row.value));
        let items = expected.iter().filter(|(_, item)| item.0 == color);
        let items = items.map(|(_, item)| Some(*item));
        assert_eq!(found.collect::<Vec<_>>(), items.collect::<Vec<_>>());
    }
    let for_sale = expected.iter().filter_map(|(id, (_, price))| Some(((*price)?, *id)));
    let mut for_sale: Vec<_> = for_sale.collect();
    for_sale.sort_unstable();
    assert_eq!(prices.after(&(), None).copied().collect::<Vec<_>>(), for_sale);
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u8, Item),
    Change(u8, Item),
    Remove(u8),
    /// Adds a part to an item.
    Below(u8, u8, Item),
    /// Sets a mark.
    Mark,
    /// Undoes everything since the last mark.
    Undo,
    /// Makes everything final, or everything before the last mark.
    Forget(bool),
    Reindex,
    /// Restores the rows.
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let id = || 0..3u8;
    let item = || (0..COLORS, prop::option::of(0..3u8));
    let step = prop_oneof![
        3 => (id(), item()).prop_map(|(id, item)| Step::Insert(id, item)),
        3 => (id(), item()).prop_map(|(id, item)| Step::Change(id, item)),
        2 => id().prop_map(Step::Remove),
        2 => (id(), id(), item()).prop_map(|(id, part, item)| Step::Below(id, part, item)),
        2 => Just(Step::Mark),
        2 => Just(Step::Undo),
        1 => any::<bool>().prop_map(Step::Forget),
        1 => Just(Step::Reindex),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 0..40)
}

/// Takes a step. `marks` are the marks that can be undone, each with the model at that time.
fn take(shop: &mut Shop, model: &mut Model, marks: &mut Vec<(Mark, Model)>, step: Step) {
    match step {
        Step::Insert(id, item) => {
            shop.items.insert(id, item);
            model.retain(|(known, ..)| *known != id);
            model.push((id, item, Vec::new()));
        }
        Step::Change(id, item) => {
            let before = shop.items.change(&id, |own| mem::replace(own, item));
            assert_eq!(before, find(model, id).map(|(_, own, _)| mem::replace(own, item)));
        }
        Step::Remove(id) => {
            let removed = shop.items.remove(&id).map(|row| row.value);
            assert_eq!(removed, find(model, id).map(|(_, own, _)| *own));
            model.retain(|(known, ..)| *known != id);
        }
        Step::Below(id, part, item) => {
            let below = shop.items.below_mut(&id);
            assert_eq!(below.is_some(), find(model, id).is_some());
            if let (Some(below), Some((_, _, parts))) = (below, find(model, id)) {
                below.parts.insert(part, item);
                parts.retain(|(known, _)| *known != part);
                parts.push((part, item));
            }
        }
        Step::Mark => marks.push((Mark::now(), model.clone())),
        Step::Undo => {
            if let Some((mark, before)) = marks.pop() {
                shop.undo(mark);
                *model = before;
            }
        }
        Step::Forget(true) => {
            shop.forget(Mark::now());
            // Nothing is left to undo.
            marks.drain(..).for_each(|(mark, _)| shop.undo(mark));
        }
        Step::Forget(false) => {
            marks.drain(..marks.len().saturating_sub(1));
            marks.iter().for_each(|(mark, _)| shop.forget(*mark));
        }
        Step::Reindex => {
            shop.reindex();
            marks.clear();
        }
        Step::Restart => {
            let rows = write_all(&(), shop).unwrap();
            *shop = read_all::<(), Shop>(rows).unwrap().1;
            marks.clear();
        }
    }
}

proptest! {
    #[test]
    fn the_indexes_match_the_rows(steps in steps()) {
        let (mut shop, mut model, mut marks) = (Shop::default(), Model::new(), Vec::new());
        for step in steps {
            take(&mut shop, &mut model, &mut marks, step);
            let items = model.iter().map(|(id, item, _)| (*id, *item));
            check(&shop.items, &items.collect::<Vec<_>>());
            for ((_, row), (_, _, parts)) in shop.items.rows().zip(&model) {
                check(&row.below.parts, parts);
            }
        }
    }
}
