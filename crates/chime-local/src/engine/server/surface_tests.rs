//! Properties of the whole HTTP surface: every request gets a response, and only an authorized one
//! can change the state.

mod requests;

use bytes::Bytes;
use http::{HeaderValue, Response};
use proptest::prelude::*;
use proptest::sample::select;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use self::requests::{Asked, asked};
use super::limit_tests::serve;
use super::*;
use crate::testing::{Bench, CONTROL_TOKEN, at_once, connection as ends, sign};

/// The rows of the whole state. What has become due is applied first, because no request causes it.
fn stored(bench: &Bench) -> Vec<(String, Vec<u8>)> {
    bench.chime.engine().settled().state.rows().unwrap()
}

fn handle(bench: &Bench, Asked { request, signed, near }: &Asked) -> Response<Bytes> {
    let mut request = request.clone();
    if *signed {
        sign(&mut request, &bench.caller, bench.clock.now());
    }
    at_once(exchange::handle(bench.chime.engine(), ends(*near), &request)).unwrap()
}

/// Whether a request may change the state: it is signed, or it is a request to the control endpoint
/// with the token from this machine and not from a page of another site.
fn may_change(Asked { request, signed, near }: &Asked) -> bool {
    if !request.uri().path().starts_with("/_chime/") {
        return *signed;
    }
    let headers = request.headers();
    let hosts: Vec<&[u8]> = headers.get_all("host").iter().map(HeaderValue::as_bytes).collect();
    let tokens: Vec<&[u8]> =
        headers.get_all("authorization").iter().map(HeaderValue::as_bytes).collect();
    *near
        && !*signed
        && tokens == [format!("Bearer {CONTROL_TOKEN}").as_bytes()]
        && !headers.contains_key("x-forwarded-for")
        && (hosts == [b"localhost"] || hosts == [b"localhost:8080"])
        && !headers.contains_key("origin")
}

proptest! {
    #[test]
    fn every_request_gets_a_response_and_a_refused_one_changes_nothing(
        calls in proptest::collection::vec(asked(), 1..12),
    ) {
        let bench = Bench::sample();
        let mut before = stored(&bench);
        for asked in calls {
            let response = handle(&bench, &asked);
            let id = response.headers().get("x-amzn-requestid");
            prop_assert_eq!(id.map(HeaderValue::len), Some(36), "{:?}", asked);
            prop_assert!(response.headers().contains_key("date"));
            let after = stored(&bench);
            if !response.status().is_success() || !may_change(&asked) {
                prop_assert!(before == after, "{:?}\n{:?}", asked, response);
            }
            before = after;
        }
    }

    #[test]
    fn random_bytes_change_nothing_and_the_response_is_http(
        start in select(&["", "GET / HTTP/1.1\r\n", "POST /accounts HTTP/1.1\r\nhost: x\r\n", "\0"][..]),
        bytes in proptest::collection::vec(
            prop_oneof![any::<u8>(), select(&b"\r\n: HTP/1.0abx"[..])],
            0..300,
        ),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_time().start_paused(true).build().unwrap();
        let bench = Bench::sample();
        let before = stored(&bench);
        let answer = runtime.block_on(async {
            let (mut near, far) = duplex(64 * 1024);
            serve(&bench, Arc::default(), ends(true), far);
            near.write_all(start.as_bytes()).await.unwrap();
            // The server may have closed the connection already.
            let _ = near.write_all(&bytes).await;
            let _ = near.shutdown().await;
            let mut answer = Vec::new();
            near.read_to_end(&mut answer).await.unwrap();
            answer
        });
        let status = answer.strip_prefix(b"HTTP/1.").and_then(|rest| rest.get(2..5));
        let is_status = status.is_some_and(|status| status.iter().all(u8::is_ascii_digit));
        prop_assert!(answer.is_empty() || is_status, "{}", String::from_utf8_lossy(&answer));
        prop_assert!(before == stored(&bench));
    }
}
