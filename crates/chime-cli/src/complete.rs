//! `chime complete`: lists candidates for the word at the cursor, for the completion script of a shell.
//!
//! The script calls back, so that it is the same for every version and for all operations.

mod place;
pub(crate) mod script;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io::{self, Write as _};

use chime_client::Config;
use clap::Command;

pub(crate) use self::place::Place;

/// The name of the command that the scripts call.
const NAME: &str = "complete";

/// The flag for the word at the cursor. A shell may drop an empty argument, but not this flag.
const WORD: &str = "--word=";

/// Prints the candidates for a completion script, one per line. Returns false if the command line, without
/// the name of the program, is not a call of a script.
pub(crate) fn answered(
    words: impl IntoIterator<Item = OsString>,
    command: impl FnOnce() -> Command,
) -> bool {
    let words: Vec<_> = words.into_iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let [name, word, previous @ ..] = words.as_slice() else { return false };
    let (NAME, Some(word)) = (name.as_str(), word.strip_prefix(WORD)) else { return false };
    let previous: Vec<&str> = previous.iter().map(String::as_str).collect();
    let profiles = || Config::profile_names().unwrap_or_default();
    let found = candidates(&previous, word, command(), profiles);
    // A line break or an escape sequence in a name must not reach the shell.
    let found = found.iter().filter(|text| !text.contains(char::is_control));
    let lines: String = found.flat_map(|text| [text, "\n"]).collect();
    // Fails only if the shell closed the pipe.
    let _ = io::stdout().lock().write_all(lines.as_bytes());
    true
}

/// Returns the words that can stand at the cursor and start with `word`: commands, flags or the values
/// of a flag. An empty list stands for any text, such as a file name. `previous` are the words after `chime`
/// and before the cursor.
fn candidates(
    previous: &[&str],
    word: &str,
    command: Command,
    profiles: impl FnOnce() -> Vec<String>,
) -> Vec<String> {
    let mut place = Place::start(command);
    // bash makes a word of its own from the `=` of `--flag=value`.
    previous.iter().filter(|word| **word != "=").for_each(|word| place.advance(word));
    let word = if word == "=" { "" } else { word };
    if let Some((flag, value)) = word.split_once('=') {
        let values = place.flag(flag).map(|flag| place.values(flag, profiles)).unwrap_or_default();
        let values = values.into_iter().filter(|candidate| candidate.starts_with(value));
        return values.map(|value| format!("{flag}={value}")).collect();
    }
    let mut all = match &place.open {
        Some(flag) if !word.starts_with('-') => place.values(flag, profiles),
        _ if word.starts_with('-') => place.flags(previous),
        _ => place.names(),
    };
    if all.is_empty() && place.open.is_none() {
        all = place.flags(previous);
    }
    all.retain(|candidate| candidate.starts_with(word));
    all
}
