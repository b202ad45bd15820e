//! The status line: the last line of stderr, on a terminal only. It is replaced and cleared in place.

use std::io::{self, IsTerminal, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Shared by all writers to stderr: it must be cleared before anything else is written.
static LINE: Mutex<Line> = Mutex::new(Line { is_on: false, shown: String::new() });

/// Turns the line on if stderr is a terminal. Returns whether it is on.
pub(crate) fn turn_on() -> bool {
    let mut line = line();
    line.is_on = io::stderr().is_terminal();
    line.is_on
}

pub(crate) fn is_on() -> bool {
    line().is_on
}

/// Turns the line off, because another program writes to the terminal, such as a pager.
pub(crate) fn turn_off() {
    clear();
    line().is_on = false;
}

/// Replaces the line.
pub(crate) fn show(text: &str) {
    if let Some(change) = line().change(text, super::width()) {
        // If stderr is closed, there is nowhere to report it.
        let _ = io::stderr().write_all(change.as_bytes());
    }
}

/// Removes the line.
pub(crate) fn clear() {
    show("");
}

fn line() -> MutexGuard<'static, Line> {
    // A panic leaves the line valid.
    LINE.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Line {
    is_on: bool,
    shown: String,
}

impl Line {
    /// Returns what to write to a terminal of this width so that it shows the text; `None` if it does
    /// already.
    fn change(&mut self, text: &str, width: usize) -> Option<String> {
        // A line that wraps could not be cleared. The last column stays free, as some terminals wrap
        // behind it.
        let text: String = text.chars().take(width.saturating_sub(1)).collect();
        if !self.is_on || text == self.shown {
            return None;
        }
        let change = format!("\r{text}\x1b[K");
        self.shown = text;
        Some(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_written_when_it_changes_and_never_wraps() {
        let mut line = Line { is_on: true, shown: String::new() };
        let mut change = |text| line.change(text, 6);
        assert_eq!(change(""), None);
        assert_eq!(change("abc").as_deref(), Some("\rabc\x1b[K"));
        assert_eq!(change("abc"), None);
        assert_eq!(change("abcdefg").as_deref(), Some("\rabcde\x1b[K"));
        assert_eq!(change("").as_deref(), Some("\r\x1b[K"));
        let mut off = Line { is_on: false, shown: String::new() };
        assert_eq!(off.change("abc", 6), None);
    }
}
