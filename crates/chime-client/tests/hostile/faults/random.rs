//! Random scripts.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use h2::Reason;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::message::Message;
use super::script::{Connect, Delivery, End, Protocol, Response, Script};

/// Bytes that are almost an HTTP/1.1 response.
const NEARLY_HTTP: [&str; 9] = [
    "SSH-2.0-OpenSSH\r\n",
    "HTTP/1.1 2x0 OK\r\n\r\n",
    "HTTP/9.9 200 OK\r\ncontent-length: 2\r\n\r\n{}",
    "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}",
    "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    "HTTP/1.1 200 OK\r\nno colon\r\n\r\n{}",
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
    "HTTP/1.1 200 OK\r\n: nameless\r\n\r\n",
];
const REASONS: [Reason; 5] = [
    Reason::NO_ERROR,
    Reason::PROTOCOL_ERROR,
    Reason::INTERNAL_ERROR,
    Reason::CANCEL,
    Reason::ENHANCE_YOUR_CALM,
];

fn seconds(range: Range<u64>) -> impl Strategy<Value = Duration> {
    range.prop_map(Duration::from_secs)
}

fn connects() -> impl Strategy<Value = Connect> {
    use Connect::{
        ExpiredCertificate, HandshakeStalls, PlainText, Refused, Silent, UnknownIssuer, WrongName,
    };
    let tls = [WrongName, ExpiredCertificate, UnknownIssuer, PlainText, HandshakeStalls];
    prop_oneof![
        6 => Just(Connect::Open),
        3 => select(&[Refused, Silent][..]),
        1 => seconds(0..6).prop_map(Connect::Slow),
        3 => select(tls.to_vec()),
    ]
}

fn messages(protocol: Protocol) -> BoxedStrategy<Message> {
    let both = prop_oneof![
        4 => Just(Message::Fine),
        1 => (1u8..5).prop_map(Message::Early),
        1 => Just(Message::NoLength),
        3 => select(&[301u16, 307, 400, 403, 404, 409, 429][..]).prop_map(Message::Status),
        4 => select(&[500u16, 501, 502, 503, 504, 524][..]).prop_map(Message::Status),
        1 => (0u64..8000).prop_map(Message::Throttled),
        1 => Just(Message::Expired),
        1 => Just(Message::ClockJumps),
        2 => select(&[Message::Html, Message::HalfJson, Message::TooShort][..]),
        1 => any::<bool>().prop_map(|has_length| Message::Oversized { has_length }),
    ];
    if protocol == Protocol::Http2 {
        return both.boxed();
    }
    prop_oneof![
        19 => both,
        1 => select(&NEARLY_HTTP[..]).prop_map(|text| Message::Bytes(Bytes::from(text))),
        1 => vec(any::<u8>(), 0..100).prop_map(|bytes| Message::Bytes(bytes.into())),
    ]
    .boxed()
}

fn deliveries(protocol: Protocol) -> BoxedStrategy<Delivery> {
    let ends = select(&[End::Closed, End::Reset, End::Silence][..]);
    let both = prop_oneof![
        6 => Just(Delivery::Whole),
        1 => Just(Delivery::Last),
        4 => (0u8.., ends).prop_map(|(share, end)| Delivery::Cut(share, end)),
        1 => seconds(0..60).prop_map(Delivery::Late),
        1 => (1u64..6000).prop_map(|pause| Delivery::Drip(Duration::from_millis(pause))),
    ];
    if protocol != Protocol::Http2 {
        return both.boxed();
    }
    let reasons = || select(&REASONS[..]);
    prop_oneof![
        6 => both,
        1 => Just(Delivery::RefusedStream),
        2 => (0u8.., reasons()).prop_map(|(share, reason)| Delivery::ResetStream(share, reason)),
        1 => reasons().prop_map(Delivery::GoAwayBelow),
        1 => Just(Delivery::GoAwayGraceful),
        1 => reasons().prop_map(Delivery::GoAwayAbrupt),
        1 => Just(Delivery::Dead),
    ]
    .boxed()
}

/// One response, or many that throttle.
fn runs(protocol: Protocol) -> impl Strategy<Value = Vec<Response>> {
    let responses = (any::<bool>(), messages(protocol), deliveries(protocol));
    let responses = responses.prop_map(|(acts, message, delivery)| {
        let acts =
            (message.is_success() || acts && !message.is_refusal()) && !delivery.is_unprocessed();
        vec![Response { acts, message, delivery }]
    });
    let throttling = (1usize..50, 0u64..3).prop_map(|(count, millis)| {
        vec![Response::new(Message::Throttled(millis), Delivery::Whole); count]
    });
    prop_oneof![20 => responses, 1 => throttling]
}

/// Scripts of a few responses.
pub(crate) fn scripts(protocol: Protocol) -> impl Strategy<Value = Script> {
    with_connects(protocol, vec(runs(protocol), 0..6))
}

/// Scripts of many responses, some of them from a service that is down for a while.
pub(crate) fn long_scripts() -> impl Strategy<Value = Script> {
    let failures = select(&[500u16, 503][..]).prop_map(|status| {
        let response = Response::new(Message::Status(status), Delivery::Whole);
        vec![Response { acts: false, ..response }; 40]
    });
    let runs = prop_oneof![20 => runs(Protocol::Http1), 1 => failures];
    with_connects(Protocol::Http1, vec(runs, 30..60))
}

fn with_connects(
    protocol: Protocol,
    responses: impl Strategy<Value = Vec<Vec<Response>>>,
) -> impl Strategy<Value = Script> {
    let parts = (vec(connects(), 0..4), responses);
    parts.prop_map(move |(connects, responses)| Script {
        protocol,
        connects,
        responses: responses.concat(),
        ..Script::default()
    })
}
