//! The summary of a run and its exit code.

use std::path::Path;

use super::outcome;
use super::results::{Line, Outcome, Rows};
use super::sender::End;
use crate::failure::{FAILED_ROWS, Failure, GENERAL, INTERRUPTED};
use crate::terminal::tell;

/// The number of ranges of rows that are listed.
const LISTED: usize = 20;

/// Prints the summary of a run. `first` is the first line of the run with an error.
pub(super) fn report(
    rows: &Rows,
    end: End,
    is_safe: bool,
    first: Option<&Line>,
    path: &Path,
) -> Result<(), Failure> {
    let mut left = Vec::new();
    let mut add = |outcomes: &[Option<Outcome>], what: &'static str| {
        let mut numbers: Vec<usize> =
            outcomes.iter().flat_map(|outcome| rows.with(*outcome)).collect();
        numbers.sort_unstable();
        if !numbers.is_empty() {
            left.push(format!("{what}: {}", ranges(&numbers)));
        }
    };
    add(&[Some(Outcome::Failed)], "Failed");
    add(
        &[Some(Outcome::Unknown), Some(Outcome::Begun)],
        match is_safe {
            true => "Outcome unknown; --resume sends them again, without a second effect",
            false => "Outcome unknown; not sent again, so check what the service has done",
        },
    );
    add(&[Some(Outcome::Unsent), None], "Not sent; --resume sends them");
    let done = rows.with(Some(Outcome::Done)).len();
    let mut text = format!("{done} of {} rows are done. Results: {}", rows.len(), path.display());
    if left.is_empty() {
        tell(text);
        return Ok(());
    }
    for line in left {
        text.push('\n');
        text.push_str(&line);
    }
    if let Some(Line { row, error: Some(error), .. }) = first {
        text.push_str(&format!("\nThe first error, of row {row}: {}", outcome::error_text(error)));
    }
    let code = match end {
        End::Interrupted => INTERRUPTED,
        End::Aborted => {
            text.push_str("\nStopped: too many rows in succession could not be sent.");
            GENERAL
        }
        End::Complete => FAILED_ROWS,
    };
    Err(Failure::Other { code, message: text })
}

/// Writes sorted numbers as `1-3, 7`, at most twenty of these.
fn ranges(numbers: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let text = |(first, last): &(usize, usize)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    let mut texts: Vec<String> = ranges.iter().take(LISTED).map(text).collect();
    if ranges.len() > LISTED {
        texts.push("…".to_owned());
    }
    texts.join(", ")
}

#[cfg(test)]
mod tests;
