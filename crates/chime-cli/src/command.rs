//! The command line: every operation of the tables, with a flag for each member.

mod global;
#[cfg(test)]
mod tests;

use std::ffi::OsString;

use chime_client::model::OperationInfo;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command};

pub(crate) use self::global::refuse;
use self::global::{global_flags, with_hidden_globals};
use crate::complete::script;
use crate::failure::EXIT_CODES;
use crate::flags::{SKELETON, STATE, documents, member_flags, page_flags};
use crate::names::kebab;
use crate::services::{CHIME, SERVICES, find};
use crate::{bulk, help, local, man, serve, skeleton, wait};

/// Parses a command line.
///
/// clap copies the global flags to every subcommand, which would dominate the start-up time. So only
/// the subcommands that a word names are built, and all of them only for an error or a help text.
///
/// # Errors
/// Returns what clap returns: help and version too.
pub(crate) fn parsed(words: &[OsString]) -> Result<ArgMatches, clap::Error> {
    let is_named = |name: &str| words.iter().skip(1).any(|word| word == name);
    build(Some(&is_named))
        .try_get_matches_from(words)
        .or_else(|_| command().try_get_matches_from(words))
}

/// Builds the whole command. The flags of an operation are built only when it is called or asked
/// for help.
pub(crate) fn command() -> Command {
    build(None)
}

/// Says which subcommands are built; `None` for all of them.
type Filter<'a> = Option<&'a dyn Fn(&str) -> bool>;

fn build(filter: Filter<'_>) -> Command {
    let is_built = |name: &str| filter.is_none_or(|is_named| is_named(name));
    // These make no calls. They accept the global flags, but their help does not list them.
    let without_calls = [
        (serve::NAME, serve::command as fn() -> _),
        (local::NAME, local::command),
        (man::NAME, man::command),
        (script::NAME, script::command),
    ];
    let without_calls = without_calls.into_iter().filter(|(name, _)| is_built(name));
    Command::new("chime")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Amazon Chime and the Amazon Chime SDK from the shell, with the operations and flags of `aws`")
        .after_help(EXIT_CODES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_value_name("OPERATION")
        .subcommand_help_heading("Operations")
        // No wrapping: tools find the summary on the line of its operation.
        .term_width(0)
        .args_override_self(true)
        .args(global_flags())
        .subcommands(operations::<CHIME>(filter))
        // `aws chime list-accounts` may have become `chime chime list-accounts`.
        .subcommands(services(filter).map(|service| {
            let is_chime = service.get_name() == SERVICES[CHIME].0;
            service.hide(is_chime)
        }))
        .subcommands(is_built(wait::NAME).then(wait::command))
        .subcommands(is_built(bulk::NAME).then(|| bulk::command(services(filter))))
        .subcommands(without_calls.map(|(_, command)| with_hidden_globals(command())))
}

/// The commands of the services that are built.
fn services(filter: Filter<'_>) -> impl Iterator<Item = Command> {
    let services: [_; SERVICES.len()] = [
        service::<CHIME>(filter),
        service::<1>(filter),
        service::<2>(filter),
        service::<3>(filter),
        service::<4>(filter),
        service::<5>(filter),
    ];
    services.into_iter().flatten()
}

/// The command of a service, if it is built.
fn service<const SERVICE: usize>(filter: Filter<'_>) -> Option<Command> {
    let (name, aws_name, api) = SERVICES[SERVICE];
    let command = Command::new(name)
        .visible_aliases((name != aws_name).then_some(aws_name))
        .about(format!("The {} operations of {}", api.operations.len(), api.service.id));
    match filter {
        None => Some(command.defer(|command| with_operations::<SERVICE>(command, None))),
        Some(is_named) if is_named(name) || is_named(aws_name) => {
            Some(with_operations::<SERVICE>(command, filter))
        }
        Some(_) => None,
    }
}

fn with_operations<const SERVICE: usize>(command: Command, filter: Filter<'_>) -> Command {
    command
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_value_name("OPERATION")
        .subcommand_help_heading("Operations")
        .term_width(0)
        .subcommands(operations::<SERVICE>(filter))
}

fn operations<const SERVICE: usize>(filter: Filter<'_>) -> impl Iterator<Item = Command> {
    let (_, _, api) = SERVICES[SERVICE];
    api.operations.iter().filter_map(move |info| {
        let name = kebab(info.name);
        let is_built = filter.is_none_or(|is_named| is_named(&name));
        // The whole command is built to print help, or an error.
        let flags = if filter.is_none() { with_help::<SERVICE> } else { with_flags::<SERVICE> };
        is_built.then(|| Command::new(name).about(summary(info)).defer(flags))
    })
}

fn summary(info: &OperationInfo) -> &'static str {
    info.doc.lines().next().unwrap_or_default()
}

/// Adds the flags of the operation that the command is named after.
fn with_flags<const SERVICE: usize>(command: Command) -> Command {
    let Some(info) = find(SERVICES[SERVICE].2, command.get_name()) else { return command };
    let skeleton = Arg::new(SKELETON)
        .long(SKELETON)
        .value_name("KIND")
        .num_args(0..=1)
        .default_missing_value(skeleton::INPUT)
        .value_parser(PossibleValuesParser::new([
            skeleton::INPUT,
            skeleton::YAML_INPUT,
            skeleton::OUTPUT,
        ]))
        .help("Print a template of the input, or a sample of the output, and send nothing");
    // If a member has the name of the flag for the state of --local, the flag is renamed. Before the
    // operation it keeps its name.
    let collides = info.input.members.iter().any(|member| kebab(member.name) == STATE);
    let command = match collides {
        true => command.mut_arg(STATE, |flag| flag.long("local-state")),
        false => command,
    };
    command
        .long_about(info.doc)
        .args_override_self(true)
        .next_line_help(true)
        .args(info.input.members.iter().flat_map(member_flags))
        .args(info.paging.iter().flat_map(page_flags))
        .args(documents())
        .arg(skeleton)
}

/// As [`with_flags`], with the additional texts of the help.
fn with_help<const SERVICE: usize>(command: Command) -> Command {
    match find(SERVICES[SERVICE].2, command.get_name()) {
        Some(info) => help::described(with_flags::<SERVICE>(command), info),
        None => command,
    }
}
