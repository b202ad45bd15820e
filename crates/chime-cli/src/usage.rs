//! What to say about a command line that clap does not take.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::failure::USAGE;

/// Tells what clap has to say: help and version, which are no failure, or what is wrong with the
/// command line.
pub(crate) fn report(error: &clap::Error) -> ExitCode {
    // A reader that left is all that can go wrong here.
    let _ = match in_our_words(error) {
        Some(text) => {
            writeln!(io::stderr().lock(), "error: {text}\n\nFor more information, try '--help'.")
        }
        None => error.print(),
    };
    if error.use_stderr() { USAGE.into() } else { ExitCode::SUCCESS }
}

/// What to say in place of clap, where it would list every operation or repeat a value that may be
/// nobody else's business.
fn in_our_words(error: &clap::Error) -> Option<String> {
    let named = |context| match error.get(context) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    match error.kind() {
        ErrorKind::MissingSubcommand => Some("no operation is named".to_owned()),
        ErrorKind::InvalidSubcommand => {
            let name = named(ContextKind::InvalidSubcommand).unwrap_or_default();
            let mut text = format!("no operation is called '{name}'");
            // The best comes last, and those before it are many.
            if let Some(ContextValue::Strings(similar)) =
                error.get(ContextKind::SuggestedSubcommand)
                && let Some(best) = similar.last()
            {
                text.push_str(&format!("\n\n  tip: a similar one is called '{best}'"));
            }
            Some(text)
        }
        ErrorKind::UnknownArgument
            if !named(ContextKind::InvalidArg).is_some_and(|arg| arg.starts_with("--")) =>
        {
            Some("a value has no flag in front of it; one with spaces needs quotes".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags;

    #[test]
    fn a_wrong_command_line_is_told_briefly_and_without_values() {
        let told = |line: &[&str]| {
            let error = flags::command().try_get_matches_from(["chime"].iter().chain(line));
            in_our_words(&error.unwrap_err())
        };
        let similar = told(&["update-room-membershp"]).unwrap();
        assert!(similar.starts_with("no operation is called 'update-room-membershp'"));
        assert!(similar.ends_with("'update-room-membership'"), "{similar}");
        assert!(told(&["--local"]).is_some());
        for line in [
            &["create-user", "--username", "Ana", "Person"][..],
            &["create-user", "--username", "Ana", "-Person"],
        ] {
            assert!(!told(line).unwrap().contains("Pe"), "{line:?}");
        }
        // clap knows best which flag is meant.
        assert_eq!(told(&["get-room", "--acount-id", "a"]), None);
    }
}
