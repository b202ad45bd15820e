//! Lines for calls that really wait, with the transport's own spans and events, on a paused clock.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::LazyLock;

use super::super::TICK;
use super::*;
use chime_client::credentials::{Load, Provider, SharedProvider};
use chime_client::model::chime;
use chime_client::{Client, Config, Credentials, Random};
use chime_local::faults::Faults;
use chime_local::{LocalChime, sample};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use tracing_subscriber::filter::dynamic_filter_fn;

thread_local! {
    /// Whether the calls of this thread, and so of a test, are shown.
    static IS_SHOWN: Cell<bool> = const { Cell::new(false) };
}

/// The calls of one test at a time. Their subscriber is that of the whole process: tracing caches the
/// interest in each callsite, so a subscriber of one thread can miss events of callsites that another
/// thread reached first.
static CALLS: LazyLock<Mutex<Calls>> = LazyLock::new(|| {
    let calls = Calls::default();
    let here = calls.layer().with_filter(dynamic_filter_fn(|_, _| IS_SHOWN.get()));
    tracing_subscriber::registry().with(here).try_init().expect("no other test sets one");
    Mutex::new(calls)
});

/// The lines that are shown, each once, while the command runs against an emulator with these faults.
fn shown<F: Future>(faults: Value, command: impl FnOnce(Client) -> F) -> Vec<String> {
    let credentials = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    shown_with(Config::new(credentials), faults, command)
}

fn shown_with<F: Future>(
    mut config: Config,
    faults: Value,
    command: impl FnOnce(Client) -> F,
) -> Vec<String> {
    let local = LocalChime::sample();
    local.set_faults(Faults::parse(&faults.to_string()).unwrap()).unwrap();
    // Every pause is as long as it can be.
    config.random = Random::new(|| u64::MAX);
    let client = Client::with_http_service(config, local).unwrap();

    let calls = CALLS.lock().unwrap_or_else(PoisonError::into_inner);
    *calls.call() = Call::default();
    IS_SHOWN.set(true);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.unwrap().block_on(async {
        let mut command = pin!(command(client));
        let mut lines = vec![];
        while timeout(TICK, command.as_mut()).await.is_err() {
            lines.extend(calls.line(Instant::now()));
        }
        lines.dedup();
        lines
    })
}

async fn get_account(client: Client) {
    let info = chime::API.operation("GetAccount").unwrap();
    let input = [("AccountId".to_owned(), sample::TEAM_ACCOUNT_ID.into())];
    client.call(info, input.into_iter().collect()).await.unwrap();
}

#[test]
fn a_call_that_waits_says_why_and_for_how_long() {
    let faults = json!({"Faults": [
        {"Times": 1, "Error": {"Exception": "ThrottledClientException"}},
        {"Times": 1, "DelayMillis": 3_500, "Error": {"Exception": "ServiceUnavailableException"}},
    ]});
    let lines = shown(faults, get_account);
    let expected = [
        "GetAccount: throttled (attempt 1); retrying in 1 s",
        "GetAccount: waiting for the response, 2 s",
        "GetAccount: waiting for the response, 3 s",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_call_that_goes_on_shows_nothing() {
    assert_eq!(shown(json!({}), get_account), [""; 0]);
}

#[test]
fn a_wait_for_a_state_is_shown_between_its_calls() {
    let lines = shown(json!({}), async |client| {
        tracing::debug!(waiter = "OrderSuccessful", "waiting");
        get_account(client).await;
        sleep(Duration::from_millis(1_100)).await;
    });
    assert_eq!(lines, ["Waiting for OrderSuccessful, 0 s", "Waiting for OrderSuccessful, 1 s"]);
}

#[derive(Debug)]
struct Slow;

impl Provider for Slow {
    fn load(&self) -> Load<'_> {
        Box::pin(async {
            sleep(Duration::from_secs(5)).await;
            Ok(Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY))
        })
    }
}

#[test]
fn nothing_is_shown_while_a_program_may_ask_for_a_code() {
    let mut config = Config::default();
    config.credentials = Some(SharedProvider::new(Slow));
    let faults = json!({"Faults": [{"DelayMillis": 2_500}]});
    let lines = shown_with(config, faults, async |client| {
        tracing::debug!(waiter = "OrderSuccessful", "waiting");
        get_account(client).await;
    });
    assert_eq!(lines, ["GetAccount: waiting for the response, 2 s"]);
}

#[test]
fn failures_of_the_connection_are_named() {
    for (error, expected) in [
        ("Connect", "cannot connect"),
        ("Exchange", "the connection broke"),
        ("AttemptTimeout", "no response in time"),
        ("502", "HTTP 502"),
        ("InternalFailure", "InternalFailure"),
        ("\u{1b}[2J", "\\u{1b}[2J"),
    ] {
        let mut call = Call::default();
        call.outcome(&Fields(vec![("error.type", error.to_owned())]));
        assert_eq!(call.error, expected);
    }
}

proptest! {
    #[test]
    fn a_duration_is_read_as_it_was_written(nanos in 0..=100_000_000_000_u64) {
        let written = Duration::from_nanos(nanos);
        let read = duration(&format!("{written:?}")).unwrap();
        prop_assert!(read.abs_diff(written) <= Duration::from_nanos(1));
    }
}
