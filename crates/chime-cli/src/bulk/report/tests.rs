//! Reports as text.

use super::*;
use crate::bulk::results::{Header, Results};

#[test]
fn rows_are_listed_as_ranges() {
    for (numbers, expected) in [
        (vec![], ""),
        (vec![7], "7"),
        (vec![1, 2, 3, 5, 7, 8], "1-3, 5, 7-8"),
        (
            (0..30).map(|number| number * 2).collect(),
            "0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, …",
        ),
    ] {
        assert_eq!(ranges(&numbers), expected);
    }
}

#[test]
fn the_report_lists_what_is_left_and_the_exit_code_follows() {
    let told = |outcomes: &[Option<Outcome>], end, is_safe, first: Option<&Line>| {
        let header = Header {
            service: "Chime".to_owned(),
            operation: "GetRoom".to_owned(),
            rows: outcomes.len(),
            checksum: String::new(),
        };
        let mut results = Results::start(&header, Vec::new()).unwrap();
        for (outcome, row) in outcomes.iter().zip(1..) {
            results
                .write(&outcome.map(|it| Line::new(row, it)).into_iter().collect::<Vec<_>>())
                .unwrap();
        }
        match report(&results.rows, end, is_safe, first, Path::new("r.jsonl")) {
            Ok(()) => (0, String::new()),
            Err(Failure::Other { code, message }) => (code, message),
            Err(failure) => panic!("{failure}"),
        }
    };
    let [done, failed, unknown, begun, unsent] =
        [Outcome::Done, Outcome::Failed, Outcome::Unknown, Outcome::Begun, Outcome::Unsent]
            .map(Some);
    assert_eq!(told(&[], End::Complete, true, None).0, 0);
    // Interrupted too late.
    assert_eq!(told(&[done, done], End::Interrupted, true, None).0, 0);
    let error = Some(serde_json::json!({"code": "Bad", "message": "no"}));
    let first = Line { error, ..Line::new(2, Outcome::Failed) };
    let text = "1 of 6 rows are done. Results: r.jsonl\n\
        Failed: 2\n\
        Outcome unknown; not sent again, so check what the service has done: 3-4\n\
        Not sent; --resume sends them: 5-6\n\
        The first error, of row 2: Bad: no";
    let all = [done, failed, begun, unknown, unsent, None];
    assert_eq!(told(&all, End::Complete, false, Some(&first)), (1, text.to_owned()));
    assert_eq!(told(&all, End::Interrupted, false, Some(&first)).0, 130);
    let (code, text) = told(&[unknown, unsent], End::Aborted, true, None);
    assert_eq!(code, 255);
    assert!(text.contains("--resume sends them again, without a second effect: 1\n"), "{text}");
    assert!(text.ends_with("\nStopped: too many rows in succession could not be sent."), "{text}");
}
