//! Runs that are killed at any byte of their results file, against a model.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use chime_client::model::{OperationInfo, chime, meetings};
use chime_client::{Client, Config, Credentials};
use chime_local::{LocalChime, sample};
use futures_util::stream;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::bulk::file::header;
use crate::bulk::results::{self, Header};
use crate::bulk::rows::Row;
use crate::bulk::{outcome, to_send};

/// A file whose process is killed once it has written so many bytes.
struct Mortal<'a> {
    file: &'a mut Vec<u8>,
    left: usize,
}

impl Write for Mortal<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = bytes.len().min(self.left);
        self.file.extend_from_slice(&bytes[..written]);
        self.left -= written;
        if written < bytes.len() { Err(io::ErrorKind::Other.into()) } else { Ok(written) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs or resumes, up to the kill. Returns how the run ended; `None` if it was killed.
fn run<F: Future<Output = Vec<Line>>>(
    info: &'static OperationInfo,
    rows: &[Row],
    file: &mut Vec<u8>,
    kill_after: usize,
    concurrency: usize,
    token: impl FnMut() -> String,
    call: impl Fn(Call) -> F,
) -> Option<End> {
    let header: Header = header(info, rows);
    let (earlier, length) = results::replay(&header, file).unwrap();
    file.truncate(length);
    let to = Mortal { file, left: kill_after };
    let mut results = match earlier {
        Some(earlier) => Results::resume(earlier, to),
        None => Results::start(&header, to).ok()?,
    };
    let calls = to_send(info, rows.to_vec(), &results.rows, token);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let run = send(calls, &mut results, concurrency, stream::pending(), call, |_| {});
    runtime.block_on(run).ok()
}

fn rows(inputs: impl IntoIterator<Item = Value>) -> Vec<Row> {
    let row = |(number, input)| Row { number, input: serde_json::from_value(input).unwrap() };
    (1..).zip(inputs).map(row).collect()
}

/// A kind of operation.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Idempotent,
    Token,
    Unsafe,
    UnsafeBatch,
}

impl Kind {
    fn info(self) -> &'static OperationInfo {
        let found = match self {
            Self::Idempotent => chime::API.operation("GetAccount"),
            Self::Token => chime::API.operation("CreateRoom"),
            Self::Unsafe => chime::API.operation("CreateUser"),
            Self::UnsafeBatch => meetings::API.operation("BatchCreateAttendee"),
        };
        let info = found.unwrap();
        // With a token, that is.
        assert_eq!(info.idempotent, matches!(self, Self::Idempotent | Self::Token));
        assert_eq!(info.idempotency_token.is_some(), self == Self::Token);
        assert_eq!(info.batch.is_some(), self == Self::UnsafeBatch);
        info
    }

    fn rows(self, count: usize) -> Vec<Row> {
        rows((0..count).map(|number| match self {
            Self::UnsafeBatch => {
                json!({"MeetingId": "m", "Attendees": [{"ExternalUserId": number.to_string()}]})
            }
            _ => json!({"AccountId": number.to_string()}),
        }))
    }
}

/// What the service does with a row, and what the caller learns.
#[derive(Clone, Copy, Debug)]
enum Act {
    Done,
    Failed,
    /// It acts, and the response is lost.
    Lost,
    /// It does not act, and the response is lost.
    Missed,
    Unsent,
}

impl Act {
    fn outcome(self) -> Outcome {
        match self {
            Self::Done => Outcome::Done,
            Self::Failed => Outcome::Failed,
            Self::Lost | Self::Missed => Outcome::Unknown,
            Self::Unsent => Outcome::Unsent,
        }
    }
}

/// The service and all that it saw.
#[derive(Default)]
struct Model {
    script: Vec<Act>,
    /// The tokens and the number with which each row was sent.
    sent: HashMap<usize, Vec<Option<String>>>,
    /// How often each row took effect. A token takes effect once.
    effects: HashMap<usize, usize>,
    seen_tokens: HashSet<String>,
}

