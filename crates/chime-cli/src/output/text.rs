//! Text as the AWS CLI prints it: a line of values for each map, separated by tabs, in the order of
//! the members' names. A nested value has the name of its member, in capitals, in front.

use std::collections::BTreeSet;

use crate::terminal::escaped;
use crate::tree::{Member, Tree};

/// Writes a value as lines.
pub(super) fn text(tree: &Tree) -> String {
    let mut lines = String::new();
    write(&mut lines, tree, None, None);
    escaped(&lines).into_owned()
}

fn write(lines: &mut String, tree: &Tree, name: Option<&str>, columns: Option<&BTreeSet<&str>>) {
    match tree {
        Tree::Map(members) => write_map(lines, members, name, columns),
        Tree::List(items) => write_list(lines, items, name),
        scalar => push_line(lines, None, [scalar.plain().into_owned()]),
    }
}

fn write_list(lines: &mut String, items: &[Tree], name: Option<&str>) {
    if items.iter().any(|item| item.members().is_some()) {
        // Every line has a column for each scalar that any of the maps has.
        let members = items.iter().filter_map(Tree::members).flatten();
        let columns = members.filter(|(_, value)| value.is_scalar()).map(|(name, _)| &**name);
        let columns = columns.collect();
        items.iter().for_each(|item| write(lines, item, name, Some(&columns)));
        return;
    }
    let (scalars, nested): (Vec<_>, Vec<_>) = items.iter().partition(|item| item.is_scalar());
    match name {
        _ if scalars.is_empty() => {}
        None => push_line(lines, None, scalars.iter().map(|item| item.plain().into_owned())),
        Some(_) => {
            scalars.iter().for_each(|item| push_line(lines, name, [item.plain().into_owned()]));
        }
    }
    nested.iter().for_each(|item| write(lines, item, name, None));
}

fn write_map(
    lines: &mut String,
    members: &[Member],
    name: Option<&str>,
    columns: Option<&BTreeSet<&str>>,
) {
    let mut sorted: Vec<&Member> = members.iter().collect();
    sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
    let values: Vec<String> = match columns {
        Some(columns) => {
            let value = |column: &&str| {
                let found = sorted.iter().find(|(name, _)| name == *column);
                found.map(|(_, value)| value.plain().into_owned()).unwrap_or_default()
            };
            columns.iter().map(value).collect()
        }
        None => {
            let scalars = sorted.iter().filter(|(_, value)| value.is_scalar());
            scalars.map(|(_, value)| value.plain().into_owned()).collect()
        }
    };
    if !values.is_empty() {
        push_line(lines, name, values);
    }
    for (name, value) in sorted {
        if !value.is_scalar() && !columns.is_some_and(|columns| columns.contains(&**name)) {
            write(lines, value, Some(name), None);
        }
    }
}

fn push_line(lines: &mut String, name: Option<&str>, values: impl IntoIterator<Item = String>) {
    let values = name.map(str::to_uppercase).into_iter().chain(values);
    lines.push_str(&values.collect::<Vec<_>>().join("\t"));
    lines.push('\n');
}
