//! The client against a service that fails in every way there is, on a paused clock.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use chime_client::credentials::{Load, Provider, SharedProvider};
use chime_client::model::chime::*;
use chime_client::{
    CallTimeout, Client, Clock, Config, Credentials, Random, Repeatable, Stop, TransportError,
    TransportErrorKind,
};
use http::{Request, Response};
use proptest::prelude::*;
use proptest::test_runner::{Config as TestConfig, TestRunner};

/// What the service does with one attempt. Those that act do so before they fail.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// No connection.
    Refused,
    /// The connection breaks, and the service had not acted.
    ResetBefore,
    /// The connection breaks, and the service had acted.
    ResetAfter,
    /// Nothing comes, and the service did not act.
    HangBefore,
    /// Nothing comes, and the service acted.
    HangAfter,
    /// It answers with this status, and did not act.
    Refusal(u16),
    /// It answers with this status, and acted.
    LateFailure(u16),
    /// It acts, and answers with what is no JSON.
    Garbage,
    /// It takes the credentials for expired, and does not act.
    Expired,
    /// Its clock is 20 minutes ahead. It does not act on what is dated otherwise.
    ClockAhead,
    /// It acts, takes this many seconds, and answers.
    Slow(u8),
    /// It acts, and its answer comes in so many pieces, one in five seconds.
    Drip(u8),
    /// It acts and answers.
    Fine,
}

impl Fault {
    fn acts(self) -> bool {
        use Fault::{Drip, Fine, Garbage, HangAfter, LateFailure, ResetAfter, Slow};
        matches!(self, ResetAfter | HangAfter | LateFailure(_) | Garbage | Slow(_) | Drip(_) | Fine)
    }

    /// Whether what the client sees leaves no doubt that the service did not act.
    fn is_certain(self) -> bool {
        matches!(self, Self::Refused | Self::Refusal(_) | Self::Expired | Self::ClockAhead)
    }
}

fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let fault = prop_oneof![
        Just(Fault::Refused),
        Just(Fault::ResetBefore),
        Just(Fault::ResetAfter),
        Just(Fault::HangBefore),
        Just(Fault::HangAfter),
        proptest::sample::select(&[400u16, 403, 404, 409, 429, 503][..]).prop_map(Fault::Refusal),
        proptest::sample::select(&[500u16, 501, 502, 504, 524][..]).prop_map(Fault::LateFailure),
        Just(Fault::Garbage),
        Just(Fault::Expired),
        Just(Fault::ClockAhead),
        (0u8..60).prop_map(Fault::Slow),
        (1u8..12).prop_map(Fault::Drip),
        Just(Fault::Fine),
    ];
    proptest::collection::vec(fault, 0..5)
}

/// A service that follows a script, and is fine when the script is over.
#[derive(Clone)]
struct Scripted {
    script: Arc<Mutex<std::vec::IntoIter<Fault>>>,
    attempts: Arc<AtomicU32>,
    acted: Arc<AtomicU32>,
    /// Whether its clock was shown to be ahead.
    ahead: Arc<AtomicBool>,
}

/// The time by the client's clock, and by the other one.
const NOW: u64 = 1_795_446_465;
const AHEAD: (&str, &str) = ("20261123T152745Z", "Mon, 23 Nov 2026 15:27:45 GMT");

impl Scripted {
    fn new(script: Vec<Fault>) -> Self {
        let script = Arc::new(Mutex::new(script.into_iter()));
        let (attempts, acted, ahead) = Default::default();
        Self { script, attempts, acted, ahead }
    }

    async fn answer(self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        assert!(request.headers().contains_key("authorization"), "every attempt is signed");
        self.attempts.fetch_add(1, Ordering::Relaxed);
        let mut fault = self.script.lock().unwrap().next().unwrap_or(Fault::Fine);
        let dated_ahead = request.headers()["x-amz-date"] == AHEAD.0;
        assert_eq!(dated_ahead, self.ahead.load(Ordering::Relaxed), "the date is corrected");
        if fault == Fault::ClockAhead && dated_ahead {
            fault = Fault::Fine;
        }
        if fault.acts() {
            self.acted.fetch_add(1, Ordering::Relaxed);
        }
        let answer = |status: u16, body: &'static str| {
            let response = Response::builder().status(status).body(Bytes::from(body));
            Ok(response.unwrap())
        };
        match fault {
            Fault::Refused => Err(TransportError::new(TransportErrorKind::Connect, "refused")),
            Fault::ResetBefore | Fault::ResetAfter => {
                Err(TransportError::new(TransportErrorKind::Exchange, "reset"))
            }
            Fault::HangBefore | Fault::HangAfter => std::future::pending().await,
            Fault::Refusal(status) | Fault::LateFailure(status) => answer(status, "<html>"),
            Fault::Garbage => answer(200, "<html>"),
            Fault::Expired => Ok(refusal("ExpiredTokenException")),
            Fault::ClockAhead => {
                self.ahead.store(true, Ordering::Relaxed);
                let mut response = refusal("RequestTimeTooSkewed");
                response.headers_mut().insert("date", AHEAD.1.parse().unwrap());
                Ok(response)
            }
            Fault::Slow(seconds) => {
                tokio::time::sleep(Duration::from_secs(seconds.into())).await;
                answer(201, "{}")
            }
            Fault::Drip(pieces) => {
                for _ in 0..pieces {
                    tokio::time::sleep(Duration::from_secs(5)).await;
                }
                answer(201, "{}")
            }
            Fault::Fine => answer(201, "{}"),
        }
    }
}

