//! Reports command lines that clap does not accept.

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction};

use crate::command::command;
use crate::complete::Place;
use crate::failure::USAGE;
use crate::flags::{CLI_INPUT_JSON, CLI_INPUT_YAML, SKELETON};
use crate::names::kebab;
use crate::services::{CHIME, SERVICES};
use crate::similar::most_similar;
use crate::terminal::tell;
use crate::words::HELP;
use crate::{bulk, local, wait};

/// Flags of all operations, which are not worth listing.
const COMMON: [&str; 4] = [CLI_INPUT_JSON, CLI_INPUT_YAML, SKELETON, HELP];

/// Prints what clap returned for these words: help and version, which are not errors, or the error in
/// the command line.
pub(crate) fn report(error: &clap::Error, words: &[OsString]) -> ExitCode {
    if !error.use_stderr() {
        // Fails only if the reader closed the pipe.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    tell(text(error, words));
    USAGE.into()
}

/// The message for an invalid command line. It replaces the text of clap where that would list every
/// operation, not say what to do, or quote a value that may be private.
fn text(error: &clap::Error, words: &[OsString]) -> String {
    let words: Vec<_> = words.iter().skip(1).map(|word| word.to_string_lossy()).collect();
    let named = |context| match error.get(context) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    let (place, problem) = match error.kind() {
        ErrorKind::MissingSubcommand => {
            let place = place_before(&words, |_| false);
            if place.path == [local::NAME] {
                (place, "missing command; 'chime local --help' lists all of them".to_owned())
            } else {
                let problem = "missing operation; 'chime help' lists all of them";
                (Place::start(command()), problem.to_owned())
            }
        }
        ErrorKind::InvalidSubcommand => {
            let name = named(ContextKind::InvalidSubcommand);
            let place = place_before(&words, |word| word == name);
            let problem = unknown_name(&place, name);
            (place, problem)
        }
        ErrorKind::UnknownArgument => {
            let argument = named(ContextKind::InvalidArg);
            let is_flag = argument.starts_with('-');
            // clap names a word with a single dash by its first letter.
            let place = place_before(&words, |word| {
                word == argument || is_flag && word.starts_with(argument)
            });
            let word = words.get(place.count).map_or(argument, AsRef::as_ref);
            let problem = match is_flag {
                true => unknown_flag(&place, word.split('=').next().unwrap_or(word)),
                false => stray_value(&place, words.get(..place.count).unwrap_or_default()),
            };
            (place, problem)
        }
        ErrorKind::TooManyValues => {
            let argument = named(ContextKind::InvalidArg);
            let place = place_before(&words, |word| word.split('=').next() == Some(argument));
            let problem = no_value(&place, argument);
            (place, problem)
        }
        _ => return error.render().to_string().trim_end().to_owned(),
    };
    let command: String = place.path.iter().flat_map(|name| [" ", name]).collect();
    format!("error: {problem}\n\nFor more information, try 'chime{command} --help'.")
}

/// The place of the first word that `is_it` accepts and that is neither a name nor the value of a flag.
fn place_before(words: &[impl AsRef<str>], is_it: impl Fn(&str) -> bool) -> Place {
    let mut place = Place::start(command());
    for word in words.iter().map(AsRef::as_ref) {
        let is_name = place.command.find_subcommand(word).is_some();
        if is_it(word) && !is_name && (place.open.is_none() || word.starts_with('-')) {
            break;
        }
        place.advance(word);
    }
    place
}

/// A name where an operation, a service or a waiter is expected.
fn unknown_name(place: &Place, name: &str) -> String {
    let path: Vec<&str> = place.path.iter().map(String::as_str).collect();
    let kind = match path.as_slice() {
        [] => "operation or service",
        [wait::NAME | bulk::NAME] => "service",
        [wait::NAME, _] => "waiter",
        [local::NAME, ..] => "command",
        _ => "operation",
    };
    let of = path.last().filter(|_| path != [wait::NAME] && path != [bulk::NAME]);
    let of = of.map(|name| format!(" of {name}")).unwrap_or_default();
    let problem = format!("unknown {kind} '{name}'{of}");
    if let Some(tip) = known_mistake(&path, name) {
        return format!("{problem}\n\n  tip: {tip}");
    }
    // Names at this place come first, so that they win.
    let here = place.names().into_iter().map(|name| {
        let words = path.iter().copied().chain([name.as_str()]).collect::<Vec<_>>().join(" ");
        (name, words)
    });
    let elsewhere = if path.first() == Some(&local::NAME) { Vec::new() } else { elsewhere(&path) };
    let tip = most_similar(name, here.chain(elsewhere), |(name, _)| name);
    match tip {
        Some((_, words)) => format!("{problem}\n\n  tip: did you mean 'chime {words}'?"),
        None => problem,
    }
}

/// The tip for a name that is no misspelling of another one.
fn known_mistake(path: &[&str], name: &str) -> Option<String> {
    let service = || SERVICES.iter().find(|(own, ..)| path == [*own]);
    match name {
        "list-meetings" if !matches!(path, [wait::NAME | local::NAME, ..]) => Some(
            "no operation lists meetings; 'chime local meetings' lists those of a server".into(),
        ),
        // The AWS CLI has `wait` after the service.
        wait::NAME => {
            let (service, _, api) = service()?;
            wait::waiters(api.service.id).next()?;
            Some(format!("did you mean 'chime {name} {service}'?"))
        }
        bulk::NAME => {
            service().map(|(service, ..)| format!("did you mean 'chime {name} {service}'?"))
        }
        _ => None,
    }
}

/// The names of all operations or waiters, each with the words that lead to it.
fn elsewhere(path: &[&str]) -> Vec<(String, String)> {
    let first = path.first().copied();
    let services = SERVICES.iter().enumerate();
    let names = services.flat_map(|(number, (service, _, api))| {
        let (lead, names): (String, Vec<String>) = match first {
            Some(wait::NAME) => {
                let waiters = wait::waiters(api.service.id).map(|waiter| kebab(waiter.name));
                (format!("{} {service} ", wait::NAME), waiters.collect())
            }
            lead => {
                let names = api.operations.iter().map(|info| kebab(info.name)).collect();
                match lead {
                    Some(bulk::NAME) => (format!("{} {service} ", bulk::NAME), names),
                    _ if number == CHIME => (String::new(), names),
                    _ => (format!("{service} "), names),
                }
            }
        };
        names.into_iter().map(move |name| {
            let words = format!("{lead}{name}");
            (name, words)
        })
    });
    names.collect()
}

/// A flag that the command does not have.
fn unknown_flag(place: &Place, flag: &str) -> String {
    let dashes = flag.starts_with("--");
    let name = flag.trim_start_matches('-');
    let known = || place.command.get_arguments().filter(|flag| !flag.is_hide_set());
    let similar = most_similar(name, known().filter_map(Arg::get_long), |name| name);
    let open = place.open.as_ref().and_then(Arg::get_long);
    match (dashes, similar, open) {
        (true, Some(similar), _) => {
            format!("unknown flag '{flag}'\n\n  tip: did you mean '--{similar}'?")
        }
        (true, None, Some(open)) => {
            format!("unknown flag '{flag}'; if it is the value of --{open}, write --{open}=<value>")
        }
        (true, None, None) => {
            let is_common = |flag: &Arg| COMMON.iter().any(|common| flag.get_id() == common);
            let own = known().filter(|flag| flag.get_help_heading().is_none() && !is_common(flag));
            let own: Vec<_> =
                own.filter_map(|flag| Some(format!("--{}", flag.get_long()?))).collect();
            match place.path.last() {
                Some(command) if !own.is_empty() => format!(
                    "unknown flag '{flag}'\n\n  tip: the flags of {command} are {}",
                    own.join(", ")
                ),
                _ => format!("unknown flag '{flag}'"),
            }
        }
        // It may be a value.
        (false, _, Some(open)) => {
            format!("the value of --{open} starts with a dash: write --{open}=<value>")
        }
        (false, Some(similar), None) => {
            format!("a flag starts with two dashes: did you mean '--{similar}'?")
        }
        (false, None, None) => "unknown flag with a single dash".to_owned(),
    }
}

/// A value that belongs to no flag. It is not quoted, as it may be private.
fn stray_value(place: &Place, previous: &[impl AsRef<str>]) -> String {
    let last = previous.iter().rev().map(AsRef::as_ref).find(|word| word.starts_with("--"));
    let last = last.and_then(|word| place.flag(word.split('=').next().unwrap_or(word)));
    match last.and_then(|flag| Some((flag, flag.get_long()?))) {
        Some((flag, name)) if !flag.get_action().takes_values() => no_value(place, name),
        Some((_, name)) => format!(
            "unexpected argument after the value of --{name}: put quotes around a value with spaces"
        ),
        None => {
            let command = place.path.last().map_or("chime", String::as_str);
            format!("unexpected argument after '{command}': write each value after its flag")
        }
    }
}

/// A value for a flag that takes none.
fn no_value(place: &Place, flag: &str) -> String {
    let name = flag.trim_start_matches('-');
    let opposite = format!("--no-{name}");
    let is_switch = |flag: &Arg| matches!(flag.get_action(), ArgAction::SetTrue);
    match place.flag(&opposite).is_some_and(is_switch) {
        true => format!("--{name} takes no value: write --{name} or {opposite}"),
        false => format!("--{name} takes no value"),
    }
}
