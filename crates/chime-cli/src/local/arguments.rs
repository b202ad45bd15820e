//! The commands of `chime local`, with their arguments.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, value_parser};

use super::duration::seconds;
use super::{
    ACTION, AFTER, ATTENDEE, BY, DOMAIN, FAILED, FILE, MEETING, NAME, SNAPSHOT, TIME, URL,
};
use crate::{flags, output, serve};

/// The names of `chime_local::AttendeeAction`.
const ACTIONS: [&str; 10] = [
    "join",
    "leave",
    "drop",
    "video-start",
    "video-stop",
    "content-join",
    "content-leave",
    "content-drop",
    "content-video-start",
    "content-video-stop",
];

pub(crate) fn command() -> Command {
    Command::new(NAME)
        .about("Controls a running local Chime: its state, clock, faults and events")
        .long_about(
            "Controls a running local Chime: its state, clock, faults and events.

The control token is read from CHIME_LOCAL_CONTROL_TOKEN or, if that is unset or the server refuses \
             it, from the file that `chime serve` writes. Only the user who runs the server can read the \
             file.",
        )
        .arg(
            Arg::new(URL).long(URL).global(true).value_name("URL").help(
                "URL of the server [default: AWS_ENDPOINT_URL_CHIME, or http://127.0.0.1:24463]",
            ),
        )
        .args(output::flags().map(|flag| flag.global(true).help_heading("Output options")))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([
            Command::new("page").about("Prints the URL of the page, which contains the control token"),
            requests(),
            Command::new("events").about("Lists the last 10,000 events that the services delivered").arg(
                Arg::new(AFTER)
                    .long(AFTER)
                    .value_name("N")
                    .value_parser(value_parser!(u64))
                    .help("Only the events after this sequence number"),
            ),
            clock(),
            faults(),
            Command::new("seed")
                .about("Adds seeds from JSON or YAML files")
                .arg(file("Seeds to add").num_args(1..).required(true)),
            Command::new("export").about("Writes the current state as a seed").arg(file(
                "JSON file to write [default: stdout, in the format of --output]",
            )),
            reset(),
            Command::new("snapshot")
                .about("Takes a snapshot, or without a name lists the snapshots")
                .arg(snapshot()),
            Command::new("restore").about("Restores a snapshot").arg(snapshot().required(true)),
            Command::new("domains").about("Manages domains").subcommand_required(true).subcommand(
                Command::new("release")
                    .about("Releases a domain, which suspends its users")
                    .arg(text(DOMAIN, "Domain, such as example.com")),
            ),
            Command::new("meetings")
                .about("Lists the SDK meetings with their attendees and who is connected"),
            Command::new("attendee")
                .about("Simulates an attendee: join, leave, drop, start video, share content, …")
                .arg(text(MEETING, "Id of the meeting"))
                .arg(text(ATTENDEE, "Id of the attendee"))
                .arg(
                    text(ACTION, "What the attendee does")
                        .value_parser(PossibleValuesParser::new(ACTIONS)),
                ),
        ])
}

/// A required argument that must not be empty.
fn text(id: &'static str, help: &'static str) -> Arg {
    Arg::new(id).required(true).value_name(id.to_uppercase()).value_parser(filled).help(help)
}

fn filled(text: &str) -> Result<String, &'static str> {
    if text.is_empty() { Err("must not be empty") } else { Ok(text.to_owned()) }
}

fn file(help: &'static str) -> Arg {
    Arg::new(FILE).value_name("FILE").value_parser(value_parser!(PathBuf)).help(help)
}

fn snapshot() -> Arg {
    text(SNAPSHOT, "Name of the snapshot").required(false)
}

fn requests() -> Command {
    Command::new("requests")
        .about("Lists the last 200 requests, newest first")
        .arg(flags::switch(FAILED, "Only the requests that failed or whose connection was cut"))
}

fn reset() -> Command {
    Command::new("reset").about("Restores the initial state").long_about(
        "Restores the initial state, with its clock, faults and rules of event delivery.

The lists of requests and events keep their entries, and snapshots stay. The ids of new resources \
         repeat: the same calls after a reset create the same ids.",
    )
}

fn clock() -> Command {
    let time = text(TIME, "Such as 2025-03-05T12:00:00Z")
        .value_parser(|text: &str| serve::time(text).map(|_| text.to_owned()));
    Command::new("clock")
        .about("Shows or changes the clock")
        .subcommand(Command::new("freeze").about("Stops the clock"))
        .subcommand(Command::new("run").about("Makes the clock run again"))
        .subcommand(Command::new("set").about("Sets the clock").arg(time))
        .subcommand(
            Command::new("advance").about("Moves the clock").arg(
                Arg::new(BY)
                    .required(true)
                    .value_name(BY.to_uppercase())
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

#[cfg(test)]
mod tests {
    use chime_local::AttendeeAction;
    use serde_json::{Value, from_value};

    use super::*;

    #[test]
    fn the_actions_are_those_of_attendees() {
        // The error lists the names of all actions, each between backticks, after the unknown name.
        let error = from_value::<AttendeeAction>(Value::from("?")).unwrap_err().to_string();
        let listed: Vec<&str> = error.split('`').skip(3).step_by(2).collect();
        assert_eq!(listed, ACTIONS);
    }
}
