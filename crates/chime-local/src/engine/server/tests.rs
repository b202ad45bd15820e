//! Tests over a socket of the loopback interface.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;
use crate::engine::faults::{CutPoint, Fault, Faults};
use crate::testing::{Bench, CONTROL_TOKEN, request, sign};
use crate::{Config, LocalChime};

struct Server {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<io::Result<()>>,
}

async fn start(chime: LocalChime) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(chime.serve(listener, async {
        let _ = stopped.await;
    }));
    Server { address, stop, running }
}

/// Sends text and reads until the server closes the connection.
async fn exchange(server: &Server, text: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// The head of a signed request, without its end.
pub(super) fn signed(bench: &Bench, method: &str, target: &str, body: &str) -> String {
    let mut request = request(method, target, body);
    sign(&mut request, &bench.caller, bench.clock.now());
    let mut text = format!("{method} {target} HTTP/1.1\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in request.headers() {
        text += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    text
}

#[tokio::test]
async fn a_connection_stays_open_for_further_requests() {
    let bench = Bench::sample();
    let server = start(bench.chime.clone()).await;
    let body = r#"{"Name":"Over a socket"}"#;
    let first = format!("{}\r\n{body}", signed(&bench, "POST", "/accounts", body));
    let second = signed(&bench, "GET", "/accounts?name=Over", "") + "connection: close\r\n\r\n";
    let answer = exchange(&server, &(first + &second)).await;
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    assert!(answer.contains("date: Wed, 05 Mar 2025 12:00:00 GMT\r\n"), "{answer}");
    assert!(answer.contains("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(answer.matches("Over a socket").count(), 2, "{answer}");
}

#[tokio::test]
async fn a_cut_closes_the_connection_without_a_response() {
    let bench = Bench::sample();
    let fault = Fault { cut: Some(CutPoint::After), times: Some(1), ..Fault::default() };
    bench.chime.set_faults(Faults { faults: vec![fault], ..Faults::default() }).unwrap();
    let server = start(bench.chime.clone()).await;
    let request = signed(&bench, "GET", "/accounts", "") + "connection: close\r\n\r\n";
    assert_eq!(exchange(&server, &request).await, "");
    assert!(exchange(&server, &request).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_response_without_content_has_no_content_length() {
    let bench = Bench::sample();
    let server = start(bench.chime.clone()).await;
    let room = format!(
        "/accounts/{}/rooms/{}",
        crate::sample::ENTERPRISE_ACCOUNT_ID,
        crate::sample::ROOM_ID
    );
    let request = signed(&bench, "DELETE", &room, "") + "connection: close\r\n\r\n";
    let answer = exchange(&server, &request).await;
    assert!(answer.starts_with("HTTP/1.1 204 No Content\r\n"), "{answer}");
    assert!(answer.contains("content-type: application/json\r\n"), "{answer}");
    assert!(!answer.contains("content-length"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let bench = Bench::sample();
    let server = start(bench.chime.clone()).await;
    let announced = "POST /accounts HTTP/1.1\r\nhost: x\r\ncontent-length: 1048577\r\n\r\n";
    let chunk = format!("{:x}\r\n{}\r\n", 65536, "x".repeat(65536));
    let chunked = format!(
        "POST /accounts HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n{}1\r\nx\r\n",
        chunk.repeat(16)
    );
    for text in [announced, &chunked] {
        let answer = exchange(&server, text).await;
        assert!(answer.starts_with("HTTP/1.1 413 Payload Too Large\r\n"), "{answer}");
        assert!(
            answer.contains("x-amzn-errortype: RequestEntityTooLargeException\r\n"),
            "{answer}"
        );
        assert!(answer.contains("connection: close\r\n"), "{answer}");
        assert!(answer.contains("x-amzn-requestid: "), "{answer}");
    }
}

#[tokio::test]
async fn a_seed_can_be_larger_than_any_request_of_the_api() {
    let bench = Bench::sample();
    let server = start(bench.chime.clone()).await;
    let seed = serde_json::to_string(&bench.chime.export()).unwrap() + &" ".repeat(2 << 20);
    let head = |target: &str, length: usize, more: &str| {
        let head = format!("POST {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close");
        format!("{head}\r\ncontent-length: {length}\r\n{more}\r\n")
    };
    let token = format!("authorization: Bearer {CONTROL_TOKEN}\r\n");
    let post = head("/_chime/seed", seed.len(), &token) + &seed;
    let answer = exchange(&server, &post).await;
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    // An unauthorized request is refused before the body is read.
    let foreign = format!("{token}origin: http://evil.example\r\n");
    for (target, more, status) in [
        ("/_chime/seed", "", 401),
        ("/_chime/seed", &*foreign, 403),
        ("/_chime/reset", &*token, 413),
    ] {
        let answer = exchange(&server, &head(target, seed.len(), more)).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.contains("connection: close\r\n"), "{answer}");
    }
    let answer = exchange(&server, &head("/_chime/seed", 268_435_457, &token)).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("must not exceed 256 MiB"), "{answer}");
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_can_call_the_api_and_nothing_else() {
    let page = "http://localhost:3000";
    let bench =
        Bench::new(Config { cors_origins: vec![page.parse().unwrap()], ..Config::sample() });
    let server = start(bench.chime.clone()).await;
    let preflight = |target: &str, origin: &str| {
        format!(
            "OPTIONS {target} HTTP/1.1\r\nhost: localhost\r\norigin: {origin}\r\n\
             access-control-request-method: POST\r\n\
             access-control-request-headers: authorization,x-amz-date\r\nconnection: close\r\n\r\n"
        )
    };
    let answer = exchange(&server, &preflight("/accounts", page)).await;
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    for header in [
        "access-control-allow-origin: http://localhost:3000\r\n",
        "access-control-allow-methods: GET, POST, PUT, PATCH, DELETE\r\n",
        "access-control-allow-headers: authorization,x-amz-date\r\n",
        "access-control-max-age: 600\r\n",
        "vary: origin\r\n",
    ] {
        assert!(answer.contains(header), "{answer}");
    }
    let get = |target: &str, origin: &str| {
        signed(&bench, "GET", target, "")
            + &format!("origin: {origin}\r\nconnection: close\r\n\r\n")
    };
    for (target, status) in [("/accounts", 200), ("/accounts/none", 404)] {
        let answer = exchange(&server, &get(target, page)).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.contains("access-control-allow-origin: http://localhost:3000\r\n"));
        let exposed = "access-control-expose-headers: x-amzn-requestid, x-amzn-errortype, date\r\n";
        assert!(answer.contains(exposed), "{answer}");
    }
    for text in [
        preflight("/accounts", "http://evil.example"),
        preflight("/_chime/reset", page),
        get("/accounts", "http://evil.example"),
    ] {
        let answer = exchange(&server, &text).await;
        assert!(!answer.contains("access-control"), "{answer}");
    }
}

#[tokio::test]
async fn malformed_requests_do_not_stop_the_server() {
    let bench = Bench::sample();
    let server = start(bench.chime.clone()).await;
    for text in [
        "\r\n\r\n\0\x01\x02",
        "GET /%ff%zz?%zz=%ff HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    ] {
        assert!(exchange(&server, text).await.starts_with("HTTP/1.1 40"));
    }
    let request = signed(&bench, "GET", "/accounts", "") + "connection: close\r\n\r\n";
    assert!(exchange(&server, &request).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn stopping_closes_idle_connections_and_the_port() {
    let bench = Bench::sample();
    let server = start(bench.chime.clone()).await;
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    let request = signed(&bench, "GET", "/accounts", "") + "\r\n";
    idle.write_all(request.as_bytes()).await.unwrap();
    let mut buffer = [0; 12];
    idle.read_exact(&mut buffer).await.unwrap();
    assert_eq!(&buffer, b"HTTP/1.1 200");
    server.stop.send(()).unwrap();
    server.running.await.unwrap().unwrap();
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn a_request_in_progress_gets_a_response_before_the_server_stops() {
    let bench = Bench::sample();
    let server = start(bench.chime.clone()).await;
    let body = r#"{"Name":"Just in time"}"#;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = signed(&bench, "POST", "/accounts", body) + "expect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut buffer = [0; 12];
    stream.read_exact(&mut buffer).await.unwrap();
    assert_eq!(&buffer, b"HTTP/1.1 100");
    server.stop.send(()).unwrap();
    // The port closes first. Then the server waits for requests in progress.
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("HTTP/1.1 201 Created"), "{answer}");
    server.running.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_connection_waits_for_a_slot() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let clients =
        [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
    let slots = Slots::new(1, 0, 0);
    let (_stream, _, slot) = accept(&listener, &slots).await.unwrap();
    assert!(waits(accept(&listener, &slots)));
    drop(slot);
    assert!(accept(&listener, &slots).await.is_ok());
    drop(clients);
}

/// Whether a future is pending.
fn waits<T>(future: impl Future<Output = T>) -> bool {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    pin!(future).poll(&mut context).is_pending()
}

#[test]
fn reserved_slots_are_used_last_and_by_this_machine_only() {
    let slots = Slots::new(1, 1, 0);
    let first = slots.connection(false).unwrap();
    assert!(!first.is_reserved);
    assert!(slots.connection(false).is_none());
    let second = slots.connection(true).unwrap();
    assert!(second.is_reserved);
    assert!(slots.connection(true).is_none());
    drop(first);
    assert!(!slots.connection(true).unwrap().is_reserved);
}

#[tokio::test]
async fn the_slot_of_a_connection_is_chosen_when_it_arrives() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let slots = Slots::new(1, 1, 0);
    let taken = slots.connection(true).unwrap();
    let mut accepting = pin!(accept(&listener, &slots));
    assert!(waits(accepting.as_mut()));
    drop(taken);
    let client = TcpStream::connect(address).await.unwrap();
    let (_stream, _, slot) = accepting.await.unwrap();
    assert!(!slot.is_reserved);
    drop(client);
}

#[tokio::test]
async fn all_servers_of_an_engine_share_its_slots() {
    let bench = Bench::sample();
    let slots = bench.chime.engine().slots();
    let _taken: Vec<_> = std::iter::from_fn(|| slots.connection(false)).collect();
    let server = start(bench.chime.clone()).await;
    let request = signed(&bench, "GET", "/accounts", "") + "connection: close\r\n\r\n";
    let answer = exchange(&server, &request).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
}

#[test]
fn errors_of_accept_are_told_apart() {
    let without_descriptors = io::Error::from_raw_os_error(24);
    assert!(is_out_of_resources(&without_descriptors) && !is_of_peer(&without_descriptors));
    assert!(is_of_peer(&io::ErrorKind::ConnectionAborted.into()));
    let other = io::ErrorKind::InvalidInput.into();
    assert!(!is_out_of_resources(&other) && !is_of_peer(&other));
}
