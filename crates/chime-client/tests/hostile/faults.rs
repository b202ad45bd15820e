//! Tests of the client with a server that has every kind of fault, in memory and on a paused clock.

mod call;
mod frames;
mod handshakes;
mod http1;
mod http2;
mod message;
mod pipe;
mod property;
mod random;
mod request;
mod script;
mod server;
#[cfg(feature = "http2")]
mod streams;

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chime_client::credentials::{Load, Provider, SharedProvider};
use chime_client::model::chime::*;
use chime_client::{
    CallOptions, Client, Clock, Config, Credentials, ErrorKind, HttpClient, Random, RateLimit,
    Stop, TransportErrorKind,
};
use tokio::time::{Instant, sleep};

use handshakes::Handshakes;
use message::{LIMIT, Message};
use script::{CONNECT_TIMEOUT, Connect, Delivery, End, Protocol, Response, Script};
use server::Server;

/// Temporary credentials that differ each time, and how long it takes to load them.
struct TemporaryCredentials(AtomicU32, Duration);

impl Provider for TemporaryCredentials {
    fn load(&self) -> Load<'_> {
        Box::pin(async {
            sleep(self.1).await;
            let number = self.0.fetch_add(1, Ordering::Relaxed);
            Ok(Credentials::new(format!("AKID{number}"), "secret").with_session_token("token"))
        })
    }
}

/// What delays requests on the client's side.
#[derive(Clone, Debug, Default)]
struct Delays {
    /// How long it takes to load credentials.
    credentials: Duration,
    /// Requests per second.
    rate: Option<f64>,
}

/// A server and its client. Their clocks start together and follow the clock of the runtime.
fn server_and_client(script: Script, delays: &Delays) -> (Server, Client) {
    let started = Instant::now();
    let now = move || UNIX_EPOCH + Duration::from_secs(1_795_446_465) + started.elapsed();
    let protocol = script.protocol;
    let server = Server::new(script, now);
    (server.clone(), client(server, protocol, delays, now))
}

fn without_delays(script: Script) -> (Server, Client) {
    server_and_client(script, &Delays::default())
}

fn client(
    server: Server,
    protocol: Protocol,
    delays: &Delays,
    now: impl Fn() -> SystemTime + Send + Sync + 'static,
) -> Client {
    let credentials = TemporaryCredentials(AtomicU32::new(0), delays.credentials);
    let mut config = Config::new(SharedProvider::new(credentials));
    if let Some(rate) = delays.rate {
        config.rate_limits.default = RateLimit::per_second(rate).with_burst(2);
    }
    let scheme = if protocol.is_tls() { "https" } else { "http" };
    config.endpoint_url = Some(format!("{scheme}://localhost"));
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    config.max_response_size = LIMIT;
    config.clock = Clock::new(now);
    // Different numbers, but the same in every run.
    let seed = AtomicU64::new(1);
    config.random = Random::new(move || {
        seed.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    });
    if protocol.is_tls() {
        config.tls = Some(Handshakes::get().client());
    }
    let connector = tower::service_fn(move |_| server.clone().connect());
    let http = HttpClient::with_connector(&config, connector);
    Client::with_http_service(config, http).unwrap()
}

fn script(responses: &[(Message, Delivery)]) -> Script {
    let responses = responses.iter().cloned();
    let responses = responses.map(|(message, delivery)| Response::new(message, delivery));
    Script { responses: responses.collect(), ..Script::default() }
}

const RESET: (Message, Delivery) = (Message::Fine, Delivery::Cut(0, End::Reset));

#[tokio::test(start_paused = true)]
async fn the_final_error_has_the_attempts_of_the_call() {
    let mut script = script(&[(Message::Status(503), Delivery::Whole), RESET]);
    script.connects = vec![Connect::Open, Connect::Refused];
    let (_, client) = without_delays(script);
    let client = client.with_options(CallOptions::new().idempotent(true));
    let error = client.chime().create_account(CreateAccountRequest::new("name")).await.unwrap_err();
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
async fn a_connection_that_would_fail_again_is_not_retried() {
    use Connect::*;
    let tls = [WrongName, ExpiredCertificate, UnknownIssuer, PlainText];
    let permanent = tls.map(|connect| (connect, 1));
    for (connect, attempts) in permanent.into_iter().chain([(Refused, 3), (HandshakeStalls, 3)]) {
        let connects = vec![connect; 3];
        let script = Script { protocol: Protocol::Http1OverTls, connects, ..Script::default() };
        let (_, client) = without_delays(script);
        let error = client.chime().get_account(GetAccountRequest::new("a")).await.unwrap_err();
        assert!(!error.may_have_acted(), "{connect:?}");
        assert_eq!(error.attempts().unwrap().made, attempts, "{connect:?}");
        let ErrorKind::Transport(error) = error.into_kind() else { panic!("{connect:?}") };
        assert_eq!(error.kind(), TransportErrorKind::Connect, "{connect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_caller_decides_which_calls_are_idempotent() {
    let call = |client: Client| async move {
        client.chime().create_account(CreateAccountRequest::new("name")).await
    };
    let client = || without_delays(script(&[RESET])).1;
    let error = call(client()).await.unwrap_err();
    assert_eq!(error.attempts().unwrap().stop, Stop::Unsafe);
    call(client().with_options(CallOptions::new().idempotent(true))).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_that_runs_out_of_time_while_credentials_load_has_not_acted() {
    let expired = script(&[(Message::Expired, Delivery::Whole)]);
    for (script, seconds, requests) in [(Script::default(), 9, 0), (expired, 3, 1)] {
        let delays = Delays { credentials: Duration::from_secs(seconds), ..Delays::default() };
        let (server, client) = server_and_client(script, &delays);
        let client = client.with_options(CallOptions::new().timeout(Duration::from_secs(5)));
        let error =
            client.chime().create_account(CreateAccountRequest::new("name")).await.unwrap_err();
        assert!(!error.may_have_acted(), "{error:?}");
        assert_eq!(error.attempts().unwrap().made, 1 + requests as u32);
        assert_eq!(server.requests().len(), requests);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_without_a_connection_has_not_acted_however_it_ends() {
    let silent = || Script { connects: vec![Connect::Silent; 9], ..Script::default() };
    let seconds = Duration::from_secs;
    let request = || CreateAccountRequest::new("name");
    // The call times out in the second attempt.
    let (_, client) = without_delays(silent());
    let client = client.with_options(CallOptions::new().timeout(seconds(5)));
    let error = client.chime().create_account(request()).await.unwrap_err();
    assert!(!error.may_have_acted(), "{error:?}");
    assert_eq!(error.attempts().unwrap().made, 2);
    // An attempt timeout below the connect timeout: retried, though the call is not idempotent.
    let (_, client) = without_delays(silent());
    let client = client.with_options(CallOptions::new().attempt_timeout(seconds(2)));
    let error = client.chime().create_account(request()).await.unwrap_err();
    assert!(!error.may_have_acted(), "{error:?}");
    assert_eq!(error.attempts().unwrap().made, 3);
    let text = error.to_string();
    assert!(text.starts_with("CreateAccount: the attempt timed out: localhost; nothing"), "{text}");
}
