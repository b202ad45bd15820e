//! The client against a server that fails in every way there is, byte by byte, on a paused clock.

mod handshakes;
mod pipe;
mod request;
mod script;
mod server;

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chime_client::credentials::{Load, Provider, SharedProvider};
use chime_client::model::chime::*;
use chime_client::{
    CallTimeout, Client, Clock, Config, Connection, Credentials, Error, ErrorKind, Random,
    Repeatable, Stop, TransportErrorKind,
};
use proptest::prelude::*;
use proptest::test_runner::{Config as TestConfig, TestRunner};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use handshakes::Handshakes;
use script::{
    Answer, CONNECT_TIMEOUT, Delivery, End, LIMIT, Message, Script, Way, long_scripts, scripts,
};
use server::{Met, Seen, Server};

/// Temporary keys, each another one.
struct Keys(AtomicU32);

impl Provider for Keys {
    fn load(&self) -> Load<'_> {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        let key = Credentials::new(format!("AKID{number}"), "secret").with_session_token("token");
        Box::pin(std::future::ready(Ok(key)))
    }
}

/// A server and a client of it, whose clocks begin together and go with that of the runtime.
fn pair(script: Script) -> (Server, Client) {
    let started = Instant::now();
    let now = move || UNIX_EPOCH + Duration::from_secs(1_795_446_465) + started.elapsed();
    let tls = script.tls;
    let server = Server::new(script, now);
    (server.clone(), client(server, tls, now))
}

fn client(
    server: Server,
    tls: bool,
    now: impl Fn() -> SystemTime + Send + Sync + 'static,
) -> Client {
    let mut config = Config::new(SharedProvider::new(Keys(AtomicU32::new(0))));
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
        config.roots.extra = Handshakes::get().pem.clone().into_bytes();
    }
    let dial = tower::service_fn(move |_| server.clone().dial());
    let connection = Connection::with_dial(&config, dial);
    Client::with_connection(config, connection).unwrap()
}

/// What a call is, and what its server saw of it.
struct Call {
    name: String,
    repeatable: bool,
    seen: Vec<Seen>,
    /// How many connections before its end may have been closed when they seemed fit for use.
    traps: u32,
}

impl Call {
    fn requests(&self) -> impl DoubleEndedIterator<Item = &Met> {
        self.seen.iter().filter_map(|seen| match seen {
            Seen::Request(met) => Some(met),
            Seen::Way(_) => None,
        })
    }

    fn throttled(&self) -> u32 {
        let is_throttled = |met: &&Met| {
            matches!(met.answer.message, Message::Throttled(_) | Message::Status(429))
                && !matches!(met.answer.delivery, Delivery::Cut(..))
        };
        self.requests().filter(is_throttled).count() as u32
    }

    /// How many attempts that makes: after a refusal of its credentials an attempt is made again
    /// with others, once.
    fn attempts(&self) -> u32 {
        let mut seen = self.seen.iter();
        let mut attempts = 0;
        while let Some(next) = seen.next() {
            attempts += 1;
            if matches!(next, Seen::Request(met) if met.answer.message == Message::Expired
                && !matches!(met.answer.delivery, Delivery::Cut(..)))
            {
                seen.next();
            }
        }
        attempts
    }

    /// Whether the call ended with the truth, and did no harm.
    fn check(&self, result: &Result<CreateAccountResponse, Error>) -> Result<(), TestCaseError> {
        let acts: Vec<_> = self.requests().filter_map(|met| met.act).collect();
        prop_assert!(self.repeatable || acts.len() <= 1, "it acted {} times", acts.len());
        let mut ids: Vec<_> = self.requests().map(|met| &met.invocation).collect();
        ids.dedup();
        prop_assert!(ids.len() <= 1, "one call, one id");
        // What is throttled goes again without using up an attempt.
        let attempts = self.attempts();
        prop_assert!(attempts <= 3 + self.throttled(), "{} attempts", attempts);
        match result {
            Ok(response) => {
                let cut = |met: &&Met| met.answer.message == Message::Endless;
                let last = self.requests().next_back();
                match &response.account {
                    Some(account) => {
                        let act = account.account_id.as_str().parse().unwrap();
                        prop_assert_eq!((&account.name, acts.last()), (&self.name, Some(&act)));
                    }
                    // Nobody can tell that there was more.
                    None => prop_assert!(last.as_ref().is_some_and(cut)),
                }
            }
            Err(error) => {
                let fine = |met: &Met| met.answer.is_fine();
                prop_assert!(!matches!(self.seen.last(), Some(Seen::Request(met)) if fine(met)));
                prop_assert!(error.may_have_acted() || acts.is_empty(), "it acted");
                let refused = self.seen.iter().all(|seen| match seen {
                    Seen::Way(way) => way.is_closed(),
                    Seen::Request(met) => met.answer.is_refusal(),
                });
                let timed_out = has_timed_out(error);
                let certain = refused && self.traps == 0 && !timed_out;
                prop_assert!(!(certain && error.may_have_acted()), "nothing was done");
                // One on a closed connection, or on the way to one, is not seen; and what was slow to
                // tell of credentials may have been too late.
                let is_slow =
                    |met: &&Met| met.answer.message == Message::Expired && !met.answer.is_prompt();
                let slow = self.requests().filter(is_slow).count() as u32;
                let unseen = self.traps + slow + u32::from(timed_out);
                let made = error.attempts().unwrap().made;
                prop_assert!((attempts..=attempts + unseen).contains(&made), "{} made", made);
            }
        }
        Ok(())
    }
}

