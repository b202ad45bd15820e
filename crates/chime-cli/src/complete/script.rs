//! `chime completions`: prints scripts with which shells call `chime complete`.

use std::io;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command};

use crate::failure::Failure;
use crate::output;

/// The name of the command.
pub(crate) const NAME: &str = "completions";

const SHELL: &str = "shell";

pub(super) const SCRIPTS: [(&str, &str); 4] = [
    ("bash", include_str!("chime.bash")),
    ("zsh", include_str!("chime.zsh")),
    ("fish", include_str!("chime.fish")),
    ("powershell", include_str!("chime.ps1")),
];

pub(crate) fn command() -> Command {
    Command::new(NAME)
        .about("Prints a script that completes commands in a shell")
        .long_about(HELP)
        .arg(
            Arg::new(SHELL)
                .value_name("SHELL")
                .required(true)
                .value_parser(PossibleValuesParser::new(SCRIPTS.map(|(shell, _)| shell)))
                .help("The shell that runs the script"),
        )
}

const HELP: &str = "\
Prints a script that completes operations, flags, enum values, profiles and regions. Put one of these \
lines into the startup file of your shell:
  bash        source <(chime completions bash)
  zsh         source <(chime completions zsh)
  fish        chime completions fish | source
  PowerShell  chime completions powershell | Out-String | Invoke-Expression
In zsh the line comes after compinit. The script runs the chime that is on PATH.";

/// Prints the script of a shell.
///
/// # Errors
/// Returns an error if stdout cannot be written.
pub(crate) fn run(given: &ArgMatches) -> Result<(), Failure> {
    let shell = given.get_one::<String>(SHELL);
    let script = SCRIPTS.iter().find(|(name, _)| shell.is_some_and(|shell| shell == name));
    let text = script.map_or("", |(_, text)| text);
    output::announce(&mut io::stdout().lock(), text)
        .map_err(|error| Failure::Io("cannot print the script".to_owned(), error))
}
