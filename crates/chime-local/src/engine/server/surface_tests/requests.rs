//! Random requests: valid and invalid calls of the operations, and arbitrary requests.

use bytes::Bytes;
use chime_model::chime::API;
use chime_model::{MemberInfo, OperationInfo, Shape};
use http::{HeaderName, HeaderValue, Request};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value};

use crate::sample::*;
use crate::testing::CONTROL_TOKEN;

const ACCOUNTS: &[&str] = &[ENTERPRISE_ACCOUNT_ID, ENTERPRISE_ACCOUNT_ID, TEAM_ACCOUNT_ID, "none"];
const MEMBERS: &[&str] = &[ANA_ID, BO_ID, CLEO_ID];
const BOTS: &[&str] = &[BOT_ID, BOT_ID, "none"];
const MESSAGES: &[&str] = &[ROOM_MESSAGE_ID, CONVERSATION_MESSAGE_ID];
const NUMBERS: &[&str] = &[ANA_NUMBER, UNASSIGNED_NUMBER, "+12065550142"];
const ROOMS: &[&str] = &[ROOM_ID, ROOM_ID, ROOM_ID, "none"];
const TEXTS: &[&str] =
    &["ana@example.com", "new@example.com", "+12065550142", "https://h.example", "Name", "US", ""];
const METHODS: &[&str] = &["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "ODD"];
const PATHS: &[&str] = &[
    "/",
    "/?account=x",
    "/_chime/state",
    "/_chime/seed",
    "/_chime/clock",
    "/_chime/clock/advance",
    "/_chime/requests",
    "/_chime/snapshots",
    "/_chime/snapshots/a",
    "/_chime/snapshots/a/restore",
    "/_chime/snapshots/%ff/restore",
    "/_chime/reset",
    "/_chime/domains/example.com",
    "/_chime/",
    "/console/accounts",
    "/accounts?max-results=7&next-token=x&next-token=%ff",
];
const BODIES: &[&str] = &[
    "",
    "{}",
    "[]",
    r#"{"Mode":"Frozen"}"#,
    r#"{"Seconds":5}"#,
    r#"{"Seconds":700000}"#,
    r#"{"Organisations":[{"Account":{"AwsAccountId":"111122223333","AccountId":"n","Name":"N"}}]}"#,
    "\u{feff}{}",
];
const HEADERS: &[&str] = &[
    "accept",
    "authorization",
    "content-type",
    "expect",
    "host",
    "origin",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
    "user-agent",
    "date",
    "x-forwarded-for",
    "x-odd",
];
const FIELDS: &[&str] = &["localhost", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e", "text/html", "é"];

/// A request and how it is sent.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) request: Request<Bytes>,
    pub(super) signed: bool,
    /// Whether it comes from this machine.
    pub(super) near: bool,
}

pub(super) fn asked() -> impl Strategy<Value = Asked> {
    let request = prop_oneof![4 => call(), 2 => altered(), 1 => arbitrary()];
    let signed = (request.clone(), any::<bool>()).prop_map(|(mut request, near)| {
        request.headers_mut().clear();
        Asked { request, signed: true, near }
    });
    let unsigned = (request, headers(), any::<bool>()).prop_map(|(mut request, headers, near)| {
        request.headers_mut().extend(headers);
        Asked { request, signed: false, near }
    });
    let controlled =
        (arbitrary(), headers(), any::<bool>()).prop_map(|(mut request, more, near)| {
            let token = format!("Bearer {CONTROL_TOKEN}").parse().unwrap();
            request.headers_mut().insert("authorization", token);
            request.headers_mut().extend(more);
            Asked { request, signed: false, near }
        });
    prop_oneof![3 => signed, 1 => unsigned, 1 => controlled].prop_map(|mut asked| {
        let host = HeaderValue::from_static("localhost:8080");
        asked.request.headers_mut().entry("host").or_insert(host);
        asked
    })
}

/// A call of a random operation, mostly valid.
fn call() -> BoxedStrategy<Request<Bytes>> {
    let calls = API.operations.iter().map(|info| {
        let encode = |input: Map<String, Value>| request_of(info, &input);
        members(info.input.members).prop_filter_map("no message", encode).boxed()
    });
    select(calls.collect::<Vec<_>>()).prop_flat_map(|call| call).boxed()
}

fn request_of(info: &'static OperationInfo, input: &Map<String, Value>) -> Option<Request<Bytes>> {
    chime_wire::encode_input(info, input, Some("a-token")).ok().map(|(message, _)| message)
}

/// A call whose body, or a part of whose target, is replaced.
fn altered() -> BoxedStrategy<Request<Bytes>> {
    let other_body = (call(), body()).prop_map(|(request, body)| request.map(|_| body));
    let other_target = (call(), any::<prop::sample::Index>(), "[!-~]{0,3}");
    let other_target = other_target.prop_filter_map("no target", |(mut request, at, piece)| {
        let mut target = request.uri().to_string();
        let at = at.index(target.len());
        target.replace_range(at..=at, &piece);
        *request.uri_mut() = target.parse().ok()?;
        Some(request)
    });
    prop_oneof![other_body, other_target].boxed()
}

fn arbitrary() -> BoxedStrategy<Request<Bytes>> {
    let target = prop_oneof![
        4 => select(PATHS).prop_map(str::to_owned),
        1 => "(/[a-z%_.~ -]{0,8}){1,5}(\\?[a-z%=&+;]{0,12})?",
    ];
    (select(METHODS), target, body())
        .prop_filter_map("no request", |(method, target, body)| {
            Request::builder().method(method).uri(target).body(body).ok()
        })
        .boxed()
}

fn body() -> impl Strategy<Value = Bytes> {
    prop_oneof![
        select(BODIES).prop_map(|text| Bytes::from_static(text.as_bytes())),
        proptest::collection::vec(any::<u8>(), 0..64).prop_map(Bytes::from),
        proptest::collection::btree_map(".{0,8}", any_value(), 0..4)
            .prop_map(|body| serde_json::to_vec(&body).unwrap().into()),
    ]
}

fn headers() -> impl Strategy<Value = Vec<(HeaderName, HeaderValue)>> {
    let values = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        select(FIELDS).prop_map(|text| text.as_bytes().to_vec()),
    ];
    let header = (select(HEADERS), values).prop_filter_map("no header", |(name, value)| {
        Some((HeaderName::from_static(name), HeaderValue::from_bytes(&value).ok()?))
    });
    proptest::collection::vec(header, 0..4)
}

