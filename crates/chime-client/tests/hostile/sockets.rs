//! The connection against servers that do not speak HTTP as they should, over loopback sockets.

use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use chime_client::model::chime::*;
use chime_client::{Client, Config, Credentials, Error, ErrorKind, TransportErrorKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::select;
use tokio::sync::oneshot;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/// What a server does with its connections: one after another, the last for all others.
type Script = &'static [&'static [&'static str]];

/// Answers the requests of each connection with the texts of its turn, then closes it. Tells its
/// URL and how many connections there were.
async fn serve(script: Script) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let turn = counted.fetch_add(1, Ordering::Relaxed).min(script.len() - 1);
            tokio::spawn(answer(stream, script[turn]));
        }
    });
    (url, connections)
}

async fn answer(mut stream: TcpStream, answers: &'static [&'static str]) {
    for answer in answers {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => request.push(byte),
                Err(_) => return,
            }
        }
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn config(url: String) -> Config {
    let mut config = Config::new(Credentials::new("AKID", "secret"));
    config.endpoint_url = Some(url);
    config.max_response_size = 1000;
    config
}

fn client(url: String) -> Client {
    Client::new(config(url)).unwrap()
}

async fn get(url: String) -> Result<GetAccountResponse, Error> {
    client(url).get_account(GetAccountRequest::new("a")).await
}

/// The stage at which a call to such a server fails, after all attempts.
async fn stage(script: Script) -> (TransportErrorKind, usize) {
    let (url, connections) = serve(script).await;
    match get(url).await.unwrap_err().into_kind() {
        ErrorKind::Transport(error) => (error.kind(), connections.load(Ordering::Relaxed)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_no_response_is_a_broken_exchange() {
    let scripts: [Script; 6] = [
        // Closed without a word.
        &[&[]],
        &[&["SSH-2.0-OpenSSH\r\n"]],
        &[&["HTTP/1.1 2x0 OK\r\n\r\n"]],
        // The connection ends before the body does.
        &[&["HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{}"]],
        &[&["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"]],
        &[&["HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}"]],
    ];
    for script in scripts {
        assert_eq!(stage(script).await, (TransportErrorKind::Exchange, 3), "{script:?}");
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_not_taken() {
    let answer = |size: usize| {
        let body = format!("{:size$}", "{}");
        let text: &str = format!("HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n{body}").leak();
        let turn: &[&str] = vec![text].leak();
        vec![turn].leak()
    };
    let (url, _) = serve(answer(1000)).await;
    get(url).await.unwrap();
    assert_eq!(stage(answer(1001)).await, (TransportErrorKind::TooLarge, 1));
}

#[tokio::test]
async fn a_body_that_drips_ends_with_the_time_of_its_attempt() {
    let (url, _) = serve(&[&["HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{", "}"]]).await;
    let mut config = config(url);
    config.max_attempts = 1;
    config.attempt_timeout = Some(Duration::from_millis(50));
    let error = Client::new(config).unwrap().get_account(GetAccountRequest::new("a")).await;
    let ErrorKind::Transport(error) = error.unwrap_err().into_kind() else { panic!("transport") };
    assert_eq!(error.kind(), TransportErrorKind::AttemptTimeout);
}

#[tokio::test]
async fn what_comes_before_and_beside_the_answer_is_passed_over() {
    let (url, _) = serve(&[&[concat!(
        "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
    )]])
    .await;
    assert_eq!(get(url).await.unwrap(), GetAccountResponse::default());
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (elsewhere, visits) = serve(&[&[OK]]).await;
    let redirect =
        format!("HTTP/1.1 307 Go\r\nlocation: {elsewhere}/x\r\ncontent-length: 0\r\n\r\n");
    let turn: &[&str] = vec![&*redirect.leak()].leak();
    let (url, _) = serve(vec![turn].leak()).await;
    let error = get(url).await.unwrap_err();
    assert_eq!(error.service().unwrap().status, 307);
    assert_eq!(visits.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn html_in_place_of_json_is_told_as_such() {
    let (url, _) = serve(&[&["HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>"]]).await;
    let error = get(url).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Undecodable(_)), "{error:?}");
}

#[tokio::test]
async fn a_connection_is_used_again_unless_the_service_was_out_of_order() {
    const FINE: &[&str] = &[OK, OK, OK];
    let (url, connections) = serve(&[FINE]).await;
    let client_of = client(url);
    for _ in 0..3 {
        client_of.get_account(GetAccountRequest::new("a")).await.unwrap();
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1);

    const OUT_OF_ORDER: &str = "HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n";
    let (url, connections) = serve(&[&[OUT_OF_ORDER, OK], &[OK]]).await;
    get(url).await.unwrap();
    assert_eq!(connections.load(Ordering::Relaxed), 2, "the retry has one of its own");
}

#[tokio::test]
async fn a_call_that_is_dropped_closes_its_connection_and_leaves_no_task() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let client = client(format!("http://{}", listener.local_addr().unwrap()));
    let (asked, was_asked) = oneshot::channel();
    let (closed, was_closed) = oneshot::channel();
    // Not a task, so that those that are left can be counted.
    thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            request.extend(byte);
        }
        asked.send(()).unwrap();
        closed.send(stream.read_to_end(&mut request).is_ok()).unwrap();
    });
    let tasks = Handle::current().metrics();
    let before = tasks.num_alive_tasks();
    select! {
        outcome = client.get_account(GetAccountRequest::new("a")) => panic!("{outcome:?}"),
        asked = was_asked => asked.unwrap(),
    }
    assert!(was_closed.await.unwrap());
    assert_eq!(tasks.num_alive_tasks(), before);
}

#[tokio::test]
async fn a_pool_of_none_keeps_no_connection() {
    let (url, connections) = serve(&[&[OK, OK]]).await;
    let mut config = config(url);
    config.pool.max_idle_per_host = 0;
    let client = Client::new(config).unwrap();
    for _ in 0..2 {
        client.get_account(GetAccountRequest::new("a")).await.unwrap();
    }
    assert_eq!(connections.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_proxy_is_asked_for_a_tunnel() {
    let (proxy, connections) = serve(&[&["HTTP/1.1 200 Connected\r\n\r\n", OK]]).await;
    let mut config = Config::new(Credentials::new("AKID", "secret"));
    // A name that no resolver knows: only the proxy can lead there.
    config.endpoint_url = Some("http://service.invalid".to_owned());
    config.allow_plain_http = true;
    config.proxies.all = proxy;
    let client = Client::new(config).unwrap();
    client.get_account(GetAccountRequest::new("a")).await.unwrap();
    assert_eq!(connections.load(Ordering::Relaxed), 1);

    let (refusing, _) = serve(&[&["HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n"]]).await;
    let mut config = Config::new(Credentials::new("AKID", "secret"));
    config.proxies.https = refusing;
    let client = Client::new(config).unwrap();
    let error = client.get_account(GetAccountRequest::new("a")).await.unwrap_err();
    let ErrorKind::Transport(error) = error.into_kind() else { panic!("transport") };
    assert_eq!(error.kind(), TransportErrorKind::Connect);
}
