//! `chime local`: controls a running local Chime through its control endpoint.

mod arguments;
mod control;
mod duration;

use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chime_local::Faults;
use clap::ArgMatches;
use serde::Serialize;
use serde_json::{Value, json};

pub(crate) use self::arguments::command;
use self::control::{Control, Refusal};
use crate::documents;
use crate::failure::{Failure, GENERAL, USAGE};
use crate::flags::{self, ENDPOINT_URL, OUTPUT, QUERY};
use crate::output::{Format, Output, announce};

/// The name of the command.
pub(crate) const NAME: &str = "local";

const URL: &str = "url";
const FILE: &str = "file";
const SNAPSHOT: &str = "name";
const TIME: &str = "time";
const BY: &str = "duration";
const DOMAIN: &str = "domain";
const AFTER: &str = "after";
const FAILED: &str = "failed";
const MEETING: &str = "meeting-id";
const ATTENDEE: &str = "attendee-id";
const ACTION: &str = "action";

/// Sends requests to the control endpoint, and prints the document in the response.
///
/// # Errors
/// Returns an error if the server cannot be reached or refuses the request, or if a file cannot be
/// read or written.
pub(crate) async fn run(given: &ArgMatches) -> Result<(), Failure> {
    let Some((verb, given)) = given.subcommand() else { return Ok(()) };
    if flags::text(given, ENDPOINT_URL).is_some() {
        return Err(Failure::flag(ENDPOINT_URL, format!("cannot be used here; write --{URL}")));
    }
    let mut output = Output::new(verb, given)?;
    let control = Control::find(flags::text(given, URL)).await?;
    let text = |id| flags::text(given, id).unwrap_or_default();
    let answer = match (verb, given.subcommand()) {
        ("page", _) => {
            refuse_output_flags(given, "cannot be used with page, which prints a URL")?;
            // The token is good if the server accepts it.
            control.get("clock").await?;
            return announce(&mut io::stdout().lock(), &format!("{}\n", control.page()))
                .map_err(|error| Failure::Io("cannot write to stdout".to_owned(), error));
        }
        ("requests", _) => {
            let mut answer = control.get("requests").await?;
            if given.get_flag(FAILED)
                && let Some(requests) = answer["Requests"].as_array_mut()
            {
                requests.retain(has_failed);
            }
            answer
        }
        ("seed", _) => {
            let files = given.get_many::<PathBuf>(FILE).into_iter().flatten();
            let seed = documents::seed(files, &invalid_file)?;
            control.post(&["seed"], body(&seed)?).await?
        }
        ("export", _) => match given.get_one::<PathBuf>(FILE) {
            Some(path) => {
                refuse_output_flags(given, "cannot be used with a file; the file is always JSON")?;
                write(path, &control.get("state").await?)?;
                Value::Null
            }
            None => {
                let state = control.get("state").await?;
                let is_seed = |format| matches!(format, Format::Json | Format::Yaml);
                // AWS_DEFAULT_OUTPUT is for results, and this is usually a seed.
                if !is_seed(output.format) && flags::text(given, OUTPUT).is_none() {
                    output.format = Format::Json;
                }
                // An empty result prints nothing, but an empty state must be a seed.
                let is_empty = state == json!({}) && flags::text(given, QUERY).is_none();
                if is_empty && is_seed(output.format) {
                    return output.write("{}\n").map(drop);
                }
                state
            }
        },
        ("reset", _) => control.post(&["reset"], Vec::new()).await?,
        ("snapshot", _) => match given.get_one::<String>(SNAPSHOT) {
            Some(name) => control.put(&["snapshots", name], Vec::new()).await?,
            None => control.get("snapshots").await?,
        },
        ("restore", _) => {
            control.post(&["snapshots", text(SNAPSHOT), "restore"], Vec::new()).await?
        }
        ("clock", None) => control.get("clock").await?,
        ("clock", Some(("freeze", _))) => {
            control.put(&["clock"], body(&json!({"Mode": "Frozen"}))?).await?
        }
        ("clock", Some(("run", _))) => {
            control.put(&["clock"], body(&json!({"Mode": "Running"}))?).await?
        }
        ("clock", Some(("set", given))) => {
            let time = given.get_one::<String>(TIME);
            control.put(&["clock"], body(&json!({ "Now": time }))?).await?
        }
        ("clock", Some((_, given))) => {
            let by = given.get_one::<i64>(BY);
            control.post(&["clock", "advance"], body(&json!({ "Seconds": by }))?).await?
        }
        ("faults", None) => control.get("faults").await?,
        ("faults", Some(("set", given))) => match given.get_one::<PathBuf>(FILE) {
            Some(path) => {
                let faults = documents::read(path, Faults::parse, &invalid_file)?;
                control.put(&["faults"], body(&faults)?).await?
            }
            None => Value::Null,
        },
        ("faults", Some(_)) => control.put(&["faults"], body(&json!({}))?).await?,
        ("domains", Some((_, given))) => {
            let domain = flags::text(given, DOMAIN).unwrap_or_default();
            match control.delete(&["domains", domain]).await {
                Err(Refusal::NotFound) => {
                    return Err(missing(format!("no account has claimed the domain '{domain}'")));
                }
                answer => answer?,
            }
        }
        ("events", _) => {
            let after = given.get_one::<u64>(AFTER).copied().unwrap_or_default();
            control.get(&format!("events?after={after}")).await?
        }
        ("attendee", _) => {
            let (meeting, attendee) = (text(MEETING), text(ATTENDEE));
            let path = ["meetings", meeting, "attendees", attendee, text(ACTION)];
            match control.post(&path, Vec::new()).await {
                Err(Refusal::NotFound) => {
                    let meetings = control.get("meetings").await?;
                    return Err(missing(missing_attendee(&meetings, meeting, attendee)));
                }
                answer => answer?,
            }
        }
        _ => control.get("meetings").await?,
    };
    if answer.is_null() { Ok(()) } else { output.print(answer.into()).map(drop) }
}

