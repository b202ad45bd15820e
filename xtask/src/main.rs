//! All automation of the workspace: `cargo xtask <command>`.
#![allow(clippy::print_stdout, reason = "a command for the terminal")]

mod api;
mod ci;
mod codegen;
mod import;
mod interop;
mod invariants;
mod package;
mod page;
mod server;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The result of a command, with a human-readable error.
type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

const USAGE: &str = "\
usage: cargo xtask <command>

  codegen [--check]   write the generated files; with --check, fail if some are stale
  import FILE         import a newer API description: service-2.json, plain, .gz or in a botocore wheel
  ci [STEP]           run the whole check, or one step of it
  interop [DRIVER]    run real clients against the local Chime, and compare the command with botocore;
                      needs python3 with venv, and node with npm
  invariants          check the rules of ARCHITECTURE.md about dependencies and files
  package             pack every crate as for publishing, without building or uploading it
  page                test the page of a local Chime in a real browser: $CHROME, or one in PATH";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match args[..] {
        ["codegen"] => codegen::run(codegen::Mode::Write),
        ["codegen", "--check"] => codegen::run(codegen::Mode::Check),
        ["import", file] => import::run(Path::new(file)),
        ["ci"] => ci::run(None),
        ["ci", step] => ci::run(Some(step)),
        ["interop"] => interop::run(None),
        ["interop", driver] => interop::run(Some(driver)),
        ["invariants"] => invariants::run(),
        ["package"] => package::run(),
        ["page"] => page::run(),
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}
