//! The order of the layers and their interaction, over a scripted connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use tower_test::mock::Handle;

use super::*;
use crate::credentials::{Load, Provider, SharedProvider};
use crate::{Attempts, CallOptions, Clock, Credentials, ErrorKind, Random, RetryMode, Stop};

type Driver = Handle<Request<Bytes>, Response<Bytes>>;

/// Settings with a clock that advances a second at each call, and pauses without jitter, of half the
/// maximum.
fn config() -> Config {
    let mut config = Config::default();
    config.credentials = Some(Credentials::new("AKIDEXAMPLE", "a-secret").into());
    let seconds = Arc::new(AtomicU64::new(1_795_446_465));
    config.clock = Clock::new(move || {
        UNIX_EPOCH + Duration::from_secs(seconds.fetch_add(1, Ordering::Relaxed))
    });
    config.random = Random::new(|| 1 << 63);
    config
}

fn pair(config: &Config) -> (Transport, Driver) {
    let endpoint = Endpoint::new("http://127.0.0.1:9/base", "us-east-1", "chime").unwrap();
    let (connection, driver) = tower_test::mock::pair();
    (stack(config, endpoint, connection).unwrap(), driver)
}

fn get() -> Request<Bytes> {
    Request::get("/accounts").body(Bytes::new()).unwrap()
}

fn post(idempotent: bool) -> Request<Bytes> {
    with(CallOptions::new().idempotent(idempotent))
}

/// Returns a request with these options.
fn with(options: CallOptions) -> Request<Bytes> {
    let mut request = Request::post("/accounts").body(Bytes::from("{}")).unwrap();
    request.extensions_mut().insert(options);
    request
}

fn status(status: u16) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::new()).unwrap()
}

