//! `chime wait`: polls until a resource reaches a state.

use std::time::Duration;

use chime_client::WaitError;
use chime_client::model::check;
use chime_client::model::waiter::{self, WaiterInfo};
use clap::{ArgMatches, Command};

use crate::failure::{Failure, GENERAL};
use crate::names::kebab;
use crate::output::Output;
use crate::services::SERVICES;
use crate::tree::Tree;
use crate::{connect, flags, help, input};

/// The name of the command.
pub(crate) const NAME: &str = "wait";

const TIMEOUT: &str = "timeout";
const INTERVAL: &str = "interval";

const DEFAULT_TIMEOUT: u32 = 600;

pub(crate) fn command() -> Command {
    Command::new(NAME)
        .about("Waits until a resource reaches a state, such as a fulfilled order")
        .long_about(
            "Waits until a resource reaches a state: repeats the call that reads the resource, and prints \
             the last response.

Exits with 255 if the resource reaches a state that rules out the awaited one, if a call fails, \
             and on timeout.",
        )
        .defer(|command| {
            command
                .subcommand_required(true)
                .arg_required_else_help(true)
                .subcommand_value_name("SERVICE")
                .subcommand_help_heading("Services")
                .subcommands(SERVICES.iter().filter_map(|(name, aws_name, api)| {
                    let waiters: Vec<_> = waiters(api.service.id).map(waiter_command).collect();
                    let service = Command::new(*name)
                        .visible_aliases((name != aws_name).then_some(*aws_name))
                        .about(format!("The waiters of {}", api.service.id))
                        .subcommand_required(true)
                        .arg_required_else_help(true)
                        .subcommand_value_name("WAITER")
                        .subcommand_help_heading("Waiters");
                    (!waiters.is_empty()).then(|| service.subcommands(waiters))
                }))
        })
}

/// The waiters of a service.
pub(crate) fn waiters(service: &str) -> impl Iterator<Item = &'static WaiterInfo> {
    waiter::all().filter(move |waiter| waiter.operation.service.id == service)
}

fn waiter_command(waiter: &WaiterInfo) -> Command {
    Command::new(kebab(waiter.name)).about(waiter.doc).defer(with_flags)
}

/// Adds the flags of the waiter that the command is named after.
fn with_flags(command: Command) -> Command {
    let Some(waiter) = find(command.get_name()) else { return command };
    let timeout = flags::number::<u32>(TIMEOUT).value_name("SECONDS");
    let interval = flags::number::<u32>(INTERVAL).value_name("SECONDS");
    let command = command
        .args_override_self(true)
        .next_line_help(true)
        .args(waiter.operation.input.members.iter().flat_map(flags::member_flags))
        .args(flags::documents())
        .arg(timeout.help(format!("Total time to wait [default: {DEFAULT_TIMEOUT}]")))
        .arg(interval.help(
            "Longest pause between two calls [default: 2 after the first call, doubling up to 60]",
        ));
    help::described(command, waiter.operation)
}

/// Finds a waiter by the name of its command. No two services have a waiter of the same name.
fn find(name: &str) -> Option<&'static WaiterInfo> {
    waiter::all().find(|waiter| kebab(waiter.name) == name)
}

/// Waits and prints the last response.
///
/// # Errors
/// Returns an error if the input is invalid, and if the wait ends without the awaited state.
pub(crate) async fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let Some((waiter, given)) = named(matches) else { return Ok(()) };
    let info = waiter.operation;
    let mut output = Output::new(info.name, given)?;
    let input = input::read(info, given)?;
    check(info.input, &input).map_err(|violations| Failure::Invalid(info, violations))?;
    let client = connect::client(info.service, given, &mut output).await?;
    let seconds = |flag| given.get_one::<u32>(flag).copied();
    let timeout = seconds(TIMEOUT).unwrap_or(DEFAULT_TIMEOUT);
    let mut wait = client.wait_call(input).timeout(Duration::from_secs(timeout.into()));
    if let Some(interval) = seconds(INTERVAL) {
        let pause = Duration::from_secs(interval.into());
        wait = wait.pauses(pause, pause);
    }
    // For the status line and the log of --debug.
    tracing::debug!(waiter = waiter.name, "waiting");
    let result = wait.for_info(waiter).await.map_err(|error| failure(waiter, timeout, error))?;
    let tree = info.output.map(|structure| Tree::of(structure, result, output.times));
    tree.map_or(Ok(()), |tree| output.print(tree).map(drop))
}

/// The waiter that is named, with its flags.
fn named(matches: &ArgMatches) -> Option<(&'static WaiterInfo, &ArgMatches)> {
    let (name, given) = matches.subcommand()?.1.subcommand()?;
    Some((find(name)?, given))
}

/// The AWS CLI exits with 255 whatever ends a wait.
fn failure(waiter: &WaiterInfo, timeout: u32, error: WaitError) -> Failure {
    let reason = match error {
        WaitError::Call(error) => Failure::call(waiter.operation, error).to_string(),
        WaitError::State { state, .. } => {
            format!("the resource is in state {state}, which never becomes {}", awaited(waiter))
        }
        error @ WaitError::Timeout { .. } => {
            format!("{error} ({timeout} s); pass a longer --timeout")
        }
        error => error.to_string(),
    };
    Failure::Other { code: GENERAL, message: format!("Waiter {} failed: {reason}", waiter.name) }
}

fn awaited(waiter: &WaiterInfo) -> String {
    waiter.success.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_waiter_has_a_command_with_the_flags_of_its_operation() {
        let mut count = 0;
        for waiter in waiter::all() {
            let (service, ..) = SERVICES
                .iter()
                .find(|(_, _, api)| api.service.id == waiter.operation.service.id)
                .unwrap();
            let mut line = vec!["wait".to_owned(), (*service).to_owned(), kebab(waiter.name)];
            for member in waiter.operation.input.members {
                line.extend([format!("--{}", kebab(member.name)), "id".to_owned()]);
            }
            line.extend(["--timeout=5", "--interval", "1"].map(str::to_owned));
            let matches = command().try_get_matches_from(&line).unwrap();
            let (found, given) = named(&matches).unwrap();
            assert_eq!(found.name, waiter.name);
            assert_eq!(given.get_one::<u32>(TIMEOUT), Some(&5));
            count += 1;
        }
        assert_eq!(count, 9);
        command().debug_assert();
    }
}
