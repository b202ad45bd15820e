//! Tests of the handshake, with endpoints on this machine.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::ChimeRules;
use crate::sample::*;
use crate::testing::{Bench, request, sign};

/// An endpoint that makes its response from the challenge, or never responds.
async fn endpoint(answer: impl Fn(&str) -> Option<String> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?x=1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut kept = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut text = String::new();
            while !text.ends_with('}') {
                let mut chunk = [0; 1024];
                let length = stream.read(&mut chunk).await.unwrap();
                text += std::str::from_utf8(&chunk[..length]).unwrap();
            }
            assert!(text.starts_with("POST /hook?x=1 HTTP/1.1\r\nhost: 127.0.0.1:"), "{text}");
            let (_, body) = text.split_once("\r\n\r\n").unwrap();
            let body: Value = serde_json::from_str(body).unwrap();
            assert_eq!(body["EventType"], "HTTPSEndpointVerification");
            if let Some(answer) = answer(body["Challenge"].as_str().unwrap()) {
                stream.write_all(answer.as_bytes()).await.unwrap();
            } else {
                kept.push(stream);
            }
        }
    });
    url
}

/// Configures an endpoint. Returns the status, and whether there is a configuration afterwards.
async fn put(bench: &Bench, url: &str) -> (u16, bool) {
    let target = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/bots/{BOT_ID}/events-configuration");
    bench.send("DELETE", &target, "");
    let body = json!({"OutboundEventsHTTPSEndpoint": url}).to_string();
    let mut request = request("PUT", &target, &body);
    sign(&mut request, &bench.caller, bench.clock.now());
    let response = bench.chime.engine().handle(&request).await.unwrap();
    (response.status().as_u16(), bench.send("GET", &target, "").status() == 200)
}

fn asking() -> Bench {
    Bench::with_rules(ChimeRules { events_endpoints_are_asked: true, ..ChimeRules::default() })
}

fn http(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn an_endpoint_that_returns_the_challenge_is_accepted() {
    let url =
        endpoint(|challenge| Some(http("200 OK", &json!({"Challenge": challenge}).to_string())));
    assert_eq!(put(&asking(), &url.await).await, (201, true));
}

#[tokio::test]
async fn an_endpoint_without_the_challenge_is_refused() {
    let bench = asking();
    let answers: [fn(&str) -> String; 5] = [
        |challenge| http("202 Accepted", &json!({"Challenge": challenge}).to_string()),
        |challenge| http("200 OK", &json!({"Challenge": format!("{challenge}0")}).to_string()),
        |challenge| http("200 OK", challenge),
        |_| http("200 OK", ""),
        |_| "what?".to_owned(),
    ];
    for answer in answers {
        let url = endpoint(move |challenge| Some(answer(challenge))).await;
        assert_eq!(put(&bench, &url).await, (400, false));
    }
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(put(&bench, &format!("http://{nobody}/")).await, (400, false));
    assert_eq!(
        put(&bench, "https://bots.example.com/").await,
        (201, true),
        "no handshake with TLS"
    );
    assert_eq!(put(&Bench::sample(), &format!("http://{nobody}/")).await, (201, true));
}

#[tokio::test(start_paused = true)]
async fn a_silent_endpoint_is_refused_after_two_seconds() {
    let url = endpoint(|_| None).await;
    let start = tokio::time::Instant::now();
    assert_eq!(put(&asking(), &url).await, (400, false));
    assert_eq!(start.elapsed().as_secs(), 2);
}

#[tokio::test]
async fn the_bot_is_checked_before_the_handshake() {
    let bench = asking();
    let target = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/bots/none/events-configuration");
    let body = r#"{"OutboundEventsHTTPSEndpoint":"http://localhost:1/"}"#;
    assert_eq!(bench.send("PUT", &target, body).status(), 404);
}