/// Sends `request` and responds to its attempts in order.
async fn exchange(
    config: &Config,
    request: Request<Bytes>,
    answers: impl IntoIterator<Item = Result<u16, &'static str>>,
) -> (Result<Response<Bytes>, Error>, Vec<Request<Bytes>>) {
    let (transport, mut driver) = pair(config);
    let call = tokio::spawn(transport.oneshot(request));
    let mut seen = Vec::new();
    for answer in answers {
        let (request, respond) = driver.next_request().await.unwrap();
        seen.push(request);
        match answer {
            Ok(code) => respond.send_response(status(code)),
            Err(error) => respond.send_error(error),
        }
    }
    (call.await.unwrap(), seen)
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    request.headers()[name].to_str().unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_a_layer_does_is_seen_by_those_inside_it() {
    let (result, seen) = exchange(&config(), get(), [Ok(503), Ok(200)]).await;
    assert_eq!(result.unwrap().status(), 200);
    let [first, second] = &seen[..] else { panic!("two attempts") };
    // Both attempts belong to the same call.
    for name in ["amz-sdk-invocation-id", "user-agent"] {
        assert_eq!(header(first, name), header(second, name), "{name}");
    }
    assert_eq!(header(first, "amz-sdk-request"), "attempt=1; max=8");
    assert!(header(second, "amz-sdk-request").ends_with("; attempt=2; max=8"));
    // The endpoint is set before signing, and every attempt is signed again.
    for request in &seen {
        assert_eq!(request.uri(), "http://127.0.0.1:9/base/accounts");
        assert!(header(request, "authorization").contains("SignedHeaders=host;x-amz-date,"));
    }
    assert_ne!(header(first, "x-amz-date"), header(second, "x-amz-date"));
    assert_ne!(header(first, "authorization"), header(second, "authorization"));
}

#[tokio::test(start_paused = true)]
async fn three_attempts_and_no_more() {
    let started = tokio::time::Instant::now();
    let (result, seen) = exchange(&config(), get(), [Ok(500), Ok(502), Ok(503)]).await;
    let response = result.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(seen.len(), 3);
    let attempts = *response.extensions().get::<Attempts>().unwrap();
    assert_eq!((attempts.made, attempts.stop), (3, Stop::Attempts));
    // Half of 50 ms after the first, half of 100 ms after the second.
    assert_eq!(started.elapsed().as_millis(), 25 + 50);
    assert_eq!(attempts.elapsed, started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_may_have_acted_is_repeated_only_where_that_is_safe() {
    let (result, seen) = exchange(&config(), post(false), [Err("broken pipe")]).await;
    let error = result.unwrap_err();
    assert_eq!(seen.len(), 1);
    assert_eq!(error.kind(), ErrorKind::Exchange);
    assert_eq!(error.attempts().unwrap().stop, Stop::Unsafe);

    let (result, _) = exchange(&config(), post(true), [Err("broken pipe"), Ok(201)]).await;
    assert_eq!(result.unwrap().status(), 201);

    // The service certainly refused the request, so a retry is safe.
    for refusal in [429, 503] {
        let (result, _) = exchange(&config(), post(false), [Ok(refusal), Ok(201)]).await;
        assert_eq!(result.unwrap().status(), 201);
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_hangs_is_tried_again() {
    let config = config();
    let (transport, mut driver) = pair(&config);
    let call = tokio::spawn(transport.oneshot(get()));
    let (_, _hanging) = driver.next_request().await.unwrap();
    let (_, respond) = driver.next_request().await.unwrap();
    respond.send_response(status(200));
    let response = call.await.unwrap().unwrap();
    let attempts = response.extensions().get::<Attempts>().unwrap();
    assert_eq!(attempts.made, 2);
    assert_eq!(attempts.elapsed, Duration::from_secs(30) + Duration::from_millis(25));
}

#[tokio::test(start_paused = true)]
async fn the_call_ends_in_its_time() {
    let mut config = config();
    config.operation_timeout = Some(Duration::from_secs(40));
    let (transport, mut driver) = pair(&config);
    let started = tokio::time::Instant::now();
    let call = tokio::spawn(transport.oneshot(get()));
    let _hanging = (driver.next_request().await.unwrap(), driver.next_request().await.unwrap());
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationTimeout);
    assert_eq!(started.elapsed(), Duration::from_secs(40));
    let attempts = error.attempts().unwrap();
    assert_eq!((attempts.made, attempts.stop), (2, Stop::Deadline));
    assert_eq!((attempts.elapsed, attempts.last_status), (started.elapsed(), None));
}

#[tokio::test(start_paused = true)]
async fn a_call_and_its_attempts_may_have_times_of_their_own() {
    let (transport, mut driver) = pair(&config());
    let options = CallOptions::new().idempotent(true).timeout(Duration::from_secs(5));
    let request = with(options.attempt_timeout(Duration::from_secs(3)));
    let started = tokio::time::Instant::now();
    let call = tokio::spawn(transport.oneshot(request));
    let _hanging = (driver.next_request().await.unwrap(), driver.next_request().await.unwrap());
    assert_eq!(started.elapsed(), Duration::from_secs(3) + Duration::from_millis(25));
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), started.elapsed()),
        (ErrorKind::OperationTimeout, Duration::from_secs(5))
    );
}

#[tokio::test(start_paused = true)]
async fn calls_that_share_a_deadline_end_by_then_and_a_late_one_is_not_sent() {
    let (transport, mut driver) = pair(&config());
    let end = tokio::time::Instant::now() + Duration::from_secs(5);
    let request = || with(CallOptions::new().deadline(end.into_std()));
    let call = tokio::spawn(transport.clone().oneshot(request()));
    let _hanging = driver.next_request().await.unwrap();
    let error = call.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), tokio::time::Instant::now()), (ErrorKind::OperationTimeout, end));
    assert!(error.may_have_acted());
    let error = transport.oneshot(request()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts().unwrap().made), (ErrorKind::OperationTimeout, 0));
    assert!(!error.may_have_acted());
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_ends_too_late_is_not_begun() {
    let mut config = config();
    config.operation_timeout = Some(Duration::from_millis(400));
    config.rate_limits.learn = false;
    let started = tokio::time::Instant::now();
    let (result, _) = exchange(&config, get(), [Ok(429)]).await;
    let response = result.unwrap();
    assert_eq!((response.status().as_u16(), started.elapsed()), (429, Duration::ZERO));
    let attempts = response.extensions().get::<Attempts>().unwrap();
    assert_eq!(
        (attempts.made, attempts.stop, attempts.last_status),
        (1, Stop::Deadline, Some(429))
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_cannot_be_signed_is_not_sent() {
    let mut config = config();
    config.credentials = Some(Credentials::new("a", "b").with_session_token("no\nheader").into());
    let (result, seen) = exchange(&config, get(), []).await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Request);
    assert_eq!(seen.len(), 0);
}

#[test]
fn somebody_has_to_sign() {
    let endpoint = Endpoint::new("https://a", "r", "n").unwrap();
    let (connection, _driver) = tower_test::mock::pair::<Request<Bytes>, Response<Bytes>>();
    let error = stack(&Config::default(), endpoint, connection).unwrap_err();
    assert_eq!(error, ConfigError::MissingCredentials);
}

/// Credentials that take ten seconds to load.
struct Slow;

impl Provider for Slow {
    fn load(&self) -> Load<'_> {
        Box::pin(async {
            tokio::time::sleep(Duration::from_secs(10)).await;
            Ok(Credentials::new("AKID", "secret"))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_for_credentials_is_not_taken_for_a_clock_that_is_off() {
    let mut config = Config::new(SharedProvider::new(Slow));
    let started = tokio::time::Instant::now();
    config.clock =
        Clock::new(move || UNIX_EPOCH + Duration::from_secs(1_795_446_465) + started.elapsed());
    let (transport, mut driver) = pair(&config);
    let call = tokio::spawn(transport.oneshot(get()));
    let (request, respond) = driver.next_request().await.unwrap();
    assert_eq!(header(&request, "x-amz-date"), "20261123T150755Z");
    let dated = Response::builder().header("date", "Mon, 23 Nov 2026 15:07:55 GMT");
    respond.send_response(dated.body(Bytes::new()).unwrap());
    call.await.unwrap().unwrap();
    assert_eq!(config.clock.skew_millis(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_clock_is_left_alone_if_that_is_wanted() {
    let mut config = config();
    config.correct_clock_skew = false;
    let (transport, mut driver) = pair(&config);
    let call = tokio::spawn(transport.oneshot(get()));
    let (_, respond) = driver.next_request().await.unwrap();
    let dated = Response::builder().header("date", "Mon, 23 Nov 2026 15:28:00 GMT");
    respond.send_response(dated.body(Bytes::new()).unwrap());
    call.await.unwrap().unwrap();
    assert_eq!(config.clock.skew_millis(), 0);
}

mod others;
mod ready;
mod stops;
mod throttling;
