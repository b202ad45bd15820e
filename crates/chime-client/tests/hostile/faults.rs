//! The client against a server that fails in every way there is, byte by byte, on a paused clock.

mod call;
mod handshakes;
mod pipe;
mod random;
mod request;
mod script;
mod server;

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chime_client::credentials::{Load, Provider, SharedProvider};
use chime_client::model::chime::*;
use chime_client::{
    CallOptions, Client, Clock, Config, Credentials, Error, ErrorKind, HttpClient, Random,
    RateLimit, Stop,
};
use proptest::prelude::*;
use proptest::test_runner::{Config as TestConfig, TestRunner};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout};

use call::Call;
use handshakes::Handshakes;
use random::{long_scripts, scripts};
use script::{Answer, CONNECT_TIMEOUT, Delivery, End, LIMIT, Message, Script, Way};
use server::{Seen, Server};

/// Temporary keys, each another one, and how long it takes to get one.
struct Keys(AtomicU32, Duration);

impl Provider for Keys {
    fn load(&self) -> Load<'_> {
        Box::pin(async {
            sleep(self.1).await;
            let number = self.0.fetch_add(1, Ordering::Relaxed);
            Ok(Credentials::new(format!("AKID{number}"), "secret").with_session_token("token"))
        })
    }
}

/// What slows a client down on its own side.
#[derive(Clone, Debug, Default)]
struct Brakes {
    /// How long it takes to get keys.
    keys: Duration,
    /// How many requests there may be in a second.
    rate: Option<f64>,
}

/// A server and a client of it, whose clocks begin together and go with that of the runtime.
fn pair(script: Script) -> (Server, Client) {
    slow_pair(script, &Brakes::default())
}

fn slow_pair(script: Script, brakes: &Brakes) -> (Server, Client) {
    let started = Instant::now();
    let now = move || UNIX_EPOCH + Duration::from_secs(1_795_446_465) + started.elapsed();
    let tls = script.tls;
    let server = Server::new(script, now);
    (server.clone(), client(server, tls, brakes, now))
}

fn client(
    server: Server,
    tls: bool,
    brakes: &Brakes,
    now: impl Fn() -> SystemTime + Send + Sync + 'static,
) -> Client {
    let mut config = Config::new(SharedProvider::new(Keys(AtomicU32::new(0), brakes.keys)));
    if let Some(rate) = brakes.rate {
        config.rate_limits.default = RateLimit::per_second(rate).with_burst(2);
    }
    config.endpoint_url = Some(if tls { "https://localhost" } else { "http://localhost" }.into());
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    config.max_response_size = LIMIT;
    config.clock = Clock::new(now);
    // Any numbers that are not the same, and the same in every run.
    let seed = AtomicU64::new(1);
    config.random = Random::new(move || {
        seed.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    });
    if tls {
        config.roots.extra_pem = Handshakes::get().pem.clone().into_bytes();
    }
    let connector = tower::service_fn(move |_| server.clone().dial());
    let http = HttpClient::with_connector(&config, connector);
    Client::with_http_service(config, http).unwrap()
}

/// Calls to make, one after another, to a server that follows a script.
#[derive(Clone, Debug)]
struct Plan {
    script: Script,
    calls: usize,
    brakes: Brakes,
    idempotent: bool,
    /// How long a call may take.
    limit: Duration,
    /// After how long a call is dropped.
    patience: Option<Duration>,
}

fn plans() -> impl Strategy<Value = Plan> {
    let scripts = prop_oneof![
        199 => (scripts(), 1usize..4),
        1 => (long_scripts(), 20usize..60),
    ];
    let keys = prop_oneof![4 => Just(0), 1 => 0u64..6_000].prop_map(Duration::from_millis);
    let rate = prop_oneof![4 => Just(None), 1 => (0.02..2.0).prop_map(Some)];
    let brakes = (keys, rate).prop_map(|(keys, rate)| Brakes { keys, rate });
    let patience = prop_oneof![
        4 => Just(None),
        1 => (0u64..40_000).prop_map(|millis| Some(Duration::from_millis(millis))),
    ];
    let limit = (1u64..200).prop_map(Duration::from_secs);
    (scripts, brakes, any::<bool>(), limit, patience).prop_map(
        |((script, calls), brakes, idempotent, limit, patience)| Plan {
            script,
            calls,
            brakes,
            idempotent,
            limit,
            patience,
        },
    )
}

