//! The log of `chime serve`: one line per request, on stderr.
//!
//! A separate thread writes it, so a slow or missing reader does not delay a call.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread;
use std::time::Duration;

use chime_client::model::timestamp;
use chime_local::{LoggedRequest, OnResponse};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches};

use crate::flags::QUIET;
use crate::terminal::{Escaping, escaped_json};

const VERBOSE: &str = "verbose";
const FORMAT: &str = "log-format";

const TEXT: &str = "text";
const JSON: &str = "json";

/// The number of lines that wait to be written. Further lines are dropped.
const MAX_WAITING: usize = 1_000;
/// How long the server waits for the log when it stops.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// The flags of the log.
pub(crate) fn flags() -> [Arg; 3] {
    let switch = |id, short| Arg::new(id).long(id).short(short).action(ArgAction::SetTrue);
    [
        switch(VERBOSE, 'v').help("Log the request id, the ARN and the user agent too"),
        switch(QUIET, 'q').conflicts_with(VERBOSE).help("Do not log requests"),
        Arg::new(FORMAT)
            .long(FORMAT)
            .value_name("FORMAT")
            .value_parser(PossibleValuesParser::new([TEXT, JSON]))
            .default_value(TEXT)
            .help("Log format; json has all fields of each request"),
    ]
}

/// The log as set by the flags.
pub(crate) struct Log {
    pub(crate) on_response: Option<OnResponse>,
    /// Closed when the writer ends.
    written: Receiver<()>,
}

impl Log {
    pub(crate) fn new(given: &ArgMatches) -> Self {
        let (writing, written) = channel();
        let on_response = (!given.get_flag(QUIET)).then(|| to_stderr(given, writing));
        Self { on_response, written }
    }

    /// Waits until every line is written. All other clones of `on_response` must be dropped.
    pub(crate) fn wait(self) {
        drop(self.on_response);
        // Nothing is sent: receiving fails when the writer ends.
        let _ = self.written.recv_timeout(MAX_WAIT);
    }
}

fn to_stderr(given: &ArgMatches, writing: Sender<()>) -> OnResponse {
    let is_json = given.get_one::<String>(FORMAT).is_some_and(|format| format == JSON);
    let verbose = given.get_flag(VERBOSE);
    let (lines, waiting) = sync_channel::<String>(MAX_WAITING);
    thread::spawn(move || {
        let _writing = writing;
        for line in waiting {
            // If stderr is closed, there is nowhere to report it.
            let _ = Escaping(io::stderr().lock()).write_all(line.as_bytes());
        }
    });
    Arc::new(move |logged: &LoggedRequest| {
        let line = if is_json { json(logged) } else { text(logged, verbose) };
        let _ = lines.try_send(line);
    })
}

fn json(logged: &LoggedRequest) -> String {
    let line = serde_json::to_string(logged).map(|line| line + "\n").unwrap_or_default();
    escaped_json(&line).into_owned()
}

/// Time, operation, status, exception, duration and access key. A dash stands for an unknown value.
fn text(logged: &LoggedRequest, verbose: bool) -> String {
    let mut line = timestamp::format(logged.time).unwrap_or_default();
    let status = logged.status.map_or_else(|| "cut".to_owned(), |status| status.to_string());
    line += &format!(" {} {status}", logged.operation.unwrap_or("-"));
    if let Some(exception) = &logged.exception {
        line += &format!(" {exception}");
    }
    let millis = logged.duration.as_secs_f64() * 1000.0;
    line += &format!(" {millis:.1} ms {}", logged.access_key_id.as_deref().unwrap_or("-"));
    if verbose {
        let id = logged.request_id.as_deref().unwrap_or("-");
        let arn = logged.arn.as_deref().unwrap_or("-");
        // Any caller can write anything here, so it is quoted.
        let agent = logged.user_agent.as_deref().unwrap_or_default();
        line += &format!(" id={id} arn={arn} agent={agent:?}");
    }
    line + "\n"
}
