//! `chime complete`: what can stand at the cursor, for the completion script of a shell.
//!
//! The script calls back, so that it is the same for every version and for all operations.

mod profiles;
pub(crate) mod script;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, Write as _};

use chime_client::model::{Api, Shape};
use clap::{Arg, ArgAction, Command};

use crate::flags::{self, PROFILE, REGION};
use crate::man;
use crate::words::HELP;

/// The name of the command that the scripts call.
const NAME: &str = "complete";

/// The flag for the word at the cursor. A shell may drop an empty argument, but not this flag.
const WORD: &str = "--word=";

/// Answers a completion script: prints a candidate per line. Returns false if the command line, without
/// the name of the program, is not that of a script.
pub(crate) fn answered(words: impl IntoIterator<Item = OsString>) -> bool {
    let words: Vec<_> = words.into_iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let [name, word, previous @ ..] = words.as_slice() else { return false };
    let (NAME, Some(word)) = (name.as_str(), word.strip_prefix(WORD)) else { return false };
    let previous: Vec<&str> = previous.iter().map(String::as_str).collect();
    let found = candidates(&previous, word, profiles::names);
    // A line break or an escape sequence in a name must not reach the shell.
    let found = found.iter().filter(|text| !text.contains(char::is_control));
    let lines: String = found.flat_map(|text| [text, "\n"]).collect();
    // Fails only if the shell left.
    let _ = io::stdout().lock().write_all(lines.as_bytes());
    true
}

/// Returns the words that can stand at the cursor and start with `word`: commands, flags or the values
/// of a flag. None stands for any text, such as a file name. `previous` are the words after `chime`
/// and before the cursor.
fn candidates(
    previous: &[&str],
    word: &str,
    profiles: impl FnOnce() -> Vec<String>,
) -> Vec<String> {
    let mut place = Place::start();
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

/// A place in a command line.
struct Place {
    root: Command,
    /// The names of the commands below the root, up to the innermost one.
    path: Vec<String>,
    /// The innermost command, with its flags.
    command: Command,
    /// The flag whose value comes next.
    open: Option<Arg>,
}

impl Place {
    fn start() -> Self {
        let root = flags::command();
        let mut place = Self { command: root.clone(), root, path: Vec::new(), open: None };
        place.build();
        place
    }

    /// Builds the commands on the path, and no others: clap does so when it parses their names.
    fn build(&mut self) {
        if let Some(command) = innermost(&mut self.root, &self.path) {
            self.command = command.clone();
        }
    }

    /// Moves behind a word.
    fn advance(&mut self, word: &str) {
        if word.starts_with("--") {
            self.open = self.flag(word).filter(|flag| takes_value(flag)).cloned();
        } else if let Some(flag) = &self.open {
            let is_list = flag.get_num_args().is_some_and(|count| count.max_values() > 1);
            self.open.take_if(|_| !is_list);
        } else if self.path.is_empty() && [HELP, man::NAME].contains(&word) {
            // The names of commands follow, as without the word.
        } else if let Some(inner) = self.command.find_subcommand(word) {
            self.path.push(inner.get_name().to_owned());
            self.build();
        }
    }

    /// The flag of a word such as `--name`.
    fn flag(&self, word: &str) -> Option<&Arg> {
        let name = word.strip_prefix("--")?;
        self.command.get_arguments().find(|flag| flag.get_long() == Some(name))
    }

    /// The flags that are not hidden, without those that were given and cannot be repeated.
    fn flags(&self, previous: &[&str]) -> Vec<String> {
        let shown = self.command.get_arguments().filter(|flag| !flag.is_hide_set());
        let names = shown.filter_map(|flag| {
            let name = format!("--{}", flag.get_long()?);
            let is_open = matches!(flag.get_action(), ArgAction::Append)
                || !previous.iter().any(|word| word.split('=').next() == Some(&name));
            is_open.then_some(name)
        });
        names.collect()
    }

    /// The names of the commands that can come next, or the values of an argument without a flag.
    fn names(&self) -> Vec<String> {
        let shown = self.command.get_subcommands().filter(|command| !command.is_hide_set());
        let names = shown.flat_map(|command| {
            [command.get_name()].into_iter().chain(command.get_visible_aliases())
        });
        names.map(str::to_owned).chain(self.command.get_positionals().flat_map(possible)).collect()
    }

    fn values(&self, flag: &Arg, profiles: impl FnOnce() -> Vec<String>) -> Vec<String> {
        match flag.get_id().as_str() {
            PROFILE => profiles(),
            REGION => self.regions(),
            member => match self.shape(member) {
                Some(Shape::Enumeration(names)) => {
                    names.values.iter().map(|name| (*name).to_owned()).collect()
                }
                _ => possible(flag),
            },
        }
    }

    /// The service that is called.
    fn api(&self) -> Option<&'static Api> {
        let named = self.path.iter().find_map(|name| {
            flags::SERVICES.iter().find(|(own, ..)| own == name).map(|(_, _, api)| *api)
        });
        // The operations of Amazon Chime stand beside the names of the others.
        let (_, _, chime) = flags::SERVICES[flags::CHIME];
        named.or_else(|| flags::find(chime, self.path.first()?).map(|_| chime))
    }

    /// The regions of the service, or of all services.
    fn regions(&self) -> Vec<String> {
        let services = match self.api() {
            Some(api) => vec![api.service],
            None => flags::SERVICES.iter().map(|(_, _, api)| api.service).collect(),
        };
        let all: BTreeSet<&str> = services
            .into_iter()
            .flat_map(|service| service.regions.iter().copied().chain(service.global_region))
            .collect();
        all.into_iter().map(str::to_owned).collect()
    }

    /// The shape of a member of the operation, or that of its items.
    fn shape(&self, member: &str) -> Option<&'static Shape> {
        let info = flags::find(self.api()?, self.path.last()?)?;
        match info.input.member(member)?.shape {
            Shape::List(list) => Some(list.item),
            shape => Some(shape),
        }
    }
}

fn takes_value(flag: &Arg) -> bool {
    flag.get_action().takes_values()
}

fn possible(arg: &Arg) -> Vec<String> {
    arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect()
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
