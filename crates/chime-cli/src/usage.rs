//! Reports command lines that clap does not accept.

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::failure::USAGE;
use crate::terminal::tell;

/// Prints what clap returned: help and version, which are not errors, or what is wrong with the
/// command line.
pub(crate) fn report(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // Fails only if the reader left.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    match own_text(error) {
        Some(text) => tell(format_args!("error: {text}\n\nFor more information, try '--help'.")),
        None => tell(error.render().to_string().trim_end()),
    }
    USAGE.into()
}

/// The text to print in place of clap's, which would list every operation or quote a value that may
/// be private.
fn own_text(error: &clap::Error) -> Option<String> {
    let named = |context| match error.get(context) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    match error.kind() {
        ErrorKind::MissingSubcommand => {
            Some("missing operation; 'chime help' lists all of them".to_owned())
        }
        ErrorKind::InvalidSubcommand => {
            let name = named(ContextKind::InvalidSubcommand).unwrap_or_default();
            let mut text = format!("unknown operation or service '{name}'");
            // clap puts the best of its many suggestions last.
            if let Some(ContextValue::Strings(similar)) =
                error.get(ContextKind::SuggestedSubcommand)
                && let Some(best) = similar.last()
            {
                text.push_str(&format!("\n\n  tip: a similar name is '{best}'"));
            }
            Some(text)
        }
        ErrorKind::UnknownArgument
            if !named(ContextKind::InvalidArg).is_some_and(|arg| arg.starts_with("--")) =>
        {
            Some(
                "unexpected argument: put quotes around a value with spaces, and write \
                 --name='- value' for a value that starts with a dash"
                    .to_owned(),
            )
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags;

    #[test]
    fn an_invalid_command_line_is_reported_briefly_and_without_values() {
        let reported = |line: &[&str]| {
            let error = flags::command().try_get_matches_from(["chime"].iter().chain(line));
            own_text(&error.unwrap_err())
        };
        let similar = reported(&["update-room-membershp"]).unwrap();
        assert!(similar.starts_with("unknown operation or service 'update-room-membershp'"));
        assert!(similar.ends_with("'update-room-membership'"), "{similar}");
        assert!(reported(&["--local"]).is_some());
        for line in [
            &["create-user", "--username", "Ana", "Person"][..],
            &["create-user", "--username", "Ana", "-Person"],
        ] {
            assert!(!reported(line).unwrap().contains("Pe"), "{line:?}");
        }
        // clap suggests the right flag.
        assert_eq!(reported(&["get-room", "--acount-id", "a"]), None);
    }
}
