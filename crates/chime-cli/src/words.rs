//! The words of a command line: those that the AWS CLI parses differently from clap, and the command that
//! they name.

use std::ffi::OsString;

use clap::Command;

pub(crate) const HELP: &str = "help";

/// Adapts the words of a command line, the name of the program first.
///
/// - `help` after a service or an operation prints its help.
/// - A word that starts with a dash and contains a space is the value of the flag before it.
pub(crate) fn adapted(words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut adapted: Vec<OsString> = Vec::new();
    for word in words {
        match adapted.last_mut() {
            Some(flag) if is_flag(flag) && is_dashed_text(&word) => {
                flag.push("=");
                flag.push(word);
            }
            _ => adapted.push(word),
        }
    }
    // `chime help` is clap's own.
    if let [_, names @ .., last] = adapted.as_mut_slice()
        && last == HELP
        && !names.is_empty()
        && names.iter().all(|name| !starts_with_dash(name) && name != HELP)
    {
        *last = "--help".into();
    }
    adapted
}

fn starts_with_dash(word: &OsString) -> bool {
    word.as_encoded_bytes().starts_with(b"-")
}

/// Whether the word is a flag without a value.
fn is_flag(word: &OsString) -> bool {
    let bytes = word.as_encoded_bytes();
    bytes.len() > 2 && bytes.starts_with(b"--") && !bytes.iter().any(|b| b"= ".contains(b))
}

fn is_dashed_text(word: &OsString) -> bool {
    starts_with_dash(word) && word.as_encoded_bytes().contains(&b' ') && !is_assignment(word)
}

/// Whether the word is `--flag=value with spaces`.
fn is_assignment(word: &OsString) -> bool {
    let bytes = word.as_encoded_bytes();
    let name = bytes.split(|b| *b == b'=').next().unwrap_or_default();
    bytes.starts_with(b"--") && name.len() < bytes.len() && !name.contains(&b' ')
}

/// Finds the command below `root` that the names lead to, with its flags.
pub(crate) fn innermost<'a>(
    root: &'a mut Command,
    names: &[impl AsRef<str>],
) -> Option<&'a Command> {
    // clap builds the commands that it parses, and no others. An error, such as for a missing
    // operation, does not matter.
    let words = std::iter::once("chime").chain(names.iter().map(AsRef::as_ref));
    let words: Vec<OsString> = words.map(OsString::from).collect();
    let _ = root.try_get_matches_from_mut(words);
    names.iter().try_fold(&*root, |command, name| command.find_subcommand(name.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_and_dashed_text_are_read_as_in_the_aws_cli() {
        for (line, expected) in [
            (&["chime", "help"][..], &["chime", "help"][..]),
            (&["chime", "create-room", "help"], &["chime", "create-room", "--help"]),
            (&["chime", "voice", "list", "help"], &["chime", "voice", "list", "--help"]),
            (&["chime", "help", "create-room"], &["chime", "help", "create-room"]),
            (&["chime", "get-room", "--name", "help"], &["chime", "get-room", "--name", "help"]),
            (&["chime", "--name", "- a b", "-v"], &["chime", "--name=- a b", "-v"]),
            (&["chime", "--ids", "a", "- b c"], &["chime", "--ids", "a", "- b c"]),
            (&["chime", "--local", "--name=a b"], &["chime", "--local", "--name=a b"]),
            (&["chime", "--name", "--x y=z"], &["chime", "--name=--x y=z"]),
        ] {
            assert_eq!(adapted(line.iter().map(OsString::from)), expected, "{line:?}");
        }
    }
}
