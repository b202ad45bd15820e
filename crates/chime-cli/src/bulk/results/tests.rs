//! The states of a row, and files that end anywhere.

use super::*;
use serde_json::json;

use Outcome::{Begun, Done, Failed, Unknown, Unsent};

fn header(rows: usize) -> Header {
    let [service, operation, checksum] = ["Chime", "GetRoom", "12ab"].map(str::to_owned);
    Header { service, operation, rows, checksum }
}

#[test]
fn the_last_line_of_a_row_tells_what_to_do_with_it() {
    let send = || Next::Send(None);
    for (outcomes, safe, unsafe_) in [
        (&[][..], send(), send()),
        (&[Begun], send(), Next::Leave),
        (&[Begun, Done], Next::Nothing, Next::Nothing),
        (&[Begun, Failed], Next::Nothing, Next::Nothing),
        (&[Begun, Unknown], send(), Next::Leave),
        (&[Begun, Unsent], send(), send()),
        (&[Begun, Unsent, Begun], send(), Next::Leave),
        (&[Begun, Unsent, Begun, Done], Next::Nothing, Next::Nothing),
    ] {
        let mut results = Results::start(&header(2), Vec::new()).unwrap();
        for outcome in outcomes {
            results.write(&[Line::new(2, *outcome)]).unwrap();
        }
        assert_eq!(results.rows.next(2, true), safe, "{outcomes:?}");
        assert_eq!(results.rows.next(2, false), unsafe_, "{outcomes:?}");
        assert_eq!(results.rows.next(1, false), send());
        assert_eq!(results.rows.with(outcomes.last().copied()).last(), Some(&2));
    }
}

#[test]
fn a_row_with_a_token_is_sent_again_with_that_token() {
    let mut results = Results::start(&header(1), Vec::new()).unwrap();
    let token = Some("t".to_owned());
    results.write(&[Line { token: token.clone(), ..Line::new(1, Begun) }]).unwrap();
    assert_eq!(results.rows.next(1, false), Next::Send(token.clone()));
    results.write(&[Line::new(1, Unknown)]).unwrap();
    assert_eq!(results.rows.next(1, false), Next::Send(token.clone()));
    results.write(&[Line::new(1, Unsent)]).unwrap();
    assert_eq!(results.rows.next(1, false), Next::Send(token));
    results.write(&[Line::new(1, Done)]).unwrap();
    assert_eq!(results.rows.next(1, false), Next::Nothing);
}

#[test]
fn a_file_that_was_cut_anywhere_has_the_lines_that_are_whole() {
    let mut results = Results::start(&header(2), Vec::new()).unwrap();
    let result = Some(json!({"Name": "line\nbreak"}));
    for line in [
        Line { token: Some("t".to_owned()), ..Line::new(1, Begun) },
        Line::new(2, Begun),
        Line { result, request_id: Some("id".to_owned()), ..Line::new(1, Done) },
    ] {
        results.write(&[line]).unwrap();
    }
    let text = results.to;
    let ends: Vec<usize> =
        (0..text.len()).filter(|at| text[*at] == b'\n').map(|at| at + 1).collect();
    assert_eq!(ends.len(), 4);
    for length in 0..=text.len() {
        let whole = ends.iter().filter(|end| **end <= length).count();
        let (rows, kept) = replay(&header(2), &text[..length]).unwrap();
        assert_eq!(kept, whole.checked_sub(1).map_or(0, |last| ends[last]));
        let outcomes = rows.map(|rows| rows.rows.into_iter().map(|(outcome, _)| outcome).collect());
        let expected: Option<Vec<_>> = match whole {
            0 => None,
            1 => Some(vec![None, None]),
            2 => Some(vec![Some(Begun), None]),
            3 => Some(vec![Some(Begun), Some(Begun)]),
            _ => Some(vec![Some(Done), Some(Begun)]),
        };
        assert_eq!(outcomes, expected, "{length}");
    }
}

#[test]
fn a_file_of_another_run_is_refused() {
    let first = serde_json::to_string(&header(2)).unwrap();
    for (text, expected) in [
        ("my notes\n".to_owned(), Mismatch::Line(1)),
        (
            first.replace("GetRoom", "GetUser") + "\n",
            Mismatch::Operation("Chime.GetUser".to_owned()),
        ),
        (first.replace("12ab", "12ac") + "\n", Mismatch::Rows),
        (first.replace(":2", ":3") + "\n", Mismatch::Rows),
        (format!("{first}\n{{\"row\":1,\"outcome\":\"begun\"}}\nnotes\n"), Mismatch::Line(3)),
        (format!("{first}\n{{\"row\":3,\"outcome\":\"begun\"}}\n"), Mismatch::Line(2)),
        (format!("{first}\n{{\"row\":0,\"outcome\":\"begun\"}}\n"), Mismatch::Line(2)),
    ] {
        assert_eq!(replay(&header(2), text.as_bytes()).unwrap_err(), expected, "{text}");
    }
}

/// Counts flushes.
#[derive(Default)]
struct Flushes(usize);

impl Write for Flushes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0 += 1;
        Ok(())
    }
}

#[test]
fn the_header_and_rows_that_begin_are_flushed_before_they_are_sent() {
    let mut results = Results::start(&header(1), Flushes::default()).unwrap();
    assert_eq!(results.to.0, 1);
    for (outcome, flushes) in [(Outcome::Begun, 2), (Outcome::Done, 2), (Outcome::Begun, 3)] {
        results.write(&[Line::new(1, outcome)]).unwrap();
        assert_eq!(results.to.0, flushes);
    }
}