impl Model {
    fn receive(&mut self, call: &Call) -> Vec<Line> {
        let line = |part: &super::super::plan::Part| {
            let act = self.script.pop().unwrap_or(Act::Done);
            self.sent.entry(part.row).or_default().push(part.token.clone());
            if matches!(act, Act::Done | Act::Lost) {
                let is_new = part.token.clone().is_none_or(|token| self.seen_tokens.insert(token));
                *self.effects.entry(part.row).or_default() += usize::from(is_new);
            }
            Line::new(part.row, act.outcome())
        };
        call.parts.iter().map(line).collect()
    }
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => Just(Act::Done),
        1 => Just(Act::Failed),
        1 => Just(Act::Lost),
        1 => Just(Act::Missed),
        2 => Just(Act::Unsent),
    ]
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Idempotent),
        Just(Kind::Token),
        Just(Kind::Unsafe),
        Just(Kind::UnsafeBatch),
    ]
}

proptest! {
    #[test]
    fn no_row_is_lost_and_none_is_sent_after_its_outcome_is_known(
        kind in kind(),
        count in 0_usize..40,
        concurrency in 1_usize..9,
        script in prop::collection::vec(act(), 0..120),
        kills in prop::collection::vec(0_usize..3000, 0..6),
    ) {
        let (info, rows) = (kind.info(), kind.rows(count));
        let model = RefCell::new(Model { script, ..Model::default() });
        let mut file = Vec::new();
        let mut tokens = 0;
        let mut kills = kills.into_iter();
        loop {
            // After the kills, runs until there is nothing left to do.
            let kill = kills.next();
            let before = file.len();
            let call = async |call: Call| {
                // Some calls take longer than others.
                let first = call.parts.first().map_or(0, |part| part.row);
                for _ in 0..first % 3 {
                    tokio::task::yield_now().await;
                }
                let lines = model.borrow_mut().receive(&call);
                for _ in 0..first % 2 {
                    tokio::task::yield_now().await;
                }
                lines
            };
            let token = || { tokens += 1; tokens.to_string() };
            let kill_after = kill.unwrap_or(usize::MAX);
            run(info, &rows, &mut file, kill_after, concurrency, token, call);
            if kill.is_none() && file.len() == before {
                break;
            }
        }
        let model = model.into_inner();

        let mut last: HashMap<usize, Outcome> = HashMap::new();
        let mut begun: HashMap<usize, usize> = HashMap::new();
        for line in file.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.is_empty()) {
            let line: Line = serde_json::from_slice(line).unwrap();
            let before = last.insert(line.row, line.outcome);
            if line.outcome == Outcome::Begun {
                *begun.entry(line.row).or_default() += 1;
                match before {
                    None | Some(Outcome::Unsent) => {}
                    Some(Outcome::Done | Outcome::Failed) => prop_assert!(false, "{:?}", line),
                    Some(Outcome::Begun | Outcome::Unknown) => {
                        prop_assert!(matches!(kind, Kind::Idempotent | Kind::Token));
                    }
                }
            }
        }
        for row in 1..=count {
            let outcome = last.get(&row).copied();
            let is_known = matches!(outcome, Some(Outcome::Done | Outcome::Failed));
            let is_left = matches!(outcome, Some(Outcome::Begun | Outcome::Unknown))
                && matches!(kind, Kind::Unsafe | Kind::UnsafeBatch);
            prop_assert!(is_known || is_left, "row {} is lost: {:?}", row, outcome);
            let sent = model.sent.get(&row).cloned().unwrap_or_default();
            prop_assert!(sent.len() <= begun.get(&row).copied().unwrap_or_default());
            prop_assert!(sent.iter().all(|token| token.is_some() == (kind == Kind::Token)));
            prop_assert!(sent.windows(2).all(|pair| pair[0] == pair[1]), "another token");
            let effects = model.effects.get(&row).copied().unwrap_or_default();
            if kind != Kind::Idempotent {
                prop_assert!(effects <= 1, "row {} took effect {} times", row, effects);
            }
            if outcome == Some(Outcome::Done) {
                prop_assert!(effects >= 1);
            }
        }
    }
}