/// Makes the calls, and checks each and all of them.
async fn run(plan: Plan) -> Result<(), TestCaseError> {
    let Plan { script, calls, brakes, idempotent, limit, patience } = plan;
    let (server, client) = slow_pair(script, &brakes);
    let client = client.with_options(CallOptions::new().idempotent(idempotent).timeout(limit));
    let (mut retries, mut fine, mut before, mut traps) = (0, 0, 0, 0);
    for number in 0..calls {
        let name = format!("call-{number}");
        let started = Instant::now();
        let call = client.create_account(CreateAccountRequest::new(&*name));
        let result = timeout(patience.unwrap_or(Duration::MAX), call).await.ok();
        let elapsed = started.elapsed();
        let mut seen = server.seen().split_off(before);
        before += seen.len();
        let is_trap =
            |seen: &&Seen| matches!(seen, Seen::Request(met) if met.answer.leaves_a_trap());
        traps += seen.iter().filter(is_trap).count() as u32;
        // One that was given up may come late.
        seen.retain(|seen| !matches!(seen, Seen::Request(met) if met.name != name));
        let call = Call { name, idempotent, seen, traps };
        let told = |error| TestCaseError::fail(format!("{error}\n{result:?}\n{:#?}", call.seen));
        if elapsed > limit {
            return Err(told(TestCaseError::fail(format!("{elapsed:?} of {limit:?}"))));
        }
        call.check_acts().map_err(told)?;
        retries += call.attempts().saturating_sub(call.throttled() + 1);
        if let Some(result) = &result {
            call.check_end(result).map_err(told)?;
            // What is no JSON is a success to those who carry it.
            let undecodable = |error: &Error| matches!(error.kind(), ErrorKind::Undecodable(_));
            fine += u32::from(result.as_ref().map_or_else(undecodable, |_| true));
        }
    }
    // The budget of 500 tokens: a retry takes 14, and a success gives as many back at the most.
    prop_assert!(retries * 14 <= 500 + fine * 14, "{} retries, {} fine", retries, fine);
    // Nothing goes on behind the back of calls that have ended, and no connection stays open.
    drop(client);
    sleep(Duration::from_secs(3600)).await;
    prop_assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
    server.ended().await;
    let mut acted: Vec<_> = server.seen().iter().filter_map(Seen::acted).collect();
    let all = acted.len();
    acted.sort();
    acted.dedup();
    prop_assert!(idempotent || acted.len() == all, "{} of {} acts", acted.len(), all);
    Ok(())
}

#[test]
fn a_call_ends_in_time_with_the_truth_whatever_happens() {
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

fn script(answers: &[(Message, Delivery)]) -> Script {
    let answers = answers.iter().cloned();
    let answers = answers.map(|(message, delivery)| Answer::new(message, delivery)).collect();
    Script { answers, ..Script::default() }
}

const RESET: (Message, Delivery) = (Message::Fine, Delivery::Cut(0, End::Reset));

#[tokio::test(start_paused = true)]
async fn the_final_error_tells_how_it_went() {
    let mut script = script(&[(Message::Status(503), Delivery::Whole), RESET]);
    script.ways = vec![Way::Open, Way::Refused];
    let (_, client) = pair(script);
    let client = client.with_options(CallOptions::new().idempotent(true));
    let error = client.create_account(CreateAccountRequest::new("name")).await.unwrap_err();
    let attempts = error.attempts().unwrap();
    assert_eq!(
        (attempts.made, attempts.stop, attempts.last_status),
        (3, Stop::Attempts, Some(503))
    );
    assert_eq!(
        error.to_string(),
        "CreateAccount: the connection failed before the response was complete: localhost \
         (3 attempts; no attempts left) (the last response was HTTP 503)"
    );
}

#[tokio::test(start_paused = true)]
async fn the_caller_decides_what_may_be_repeated() {
    let call = |client: Client| async move {
        client.create_account(CreateAccountRequest::new("name")).await
    };
    let reset = || pair(script(&[RESET])).1;
    let error = call(reset()).await.unwrap_err();
    assert_eq!(error.attempts().unwrap().stop, Stop::Unsafe);
    call(reset().with_options(CallOptions::new().idempotent(true))).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn without_keys_nothing_was_sent_or_all_of_it_refused() {
    let expired = script(&[(Message::Expired, Delivery::Whole)]);
    for (script, keys, requests) in [(Script::default(), 9, 0), (expired, 3, 1)] {
        let brakes = Brakes { keys: Duration::from_secs(keys), ..Brakes::default() };
        let (server, client) = slow_pair(script, &brakes);
        let client = client.with_options(CallOptions::new().timeout(Duration::from_secs(5)));
        let error = client.create_account(CreateAccountRequest::new("name")).await.unwrap_err();
        assert!(!error.may_have_acted(), "{error:?}");
        assert_eq!(error.attempts().unwrap().made, 1 + requests as u32);
        assert_eq!(server.seen().len(), requests);
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_connection_nothing_was_sent_however_the_call_ends() {
    let silent = || Script { ways: vec![Way::Silent; 9], ..Script::default() };
    let seconds = Duration::from_secs;
    let request = || CreateAccountRequest::new("name");
    // In the second attempt.
    let client = pair(silent()).1.with_options(CallOptions::new().timeout(seconds(5)));
    let error = client.create_account(request()).await.unwrap_err();
    assert!(!error.may_have_acted(), "{error:?}");
    assert_eq!(error.attempts().unwrap().made, 2);
    // Shorter than the time for a connection: tried again, though it is not safe to repeat.
    let client = pair(silent()).1.with_options(CallOptions::new().attempt_timeout(seconds(2)));
    let error = client.create_account(request()).await.unwrap_err();
    assert!(!error.may_have_acted(), "{error:?}");
    assert_eq!(error.attempts().unwrap().made, 3);
    let told = error.to_string();
    assert!(told.starts_with("CreateAccount: the attempt timed out; nothing was sent"), "{told}");
}
