//! The `chime` command: Amazon Chime from the shell, with the conventions of the AWS CLI.
//!
//! The operations and their flags come from the table of the model. There is no code for a single
//! operation here.

mod bulk;
#[cfg(feature = "aws-config")]
mod chain;
mod command;
mod complete;
mod connect;
mod documents;
mod failure;
mod flags;
mod help;
mod input;
mod local;
mod log;
mod man;
mod names;
mod output;
mod pager;
mod pages;
mod profile;
mod query;
mod run;
mod serve;
mod services;
mod shapes;
mod similar;
mod skeleton;
mod status;
mod terminal;
mod tree;
mod usage;
mod wait;
mod words;

use std::io;
use std::panic;
use std::process::ExitCode;

use clap::ArgMatches;
use tokio::runtime::Builder;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

use crate::failure::Failure;

fn main() -> ExitCode {
    hide_database_panics();
    if complete::answered(std::env::args_os().skip(1), command::command) {
        return ExitCode::SUCCESS;
    }
    let words = words::adapted(std::env::args_os());
    let matches = match command::parsed(&words) {
        Ok(matches) => matches,
        Err(error) => return usage::report(&error, &words),
    };
    match dispatch(&matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// Prints no panic of the database in a state file. It panics if the file is damaged, which chime-local
/// catches and returns as an error.
fn hide_database_panics() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if info.location().is_none_or(|at| !at.file().contains("redb")) {
            print(info);
        }
    }));
}

fn dispatch(matches: &ArgMatches) -> Result<(), Failure> {
    // clap requires an operation, so there always is one.
    let Some((name, given)) = matches.subcommand() else { return Ok(()) };
    command::refuse(given)?;
    if given.get_flag(flags::DEBUG) {
        trace();
    }
    match name {
        complete::script::NAME => return complete::script::run(given),
        man::NAME => return man::run(given, command::command()),
        _ => {}
    }
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Io("cannot start".to_owned(), error))?;
    let result = runtime.block_on(async {
        match services::operation(matches) {
            Some((info, given)) => status::watched(given, run::run(info, given)).await,
            None if name == bulk::NAME => bulk::run(given).await,
            None if name == wait::NAME => status::watched(given, wait::run(given)).await,
            None if name == local::NAME => local::run(given).await,
            None => serve::run(given).await,
        }
    });
    // A DNS lookup runs in a thread and can hang. Do not wait for it.
    runtime.shutdown_background();
    result
}

/// Writes the events of this project's crates to stderr.
fn trace() {
    let ours = Targets::new().with_target("chime", LevelFilter::DEBUG);
    // If stderr is closed, there is nowhere to report it.
    let lines =
        fmt::layer().with_writer(|| terminal::Escaping(io::stderr())).log_internal_errors(false);
    let _ = tracing_subscriber::registry().with(lines.with_filter(ours)).try_init();
}