/// Fails if a flag is set that selects or formats a document, where none is printed.
fn refuse_output_flags(given: &ArgMatches, reason: &str) -> Result<(), Failure> {
    match [QUERY, OUTPUT].into_iter().find(|flag| flags::text(given, flag).is_some()) {
        Some(flag) => Err(Failure::flag(flag, reason)),
        None => Ok(()),
    }
}

/// Whether a logged request got an error, or no response because the connection was cut.
fn has_failed(request: &Value) -> bool {
    request["Status"].as_u64().is_none_or(|status| status >= 400)
}

/// The failure of a command on a resource that does not exist.
fn missing(message: String) -> Failure {
    Failure::Other { code: GENERAL, message }
}

/// Says which of the two does not exist: the meeting, or its attendee.
fn missing_attendee(meetings: &Value, meeting: &str, attendee: &str) -> String {
    let all = meetings["Meetings"].as_array();
    let problem = match all.is_some_and(|all| all.iter().any(|it| it["MeetingId"] == *meeting)) {
        true => format!("the meeting has no attendee '{attendee}'"),
        false => format!("there is no meeting '{meeting}'"),
    };
    format!("{problem}; 'chime local meetings' lists all")
}

/// The failure of a file that cannot be read or is invalid.
fn invalid_file(path: &Path, error: &dyn Error) -> Failure {
    Failure::Other { code: USAGE, message: format!("{}: {error}", path.display()) }
}

fn write(path: &Path, value: &Value) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).unwrap_or_default() + "\n";
    fs::write(path, text)
        .map_err(|error| Failure::Io(format!("cannot write {}", path.display()), error))
}

fn body(document: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(document)
        .map_err(|error| Failure::Io("cannot write JSON".to_owned(), error.into()))
}
