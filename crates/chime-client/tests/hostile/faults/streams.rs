//! Resets and shutdowns of HTTP/2, one by one.

use std::time::Duration;

use chime_client::model::chime::*;
use chime_client::{Client, Error, ErrorKind, TransportErrorKind};
use h2::Reason;
use tokio::time::timeout;

use super::message::Message;
use super::script::{Delivery, End, Protocol, Script};
use super::server::Server;
use super::{script, without_delays};

/// A server that delivers these responses over HTTP/2, and its client.
fn http2(deliveries: &[Delivery]) -> (Server, Client) {
    let fine: Vec<_> = deliveries.iter().map(|delivery| (Message::Fine, *delivery)).collect();
    without_delays(Script { protocol: Protocol::Http2, ..script(&fine) })
}

/// Makes a call that is not idempotent.
async fn call(client: &Client, name: &str) -> Result<CreateAccountResponse, Error> {
    client.chime().create_account(CreateAccountRequest::new(name)).await
}

/// The names of the requests that reached the server, and their connections.
fn requests(server: &Server) -> Vec<(String, u32)> {
    let requests = server.requests().into_iter();
    requests.map(|request| (request.name, request.connection)).collect()
}

fn expect(expected: &[(&str, u32)]) -> Vec<(String, u32)> {
    expected.iter().map(|(name, connection)| ((*name).to_owned(), *connection)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_request_that_was_not_processed_has_not_acted_and_is_retried() {
    let reasons = [Reason::NO_ERROR, Reason::INTERNAL_ERROR, Reason::ENHANCE_YOUR_CALM];
    let go_away = reasons.map(|reason| (Delivery::GoAwayBelow(reason), 2));
    // A connection that refuses a stream can carry others, such as those above a limit of the server that
    // it had not stated yet.
    for (delivery, connection) in [(Delivery::RefusedStream, 1)].into_iter().chain(go_away) {
        let (server, client) = http2(&[delivery]);
        call(&client, "a").await.unwrap();
        assert_eq!(requests(&server), expect(&[("a", 1), ("a", connection)]), "{delivery:?}");

        let (server, client) = http2(&[delivery; 3]);
        let error = call(&client, "a").await.unwrap_err();
        assert!(!error.may_have_acted(), "{delivery:?}: {error:?}");
        assert_eq!(server.requests().len(), 3, "{delivery:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_stream_was_reset_may_have_acted() {
    let reasons = [Reason::INTERNAL_ERROR, Reason::CANCEL, Reason::NO_ERROR];
    for (reason, share) in reasons.into_iter().flat_map(|reason| [(reason, 0), (reason, 128)]) {
        let (server, client) = http2(&[Delivery::ResetStream(share, reason)]);
        let error = call(&client, "a").await.unwrap_err();
        assert!(error.may_have_acted(), "{reason:?} after {share}: {error:?}");
        assert_eq!(server.requests().len(), 1, "{reason:?} after {share}");
        // Hyper ends the body without an error where the reason is NO_ERROR.
        let ErrorKind::Transport(error) = error.into_kind() else { panic!("{reason:?}") };
        assert_eq!(error.kind(), TransportErrorKind::Exchange, "{reason:?} after {share}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_on_a_connection_that_ends_may_have_acted() {
    use TransportErrorKind::{AttemptTimeout, Exchange};
    for (delivery, kind) in [
        (Delivery::GoAwayAbrupt(Reason::NO_ERROR), Exchange),
        (Delivery::GoAwayAbrupt(Reason::INTERNAL_ERROR), Exchange),
        (Delivery::Cut(0, End::Closed), Exchange),
        (Delivery::Cut(128, End::Reset), Exchange),
        // Pings have responses, so the connection is not closed.
        (Delivery::Cut(0, End::Silence), AttemptTimeout),
        // The ping timeout comes before the attempt timeout.
        (Delivery::Dead, Exchange),
    ] {
        let (server, client) = http2(&[delivery]);
        let error = call(&client, "a").await.unwrap_err();
        assert!(error.may_have_acted(), "{delivery:?}: {error:?}");
        let ErrorKind::Transport(error) = error.into_kind() else { panic!("{delivery:?}") };
        assert_eq!(error.kind(), kind, "{delivery:?}");
        call(&client, "b").await.unwrap();
        assert_eq!(requests(&server), expect(&[("a", 1), ("b", 2)]), "{delivery:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_arrives_after_a_graceful_shutdown_and_the_next_call_reconnects() {
    let (server, client) = http2(&[Delivery::GoAwayGraceful]);
    call(&client, "a").await.unwrap();
    call(&client, "b").await.unwrap();
    assert_eq!(requests(&server), expect(&[("a", 1), ("b", 2)]));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_neither_disturbs_nor_closes_its_http_2_connection() {
    let late = Delivery::Late(Duration::from_secs(5));
    let (server, client) = http2(&[Delivery::Whole, late, late]);
    call(&client, "a").await.unwrap();
    let dropped = timeout(Duration::from_secs(1), call(&client, "b"));
    let (dropped, other) = tokio::join!(dropped, call(&client, "c"));
    assert!(dropped.is_err());
    other.unwrap();
    call(&client, "d").await.unwrap();
    assert_eq!(requests(&server), expect(&[("a", 1), ("b", 1), ("c", 1), ("d", 1)]));
}

#[tokio::test(start_paused = true)]
async fn requests_that_wait_for_a_stream_when_their_connection_ends_are_sent_on_another() {
    let go_away = [Reason::NO_ERROR, Reason::ENHANCE_YOUR_CALM]
        .into_iter()
        .flat_map(|reason| [Delivery::GoAwayBelow(reason), Delivery::GoAwayAbrupt(reason)]);
    let ends = [Delivery::GoAwayGraceful, Delivery::Last, Delivery::Cut(0, End::Reset)];
    for delivery in go_away.chain(ends) {
        let fine = [(Message::Fine, Delivery::Whole), (Message::Fine, delivery)];
        let max_streams = Some(1);
        let script = Script { protocol: Protocol::Http2, max_streams, ..script(&fine) };
        let (server, client) = without_delays(script);
        // The client learns the limit.
        call(&client, "first").await.unwrap();
        let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| call(&client, name));
        let (_, b, c, d) = tokio::join!(a, b, c, d);
        c.unwrap();
        d.unwrap();
        // Hyper has prepared this request, and does not tell whether it was written.
        assert!(b.is_ok() || b.is_err_and(|error| error.may_have_acted()), "{delivery:?}");
        let mut sent = requests(&server);
        sent.retain(|(name, _)| "cd".contains(&**name));
        sent.sort();
        assert_eq!(sent, expect(&[("c", 2), ("d", 2)]), "{delivery:?}");
    }
}
