//! The pager: a program that shows long output on a terminal.

use std::io::{self, Write};
use std::process::{Child, Command, Stdio};

use crate::failure::Failure;
use crate::terminal::line;

#[cfg(windows)]
const DEFAULT: &str = "more";
#[cfg(not(windows))]
const DEFAULT: &str = "less";
/// Flags for `less`: quit if the output fits, show colors, leave the screen as it is.
const LESS: &str = "FRX";

/// A running pager. Dropping it waits until the user quits it.
pub(crate) struct Pager(Child);

impl Pager {
    /// Returns the pager's command line: that of `AWS_PAGER`, else the one that the profile prefers,
    /// else that of `PAGER`, else the system's. It is empty if the first that is set is empty: there is
    /// no pager then.
    pub(crate) fn command(var: impl Fn(&str) -> Option<String>, preferred: Option<&str>) -> String {
        let line = var("AWS_PAGER").or_else(|| preferred.map(str::to_owned));
        let line = line.or_else(|| var("PAGER")).unwrap_or_else(|| DEFAULT.to_owned());
        line.trim().to_owned()
    }

    /// Starts a pager.
    ///
    /// # Errors
    /// Returns an error if there is no such program.
    pub(crate) fn start(line: &str) -> Result<Self, Failure> {
        let words = words(line);
        let (program, arguments) = words.split_first().map_or((line, &[][..]), |(p, a)| (p, a));
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped());
        if std::env::var_os("LESS").is_none() {
            command.env("LESS", LESS);
        }
        line::turn_off();
        leave_ctrl_c_to_the_pager();
        command.spawn().map(Self).map_err(|error| {
            let hint = "set AWS_PAGER to another program, or pass --no-cli-pager";
            Failure::Io(format!("cannot run the pager {program:?} ({hint})"), error)
        })
    }
}

/// Keeps Ctrl-C from ending this process, since the pager would be left behind with the terminal.
fn leave_ctrl_c_to_the_pager() {
    // If it fails, Ctrl-C works as before.
    #[cfg(unix)]
    let _ = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt());
    #[cfg(windows)]
    let _ = tokio::signal::windows::ctrl_c();
}

impl Write for Pager {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0.stdin {
            Some(stdin) => stdin.write(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.stdin.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Pager {
    fn drop(&mut self) {
        // Closing the pipe ends the input of the pager.
        self.0.stdin = None;
        let _ = self.0.wait();
    }
}

/// Splits a command line into words as a shell does: at spaces outside of quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_names_the_pager() {
        for (aws, preferred, general, expected) in [
            (None, None, None, DEFAULT),
            (None, None, Some("most"), "most"),
            (None, Some("bat"), Some("most"), "bat"),
            (Some("less -S"), Some("bat"), Some("most"), "less -S"),
            (Some(" "), Some("bat"), Some("most"), ""),
            (None, None, Some(""), ""),
        ] {
            let var = |name: &str| match name {
                "AWS_PAGER" => aws.map(str::to_owned),
                _ => general.map(str::to_owned),
            };
            assert_eq!(Pager::command(var, preferred), expected);
        }
    }

    #[test]
    fn a_command_line_is_split_as_in_a_shell() {
        for (line, expected) in [
            ("less", &["less"][..]),
            (" less  -S -R ", &["less", "-S", "-R"]),
            (r#""C:\Program Files\less" -P 'a "b"'"#, &[r"C:\Program Files\less", "-P", "a \"b\""]),
            ("bat --style=''", &["bat", "--style="]),
            ("cat ''", &["cat", ""]),
        ] {
            assert_eq!(words(line), expected, "{line}");
        }
    }
}
