//! Random calls to servers with random scripts.

use std::thread;
use std::time::Duration;

use chime_client::model::chime::CreateAccountRequest;
use chime_client::{CallOptions, Client, Error, ErrorKind};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config as TestConfig, TestRunner};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::call::{Call, CallResult};
use super::random::{long_scripts, scripts};
use super::script::{Protocol, Script};
use super::server::{Event, ReceivedRequest, Server};
use super::{Delays, server_and_client};

/// Calls to a server that follows a script.
#[derive(Clone, Debug)]
struct Plan {
    script: Script,
    /// The number of concurrent calls in each batch. Batches run one after another.
    batches: Vec<usize>,
    delays: Delays,
    idempotent: bool,
    /// The timeout of a call.
    limit: Duration,
    /// When the first call of a batch is dropped. In batches of one, that is every call.
    dropped_after: Option<Duration>,
}

fn plans() -> impl Strategy<Value = Plan> {
    let few = || vec(Just(1usize), 1..4);
    let http2 = if cfg!(feature = "http2") { Protocol::Http2 } else { Protocol::Http1OverTls };
    // A TLS handshake takes longer than the rest of a script, so few scripts have one.
    let scripts = prop_oneof![
        190 => (scripts(Protocol::Http1), few()),
        1 => (long_scripts(), vec(Just(1usize), 20..60)),
        2 => (scripts(Protocol::Http1), vec(1usize..4, 1..4)),
        1 => (scripts(Protocol::Http1OverTls), few()),
        2 => (scripts(http2), few()),
        // One call opens the connection that the calls of the next batch share.
        4 => (scripts(http2), (2usize..5, 1usize..3).prop_map(|(many, few)| vec![1, many, few])),
    ];
    let credentials = prop_oneof![4 => Just(0), 1 => 0u64..6_000].prop_map(Duration::from_millis);
    let rate = prop_oneof![4 => Just(None), 1 => (0.02..2.0).prop_map(Some)];
    let delays = (credentials, rate).prop_map(|(credentials, rate)| Delays { credentials, rate });
    let dropped_after = prop_oneof![
        4 => Just(None),
        1 => (0u64..40_000).prop_map(|millis| Some(Duration::from_millis(millis))),
    ];
    let limit = (1u64..200).prop_map(Duration::from_secs);
    (scripts, delays, any::<bool>(), limit, dropped_after).prop_map(
        |((script, batches), delays, idempotent, limit, dropped_after)| Plan {
            script,
            batches,
            delays,
            idempotent,
            limit,
            dropped_after,
        },
    )
}

/// A call that ended: its name, its result unless it was dropped, and how long it took.
type Ended = (String, Option<CallResult>, Duration);

async fn call(client: Client, name: String, dropped_after: Option<Duration>) -> Ended {
    let started = Instant::now();
    let call = client.chime().create_account(CreateAccountRequest::new(&*name));
    let result = timeout(dropped_after.unwrap_or(Duration::MAX), call).await.ok();
    (name, result, started.elapsed())
}

/// Makes the calls of a batch at the same time.
async fn batch(
    client: &Client,
    number: usize,
    size: usize,
    dropped_after: Option<Duration>,
) -> Vec<Ended> {
    let name = |index| format!("call-{number}-{index}");
    if size == 1 {
        return vec![call(client.clone(), name(0), dropped_after).await];
    }
    let mut calls = JoinSet::new();
    for index in 0..size {
        let dropped_after = dropped_after.filter(|_| index == 0);
        calls.spawn(call(client.clone(), name(index), dropped_after));
    }
    calls.join_all().await
}

/// Makes the calls of a plan and checks the laws.
async fn run(plan: Plan) -> Result<(), TestCaseError> {
    let Plan { script, batches, delays, idempotent, limit, dropped_after } = plan;
    let protocol = script.protocol;
    let (server, client) = server_and_client(script, &delays);
    let client = client.with_options(CallOptions::new().idempotent(idempotent).timeout(limit));
    let (mut retries, mut fine, mut before, mut stale_connections) = (0, 0, 0, 0);
    let mut is_concurrent = false;
    for (number, size) in batches.into_iter().enumerate() {
        let calls = batch(&client, number, size, dropped_after).await;
        let events = server.events().split_off(before);
        before += events.len();
        is_concurrent |= size > 1;
        let stale = |request: &ReceivedRequest| request.response.leaves_stale_connection(protocol);
        stale_connections += count(&events, stale);
        let ends = |request: &ReceivedRequest| request.response.delivery.ends_connection();
        let ended = if is_concurrent { count(&events, ends) } else { 0 };
        for (name, result, elapsed) in calls {
            let mut events = events.clone();
            // The request of a call that was dropped earlier may arrive late.
            events.retain(|event| !matches!(event, Event::Request(other) if other.name != name));
            let stale_connections = stale_connections + ended;
            let call =
                Call { name, protocol, idempotent, events, is_concurrent, stale_connections };
            let report =
                |error| TestCaseError::fail(format!("{error}\n{result:?}\n{:#?}", call.events));
            if elapsed > limit {
                return Err(report(TestCaseError::fail(format!("{elapsed:?} of {limit:?}"))));
            }
            call.check_requests().map_err(report)?;
            retries += call.attempts().saturating_sub(call.throttled() + 1);
            if let Some(result) = &result {
                call.check_result(result).map_err(report)?;
                // To the retries, a body that cannot be decoded is a success.
                let undecodable = |error: &Error| matches!(error.kind(), ErrorKind::Undecodable(_));
                fine += u32::from(result.as_ref().map_or_else(undecodable, |_| true));
            }
        }
    }
    // The budget has 500 tokens: a retry takes 14, and a success gives back 14 at most.
    prop_assert!(retries * 14 <= 500 + fine * 14, "{} retries, {} fine", retries, fine);
    drop(client);
    check_end(&server, idempotent).await
}

/// Checks that no task and no connection is left, and that no call acted twice.
async fn check_end(server: &Server, idempotent: bool) -> Result<(), TestCaseError> {
    sleep(Duration::from_secs(3600)).await;
    prop_assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
    server.join().await;
    let requests = server.requests();
    let acted = requests.iter().filter(|request| request.act.is_some());
    let mut acted: Vec<_> = acted.map(|request| &request.name).collect();
    let all = acted.len();
    acted.sort();
    acted.dedup();
    prop_assert!(idempotent || acted.len() == all, "{} of {} acts", acted.len(), all);
    Ok(())
}

fn count(events: &[Event], matches: impl Fn(&ReceivedRequest) -> bool) -> u32 {
    let is_match = |event: &&Event| matches!(event, Event::Request(request) if matches(request));
    events.iter().filter(is_match).count() as u32
}

#[test]
fn every_call_ends_in_time_and_reports_truthfully_whether_the_service_may_have_acted() {
    // 100,000 scripts, on two threads.
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| try_scripts(50_000));
        }
    });
}

fn try_scripts(cases: u32) {
    let config = TestConfig { cases, failure_persistence: None, ..TestConfig::default() };
    let outcome = TestRunner::new(config).run(&plans(), |plan| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(run(plan))
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
