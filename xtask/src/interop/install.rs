//! Helpers to install the clients of other languages.

use std::io;
use std::process::Command;

use crate::Result;

/// Whether the installed versions are the pinned ones.
pub(super) fn is_fresh(pins: &str, installed: Option<&str>) -> bool {
    let lines = |text: &str| -> Vec<String> {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    installed.is_some_and(|installed| lines(installed) == lines(pins))
}

/// Runs a command, which must succeed.
pub(super) fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("{program} is not installed"),
        _ => format!("{program}: {error}"),
    })?;
    if status.success() { Ok(()) } else { Err(format!("{program}: {status}").into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_fresh_if_its_pins_are_unchanged() {
        let pins = "boto3==1.0\nbotocore==1.0\n";
        assert!(is_fresh(pins, Some(pins)));
        assert!(is_fresh(pins, Some("boto3==1.0\r\nbotocore==1.0\r\n\r\n")));
        assert!(!is_fresh(pins, None));
        assert!(!is_fresh(pins, Some("boto3==1.0\n")));
        assert!(!is_fresh(pins, Some("boto3==1.1\nbotocore==1.0\n")));
    }

    #[test]
    fn the_error_names_a_missing_program() {
        let error = run(&mut Command::new("no-such-python")).unwrap_err();
        assert_eq!(error.to_string(), "no-such-python is not installed");
    }
}
