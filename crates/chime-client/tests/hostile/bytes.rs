//! The client against a server that writes these bytes, in the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chime_client::model::chime::*;
use chime_client::{Client, Config, Credentials, Error, ErrorKind, HttpClient, TransportErrorKind};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, duplex};

pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/// What a server does with its connections: one after another, the last for all others.
type Script = &'static [&'static [&'static str]];

/// Answers the requests of a connection with these texts, then closes it.
pub(crate) async fn answer(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answers: &'static [&'static str],
) {
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

/// A client of a server that follows `script`, and how many connections it made.
fn client(script: Script, change: impl FnOnce(&mut Config)) -> (Client, Arc<AtomicUsize>) {
    let mut config = Config::new(Credentials::new("AKID", "secret"));
    config.endpoint_url = Some("http://localhost".to_owned());
    config.max_response_size = 1000;
    change(&mut config);
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    let connector = tower::service_fn(move |_| {
        let turn = counted.fetch_add(1, Ordering::Relaxed).min(script.len() - 1);
        let (ours, theirs) = duplex(1 << 16);
        tokio::spawn(answer(theirs, script[turn]));
        std::future::ready(Ok::<_, std::io::Error>(ours))
    });
    let http = HttpClient::with_connector(&config, connector);
    (Client::with_http_service(config, http).unwrap(), connections)
}

async fn get(script: Script) -> (Result<GetAccountResponse, Error>, usize) {
    let (client, connections) = client(script, |_| ());
    let result = client.chime().get_account(GetAccountRequest::new("a")).await;
    (result, connections.load(Ordering::Relaxed))
}

/// The stage at which a call to such a server fails, after all attempts.
async fn stage(script: Script) -> (TransportErrorKind, usize) {
    let (result, connections) = get(script).await;
    match result.unwrap_err().into_kind() {
        ErrorKind::Transport(error) => (error.kind(), connections),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_response_is_a_broken_exchange() {
    let scripts: [Script; 6] = [
        // Closed without a word.
        &[&[""]],
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

#[tokio::test(start_paused = true)]
async fn what_is_closed_before_the_request_is_no_connection() {
    let (client, connections) = client(&[&[]], |_| ());
    // It is not safe to repeat, and nothing was sent.
    let error = client.chime().create_account(CreateAccountRequest::new("name")).await.unwrap_err();
    assert!(!error.may_have_acted(), "{error:?}");
    let ErrorKind::Transport(error) = error.into_kind() else { panic!("transport") };
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    assert_eq!(connections.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_one_even_if_its_body_breaks_off() {
    let cut: [(Script, bool); 5] = [
        (&[&["HTTP/1.1 503 No\r\ncontent-length: 10\r\n\r\n{"]], false),
        (&[&["HTTP/1.1 429 No\r\ncontent-length: 10\r\n\r\n{"]], false),
        // The name that is cut off may be RequestTimeout.
        (&[&["HTTP/1.1 400 No\r\ncontent-length: 10\r\n\r\n{"]], true),
        (&[&["HTTP/1.1 500 No\r\ncontent-length: 10\r\n\r\n{"]], true),
        (&[&["HTTP/1.1 201 Yes\r\ncontent-length: 10\r\n\r\n{"]], true),
    ];
    for (script, may_have_acted) in cut {
        let (client, connections) = client(script, |_| ());
        // It is not safe to repeat.
        let error =
            client.chime().create_account(CreateAccountRequest::new("name")).await.unwrap_err();
        assert_eq!(error.may_have_acted(), may_have_acted, "{error:?}");
        assert_eq!(connections.load(Ordering::Relaxed), if may_have_acted { 1 } else { 3 });
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_beyond_the_limit_is_not_taken() {
    let answer = |size: usize| {
        let body = format!("{:size$}", "{}");
        let text: &str = format!("HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n{body}").leak();
        let turn: &[&str] = vec![text].leak();
        vec![turn].leak()
    };
    get(answer(1000)).await.0.unwrap();
    assert_eq!(stage(answer(1001)).await, (TransportErrorKind::TooLarge, 1));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_drips_ends_with_the_time_of_its_attempt() {
    let script: Script = &[&["HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{", "}"]];
    assert_eq!(stage(script).await, (TransportErrorKind::AttemptTimeout, 3));
}

#[tokio::test(start_paused = true)]
async fn what_comes_before_and_beside_the_answer_is_passed_over() {
    let (result, _) = get(&[&[concat!(
        "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
    )]])
    .await;
    assert_eq!(result.unwrap(), GetAccountResponse::default());
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_not_followed() {
    let (result, connections) = get(&[
        &["HTTP/1.1 307 Go\r\nlocation: http://localhost:8/x\r\ncontent-length: 0\r\n\r\n"],
        &[OK],
    ])
    .await;
    assert_eq!((result.unwrap_err().service().unwrap().status, connections), (307, 1));
}

#[tokio::test(start_paused = true)]
async fn html_in_place_of_json_is_told_as_such() {
    let (result, _) = get(&[&["HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>"]]).await;
    let error = result.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Undecodable(_)), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_used_again_unless_the_service_was_out_of_order() {
    let (client, connections) = client(&[&[OK, OK, OK]], |_| ());
    for _ in 0..3 {
        client.chime().get_account(GetAccountRequest::new("a")).await.unwrap();
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1);

    const OUT_OF_ORDER: &str = "HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n";
    let (result, connections) = get(&[&[OUT_OF_ORDER, OK], &[OK]]).await;
    result.unwrap();
    assert_eq!(connections, 2, "the retry has one of its own");
}

#[tokio::test(start_paused = true)]
async fn a_pool_of_none_keeps_no_connection() {
    let (client, connections) = client(&[&[OK, OK]], |config| config.pool.max_idle_per_host = 0);
    for _ in 0..2 {
        client.chime().get_account(GetAccountRequest::new("a")).await.unwrap();
    }
    assert_eq!(connections.load(Ordering::Relaxed), 2);
}
