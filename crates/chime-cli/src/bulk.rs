//! `chime bulk`: one call per row of a file.

mod outcome;
mod plan;
mod progress;
mod results;
mod rows;
mod sender;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use chime_client::Random;
use chime_client::model::OperationInfo;
use clap::{Arg, ArgMatches, Command, parser::ValueSource, value_parser};
use futures_util::{StreamExt as _, stream};

use self::plan::Call;
use self::progress::Progress;
use self::results::{Header, Next, Outcome, Results, Rows};
use self::rows::Row;
use self::sender::End;
use crate::failure::{FAILED_ROWS, Failure, GENERAL, INTERRUPTED, USAGE};
use crate::output::{self, Output};
use crate::terminal::tell;
use crate::{connect, flags, input};

/// The name of the command.
pub(crate) const NAME: &str = "bulk";

const FROM: &str = "from";
const RESULTS: &str = "results";
const RESUME: &str = "resume";
const DRY_RUN: &str = "dry-run";
const CONCURRENCY: &str = "concurrency";
const UNMASKED: &str = "unmasked";

/// The path that stands for stdin.
const STDIN: &str = "-";

/// The number of invalid rows that are told.
const TOLD: usize = 20;

/// Builds the command over those of the services.
pub(crate) fn command(services: impl IntoIterator<Item = Command>) -> Command {
    let file = |id: &'static str, help: &'static str| {
        Arg::new(id).long(id).value_name("FILE").value_parser(value_parser!(PathBuf)).help(help)
    };
    let own = [
        file(FROM, "CSV or JSONL with a row per call; - reads stdin [required]"),
        file(RESULTS, "Where to write the results [default: FILE.results.jsonl]"),
        flags::switch(RESUME, "Continue the run that wrote the results file"),
        flags::switch(DRY_RUN, "Check all rows and send nothing"),
        flags::number::<usize>(CONCURRENCY)
            .help("Number of calls that are under way at a time [default: 8]"),
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
Calls an operation for each row of a file, as in
  chime bulk chime create-user --account-id A --from users.csv

Rows. The columns of a CSV are members of the input: AccountId, or UserSettings.Telephony.SMS for a \
member of a structure. An empty cell leaves the member unset; structures and lists are JSON. Each \
line of a JSONL file is the JSON of an input. The flags of the operation are defaults for all rows. \
All rows are checked before the first one is sent. A list returns its first page.

Calls. Rows are sent several at a time, in no fixed order, and wait when the service throttles. Rows \
of an operation that takes many items at once are sent together if they differ in their items only.

Results. The results file has a line for each event of a row; its last line counts:
  begun    It was about to be sent
  done     The service did it; with its result
  failed   The service refused it; with the error
  unknown  The service may have done it; with the error
  unsent   The service did not act, for a reason other than the row, such as expired credentials
It holds request ids, results, errors, and the idempotency tokens of create operations, and nothing \
else of the input. Sensitive values in results are redacted unless --unmasked is set; messages of the \
service are written as they are. Only you can read a file that this command creates.

Resume. After an interruption, even a kill, the same command line with --resume sends the rows that \
are left: those that never began, those that are unsent, and those that are begun or unknown where \
that has no second effect. Others whose outcome is unknown are listed, and never sent again. The \
file survives the end of the process, but not a power failure. Ctrl-C awaits the calls that are under \
way; a second Ctrl-C abandons them.";

/// Sends the rows.
///
/// # Errors
/// Returns an error if a row or a file is invalid (nothing is sent then), and unless every row is done.
pub(crate) async fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let Some((info, given)) = flags::operation(matches) else { return Ok(()) };
    refuse(given)?;
    let Some(from) = given.get_one::<PathBuf>(FROM) else {
        return Err(Failure::flag(FROM, "is required: a CSV or JSONL file, or - for stdin"));
    };
    let defaults = input::read(info, given)?;
    let text = text_of(from).map_err(|error| Failure::file(FROM, from, error))?;
    let rows = rows::read(info, &defaults, &text).map_err(invalid_rows)?;
    let path = results_path(from, given)?;
    if given.get_flag(DRY_RUN) {
        let all = rows.into_iter().map(|row| (row, None));
        let (count, calls) = (all.len(), plan::calls(info, all).len());
        let text = format!("{count} rows are valid, and make {calls} calls. Nothing was sent.\n");
        return output::announce(&mut io::stdout().lock(), &text)
            .map_err(|error| Failure::Io("cannot print the result".to_owned(), error));
    }

    let client = connect::client(info.service, given, &mut Output::new(info, given)?).await?;
    let header = header(info, &rows);
    let mut results = open(&path, &header, given.get_flag(RESUME))?;
    let random = Random::default();
    let calls = to_send(info, rows, &results.rows, || random.uuid());
    let count = calls.iter().map(|call| call.parts.len()).sum();
    let mut progress = Progress::new(count, !given.get_flag(flags::DEBUG));
    let is_masked = !given.get_flag(UNMASKED);
    let send = async |call: Call| {
        let result = client.call(info, call.input.clone()).await.map(|response| {
            let id = chime_client::request_id(response.headers()).map(str::to_owned);
            (id, response.into_body())
        });
        outcome::lines(info, &call, result, is_masked)
    };
    let interrupts = stream::unfold((), |()| async {
        tokio::signal::ctrl_c().await.ok().map(|()| ((), ()))
    });
    let end = sender::send(
        calls,
        &mut results,
        given.get_one(CONCURRENCY).copied().unwrap_or(8).max(1),
        interrupts.chain(stream::pending()),
        send,
        |lines| progress.add(lines),
    )
    .await;
    progress.clear();
    let end = end
        .map_err(|error| Failure::Io(format!("cannot write {}", path.display()), error))?;
    let is_safe = info.idempotent || info.idempotency_token.is_some();
    report(&results.rows, end, is_safe, &path)
}

/// Flags of an operation that mean nothing for many rows.
fn refuse(given: &ArgMatches) -> Result<(), Failure> {
    let refused = [
        flags::SKELETON,
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
    for text in wrong.iter().take(TOLD) {
        message.push('\n');
        message.push_str(text);
    }
    if wrong.len() > TOLD {
        message.push_str(&format!("\nand {} more", wrong.len() - TOLD));
    }
    Failure::Other { code: USAGE, message }
}

fn results_path(from: &Path, given: &ArgMatches) -> Result<PathBuf, Failure> {
    match given.get_one::<PathBuf>(RESULTS) {
        Some(path) => Ok(path.clone()),
        None if from == Path::new(STDIN) => {
            Err(Failure::flag(RESULTS, "is required if the rows come from stdin"))
        }
        None => {
            let mut path = from.as_os_str().to_owned();
            path.push(".results.jsonl");
            Ok(path.into())
        }
    }
}

fn header(info: &OperationInfo, rows: &[Row]) -> Header {
    // FNV-1a, folded to 16 bits.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for row in rows {
        for byte in serde_json::to_string(&row.input).unwrap_or_default().bytes().chain([b'\n']) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    let folded = [hash, hash >> 16, hash >> 32, hash >> 48].into_iter().fold(0, |a, b| a ^ b);
    Header {
        service: info.service.id.to_owned(),
        operation: info.name.to_owned(),
        rows: rows.len(),
        checksum: format!("{:04x}", folded & 0xffff),
    }
}

/// Opens the results file, for this process alone.
fn open(path: &Path, header: &Header, is_resumed: bool) -> Result<Results<File>, Failure> {
    let refused = |reason: &str| {
        Failure::flag(RESULTS, format!("{}: {reason}", path.display()))
    };
    let failed = |error| Failure::file(RESULTS, path, error);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(refused("another process writes to it")),
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(failed)?;
    if !is_resumed && !text.is_empty() {
        return Err(refused(
            "exists; pass --resume to continue its run, or name another file with --results",
        ));
    }
    let (rows, length) =
        results::replay(header, &text).map_err(|foreign| refused(&foreign.to_string()))?;
    // The last line may be half a line.
    file.set_len(length as u64).map_err(failed)?;
    file.seek(SeekFrom::End(0)).map_err(failed)?;
    match rows {
        Some(rows) => Ok(Results::resume(rows, file)),
        None => Results::start(header, file).map_err(failed),
    }
}

/// Makes the calls for the rows that are left.
fn to_send(
    info: &OperationInfo,
    rows: Vec<Row>,
    earlier: &Rows,
    mut token: impl FnMut() -> String,
) -> Vec<Call> {
    let left = rows.into_iter().filter_map(|row| {
        let has_token = info.idempotency_token.is_some_and(|name| row.input.contains_key(name));
        match earlier.next(row.number, info.idempotent || has_token) {
            Next::Nothing | Next::Leave => None,
            Next::Send(earlier) => {
                let needs_token = info.idempotency_token.is_some() && !has_token;
                let token = needs_token.then(|| earlier.unwrap_or_else(&mut token));
                Some((row, token))
            }
        }
    });
    plan::calls(info, left)
}

/// Tells how the run ended.
fn report(rows: &Rows, end: End, is_safe: bool, path: &Path) -> Result<(), Failure> {
    let done = rows.with(Some(Outcome::Done));
    let failed = rows.with(Some(Outcome::Failed));
    let mut unknown = rows.with(Some(Outcome::Unknown));
    unknown.extend(rows.with(Some(Outcome::Begun)));
    unknown.sort_unstable();
    let mut unsent = rows.with(Some(Outcome::Unsent));
    unsent.extend(rows.with(None));
    unsent.sort_unstable();

    let mut text = format!("{} rows done. Results: {}", done.len(), path.display());
    let mut add = |rows: &[usize], what: &str| {
        if !rows.is_empty() {
            text.push_str(&format!("\n{} {what}: {}", rows.len(), ranges(rows)));
        }
    };
    add(&failed, "failed");
    add(&unknown, match is_safe {
        true => "with an unknown outcome, which --resume sends again without a second effect",
        false => "with an unknown outcome, which are never sent again: check what the service has done",
    });
    add(&unsent, "not sent, which --resume sends");
    let code = match end {
        End::Interrupted => INTERRUPTED,
        End::Hopeless => {
            text.push_str("\nStopped, since no row could be sent; the results file has the errors");
            GENERAL
        }
        End::Complete if failed.is_empty() && unknown.is_empty() && unsent.is_empty() => {
            tell(text);
            return Ok(());
        }
        End::Complete => FAILED_ROWS,
    };
    Err(Failure::Other { code, message: text })
}

/// Writes sorted numbers as `1-3, 7`, at most twenty of these.
fn ranges(numbers: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let text = |(first, last): &(usize, usize)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    let mut texts: Vec<String> = ranges.iter().take(TOLD).map(text).collect();
    if ranges.len() > TOLD {
        texts.push("…".to_owned());
    }
    texts.join(", ")
}

#[cfg(test)]
mod tests;
