//! `chime bulk`: one call per row of a file.

mod file;
mod outcome;
mod plan;
mod progress;
mod report;
mod results;
mod rows;
mod sender;

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use chime_client::Random;
use chime_client::model::OperationInfo;
use clap::{Arg, ArgMatches, Command, parser::ValueSource, value_parser};
use futures_util::{StreamExt as _, stream};

use self::plan::Call;
use self::progress::Progress;
use self::results::{Next, Rows};
use self::rows::Row;
use crate::failure::{Failure, USAGE};
use crate::output::{self, Output};
use crate::terminal::{line, tell};
use crate::{connect, flags, input, services, status};

/// The name of the command.
pub(crate) const NAME: &str = "bulk";

/// The flag that names the file with the rows.
pub(crate) const FROM: &str = "from";
const RESULTS: &str = "results";
const RESUME: &str = "resume";
const DRY_RUN: &str = "dry-run";
const CONCURRENCY: &str = "concurrency";
const UNMASKED: &str = "unmasked";

/// The path that stands for stdin.
const STDIN: &str = "-";

/// The number of invalid rows that are listed.
const LISTED: usize = 20;

/// Builds the command. Its subcommands are those of the services.
pub(crate) fn command(services: impl IntoIterator<Item = Command>) -> Command {
    let file = |id: &'static str, help: &'static str| {
        Arg::new(id).long(id).value_name("FILE").value_parser(value_parser!(PathBuf)).help(help)
    };
    let own = [
        file(FROM, "CSV or JSONL file with a row per call; - reads stdin [required]"),
        file(RESULTS, "Results file [default: FILE.results.jsonl]"),
        flags::switch(RESUME, "Continue the run that wrote the results file"),
        flags::switch(DRY_RUN, "Validate all rows and send nothing"),
        flags::number::<usize>(CONCURRENCY).help("Number of calls in flight [default: 8]"),
        flags::switch(UNMASKED, "Write sensitive values of results in clear"),
    ];
    Command::new(NAME)
        .about("Calls an operation for each row of a CSV or JSONL file, and can be resumed")
        .long_about(HELP)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_value_name("SERVICE")
        .subcommand_help_heading("Services")
        .args(own.map(|flag| flag.global(true).help_heading("Bulk options")))
        .subcommands(services)
}

const HELP: &str = "\
Calls an operation for each row of a file:

  chime bulk chime create-user --account-id A --from users.csv

Input: a column of a CSV is a member of the input, such as AccountId, or
UserSettings.Telephony.SMS for a nested member. An empty cell leaves the member unset. Structures and
lists are JSON; a list of text can be its only item. In a JSONL file, each line is an input as JSON. The
flags of the operation are defaults for all rows. All rows are validated before the first one is sent.

Calls: rows are sent concurrently, in no fixed order, and slow down when the service throttles. Rows
of a batch operation are merged into one call if they differ only in their items. A list operation
returns its first page.

Results: the results file has a line for each event of a row. The last line of a row counts:

  begun    The row is about to be sent
  done     The service accepted the row; the line has the result
  failed   The service rejected the row; the line has the error
  unknown  The service may have acted on the row; the line has the error
  unsent   The service did not act, for a reason that affects other rows too, such as expired credentials

The file holds row numbers, request ids, results, errors and generated idempotency tokens. Sensitive
values in results are redacted unless --unmasked is set; error messages are written as the service
returned them. A new file can be read by its owner only.

Resume: after an interruption, even a kill, the same command line with --resume sends the remaining
rows. Rows that are done or failed are never sent again. Rows that are begun or unknown are sent again
if a second call has no further effect, with the same idempotency token if the operation has one; the
others are listed. Ctrl-C waits for the calls in flight; a second Ctrl-C abandons them.

Power failure: the last lines of the file may be lost. If a second call would have another effect, as
with most create operations, a row is synced to disk before it is sent, so that only its outcome can be
lost. Other rows may be sent again.";

