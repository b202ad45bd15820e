//! The log of `chime serve`: one line per request, on stderr.
//!
//! A thread of its own writes it, so that whoever reads it slowly, or not at all, holds up no call.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread;
use std::time::Duration;

use chime_client::model::timestamp;
use chime_local::{Answered, OnAnswer};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches};

const VERBOSE: &str = "verbose";
const QUIET: &str = "quiet";
const FORMAT: &str = "log-format";

const TEXT: &str = "text";
const JSON: &str = "json";

/// How many lines wait to be written; more are left out.
const WAITING: usize = 1_000;
/// How long the end of the server waits for the end of the log.
const PATIENCE: Duration = Duration::from_secs(1);

/// The flags that decide what is written.
pub(crate) fn flags() -> [Arg; 3] {
    let switch = |id, short| Arg::new(id).long(id).short(short).action(ArgAction::SetTrue);
    [
        switch(VERBOSE, 'v').help("Log the id of each request too, the ARN and the agent"),
        switch(QUIET, 'q').conflicts_with(VERBOSE).help("Log no requests"),
        Arg::new(FORMAT)
            .long(FORMAT)
            .value_name("FORMAT")
            .value_parser(PossibleValuesParser::new([TEXT, JSON]))
            .default_value(TEXT)
            .help("How requests are logged; json tells everything that is known of each"),
    ]
}

/// The log that the flags ask for.
pub(crate) struct Log {
    pub(crate) on_answer: Option<OnAnswer>,
    /// Closed by the end of the writer.
    written: Receiver<()>,
}

impl Log {
    pub(crate) fn new(given: &ArgMatches) -> Self {
        let (writing, written) = channel();
        let on_answer = (!given.get_flag(QUIET)).then(|| to_stderr(given, writing));
        Self { on_answer, written }
    }

    /// Waits until all of it is written, once whatever was told of answers is gone.
    pub(crate) fn wait(self) {
        drop(self.on_answer);
        // Nothing is ever sent: it is the end that is waited for.
        let _ = self.written.recv_timeout(PATIENCE);
    }
}

fn to_stderr(given: &ArgMatches, writing: Sender<()>) -> OnAnswer {
    let is_json = given.get_one::<String>(FORMAT).is_some_and(|format| format == JSON);
    let verbose = given.get_flag(VERBOSE);
    let (lines, waiting) = sync_channel::<String>(WAITING);
    thread::spawn(move || {
        let _writing = writing;
        for line in waiting {
            // Where stderr is gone, there is no place left to complain of it.
            let _ = io::stderr().lock().write_all(line.as_bytes());
        }
    });
    Arc::new(move |answered: &Answered| {
        let line = if is_json { json(answered) } else { text(answered, verbose) };
        let _ = lines.try_send(line);
    })
}

fn json(answered: &Answered) -> String {
    serde_json::to_string(answered).map(|line| line + "\n").unwrap_or_default()
}

/// When, what, how it ended, how long it took, and for whom. A dash is for what is not known.
fn text(answered: &Answered, verbose: bool) -> String {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let mut line = timestamp::format(answered.time).unwrap_or_default();
    let status = answered.status.map_or_else(|| "cut".to_owned(), |status| status.to_string());
    line += &format!(" {} {status}", answered.operation.unwrap_or("-"));
    if let Some(exception) = &answered.exception {
        line += &format!(" {exception}");
    }
    let millis = answered.duration.as_secs_f64() * 1000.0;
    line += &format!(" {millis:.1} ms {}", or_dash(&answered.access_key_id));
    if verbose {
        let (id, arn) = (or_dash(&answered.request_id), or_dash(&answered.arn));
        // The one thing that a stranger writes: quoted, whatever it is.
        let agent = answered.user_agent.as_deref().unwrap_or_default();
        line += &format!(" id={id} arn={arn} agent={agent:?}");
    }
    line + "\n"
}