fn refusal(code: &str) -> Response<Bytes> {
    let response = Response::builder().status(403).header("x-amzn-errortype", code);
    response.body(Bytes::from("{}")).unwrap()
}

/// Temporary keys, each another one.
struct Keys(AtomicU32);

impl Provider for Keys {
    fn load(&self) -> Load<'_> {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        let key = Credentials::new(format!("AKID{number}"), "secret").with_session_token("token");
        Box::pin(std::future::ready(Ok(key)))
    }
}

impl tower::Service<Request<Bytes>> for Scripted {
    type Response = Response<Bytes>;
    type Error = TransportError;
    type Future =
        std::pin::Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), TransportError>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        Box::pin(self.clone().answer(request))
    }
}

fn client(service: Scripted) -> Client {
    let mut config = Config::new(SharedProvider::new(Keys(AtomicU32::new(0))));
    config.clock = Clock::new(|| UNIX_EPOCH + Duration::from_secs(NOW));
    config.random = Random::new(|| 1 << 63);
    Client::with_connection(config, service).unwrap()
}

/// How many of the attempts that a service saw count as such: after a refusal of its credentials an
/// attempt is made again with others, once.
fn counted(script: &[Fault], seen: u32) -> u32 {
    let mut script = script.iter().chain(std::iter::repeat(&Fault::Fine)).take(seen as usize);
    let mut counted = 0;
    while let Some(fault) = script.next() {
        counted += 1;
        if *fault == Fault::Expired {
            script.next();
        }
    }
    counted
}

#[test]
fn a_call_ends_in_time_with_the_truth_whatever_happens() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let cases = 100_000;
    let config = TestConfig { cases, failure_persistence: None, ..TestConfig::default() };
    let scripts = (faults(), any::<bool>(), 1u64..200);
    let outcome = TestRunner::new(config).run(&scripts, |(script, repeatable, limit)| {
        runtime.block_on(async {
            let service = Scripted::new(script.clone());
            let limit = Duration::from_secs(limit);
            let client =
                client(service.clone()).with(Repeatable(repeatable)).with(CallTimeout(Some(limit)));
            let started = tokio::time::Instant::now();
            let result = client.create_account(CreateAccountRequest::new("name")).await;
            let elapsed = started.elapsed();
            let acted = service.acted.load(Ordering::Relaxed);
            let attempts = service.attempts.load(Ordering::Relaxed);

            prop_assert!(elapsed <= limit, "{:?} of {:?}", elapsed, limit);
            // What is throttled goes again without using up an attempt.
            let seen = || script.iter().take(attempts as usize);
            let throttled = seen().filter(|fault| **fault == Fault::Refusal(429)).count();
            let allowed = 3 + throttled as u32;
            let made = counted(&script, attempts);
            prop_assert!((1..=allowed).contains(&made), "{} attempts", made);
            prop_assert!(repeatable || acted <= 1, "acted {} times", acted);
            match &result {
                Ok(_) => prop_assert!(acted >= 1, "it did not act"),
                Err(error) => {
                    let last = script.get(attempts as usize - 1).unwrap_or(&Fault::Fine);
                    prop_assert!(*last != Fault::Fine, "it was fine in the end: {:?}", error);
                    let certain = seen().all(|fault| fault.is_certain());
                    prop_assert!(
                        error.may_have_acted() || acted == 0,
                        "acted {} times, and it says: {:?}",
                        acted,
                        error
                    );
                    prop_assert!(!(error.may_have_acted() && certain), "{:?}", error);
                    prop_assert_eq!(error.attempts().map(|attempts| attempts.made), Some(made));
                }
            }
            Ok(())
        })
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_final_error_tells_how_it_went() {
    let script = [Fault::Refusal(503), Fault::Refused, Fault::ResetBefore];
    let client = client(Scripted::new(script.to_vec()));
    let request = || GetAccountRequest::new("a");
    let error = client.get_account(request()).await.unwrap_err();
    let attempts = error.attempts().unwrap();
    assert_eq!(
        (attempts.made, attempts.stop, attempts.last_status),
        (3, Stop::Attempts, Some(503))
    );
    assert_eq!(
        error.to_string(),
        "GetAccount: the connection broke before the whole answer was there \
         (3 attempts; no further one was allowed) (the last answer was HTTP 503)"
    );
}

#[tokio::test(start_paused = true)]
async fn the_caller_decides_what_may_be_repeated() {
    let call = |client: Client| async move {
        client.create_account(CreateAccountRequest::new("name")).await
    };
    let script = || Scripted::new(vec![Fault::ResetAfter]);
    let error = call(client(script())).await.unwrap_err();
    assert_eq!(error.attempts().unwrap().stop, Stop::Unsafe);
    call(client(script()).with(Repeatable(true))).await.unwrap();
}
