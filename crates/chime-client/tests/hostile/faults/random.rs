//! Random scripts.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::script::{Answer, Delivery, End, Message, Script, Way};

/// Answers that mean to be HTTP.
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

fn seconds(range: Range<u64>) -> impl Strategy<Value = Duration> {
    range.prop_map(Duration::from_secs)
}

fn ways() -> impl Strategy<Value = Way> {
    prop_oneof![
        6 => Just(Way::Open),
        3 => select(&[Way::Refused, Way::Silent][..]),
        1 => seconds(0..6).prop_map(Way::Slow),
        3 => select(&[Way::WrongName, Way::Expired, Way::Stranger, Way::NoTls, Way::HalfTls][..]),
    ]
}

fn messages() -> impl Strategy<Value = Message> {
    prop_oneof![
        4 => Just(Message::Fine),
        1 => (1u8..5).prop_map(Message::Early),
        1 => Just(Message::Endless),
        3 => select(&[301u16, 307, 400, 403, 404, 409, 429][..]).prop_map(Message::Status),
        4 => select(&[500u16, 501, 502, 503, 504, 524][..]).prop_map(Message::Status),
        1 => (0u64..8000).prop_map(Message::Throttled),
        1 => Just(Message::Expired),
        1 => Just(Message::ClockJumps),
        2 => select(&[Message::Html, Message::HalfJson, Message::TooShort][..]),
        1 => any::<bool>().prop_map(|chunked| Message::Oversized { chunked }),
        1 => select(&NEARLY_HTTP[..]).prop_map(|text| Message::Bytes(Bytes::from(text))),
        1 => vec(any::<u8>(), 0..100).prop_map(|bytes| Message::Bytes(bytes.into())),
    ]
}

fn deliveries() -> impl Strategy<Value = Delivery> {
    let ends = select(&[End::Closed, End::Reset, End::Silence][..]);
    prop_oneof![
        6 => Just(Delivery::Whole),
        1 => Just(Delivery::Last),
        4 => (0u8.., ends).prop_map(|(at, end)| Delivery::Cut(at, end)),
        1 => seconds(0..60).prop_map(Delivery::Late),
        1 => (1u64..6000).prop_map(|pause| Delivery::Drip(Duration::from_millis(pause))),
    ]
}

/// Any answer, as often as it is repeated: a rush of throttling goes on for a while.
fn runs() -> impl Strategy<Value = Vec<Answer>> {
    let answers =
        (any::<bool>(), messages(), deliveries()).prop_map(|(acts, message, delivery)| {
            let acts = message.is_success() || acts && !message.is_refusal();
            vec![Answer { acts, message, delivery }]
        });
    let storms = (1usize..50, 0u64..3).prop_map(|(count, millis)| {
        vec![Answer::new(Message::Throttled(millis), Delivery::Whole); count]
    });
    prop_oneof![20 => answers, 1 => storms]
}

/// Scripts of a few answers. TLS takes some of the time of all the rest, so few have it.
pub(crate) fn scripts() -> impl Strategy<Value = Script> {
    let tls = prop_oneof![99 => Just(false), 1 => Just(true)];
    of(tls, vec(runs(), 0..6))
}

/// Scripts of many answers, with times in which the service is down.
pub(crate) fn long_scripts() -> impl Strategy<Value = Script> {
    let failures = select(&[500u16, 503][..]).prop_map(|status| {
        vec![Answer { acts: false, ..Answer::new(Message::Status(status), Delivery::Whole) }; 40]
    });
    of(Just(false), vec(prop_oneof![20 => runs(), 1 => failures], 30..60))
}

fn of(
    tls: impl Strategy<Value = bool>,
    answers: impl Strategy<Value = Vec<Vec<Answer>>>,
) -> impl Strategy<Value = Script> {
    let parts = (tls, vec(ways(), 0..4), answers);
    parts.prop_map(|(tls, ways, answers)| Script { tls, ways, answers: answers.concat() })
}
