//! `chime man`: manual pages, made from the same table as the help.

use std::io;

use clap::{Arg, ArgMatches, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::failure::{EXIT_CODES, Failure, USAGE};
use crate::output;
use crate::words::innermost;

/// The name of the command.
pub(crate) const NAME: &str = "man";

const NAMES: &str = "name";

pub(crate) fn command() -> Command {
    Command::new(NAME)
        .about("Prints the manual page of chime, a service or an operation")
        .long_about(
            "Prints the manual page of chime, of a service or of an operation in roff, as in
  chime man create-room | man -l -",
        )
        .arg(
            Arg::new(NAMES)
                .value_name("NAME")
                .num_args(0..)
                .help("A service, an operation, or a service and its operation"),
        )
}

/// Prints the manual page of a command below the root.
///
/// # Errors
/// Returns an error if there is no such command, or if stdout cannot be written.
pub(crate) fn run(given: &ArgMatches, root: Command) -> Result<(), Failure> {
    let names: Vec<&str> =
        given.get_many::<String>(NAMES).unwrap_or_default().map(String::as_str).collect();
    let page = page(root, &names)?;
    output::announce(&mut io::stdout().lock(), &page)
        .map_err(|error| Failure::Io("cannot print the page".to_owned(), error))
}

fn page(mut root: Command, names: &[&str]) -> Result<String, Failure> {
    let Some(command) = innermost(&mut root, names) else {
        return Err(Failure::Other {
            code: USAGE,
            message: format!(
                "no manual page for '{}'; 'chime help' lists all operations",
                names.join(" ")
            ),
        });
    };
    let version = env!("CARGO_PKG_VERSION");
    let man = Man::new(command.clone()).source(format!("chime {version}"));
    let mut page = Vec::new();
    man.render_title(&mut page)
        .and_then(|()| man.render_name_section(&mut page))
        .and_then(|()| man.render_synopsis_section(&mut page))
        .and_then(|()| man.render_description_section(&mut page))
        .and_then(|()| man.render_options_section(&mut page))
        .and_then(|()| {
            if command.has_subcommands() {
                man.render_subcommands_section(&mut page)
            } else {
                Ok(())
            }
        })
        .map_err(|error| Failure::Io("cannot write the page".to_owned(), error))?;
    let long_help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    Ok(String::from_utf8_lossy(&page).into_owned() + &sections(&long_help) + &exit_codes())
}

/// Turns each line without indentation into a section with the lines below it. The lines keep their
/// indentation; long ones are wrapped.
fn sections(text: &str) -> String {
    let mut sections = Roff::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        if indent == 0 {
            sections.control("SH", [line.trim_end_matches(':')]).control("nh", []);
            sections.control("ad", ["l"]);
        } else {
            // A manual page indents sections by 7, the help by 2.
            sections.control("in", [format!("{}n", 5 + indent).as_str()]).text([roman(trimmed)]);
        }
    }
    // Justification and hyphenation are on again for later sections.
    sections.control("ad", ["b"]).control("hy", []).render()
}

/// The section with the exit codes. The lines keep their form.
fn exit_codes() -> String {
    let mut section = Roff::new();
    section.control("SH", ["EXIT STATUS"]).control("nf", []);
    for line in EXIT_CODES.lines().skip(1) {
        section.text([roman(line)]);
    }
    section.control("fi", []);
    section.render()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::command;

    #[test]
    fn a_page_has_the_flags_of_its_operation_and_the_exit_codes() {
        for names in [&["create-room"][..], &["voice", "list-sip-rules"], &["meetings"], &[]] {
            let page = page(command(), names).unwrap();
            let title = [&["chime"], names].concat().join("\\-");
            assert!(page.contains(&format!(".TH {}", title.replace("\\", ""))), "{page}");
            assert!(page.contains(".SH \"EXIT STATUS\"\n.nf\n"), "{page}");
            assert!(page.contains("254  The service returned an error"), "{page}");
        }
        let page = page(command(), &["create-room"]).unwrap();
        assert!(page.contains("\\-\\-account\\-id") && page.contains("\\-\\-region"), "{page}");
    }

    #[test]
    fn a_page_has_the_members_and_the_example_of_the_help() {
        let page = page(command(), &["meetings", "create-attendee"]).unwrap();
        for expected in [
            ".SH \"Members of AttendeeCapabilities in --capabilities\"\n",
            ".in 7n\nAudio [required] (one of SendReceive, Send, Receive, None)\n",
            ".in 11n\nWhether the attendee may send and receive audio.\n",
            ".SH Example\n",
            ".in 7n\nchime meetings create\\-attendee \\\\\n.in 9n\n\\-\\-meeting\\-id \\*(Aq<",
        ] {
            assert!(page.contains(expected), "{expected}: {page}");
        }
    }

    #[test]
    fn a_name_without_a_page_is_a_usage_error() {
        let Err(Failure::Other { code, message }) = page(command(), &["voice", "get-room"]) else {
            panic!()
        };
        assert_eq!(code, USAGE);
        assert!(message.starts_with("no manual page for 'voice get-room'"), "{message}");
    }
}
