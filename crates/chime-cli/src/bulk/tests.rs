//! What the command tells.

use super::file::header;
use super::*;

#[test]
fn many_invalid_rows_are_told_in_part() {
    let wrong = |count: usize| {
        invalid_rows((1..=count).map(|row| format!("row {row}")).collect()).to_string()
    };
    assert_eq!(wrong(2), "Invalid rows: 2. Nothing was sent.\nrow 1\nrow 2");
    assert!(wrong(23).ends_with("\nrow 20\nand 3 more"));
}

#[test]
fn the_checksum_changes_with_any_row() {
    let row = |number, id: &str| Row {
        number,
        input: [("RoomId".to_owned(), id.into())].into_iter().collect(),
    };
    let info = chime_client::model::chime::API.operation("GetRoom").unwrap();
    let checksum = |rows: &[Row]| header(info, rows).checksum;
    let all = [
        checksum(&[]),
        checksum(&[row(1, "a")]),
        checksum(&[row(1, "b")]),
        checksum(&[row(1, "a"), row(2, "b")]),
        checksum(&[row(1, "b"), row(2, "a")]),
    ];
    for (index, one) in all.iter().enumerate() {
        assert_eq!(one.len(), 4);
        assert!(!all[..index].contains(one), "{all:?}");
    }
}
