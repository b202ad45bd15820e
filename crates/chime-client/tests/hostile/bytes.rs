//! Tests of the client with an in-process server that sends chosen bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chime_client::model::chime::*;
use chime_client::{Client, Config, Credentials, Error, ErrorKind, HttpClient, TransportErrorKind};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, duplex};
use tokio::time::Instant;

pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/// The responses for each connection of a server. The last entry applies to all further connections.
type Script = &'static [&'static [&'static str]];

/// Responds to the requests of a connection with these texts, then closes the connection.
pub(crate) async fn respond(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    responses: &'static [&'static str],
) {
    for response in responses {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => request.push(byte),
                Err(_) => return,
            }
        }
        if stream.write_all(response.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// A client of a server that follows `script`, and the number of its connections.
fn client(script: Script, change: impl FnOnce(&mut Config)) -> (Client, Arc<AtomicUsize>) {
    let mut config = Config::new(Credentials::new("AKID", "secret"));
    config.endpoint_url = Some("http://localhost".to_owned());
    config.max_response_size = 1000;
    change(&mut config);
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    let connector = tower::service_fn(move |_| {
        let connection = counted.fetch_add(1, Ordering::Relaxed).min(script.len() - 1);
        let (ours, theirs) = duplex(1 << 16);
        tokio::spawn(respond(theirs, script[connection]));
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

/// Makes a call, which must fail. Returns the kind of the error and the number of connections.
async fn stage(script: Script) -> (TransportErrorKind, usize) {
    let (result, connections) = get(script).await;
    match result.unwrap_err().into_kind() {
        ErrorKind::Transport(error) => (error.kind(), connections),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_malformed_or_incomplete_response_is_an_exchange_error() {
    let scripts: [Script; 6] = [
        // The connection is closed without a response.
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
async fn a_connection_closed_before_the_request_is_a_connect_error() {
    let (client, connections) = client(&[&[]], |_| ());
    // The call is not idempotent, but nothing was sent.
    let error = client.chime().create_account(CreateAccountRequest::new("name")).await.unwrap_err();
    assert!(!error.may_have_acted(), "{error:?}");
    let ErrorKind::Transport(error) = error.into_kind() else { panic!("transport") };
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    assert_eq!(connections.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn an_incomplete_body_does_not_hide_a_refusal() {
    let cut: [(Script, usize, bool); 5] = [
        (&[&["HTTP/1.1 503 No\r\ncontent-length: 10\r\n\r\n{"]], 3, false),
        (&[&["HTTP/1.1 429 No\r\ncontent-length: 10\r\n\r\n{"]], 8, false),
        // The name that is cut off may be RequestTimeout.
        (&[&["HTTP/1.1 400 No\r\ncontent-length: 10\r\n\r\n{"]], 1, true),
        (&[&["HTTP/1.1 500 No\r\ncontent-length: 10\r\n\r\n{"]], 1, true),
        (&[&["HTTP/1.1 201 Yes\r\ncontent-length: 10\r\n\r\n{"]], 1, true),
    ];
    for (script, requests, may_have_acted) in cut {
        let (client, connections) = client(script, |_| ());
        // The call is not idempotent.
        let error =
            client.chime().create_account(CreateAccountRequest::new("name")).await.unwrap_err();
        assert_eq!(error.may_have_acted(), may_have_acted, "{error:?}");
        assert_eq!(connections.load(Ordering::Relaxed), requests);
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_is_recognized_by_its_code_whatever_the_status() {
    for code in ["Throttled", "Throttling", "ThrottlingException", "TooManyRequestsException"] {
        for status in [400, 403, 408, 500, 502, 503] {
            let body = format!(r#"{{"Code":"{code}"}}"#);
            let length = body.len();
            let head =
                format!("HTTP/1.1 {status} No\r\nretry-after: 3\r\ncontent-length: {length}");
            for response in [
                format!("{head}\r\n\r\n{body}"),
                format!("{head}\r\nx-amzn-errortype: {code}\r\n\r\n{body}"),
            ] {
                let connection: &[&str] = vec![&*response.leak()].leak();
                let (client, connections) = client(vec![connection].leak(), |_| ());
                let start = Instant::now();
                // The call is not idempotent.
                let request = CreateAccountRequest::new("name");
                let error = client.chime().create_account(request).await.unwrap_err();
                assert!(!error.may_have_acted(), "{status} {code}: {error:?}");
                assert_eq!(connections.load(Ordering::Relaxed), 8, "{status} {code}");
                assert!(start.elapsed().as_secs() >= 21, "{status} {code}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_incomplete_body_hides_nothing_that_the_head_says() {
    // Cut off, and above the limit.
    for (length, body) in [(100, "{".to_owned()), (1001, "x".repeat(1001))] {
        for (head, requests, may_have_acted) in [
            ("429 No\r\nretry-after: 4", 2, false),
            ("503 No\r\nretry-after: 4", 2, false),
            ("500 No\r\nx-amz-retry-after: 4000", 2, true),
            ("400 No\r\nx-amzn-errortype: ThrottlingException\r\nretry-after: 4", 2, false),
            ("403 No\r\nx-amzn-errortype: ForbiddenException", 1, false),
            ("302 No\r\nlocation: http://elsewhere.invalid/", 1, true),
        ] {
            let response = format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n{body}");
            let script: Script = vec![&*vec![&*response.leak()].leak(), &[OK]].leak();
            let (client, _) = client(script, |_| ());
            let start = Instant::now();
            let result = client.chime().get_account(GetAccountRequest::new("a")).await;
            assert_eq!(start.elapsed().as_secs(), if requests == 2 { 4 } else { 0 }, "{head}");
            if requests == 1 {
                let error = result.unwrap_err();
                assert_eq!(error.service().unwrap().status.to_string(), head[..3]);
                assert_eq!(error.may_have_acted(), may_have_acted, "{head}");
            } else {
                result.unwrap();
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_arrives_does_not_hide_a_refusal() {
    for (head, may_have_acted) in [
        ("HTTP/1.1 503 No\r\ncontent-length: 10\r\n\r\n{", false),
        ("HTTP/1.1 429 No\r\ncontent-length: 10\r\n\r\n{", false),
        ("HTTP/1.1 500 No\r\ncontent-length: 10\r\n\r\n{", true),
    ] {
        // The server waits for another request.
        let connection: &[&str] = vec![head, ""].leak();
        let (client, connections) = client(vec![connection].leak(), |_| ());
        // The call is not idempotent.
        let error =
            client.chime().create_account(CreateAccountRequest::new("name")).await.unwrap_err();
        assert_eq!(error.may_have_acted(), may_have_acted, "{error:?}");
        assert_eq!(connections.load(Ordering::Relaxed), if may_have_acted { 1 } else { 3 });
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_above_the_limit_is_an_error() {
    let response = |size: usize| {
        let body = format!("{:size$}", "{}");
        let text: &str = format!("HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n{body}").leak();
        let connection: &[&str] = vec![text].leak();
        vec![connection].leak()
    };
    get(response(1000)).await.0.unwrap();
    assert_eq!(stage(response(1001)).await, (TransportErrorKind::TooLarge, 1));
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_ends_with_the_attempt_timeout() {
    let script: Script = &[&["HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{", "}"]];
    assert_eq!(stage(script).await, (TransportErrorKind::AttemptTimeout, 3));
}

#[tokio::test(start_paused = true)]
async fn informational_responses_and_extra_bytes_are_ignored() {
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
async fn the_caller_and_the_retries_read_the_same_code() {
    for (header, code, connections) in [
        ("x-amzn-errortype: upstream request timeout", "RequestTimeout", 3),
        ("x-amzn-errortype: \u{fc}", "RequestTimeout", 3),
        ("x-amzn-errortype:", "RequestTimeout", 3),
        ("x-other: a", "RequestTimeout", 3),
        ("x-amzn-errortype: aws#BadRequestException:http://a/", "BadRequestException", 1),
    ] {
        let body = r#"{"__type":"aws#RequestTimeout"}"#;
        let length = body.len();
        let response =
            format!("HTTP/1.1 400 No\r\n{header}\r\ncontent-length: {length}\r\n\r\n{body}");
        let connection: &[&str] = vec![&*response.leak()].leak();
        let (result, opened) = get(vec![connection].leak()).await;
        let error = result.unwrap_err();
        assert_eq!(error.service().unwrap().exception.as_str(), code, "{header}");
        assert_eq!(opened, connections, "{header}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_for_html_instead_of_json_says_so() {
    let (result, _) = get(&[&["HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>"]]).await;
    let error = result.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Undecodable(_)), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_reused_unless_the_service_was_unavailable() {
    let (client, connections) = client(&[&[OK, OK, OK]], |_| ());
    for _ in 0..3 {
        client.chime().get_account(GetAccountRequest::new("a")).await.unwrap();
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1);

    const OUT_OF_ORDER: &str = "HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n";
    let (result, connections) = get(&[&[OUT_OF_ORDER, OK], &[OK]]).await;
    result.unwrap();
    assert_eq!(connections, 2, "the retry opens a new connection");
}

#[tokio::test(start_paused = true)]
async fn a_pool_of_size_zero_keeps_no_connection() {
    let (client, connections) = client(&[&[OK, OK]], |config| config.pool.max_idle_per_host = 0);
    for _ in 0..2 {
        client.chime().get_account(GetAccountRequest::new("a")).await.unwrap();
    }
    assert_eq!(connections.load(Ordering::Relaxed), 2);
}
