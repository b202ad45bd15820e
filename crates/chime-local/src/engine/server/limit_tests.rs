//! Tests of size limits and timeouts, on a paused clock and without a socket.

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, sleep};

use super::exchange::MAX_HEAD;
use super::tests::signed;
use super::*;
use crate::Config;
use crate::family::Family;
use crate::faults::{Fault, Faults};
use crate::testing::{Bench, CONTROL_TOKEN, connection as ends};

/// The client's end of a connection to an emulator.
fn open(bench: &Bench) -> DuplexStream {
    open_with(bench, Arc::default(), ends(true))
}

fn open_with(bench: &Bench, slots: Arc<Slots>, ends: Connection) -> DuplexStream {
    let (near, far) = duplex(1024 * 1024);
    serve(bench, slots, ends, far);
    near
}

/// Serves one connection, and checks it as often as a server does.
pub(super) fn serve(bench: &Bench, slots: Arc<Slots>, connection: Connection, far: DuplexStream) {
    let mut connections = Connections::new();
    connections.serve(session(bench, slots, connection), far, ());
    tokio::spawn(async move {
        let mut ticks = interval(TICK);
        loop {
            ticks.tick().await;
            connections.close_idle();
        }
    });
}

fn session(bench: &Bench, slots: Arc<Slots>, connection: Connection) -> Session<Family> {
    let engine = bench.chime.engine().clone();
    let waiting = Arc::new(Waiting::new(connection.is_reserved));
    Session { engine, slots, connection, waiting }
}

/// Sends text and reads until the connection ends. Returns the text read, and the seconds passed.
async fn exchange(bench: &Bench, text: &str) -> (String, u64) {
    exchange_over(open(bench), text).await
}

async fn exchange_over(mut stream: DuplexStream, text: &str) -> (String, u64) {
    let start = Instant::now();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    (answer, start.elapsed().as_secs())
}