#[test]
fn ten_thousand_rows_survive_kills() {
    const COUNT: usize = 10_000;
    let info = Kind::Token.info();
    let rows = rows((0..COUNT).map(|number| {
        json!({"AccountId": sample::ENTERPRISE_ACCOUNT_ID, "Name": format!("Room {number}")})
    }));
    let mut config = Config::default();
    let key = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    config.credentials = Some(key.into());
    let mut local = chime_local::Config::sample();
    local.rules.chime.rooms_per_account = 2 * COUNT;
    let local = LocalChime::new(local).unwrap();
    let client = Client::with_http_service(config, local).unwrap().without_validation();
    let call = async |call: Call| {
        let result = client.call(info, call.input.clone()).await;
        let result = result.map(|response| (None, response.into_body()));
        outcome::lines(info, &call, result, true)
    };
    let mut file = Vec::new();
    let mut tokens = 0;
    for kill_after in [0, 50, 1_000_003, 1_500_001, usize::MAX] {
        let token = || {
            tokens += 1;
            format!("token-{tokens}")
        };
        let end = run(info, &rows, &mut file, kill_after, 8, token, call);
        assert_eq!(end.is_some(), kill_after == usize::MAX, "{} bytes", file.len());
    }
    let (rows, _) = results::replay(&header(info, &rows), &file).unwrap();
    assert_eq!(rows.unwrap().with(Some(Outcome::Done)).len(), COUNT);

    let list = chime::API.operation("ListRooms").unwrap();
    let mut input = Map::new();
    input.insert("AccountId".to_owned(), sample::ENTERPRISE_ACCOUNT_ID.into());
    input.insert("MaxResults".to_owned(), 99.into());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut names = Vec::new();
    loop {
        let page = runtime.block_on(client.call(list, input.clone())).unwrap().into_body();
        for room in page["Rooms"].as_array().unwrap() {
            names.extend(
                room["Name"].as_str().filter(|name| name.starts_with("Room ")).map(str::to_owned),
            );
        }
        match page.get("NextToken").and_then(Value::as_str) {
            Some(token) => input.insert("NextToken".to_owned(), token.into()),
            None => break,
        };
    }
    assert_eq!(names.len(), COUNT, "a room was made twice or never");
    assert_eq!(names.into_iter().collect::<HashSet<_>>().len(), COUNT);
}

/// Interrupts from a call.
fn interrupted(count: usize) -> (End, usize, usize) {
    let (info, rows) = (Kind::Idempotent.info(), Kind::Idempotent.rows(9));
    let mut results = Results::start(&header(info, &rows), Vec::new()).unwrap();
    let calls = to_send(info, rows, &results.rows, String::new);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let call = async |call: Call| {
        // The first row never ends if it is abandoned.
        let row = call.parts[0].row;
        if row == 1 && count > 1 {
            std::future::pending::<()>().await;
        }
        vec![Line::new(row, Outcome::Done)]
    };
    // They arrive before the first call ends.
    let interrupts = stream::iter(vec![(); count]).chain(stream::pending());
    let end = runtime.block_on(send(calls, &mut results, 2, interrupts, call, |_| {})).unwrap();
    let [done, begun] = [Outcome::Done, Outcome::Begun].map(|it| results.rows.with(Some(it)).len());
    (end, done, begun)
}

#[test]
fn an_interrupt_awaits_the_calls_under_way_and_a_second_one_abandons_them() {
    assert_eq!(interrupted(0), (End::Complete, 9, 0));
    assert_eq!(interrupted(1), (End::Interrupted, 2, 0));
    assert_eq!(interrupted(2), (End::Interrupted, 0, 2));
}

#[test]
fn rows_that_cannot_be_sent_stop_the_run() {
    let (info, rows) = (Kind::Unsafe.info(), Kind::Unsafe.rows(40));
    let sent = RefCell::new(0);
    let run = |file: &mut Vec<u8>, outcome: fn(usize) -> Outcome| {
        let call = async |call: Call| {
            *sent.borrow_mut() += 1;
            call.parts.iter().map(|part| Line::new(part.row, outcome(part.row))).collect()
        };
        run(info, &rows, file, usize::MAX, 1, String::new, call)
    };
    let mut file = Vec::new();
    assert_eq!(run(&mut file, |_| Outcome::Unsent), Some(End::Aborted));
    assert_eq!(*sent.borrow(), MAX_UNSENT);
    let flaky = |row| if row % 2 == 0 { Outcome::Unsent } else { Outcome::Done };
    assert_eq!(run(&mut file, flaky), Some(End::Complete));
    assert_eq!(*sent.borrow(), MAX_UNSENT + 40);
    assert_eq!(run(&mut file, |_| Outcome::Done), Some(End::Complete));
    assert_eq!(*sent.borrow(), MAX_UNSENT + 60);
}
