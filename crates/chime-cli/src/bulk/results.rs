//! The results file: a header, then a line per event of a row. The last line of a row tells its
//! outcome.
//!
//! A row is `begun` before it is sent. If that is its last line, its outcome is unknown.

use std::fmt;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The first line: the operation and the rows that the file belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) service: String,
    pub(super) operation: String,
    pub(super) rows: usize,
    /// A checksum of all inputs, too short to reveal a value.
    pub(super) checksum: String,
}

/// A line about a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
    pub(super) row: usize,
    pub(super) outcome: Outcome,
    /// The idempotency token that was generated for the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) request_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) result: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<Value>,
}

impl Line {
    pub(super) fn new(row: usize, outcome: Outcome) -> Self {
        Self { row, outcome, token: None, request_id: None, result: None, error: None }
    }
}

/// The outcome of a row so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Outcome {
    /// The row is about to be sent.
    Begun,
    /// The service accepted the row.
    Done,
    /// The service rejected the row.
    Failed,
    /// The service may have acted on the row.
    Unknown,
    /// The service did not act, for a reason that affects other rows too.
    Unsent,
}

/// The rows as the file has them.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// The last outcome of each row, and its last token. A row without a line has none.
    rows: Vec<(Option<Outcome>, Option<String>)>,
}

/// What to do with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Send it, with this token if it had one before.
    Send(Option<String>),
    /// Its outcome is known.
    Nothing,
    /// Its outcome is unknown, and it could take effect twice.
    Leave,
}

impl Rows {
    pub(super) fn new(count: usize) -> Self {
        Self { rows: vec![(None, None); count] }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    fn apply(&mut self, line: &Line) -> Option<()> {
        let (outcome, token) = self.rows.get_mut(line.row.checked_sub(1)?)?;
        *outcome = Some(line.outcome);
        if line.token.is_some() {
            token.clone_from(&line.token);
        }
        Some(())
    }

    /// Returns what to do with a row. `is_safe` says whether it may be sent twice without a token.
    pub(super) fn next(&self, row: usize, is_safe: bool) -> Next {
        let (outcome, token) =
            row.checked_sub(1).and_then(|at| self.rows.get(at)).cloned().unwrap_or_default();
        match outcome {
            None | Some(Outcome::Unsent) => Next::Send(token),
            Some(Outcome::Done | Outcome::Failed) => Next::Nothing,
            Some(Outcome::Begun | Outcome::Unknown) if is_safe || token.is_some() => {
                Next::Send(token)
            }
            Some(Outcome::Begun | Outcome::Unknown) => Next::Leave,
        }
    }

    /// The numbers of the rows with this outcome; `None` for those that never began.
    pub(super) fn with(&self, wanted: Option<Outcome>) -> Vec<usize> {
        let rows = (1..).zip(&self.rows).filter(|(_, (outcome, _))| *outcome == wanted);
        rows.map(|(row, _)| row).collect()
    }
}

/// Reads the results of an earlier run. Returns the rows and the length of the text up to the last
/// complete line; the rows are `None` if there is no header yet.
///
/// # Errors
/// Returns an error if the text is not a results file, or belongs to other rows.
pub(super) fn replay(header: &Header, text: &[u8]) -> Result<(Option<Rows>, usize), Mismatch> {
    let length = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let mut lines = text.get(..length).unwrap_or_default().split(|byte| *byte == b'\n');
    let Some(first) = lines.next().filter(|line| !line.is_empty()) else { return Ok((None, 0)) };
    let found: Header = serde_json::from_slice(first).map_err(|_| Mismatch::Line(1))?;
    if found != *header {
        return Err(
            match (&found.service, &found.operation) == (&header.service, &header.operation) {
                true => Mismatch::Rows,
                false => Mismatch::Operation(format!("{}.{}", found.service, found.operation)),
            },
        );
    }
    let mut rows = Rows::new(header.rows);
    for (number, line) in (2..).zip(lines).filter(|(_, line)| !line.is_empty()) {
        let line = serde_json::from_slice(line).map_err(|_| Mismatch::Line(number))?;
        rows.apply(&line).ok_or(Mismatch::Line(number))?;
    }
    Ok((Some(rows), length))
}

/// Why a file does not belong to this run.
#[derive(Debug, PartialEq)]
pub(super) enum Mismatch {
    /// This line is not valid in a results file.
    Line(usize),
    /// The file belongs to this other operation.
    Operation(String),
    /// The rows or the flags differ.
    Rows,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number} is not valid in a results file"),
            Self::Operation(name) => write!(f, "holds the results of {name}"),
            Self::Rows => f.write_str(
                "holds the results of other rows: the input or a flag has changed since",
            ),
        }
    }
}

impl std::error::Error for Mismatch {}

/// Writes lines, and keeps the last outcome of each row.
#[derive(Debug)]
pub(super) struct Results<W> {
    to: W,
    pub(super) rows: Rows,
}

impl<W: Write> Results<W> {
    /// Starts a file.
    ///
    /// # Errors
    /// Returns the error of the writer.
    pub(super) fn start(header: &Header, mut to: W) -> io::Result<Self> {
        write_lines(&mut to, [header])?;
        to.flush()?;
        Ok(Self { to, rows: Rows::new(header.rows) })
    }

    /// Continues a file after its last complete line.
    pub(super) fn resume(rows: Rows, to: W) -> Self {
        Self { to, rows }
    }

    /// Writes lines without a buffer, so that they survive the end of the process. Flushes them if a row is
    /// about to be sent. Other lines can be lost in a power failure; their rows are `begun` then.
    ///
    /// # Errors
    /// Returns the error of the writer.
    pub(super) fn write(&mut self, lines: &[Line]) -> io::Result<()> {
        write_lines(&mut self.to, lines)?;
        if lines.iter().any(|line| line.outcome == Outcome::Begun) {
            self.to.flush()?;
        }
        for line in lines {
            self.rows.apply(line);
        }
        Ok(())
    }
}

fn write_lines<T: Serialize>(
    to: &mut impl Write,
    lines: impl IntoIterator<Item = T>,
) -> io::Result<()> {
    let mut text = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut text, &line)?;
        text.push(b'\n');
    }
    to.write_all(&text)
}

#[cfg(test)]
mod tests;
