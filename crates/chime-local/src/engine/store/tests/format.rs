//! The rows of a state file of the current format: a change of their form needs another format version.

use std::collections::BTreeSet;

use super::*;
use crate::testing::calls::DELETING;
use crate::{StockNumber, SupportedCountries};

/// A row per line: its path, a space, and its JSON. They are those of [`changed`] when the format was
/// introduced; a new version gets a new file.
const ROWS: &str = include_str!("format-4.txt");

/// The paths of rows, without the positions in their tables.
fn tables<'a>(rows: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let path = |row: &str| {
        let path = row.split(' ').next().unwrap_or_default();
        path.split('/').filter(|part| part.len() != 16).collect::<Vec<_>>().join("/")
    };
    rows.map(path).collect()
}

/// An emulator with rows in all tables.
fn changed() -> Bench {
    let mut config = config();
    config.seed.phone_stock = vec![StockNumber::new("+12065550151")];
    config.seed.supported_countries = vec![SupportedCountries::new("VoiceConnector")];
    config.rules.meetings.ended_meeting_frees_token = false;
    let bench = Bench::new(config);
    // Traces of a deleted meeting, then everything else.
    (0..KINDS).for_each(|kind| apply(&bench, kind, 1));
    let creating = (0..KINDS).filter(|kind| !DELETING.contains(kind));
    creating.for_each(|kind| (0..3).for_each(|which| apply(&bench, kind, which)));
    bench
}

#[test]
fn rows_of_the_current_format_are_read_and_written_unchanged() {
    let rows = ROWS.lines().map(|row| row.split_once(' ').unwrap());
    let rows = rows.map(|(path, row)| (path.to_owned(), row.as_bytes().to_vec())).collect();
    let mut state = State::<Family>::read(rows).unwrap();
    let expected: Vec<&str> = ROWS.lines().collect();
    assert_eq!(shown(&state.rows().unwrap()), expected);
    #[cfg(feature = "durable")]
    assert_eq!(file::FORMAT_VERSION, 4);
}

#[test]
fn the_current_format_has_rows_of_all_tables() {
    let rows = shown(&changed().chime.engine().store().state.rows().unwrap());
    let changed = tables(rows.iter().map(String::as_str));
    let missing: Vec<_> = changed.difference(&tables(ROWS.lines())).cloned().collect();
    assert_eq!(missing, [""; 0]);
    assert_eq!(changed.len(), 27, "{changed:?}");
}