fn members(members: &'static [MemberInfo]) -> BoxedStrategy<Map<String, Value>> {
    members.iter().fold(Just(Map::new()).boxed(), |all, member| {
        let likely = if member.required { 0.98 } else { 0.4 };
        let value = proptest::option::weighted(likely, member_value(member));
        (all, value)
            .prop_map(|(mut all, value)| {
                all.extend(value.map(|value| (member.name.to_owned(), value)));
                all
            })
            .boxed()
    })
}

fn member_value(member: &'static MemberInfo) -> BoxedStrategy<Value> {
    let known = |texts: &'static [&str]| select(texts).prop_map(Value::from).boxed();
    match member.name {
        "AccountId" => known(ACCOUNTS),
        "RoomId" => known(ROOMS),
        "UserId" | "MemberId" => known(MEMBERS),
        "BotId" => known(BOTS),
        "MessageId" => known(MESSAGES),
        "ConversationId" => known(&[CONVERSATION_ID]),
        "MeetingId" => known(&[MEETING_ID]),
        "JoinToken" => known(&[JOIN_TOKEN, "x"]),
        "Domain" => known(&[DOMAIN]),
        "PhoneNumberId" | "E164PhoneNumber" | "FromPhoneNumber" | "ToPhoneNumber" => known(NUMBERS),
        _ => prop_oneof![19 => value(member.shape), 1 => any_value()].boxed(),
    }
}

fn value(shape: &'static Shape) -> BoxedStrategy<Value> {
    match shape {
        Shape::Enumeration(names) => select(names.values).prop_map(Value::from).boxed(),
        Shape::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Shape::Integer(_) => (-1..200i64).prop_map(Value::from).boxed(),
        Shape::List(list) => {
            let items = prop_oneof![value(list.item), select(MEMBERS).prop_map(Value::from)];
            proptest::collection::vec(items, 0..4).prop_map(Value::from).boxed()
        }
        Shape::Structure(structure) => members(structure.members).prop_map(Value::from).boxed(),
        _ => prop_oneof![select(TEXTS).prop_map(Value::from), "\\PC{0,9}".prop_map(Value::from)]
            .boxed(),
    }
}

fn any_value() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(".{0,8}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
    .boxed()
}