/// Sends the rows.
///
/// # Errors
/// Returns an error if a row or a file is invalid (nothing is sent then), and unless every row is done.
pub(crate) async fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let Some((info, given)) = services::operation(matches) else { return Ok(()) };
    refuse(given)?;
    let Some(from) = given.get_one::<PathBuf>(FROM) else {
        return Err(Failure::flag(FROM, "is required: a CSV or JSONL file, or - for stdin"));
    };
    let defaults = input::read(info, given)?;
    let text = text_of(from).map_err(|error| Failure::file(FROM, from, error))?;
    let rows = rows::read(info, &defaults, &text).map_err(invalid_rows)?;
    let path = file::path(from, given)?;
    if given.get_flag(DRY_RUN) {
        let all = rows.into_iter().map(|row| (row, None));
        let (count, calls) = (all.len(), plan::calls(info, all).len());
        let text = format!("{count} rows are valid, and make {calls} calls. Nothing was sent.\n");
        return output::announce(&mut io::stdout().lock(), &text)
            .map_err(|error| Failure::Io("cannot print the result".to_owned(), error));
    }

    let client = connect::client(info.service, given, &mut Output::new(info.name, given)?).await?;
    // Every row is valid already.
    let client = client.without_validation();
    let header = file::header(info, &rows);
    let mut results = file::open(&path, info, &header, given.get_flag(RESUME))?;
    let random = Random::default();
    let calls = to_send(info, rows, &results.rows, || random.uuid());
    let count = calls.iter().map(|call| call.parts.len()).sum();
    status::turn_on(given);
    let mut progress = Progress::new(count);
    let is_masked = !given.get_flag(UNMASKED);
    let send = async |call: Call| {
        let result = client.call(info, call.input.clone()).await.map(|response| {
            let id = chime_client::request_id(response.headers()).map(str::to_owned);
            (id, response.into_body())
        });
        outcome::lines(info, &call, result, is_masked)
    };
    let mut first_error = None;
    let interrupts = stream::unfold(true, |is_first| async move {
        tokio::signal::ctrl_c().await.ok()?;
        if is_first {
            tell("\nWaiting for the calls in flight; Ctrl-C again abandons them");
        }
        Some(((), false))
    });
    let end = sender::send(
        calls,
        &mut results,
        given.get_one(CONCURRENCY).copied().unwrap_or(8).max(1),
        interrupts.chain(stream::pending()),
        send,
        |lines| {
            progress.add(lines);
            if first_error.is_none() {
                first_error = lines.iter().find(|line| line.error.is_some()).cloned();
            }
        },
    )
    .await;
    line::clear();
    let end =
        end.map_err(|error| Failure::Io(format!("cannot write {}", path.display()), error))?;
    let is_safe = info.idempotent || info.idempotency_token.is_some();
    report::report(&results.rows, end, is_safe, first_error.as_ref(), &path)
}

/// Fails if a flag of the operation is set that has no meaning for a bulk run.
fn refuse(given: &ArgMatches) -> Result<(), Failure> {
    let refused = [
        flags::SKELETON,
        flags::OUTPUT,
        flags::QUERY,
        flags::MAX_ITEMS,
        flags::PAGE_SIZE,
        flags::STARTING_TOKEN,
    ];
    let is_set = |flag: &&&str| {
        given.try_contains_id(flag).unwrap_or(false)
            && given.value_source(flag) == Some(ValueSource::CommandLine)
    };
    match refused.iter().find(is_set) {
        Some(flag) => Err(Failure::flag(*flag, "cannot be used with bulk")),
        None => Ok(()),
    }
}

fn text_of(from: &Path) -> io::Result<String> {
    if from != Path::new(STDIN) {
        return fs::read_to_string(from);
    }
    let mut text = String::new();
    io::stdin().lock().read_to_string(&mut text)?;
    Ok(text)
}

fn invalid_rows(wrong: Vec<String>) -> Failure {
    let mut message = format!("Invalid rows: {}. Nothing was sent.", wrong.len());
    for text in wrong.iter().take(LISTED) {
        message.push('\n');
        message.push_str(text);
    }
    if wrong.len() > LISTED {
        message.push_str(&format!("\nand {} more", wrong.len() - LISTED));
    }
    Failure::Other { code: USAGE, message }
}

/// Creates the calls for the remaining rows.
fn to_send(
    info: &OperationInfo,
    rows: Vec<Row>,
    earlier: &Rows,
    mut token: impl FnMut() -> String,
) -> Vec<Call> {
    let left = rows.into_iter().filter_map(|row| {
        let has_token = info.idempotency_token.map(|name| row.input.contains_key(name));
        match earlier.next(row.number, has_token.unwrap_or(info.idempotent)) {
            Next::Nothing | Next::Leave => None,
            Next::Send(earlier) => {
                let needs_token = has_token == Some(false);
                let token = needs_token.then(|| earlier.unwrap_or_else(&mut token));
                Some((row, token))
            }
        }
    });
    plan::calls(info, left)
}

#[cfg(test)]
mod tests;
