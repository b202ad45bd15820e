//! What the command prints, made safe for a terminal.
//!
//! Messages of a service, names in its output, file names and log fields come from others. A control
//! character in them could clear the screen, change its title or reverse the text around it. Everything
//! that the command writes passes through here, where such characters are escaped.

pub(crate) mod line;

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::io::{self, Write};

/// The assumed width if it is unknown.
const WIDTH: usize = 80;

/// The number of columns of the terminal that stdout is, or 80.
pub(crate) fn width() -> usize {
    #[cfg(unix)]
    if let Ok(size) = rustix::termios::tcgetwinsize(io::stdout())
        && size.ws_col > 0
    {
        return size.ws_col.into();
    }
    WIDTH
}

/// Writes text and a line break to stderr.
pub(crate) fn tell(text: impl fmt::Display) {
    line::clear();
    // If stderr is closed, there is nowhere to report it.
    let _ = Escaping(io::stderr().lock()).write_all(format!("{text}\n").as_bytes());
}

/// A writer that escapes control characters. A character must not be split between two writes.
pub(crate) struct Escaping<W>(pub(crate) W);

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(escaped(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Escapes control characters as `\u{1b}`. Tabs and line breaks stay.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    // A CRLF is a line break.
    let text = match text.contains("\r\n") {
        true => Cow::Owned(text.replace("\r\n", "\n")),
        false => Cow::Borrowed(text),
    };
    replaced(text, |target, c| write!(target, "{}", c.escape_unicode()))
}

/// Escapes control characters in a JSON document as `\u009b`, which leaves its values the same.
/// Outside of strings JSON has none but white space.
pub(crate) fn escaped_json(json: &str) -> Cow<'_, str> {
    // All of them are in the basic plane, so that one escape is enough for each.
    replaced(Cow::Borrowed(json), |target, c| write!(target, "\\u{:04x}", u32::from(c)))
}

fn replaced(text: Cow<'_, str>, escape: impl Fn(&mut String, char) -> fmt::Result) -> Cow<'_, str> {
    if !text.contains(is_control) {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_control(c) {
            // Writing to a string never fails.
            let _ = escape(&mut safe, c);
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// Whether a terminal may act on the character instead of showing it: C0 except tab and line feed,
/// DEL, C1, and the marks, embeddings, overrides and isolates of bidirectional text.
pub(crate) fn is_control(c: char) -> bool {
    match c {
        '\t' | '\n' => false,
        '\u{61c}' | '\u{200e}' | '\u{200f}' => true,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        _ => c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// Each end of each range.
    const CONTROLS: &str = "\0\u{8}\u{b}\r\u{1b}\u{1f}\u{7f}\u{80}\u{9b}\u{9f}\u{61c}\u{200e}\
        \u{200f}\u{202a}\u{202e}\u{2066}\u{2069}";
    /// The characters next to them, and ordinary text.
    const SHOWN: &str = " ~\t\n\u{a0}\u{61b}\u{61d}\u{200d}\u{2010}\u{2029}\u{202f}\u{2065}\u{206a}\
        Zoë 日本 👩‍👧 עברית";

    #[test]
    fn control_characters_are_escaped_and_nothing_else() {
        assert!(matches!(escaped(SHOWN), Cow::Borrowed(SHOWN)));
        assert!(matches!(escaped_json(SHOWN), Cow::Borrowed(SHOWN)));
        for c in CONTROLS.chars() {
            let code = u32::from(c);
            assert_eq!(escaped(&format!("a{c}b")), format!("a\\u{{{code:x}}}b"));
        }
        assert_eq!(escaped("a\r\nb\rc"), "a\nb\\u{d}c");
        assert_eq!(escaped("\u{1b}]0;owned\u{7}"), "\\u{1b}]0;owned\\u{7}");
    }

    #[test]
    fn a_writer_escapes_and_counts_what_it_was_given() {
        let mut safe = Vec::new();
        let text = format!("{SHOWN}\u{1b}[2J\r\n");
        assert_eq!(Escaping(&mut safe).write(text.as_bytes()).unwrap(), text.len());
        assert_eq!(safe, format!("{SHOWN}\\u{{1b}}[2J\n").as_bytes());
    }

    #[test]
    fn a_json_document_keeps_its_values() {
        let value = Value::from(format!("{CONTROLS}{SHOWN}"));
        let document =
            serde_json::to_string_pretty(&serde_json::json!({ "Key": [value] })).unwrap();
        let safe = escaped_json(&document);
        assert!(!safe.contains(is_control), "{safe}");
        let read: Value = serde_json::from_str(&safe).unwrap();
        assert_eq!(read["Key"][0], value);
    }
}
