//! `chime local`: controls a running local Chime through its control endpoint.

mod control;
mod duration;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::{Value, json};

use self::control::Control;
use self::duration::seconds;
use crate::failure::Failure;
use crate::output::announce;

/// The name of the command.
pub(crate) const NAME: &str = "local";

const URL: &str = "url";
const FILE: &str = "file";
const SNAPSHOT: &str = "name";
const TIME: &str = "time";
const BY: &str = "duration";
const DOMAIN: &str = "domain";
const AFTER: &str = "after";
const MEETING: &str = "meeting-id";
const ATTENDEE: &str = "attendee-id";
const ACTION: &str = "action";

pub(crate) fn command() -> Command {
    Command::new(NAME)
        .about("Controls a running local Chime: its state, clock, faults and events")
        .long_about(
            "Controls a running local Chime: its state, clock, faults and events.

The control token is read from CHIME_LOCAL_CONTROL_TOKEN or, if that is unset or the server refuses \
             it, from the file that `chime serve` writes. Only the user who runs the server can read the file.",
        )
        .arg(
            Arg::new(URL).long(URL).global(true).value_name("URL").help(
                "URL of the server [default: AWS_ENDPOINT_URL_CHIME, or http://127.0.0.1:24463]",
            ),
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([
            Command::new("seed")
                .about("Adds seeds from JSON or YAML files")
                .arg(file("Seeds to add").num_args(1..).required(true)),
            Command::new("export")
                .about("Writes the current state as a seed")
                .arg(file("File to write [default: stdout]")),
            Command::new("reset").about("Restores the initial state"),
            Command::new("snapshot")
                .about("Takes a snapshot, or without a name lists the snapshots")
                .arg(snapshot()),
            Command::new("restore").about("Restores a snapshot").arg(snapshot().required(true)),
            clock(),
            faults(),
            Command::new("domains").about("Manages domains").subcommand_required(true).subcommand(
                Command::new("release")
                    .about("Releases a domain, which suspends its users")
                    .arg(text(DOMAIN, "Domain, such as example.com")),
            ),
            Command::new("events").about("Lists the events that the services delivered").arg(
                Arg::new(AFTER)
                    .long(AFTER)
                    .value_name("N")
                    .value_parser(value_parser!(u64))
                    .help("Only the events after this sequence number"),
            ),
            Command::new("meetings")
                .about("Lists the SDK meetings with their attendees and who is connected"),
            Command::new("attendee")
                .about("Simulates an attendee: join, leave, drop, start video, share content, …")
                .arg(text(MEETING, "Id of the meeting"))
                .arg(text(ATTENDEE, "Id of the attendee"))
                .arg(text(
                    ACTION,
                    "join, leave, drop, video-start, video-stop, content-join, content-leave, \
                     content-drop, content-video-start or content-video-stop",
                )),
        ])
}

fn text(id: &'static str, help: &'static str) -> Arg {
    Arg::new(id).required(true).help(help)
}

fn file(help: &'static str) -> Arg {
    Arg::new(FILE).value_name("FILE").value_parser(value_parser!(PathBuf)).help(help)
}

fn snapshot() -> Arg {
    Arg::new(SNAPSHOT).value_name("NAME").help("Name of the snapshot")
}

fn clock() -> Command {
    Command::new("clock")
        .about("Shows or changes the clock")
        .subcommand(Command::new("freeze").about("Stops the clock"))
        .subcommand(Command::new("run").about("Makes the clock run again"))
        .subcommand(
            Command::new("set")
                .about("Sets the clock")
                .arg(text(TIME, "Such as 2025-03-05T12:00:00Z")),
        )
        .subcommand(
            Command::new("advance").about("Moves the clock").arg(
                Arg::new(BY)
                    .required(true)
                    .allow_hyphen_values(true)
                    .value_parser(seconds)
                    .help("Seconds, or a duration such as 90s, 5m, 1h or 7d; negative to go back"),
            ),
        )
}

fn faults() -> Command {
    Command::new("faults")
        .about("Shows or sets the fault rules")
        .subcommand(Command::new("clear").about("Removes all fault rules"))
        .subcommand(
            Command::new("set")
                .about("Sets the fault rules")
                .arg(file("JSON or YAML file with the rules").required(true)),
        )
}

/// Sends requests to the control endpoint, and prints the document in the response.
///
/// # Errors
/// Returns an error if the server cannot be reached or refuses the request, or if a file cannot be
/// read or written.
pub(crate) async fn run(given: &ArgMatches) -> Result<(), Failure> {
    let Some((verb, given)) = given.subcommand() else { return Ok(()) };
    let control = Control::find(given.get_one::<String>(URL).map(String::as_str)).await?;
    let file = || given.get_one::<PathBuf>(FILE);
    let text = |id: &str| given.get_one::<String>(id).map(String::as_str).unwrap_or_default();
    let answer = match (verb, given.subcommand()) {
        ("seed", _) => {
            for path in given.get_many::<PathBuf>(FILE).into_iter().flatten() {
                control.post(&["seed"], read(path)?).await?;
            }
            Value::Null
        }
        ("export", _) => {
            let state = control.get("state").await?;
            let Some(path) = file() else { return print(&state) };
            let failed = |error| Failure::file(FILE, path, error);
            fs::write(path, pretty(&state)).map_err(failed)?;
            Value::Null
        }
        ("reset", _) => control.post(&["reset"], Vec::new()).await?,
        ("snapshot", _) if text(SNAPSHOT).is_empty() => control.get("snapshots").await?,
        ("snapshot", _) => control.put(&["snapshots", text(SNAPSHOT)], Vec::new()).await?,
        ("restore", _) => {
            control.post(&["snapshots", text(SNAPSHOT), "restore"], Vec::new()).await?
        }
        ("clock", None) => control.get("clock").await?,
        ("clock", Some(("freeze", _))) => {
            control.put(&["clock"], body(&json!({"Mode": "Frozen"}))).await?
        }
        ("clock", Some(("run", _))) => {
            control.put(&["clock"], body(&json!({"Mode": "Running"}))).await?
        }
        ("clock", Some(("set", given))) => {
            let time = given.get_one::<String>(TIME);
            control.put(&["clock"], body(&json!({ "Now": time }))).await?
        }
        ("clock", Some((_, given))) => {
            let by = given.get_one::<i64>(BY);
            control.post(&["clock", "advance"], body(&json!({ "Seconds": by }))).await?
        }
        ("faults", None) => control.get("faults").await?,
        ("faults", Some(("set", given))) => match given.get_one::<PathBuf>(FILE) {
            Some(path) => control.put(&["faults"], read(path)?).await?,
            None => Value::Null,
        },
        ("faults", Some(_)) => control.put(&["faults"], body(&json!({}))).await?,
        ("domains", Some((_, given))) => {
            let domain = given.get_one::<String>(DOMAIN).map(String::as_str).unwrap_or_default();
            control.delete(&["domains", domain]).await?
        }
        ("events", _) => {
            let after = given.get_one::<u64>(AFTER).copied().unwrap_or_default();
            control.get(&format!("events?after={after}")).await?
        }
        ("attendee", _) => {
            let path = ["meetings", text(MEETING), "attendees", text(ATTENDEE), text(ACTION)];
            control.post(&path, Vec::new()).await?
        }
        _ => control.get("meetings").await?,
    };
    if answer.is_null() { Ok(()) } else { print(&answer) }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::file(FILE, path, error))
}

fn body(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn pretty(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    text + "\n"
}

fn print(value: &Value) -> Result<(), Failure> {
    announce(&mut io::stdout().lock(), &pretty(value))
        .map_err(|error| Failure::Io("cannot write to stdout".to_owned(), error))
}