/// The head of a request with a body of a length.
fn announced(length: usize) -> String {
    format!(
        "POST /accounts HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    )
}

#[tokio::test(start_paused = true)]
async fn a_large_body_waits_for_a_slot_and_a_small_one_does_not() {
    let bench = Bench::sample();
    let slots = Arc::new(Slots::new(1, 0, 1));
    let open = || open_with(&bench, Arc::clone(&slots), ends(true));
    let mut idle = open();
    idle.write_all(announced(20_000).as_bytes()).await.unwrap();
    sleep(Duration::from_secs(1)).await;

    let large = announced(20_000) + &"x".repeat(20_000);
    let large = tokio::spawn({
        let stream = open();
        async move { exchange_over(stream, &large).await }
    });
    let (answer, seconds) = exchange_over(open(), &(announced(8) + "{\"a\": 1}")).await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert_eq!(seconds, 0);

    let (answer, seconds) = large.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert_eq!(seconds, 29);
    let mut answer = String::new();
    idle.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_large_body_waits_for_a_slot_for_35_seconds() {
    let bench = Bench::sample();
    let slots = Arc::new(Slots::new(1, 0, 0));
    let chunked = "POST /accounts HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    for text in [&announced(16 * 1024 + 1), chunked] {
        let stream = open_with(&bench, Arc::clone(&slots), ends(true));
        let (answer, seconds) = exchange_over(stream, text).await;
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        assert!(answer.contains("x-amzn-errortype: ServiceUnavailableException\r\n"), "{answer}");
        assert_eq!(seconds, 35);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reserved_connection_accepts_control_requests_only() {
    let bench = Bench::sample();
    let ends = Connection { is_reserved: true, ..ends(true) };
    let ask = async |method: &str, target: &str| {
        let head = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close");
        let text = format!("{head}\r\nauthorization: Bearer {CONTROL_TOKEN}\r\n\r\n");
        exchange_over(open_with(&bench, Arc::default(), ends), &text).await.0
    };
    assert!(ask("POST", "/_chime/reset").await.starts_with("HTTP/1.1 204 "));
    let answer = ask("GET", "/accounts").await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    let silent = open_with(&bench, Arc::default(), ends);
    assert_eq!(exchange_over(silent, "").await.1, 5);
}

/// A request with a header value of a length.
fn head(length: usize) -> String {
    format!(
        "GET /accounts HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx: {}\r\n\r\n",
        "y".repeat(length)
    )
}

#[tokio::test(start_paused = true)]
async fn a_head_may_have_64_kib() {
    let bench = Bench::sample();
    let others = "/accountshostxconnectionclosex".len();
    let (answer, _) = exchange(&bench, &head(MAX_HEAD - others)).await;
    assert!(answer.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{answer}");
    for length in [MAX_HEAD - others + 1, 90 * 1024, 300 * 1024] {
        let (answer, _) = exchange(&bench, &head(length)).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{length}: {answer}");
        assert!(answer.contains("connection: close\r\n"), "{length}: {answer}");
    }
    let (answer, _) = exchange(&bench, &head(MAX_HEAD - others + 1)).await;
    assert!(answer.contains("x-amzn-errortype: RequestHeaderFieldsTooLargeException"), "{answer}");
    assert!(answer.contains("x-amzn-requestid: "), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_head_may_have_100_headers() {
    let bench = Bench::sample();
    for (count, status) in [(98, 403), (99, 431), (5_000, 431)] {
        let headers = "x: y\r\n".repeat(count);
        let text =
            format!("GET /accounts HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
        let (answer, _) = exchange(&bench, &text).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{count}: {answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_too_long_is_refused() {
    let bench = Bench::sample();
    for length in [65_500, 65_536, 200_000] {
        let text = format!(
            "GET /{} HTTP/1.1\r\nhost: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n\r\n",
            "y".repeat(length)
        );
        let (answer, _) = exchange(&bench, &text).await;
        let status = answer.get(9..12).unwrap_or_default();
        assert!(["414", "431"].contains(&status), "{length}: {answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_body_times_out() {
    let bench = Bench::sample();
    let text = "POST /accounts HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{\"Name\"";
    let (answer, seconds) = exchange(&bench, text).await;
    assert_eq!(seconds, 30);
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert!(answer.contains("x-amzn-errortype: RequestTimeoutException\r\n"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert_eq!(bench.chime.requests()[0].status, Some(408));
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_times_out() {
    let bench = Bench::sample();
    let start = Instant::now();
    let mut stream = open(&bench);
    let head = "POST /accounts HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut answer, mut writer) = tokio::io::split(stream);
    tokio::spawn(async move {
        while writer.write_all(b"x").await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    });
    let mut text = [0; 12];
    answer.read_exact(&mut text).await.unwrap();
    assert_eq!(&text, b"HTTP/1.1 408");
    assert_eq!(start.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_response_that_is_not_read_times_out() {
    let bench = Bench::sample();
    let start = Instant::now();
    let (mut near, far) = duplex(1024);
    serve(&bench, Arc::default(), ends(true), far);
    // Sends requests until the server closes the connection.
    while near.write_all(b"GET /accounts HTTP/1.1\r\nhost: x\r\n\r\n").await.is_ok() {}
    assert_eq!(start.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_client_may_read_slowly() {
    let bench = Bench::sample();
    let (mut near, far) = duplex(64);
    serve(&bench, Arc::default(), ends(true), far);
    near.write_all(b"GET / HTTP/1.0\r\nhost: localhost\r\n\r\n").await.unwrap();
    let (start, mut answer, mut read) = (Instant::now(), Vec::new(), 1);
    while read > 0 {
        sleep(Duration::from_secs(20)).await;
        let mut chunk = [0; 1024];
        read = near.read(&mut chunk).await.unwrap();
        answer.extend_from_slice(&chunk[..read]);
    }
    assert!(answer.ends_with(b"</html>\n"), "{}", String::from_utf8_lossy(&answer));
    assert!(start.elapsed().as_secs() > 300);
}

#[tokio::test(start_paused = true)]
async fn a_missing_head_times_out() {
    let bench = Bench::sample();
    for text in ["", "GET /accounts HTTP/1.1\r\nhost"] {
        let (_, seconds) = exchange(&bench, text).await;
        assert_eq!(seconds, 30, "{text}");
    }
}

/// An emulator that delays all calls.
fn delayed(millis: u32) -> Bench {
    let fault = Fault { delay_millis: Some(millis), ..Fault::default() };
    let faults = Faults { faults: vec![fault], ..Faults::default() };
    Bench::new(Config { faults, ..Config::sample() })
}

#[tokio::test(start_paused = true)]
async fn a_delayed_request_is_dropped_if_its_client_leaves() {
    let bench = delayed(60_000);
    let body = r#"{"Name":"Left"}"#;
    let text = format!("{}\r\n{body}", signed(&bench, "POST", "/accounts", body));
    let mut stream = open(&bench);
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(exchange_over(stream, "").await, (String::new(), 0));
    sleep(Duration::from_secs(61)).await;
    assert_eq!(bench.chime.requests(), []);
}

#[tokio::test(start_paused = true)]
async fn a_request_may_take_longer_than_a_client() {
    let bench = delayed(90_000);
    let text = signed(&bench, "GET", "/accounts", "") + "connection: close\r\n\r\n";
    let (answer, seconds) = exchange(&bench, &text).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(seconds, 90);
}

#[test]
fn no_request_begins_on_a_connection_that_is_being_closed() {
    let waiting = Waiting::new(true);
    let checks: Vec<bool> = (0..6).map(|_| waiting.is_over()).collect();
    assert_eq!(checks, [false, false, false, false, false, true]);
    assert!(!waiting.end());
    assert!(waiting.is_over());
    assert!(Waiting::new(true).end());
}

#[tokio::test(start_paused = true)]
async fn the_connection_that_is_idle_for_the_longest_time_makes_room() {
    let bench = delayed(60_000);
    let mut connections = Connections::new();
    let open_with = |connections: &mut Connections<_>, size| {
        let (near, far) = duplex(size);
        connections.serve(session(&bench, Arc::default(), ends(true)), far, ());
        near
    };
    let open = |connections: &mut Connections<_>| open_with(connections, 1024);
    // Its client has not read the whole response yet.
    let mut reading = open_with(&mut connections, 64);
    reading.write_all(b"GET /accounts HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    reading.read_exact(&mut [0; 12]).await.unwrap();
    let mut busy = open(&mut connections);
    let request = signed(&bench, "GET", "/accounts", "") + "connection: close\r\n\r\n";
    busy.write_all(request.as_bytes()).await.unwrap();
    let mut recent = open(&mut connections);
    let mut idle = open(&mut connections);
    sleep(Duration::from_secs(1)).await;
    connections.close_idle();
    recent.write_all(b"GET /accounts HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    recent.read_exact(&mut [0; 12]).await.unwrap();

    connections.make_room().await;
    assert!(idle.write_all(b"GET ").await.is_err());
    recent.write_all(b"GET ").await.unwrap();
    connections.make_room().await;
    assert!(recent.write_all(b"/").await.is_err());
    let start = Instant::now();
    connections.make_room().await;
    assert_eq!(start.elapsed().as_millis(), 100);
    reading.read_exact(&mut [0; 150]).await.unwrap();
    assert!(exchange_over(busy, "").await.0.starts_with("HTTP/1.1 200 "));
}
