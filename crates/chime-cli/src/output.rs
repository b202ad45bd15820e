//! Prints results: the query first, then the format, then the pager or stdout.

mod json;
mod table;
mod text;
mod yaml;

use std::env;
use std::io::{self, IsTerminal, Write};

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches};

pub(crate) use self::json::json;
use crate::failure::Failure;
use crate::flags::{COLOR, NO_PAGER, OUTPUT, QUERY, switch, text, valued};
use crate::pager::Pager;
use crate::query::Query;
use crate::terminal::{self, Escaping, line};
use crate::tree::{Times, Tree};

/// The variable that names the format if the flag does not.
const DEFAULT_OUTPUT: &str = "AWS_DEFAULT_OUTPUT";

const FORMATS: [(&str, Format); 6] = [
    ("json", Format::Json),
    ("yaml", Format::Yaml),
    ("yaml-stream", Format::YamlStream),
    ("text", Format::Text),
    ("table", Format::Table),
    ("off", Format::Off),
];

/// The flags that say what is printed of a result, and how.
pub(crate) fn flags() -> [Arg; 4] {
    [
        valued(OUTPUT, "FORMAT", "Output format; overrides AWS_DEFAULT_OUTPUT [default: json]")
            .value_parser(PossibleValuesParser::new(FORMATS.map(|(name, _)| name))),
        valued(QUERY, "JMESPATH", "Print what this expression selects from the result"),
        valued(COLOR, "WHEN", "Color of tables [default: auto]")
            .value_parser(PossibleValuesParser::new(["on", "off", "auto"])),
        switch(NO_PAGER, "Print to the terminal without AWS_PAGER, PAGER or less"),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Yaml,
    YamlStream,
    Text,
    Table,
    Off,
}

/// Prints the results of an operation or a command.
pub(crate) struct Output {
    pub(crate) format: Format,
    /// Whether a flag or a variable names the format.
    is_chosen: bool,
    pub(crate) times: Times,
    query: Option<Query>,
    is_colored: bool,
    /// The title of a table: the name of the operation or command.
    title: String,
    to: To,
}

enum To {
    Stdout,
    /// A pager that starts when there is something to show.
    Pager(String),
    Running(Pager),
}

impl Output {
    /// Reads the flags and variables that say how to print.
    ///
    /// # Errors
    /// Returns an error if the format or the query is invalid.
    pub(crate) fn new(title: &str, given: &ArgMatches) -> Result<Self, Failure> {
        let query = text(given, QUERY).map(Query::parse).transpose();
        let is_terminal = io::stdout().is_terminal();
        let uses_pager = is_terminal && !given.get_flag(NO_PAGER);
        let chosen = chosen(text(given, OUTPUT), |name| env::var(name).ok())?;
        Ok(Self {
            format: chosen.unwrap_or(Format::Json),
            is_chosen: chosen.is_some(),
            times: Times::Iso8601,
            query: query.map_err(|reason| Failure::flag(QUERY, reason))?,
            is_colored: match text(given, COLOR) {
                Some("on") => true,
                Some("off") => false,
                _ => is_terminal,
            },
            title: title.to_owned(),
            to: if uses_pager { To::Pager(pager(None)) } else { To::Stdout },
        })
    }

    /// Takes the preferences of a profile where neither a flag nor a variable says otherwise.
    ///
    /// # Errors
    /// Returns an error if the profile names an unknown format of the output or of timestamps.
    pub(crate) fn prefer<'a>(
        &mut self,
        property: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<(), Failure> {
        if let (false, Some(name)) = (self.is_chosen, property("output")) {
            self.format = named(name, "output of the profile")?;
        }
        self.times = match property("cli_timestamp_format") {
            None | Some("iso8601") => Times::Iso8601,
            Some("wire" | "none") => Times::Wire,
            Some(_) => {
                let reason = "cli_timestamp_format of the profile must be iso8601 or wire";
                return Err(Failure::Setting(reason.to_owned()));
            }
        };
        if let To::Pager(line) = &mut self.to {
            *line = pager(property("cli_pager"));
        }
        Ok(())
    }

    /// Whether pages are printed as they arrive.
    pub(crate) fn is_streamed(&self) -> bool {
        matches!(self.format, Format::Text | Format::YamlStream)
    }

    /// Prints a result or a page. Returns whether the reader wants more.
    ///
    /// # Errors
    /// Returns an error if the query cannot be evaluated or the result cannot be written.
    pub(crate) fn print(&mut self, tree: Tree) -> Result<bool, Failure> {
        let tree = match &self.query {
            Some(query) => query.search(&tree).map_err(Failure::Query)?,
            None => tree,
        };
        let is_nothing = tree.members().is_some_and(<[_]>::is_empty);
        let text = match self.format {
            Format::Off => return Ok(true),
            Format::Text => text::text(&tree),
            Format::Table => table::table(&self.title, &tree, terminal::width(), self.is_colored)
                .unwrap_or_default(),
            _ if is_nothing => String::new(),
            Format::Json => json(&tree),
            Format::Yaml => yaml::yaml(&tree),
            Format::YamlStream => yaml::yaml(&[tree].into_iter().collect()),
        };
        self.write(&text)
    }

    /// Writes text to the pager or to stdout. Returns whether the reader wants more.
    ///
    /// # Errors
    /// Returns an error if the pager cannot be run or the text cannot be written.
    pub(crate) fn write(&mut self, text: &str) -> Result<bool, Failure> {
        if text.is_empty() {
            return Ok(true);
        }
        line::clear();
        let written = match &mut self.to {
            To::Stdout => stdout().and_then(|mut stdout| write(&mut stdout, text)),
            To::Running(pager) => write(pager, text),
            To::Pager(line) if line.is_empty() => {
                stdout().and_then(|mut stdout| write(&mut stdout, text))
            }
            To::Pager(line) => {
                let mut pager = Pager::start(line)?;
                let written = write(&mut pager, text);
                self.to = To::Running(pager);
                written
            }
        };
        match written {
            Ok(()) => Ok(true),
            // A reader that closes the pipe, such as `head`, is not an error.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(Failure::Io("cannot print the result".to_owned(), error)),
        }
    }
}

/// Stdout as a file. The standard library's own ignores that it cannot be written to. If it was closed by
/// the caller, it is /dev/null by now, as the standard library opens that before `main`.
#[cfg(unix)]
fn stdout() -> io::Result<impl Write> {
    use std::os::fd::AsFd as _;
    io::stdout().as_fd().try_clone_to_owned().map(std::fs::File::from)
}

#[cfg(not(unix))]
fn stdout() -> io::Result<impl Write> {
    Ok(io::stdout())
}

fn write(to: &mut impl Write, text: &str) -> io::Result<()> {
    to.write_all(text.as_bytes())?;
    to.flush()
}

/// Writes the text at once, with control characters escaped.
///
/// # Errors
/// Returns the error of the writer. A reader that has closed the pipe is not an error.
pub(crate) fn announce(to: &mut impl Write, text: &str) -> io::Result<()> {
    match write(&mut Escaping(to), text) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// The pager's command line, empty if there is none.
fn pager(preferred: Option<&str>) -> String {
    Pager::command(|name| env::var(name).ok(), preferred)
}

/// The format of the flag, else of the variable.
fn chosen(
    flag: Option<&str>,
    var: impl Fn(&str) -> Option<String>,
) -> Result<Option<Format>, Failure> {
    let variable = var(DEFAULT_OUTPUT).filter(|name| !name.is_empty());
    flag.or(variable.as_deref()).map(|name| named(name, DEFAULT_OUTPUT)).transpose()
}

fn named(name: &str, setting: &str) -> Result<Format, Failure> {
    let found = FORMATS.iter().find(|(known, _)| *known == name);
    found.map(|(_, format)| *format).ok_or_else(|| {
        let names = FORMATS.map(|(name, _)| name).join(", ");
        Failure::Setting(format!("{setting} must be one of {names}"))
    })
}

#[cfg(test)]
mod tests;
