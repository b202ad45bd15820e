//! Runs real clients against the emulator, and compares the command with botocore.
//!
//! boto3, the AWS CLI and the official Rust crates each run the scenarios in `xtask/interop` against their own
//! `chime serve`. They call every operation, provoke every exception of its services, and fail on the first
//! response that differs from the service's. The SDK for JavaScript does the same for the services that it has.
//! The driver `wire` compares the command's requests and its reading of responses with botocore's, for all
//! operations of all services.

mod install;
mod javascript;
mod python;

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::server::{self, Server};
use crate::{Result, ci};

/// A program whose last line of output is read by [`Report::parse`].
struct Driver {
    name: &'static str,
    subject: Subject,
    /// Builds or installs the program.
    prepare: fn(&Places) -> Result<Command>,
}

/// What a driver tests, which determines its first argument.
#[derive(Clone, Copy, PartialEq)]
enum Subject {
    /// The URL of a local Chime, for a driver that calls every operation of every service.
    Server,
    /// The URL of a local Chime, for a driver that does not have all services.
    ServerInPart,
    /// The path of the command.
    Command,
}

const DRIVERS: &[Driver] = &[
    Driver {
        name: "boto3",
        subject: Subject::Server,
        prepare: |places| python::script(places, "boto3_life.py"),
    },
    Driver {
        name: "awscli",
        subject: Subject::Server,
        prepare: |places| python::script(places, "awscli_calls.py"),
    },
    Driver { name: "aws-sdk-chime", subject: Subject::Server, prepare: official_crates },
    Driver { name: "aws-sdk-js", subject: Subject::ServerInPart, prepare: javascript::scripts },
    Driver {
        name: "wire",
        subject: Subject::Command,
        prepare: |places| python::script(places, "wire_beside.py"),
    },
];

/// The folders that drivers use.
struct Places {
    /// The folder of the scenarios.
    scenarios: PathBuf,
    /// The folder for build output and installed packages.
    target: PathBuf,
}

impl Places {
    fn find() -> Result<Self> {
        let target = server::path()?.ancestors().nth(2).ok_or("no target folder")?.join("interop");
        Ok(Self { scenarios: crate::root().join("xtask/interop"), target })
    }
}

/// Runs all drivers, or the driver with this name.
pub(crate) fn run(name: Option<&str>) -> Result<()> {
    let drivers = chosen(name)?;
    let places = Places::find()?;
    let commands: Vec<Command> =
        drivers.iter().map(|driver| (driver.prepare)(&places)).collect::<Result<_>>()?;
    server::build()?;
    fs::create_dir_all(&places.target)?;

    let mut operations = None;
    for (Driver { name, subject, .. }, command) in drivers.iter().zip(commands) {
        let begun = Instant::now();
        let report = match subject {
            Subject::Server | Subject::ServerInPart => {
                let log = places.target.join(format!("{name}.log"));
                against_a_server(command, &places, &log)
                    .map_err(|error| format!("{name}: {error}\n{}", last_requests(&log)))?
            }
            Subject::Command => drive(command, server::path()?.as_os_str(), &places.target)
                .map_err(|error| format!("{name}: {error}"))?,
        };
        let Report { operations: called, errors } = report;
        println!(
            "{name}: {called} operations called, {errors} errors provoked, {:.1} s",
            begun.elapsed().as_secs_f32()
        );
        // The official crates have no list of operations, so compare them with the Python drivers, which do.
        if *subject == Subject::Server && called != *operations.get_or_insert(called) {
            return Err(format!("{name}: did not call as many operations as the others").into());
        }
    }
    Ok(())
}

fn chosen(name: Option<&str>) -> Result<Vec<&'static Driver>> {
    let Some(name) = name else { return Ok(DRIVERS.iter().collect()) };
    match DRIVERS.iter().find(|driver| driver.name == name) {
        Some(driver) => Ok(vec![driver]),
        None => {
            let names: Vec<_> = DRIVERS.iter().map(|driver| driver.name).collect();
            Err(format!("unknown driver {name}; the drivers are {}", names.join(", ")).into())
        }
    }
}

