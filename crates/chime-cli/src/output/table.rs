//! Tables as the AWS CLI draws them.

mod draw;

use std::collections::BTreeSet;

#[cfg(test)]
pub(super) use self::draw::width;
use self::draw::{Section, Table};
use crate::tree::{Member, Tree};

/// Draws a value; `None` if there is nothing to draw.
///
/// A table that is wider than `width` is drawn with the names of members on the left where that
/// makes it narrower.
pub(super) fn table(title: &str, tree: &Tree, width: usize, is_colored: bool) -> Option<String> {
    let mut table = Table::default();
    build(&mut table, Some(title), tree, 0).then(|| table.draw(width, is_colored))
}

fn build(table: &mut Table, title: Option<&str>, tree: &Tree, depth: usize) -> bool {
    let is_nothing = match tree {
        Tree::Null | Tree::Bool(false) => true,
        Tree::Number(number) => number.as_f64() == Some(0.0),
        Tree::Text(text) => text.is_empty(),
        Tree::Bool(true) | Tree::List(_) | Tree::Map(_) => tree.is_empty(),
    };
    if is_nothing {
        return false;
    }
    if let Some(title) = title {
        table.sections.push(Section::new(title, depth));
    }
    match tree {
        Tree::Map(members) => of_map(table, members, depth),
        Tree::List(items) if items.first().is_some_and(|item| item.members().is_some()) => {
            of_maps(table, items, title.unwrap_or_default(), depth);
        }
        Tree::List(items) => {
            for item in items.iter() {
                match item {
                    Tree::List(cells) if cells.iter().all(Tree::is_scalar) => {
                        table.row(cells.iter().map(|cell| cell.plain().into_owned()));
                    }
                    nested @ (Tree::List(_) | Tree::Map(_)) => {
                        build(table, None, nested, depth);
                    }
                    scalar => table.row([scalar.plain().into_owned()]),
                }
            }
        }
        _ => {}
    }
    true
}

fn of_map(table: &mut Table, members: &[Member], depth: usize) {
    let mut sorted: Vec<&Member> = members.iter().collect();
    sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
    let (scalars, nested): (Vec<_>, Vec<_>) =
        sorted.into_iter().partition(|(_, value)| value.is_scalar());
    match scalars.as_slice() {
        [] => {}
        [(name, value)] => table.row([name.to_string(), value.plain().into_owned()]),
        _ => {
            table.header(scalars.iter().map(|(name, _)| name.to_string()));
            table.row(scalars.iter().map(|(_, value)| value.plain().into_owned()));
        }
    }
    for (name, value) in nested {
        build(table, Some(name), value, depth + 1);
    }
}

fn of_maps(table: &mut Table, items: &[Tree], title: &str, depth: usize) {
    let members = || items.iter().filter_map(Tree::members).flatten();
    let names = |is_scalar: bool| -> BTreeSet<&str> {
        let named = members().filter(move |(_, value)| value.is_scalar() == is_scalar);
        named.map(|(name, _)| &**name).collect()
    };
    let (columns, nested) = (names(true), names(false));
    let header = || columns.iter().map(|name| (*name).to_owned());
    table.header(header());
    for (i, item) in items.iter().enumerate() {
        if i > 0 && !nested.is_empty() {
            table.sections.push(Section::new(title, depth));
            table.header(header());
        }
        let cell = |name: &&str| item.get(name).map(|value| value.plain().into_owned());
        table.row(columns.iter().map(|name| cell(name).unwrap_or_default()));
        for name in &nested {
            if let Some(value) = item.get(name) {
                build(table, Some(name), value, depth + 1);
            }
        }
    }
}