fn has_timed_out(error: &Error) -> bool {
    use TransportErrorKind::{AttemptTimeout, OperationTimeout};
    matches!(error.kind(), ErrorKind::Transport(error)
        if matches!(error.kind(), AttemptTimeout | OperationTimeout))
}

/// Makes some calls, one after another, and checks each and all of them.
async fn run(
    script: Script,
    calls: usize,
    repeatable: bool,
    limit: Duration,
) -> Result<(), TestCaseError> {
    let (server, client) = pair(script);
    let client = client.with(Repeatable(repeatable)).with(CallTimeout(Some(limit)));
    let (mut retries, mut fine, mut before, mut traps) = (0, 0, 0, 0);
    for number in 0..calls {
        let name = format!("call-{number}");
        let started = Instant::now();
        let result = client.create_account(CreateAccountRequest::new(&*name)).await;
        let elapsed = started.elapsed();
        let mut seen = server.seen().split_off(before);
        before += seen.len();
        let is_trap =
            |seen: &&Seen| matches!(seen, Seen::Request(met) if met.answer.leaves_a_trap());
        traps += seen.iter().filter(is_trap).count() as u32;
        // One that was given up may come late.
        seen.retain(|seen| !matches!(seen, Seen::Request(met) if met.name != name));
        let call = Call { name, repeatable, seen, traps };
        let told = |error| TestCaseError::fail(format!("{error}\n{result:?}\n{:#?}", call.seen));
        if elapsed > limit {
            return Err(told(TestCaseError::fail(format!("{elapsed:?} of {limit:?}"))));
        }
        call.check(&result).map_err(told)?;
        retries += (call.attempts() - call.throttled().min(call.attempts())).saturating_sub(1);
        // What is no JSON is a success to those who carry it.
        let undecodable = |error: &Error| matches!(error.kind(), ErrorKind::Undecodable(_));
        fine += u32::from(result.as_ref().map_or_else(undecodable, |_| true));
    }
    // The budget of 500 tokens: a retry takes 14, and a success gives as many back at the most.
    prop_assert!(retries * 14 <= 500 + fine * 14, "{} retries, {} fine", retries, fine);
    // Nothing goes on behind the back of calls that have ended, and no connection stays open.
    drop(client);
    sleep(Duration::from_secs(3600)).await;
    prop_assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
    let late = server.seen();
    let acts = |name: &str| {
        let acted = |seen: &&Seen| matches!(seen, Seen::Request(met) if met.name == name && met.act.is_some());
        late.iter().filter(acted).count()
    };
    let twice = (0..calls).find(|number| acts(&format!("call-{number}")) > 1);
    prop_assert!(repeatable || twice.is_none(), "call {:?} acted twice", twice);
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
    let scripts = prop_oneof![
        199 => (scripts(), 1usize..4),
        1 => (long_scripts(), 20usize..60),
    ];
    let plans = (scripts, any::<bool>(), 1u64..200);
    let outcome = TestRunner::new(config).run(&plans, |((script, calls), repeatable, limit)| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(run(script, calls, repeatable, Duration::from_secs(limit)))
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
    let client = client.with(Repeatable(true));
    let error = client.create_account(CreateAccountRequest::new("name")).await.unwrap_err();
    let attempts = error.attempts().unwrap();
    assert_eq!(
        (attempts.made, attempts.stop, attempts.last_status),
        (3, Stop::Attempts, Some(503))
    );
    assert_eq!(
        error.to_string(),
        "CreateAccount: the connection broke before the whole answer was there \
         (3 attempts; no further one was allowed) (the last answer was HTTP 503)"
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
    call(reset().with(Repeatable(true))).await.unwrap();
}