fn against_a_server(mut command: Command, places: &Places, log: &Path) -> Result<Report> {
    let seed = places.scenarios.join("seed.yaml");
    // Drivers move the clock, so that a slow machine does not change what they find.
    let flags = [OsStr::new("--frozen"), OsStr::new("--seed"), seed.as_os_str()];
    let server = Server::start(flags, File::create(log)?)?;
    command.env("CHIME_LOCAL_CONTROL_TOKEN", server.control_token());
    drive(command, OsStr::new(server.url()), &places.target)
}

/// The last lines of a server's log, to help find the error.
fn last_requests(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.get(lines.len().saturating_sub(10)..).unwrap_or_default();
    format!("the last of {}:\n{}", log.display(), last.join("\n"))
}

/// Runs a driver to its end, without the AWS settings of the environment.
fn drive(mut command: Command, subject: &OsStr, target: &Path) -> Result<Report> {
    let settings = env::vars_os().map(|(name, _)| name);
    for name in settings.filter(|name| is_of_aws(name)) {
        command.env_remove(name);
    }
    let output = command
        .arg(subject)
        .env("AWS_CONFIG_FILE", target.join("no-config"))
        .env("AWS_SHARED_CREDENTIALS_FILE", target.join("no-credentials"))
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(["NO_PROXY", "no_proxy"].map(|name| (name, "127.0.0.1")))
        .stderr(Stdio::inherit())
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("{said}{}", output.status).into());
    }
    Ok(Report::parse(&said).ok_or_else(|| format!("ended with {said:?}"))?)
}

fn is_of_aws(name: &OsStr) -> bool {
    name.to_string_lossy().to_uppercase().starts_with("AWS_")
}

/// The report of a driver.
#[derive(Debug, PartialEq)]
struct Report {
    operations: usize,
    errors: usize,
}

impl Report {
    /// Reads the last line of a driver's output, such as `62 operations, 17 errors`.
    fn parse(said: &str) -> Option<Self> {
        let (operations, errors) = said.trim_end().lines().next_back()?.split_once(", ")?;
        let operations = operations.strip_suffix(" operations")?.parse().ok()?;
        let errors = errors.strip_suffix(" errors")?.parse().ok()?;
        Some(Self { operations, errors })
    }
}

/// Builds the driver of the official crates, in a separate workspace because of its hundred dependencies.
fn official_crates(places: &Places) -> Result<Command> {
    let manifest = places.scenarios.join("aws-sdk-chime/Cargo.toml");
    let of = |command: &[&str]| {
        let mut command = ci::command(command);
        command.arg("--manifest-path").arg(&manifest);
        command
    };
    let built = |command: &str| {
        let mut command = of(&[command, "--quiet", "--locked"]);
        command.arg("--target-dir").arg(places.target.join("aws-sdk-chime"));
        command
    };
    ci::finish(of(&["fmt", "--check"]))?;
    ci::finish(built("build"))?;
    let mut run = built("run");
    run.arg("--");
    Ok(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_driver_is_its_report() {
        let report = Some(Report { operations: 62, errors: 17 });
        assert_eq!(Report::parse("62 operations, 17 errors\n"), report);
        assert_eq!(Report::parse("a warning\n62 operations, 17 errors"), report);
        for wrong in ["", "62 operations", "62 operations, many errors", "17 errors, 62 operations"]
        {
            assert_eq!(Report::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn settings_of_aws_are_recognized() {
        assert!(is_of_aws(OsStr::new("AWS_PROFILE")) && is_of_aws(OsStr::new("aws_region")));
        assert!(!is_of_aws(OsStr::new("PATH")) && !is_of_aws(OsStr::new("LAWS_OF")));
    }

    #[test]
    fn the_error_for_an_unknown_driver_lists_the_drivers() {
        let error = chosen(Some("boto")).err().unwrap().to_string();
        let names = "boto3, awscli, aws-sdk-chime, aws-sdk-js, wire";
        assert_eq!(error, format!("unknown driver boto; the drivers are {names}"));
        assert_eq!(chosen(Some("boto3")).unwrap()[0].name, "boto3");
        assert_eq!(chosen(None).unwrap().len(), DRIVERS.len());
    }
}
