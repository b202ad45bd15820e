//! Helpers of this crate's tests: a clock to move, an independent signer, calls without HTTP.

pub(crate) mod calls;

use std::net::Ipv4Addr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Instant;

use bytes::Bytes;
use chime_model::{Operation, ServiceError};
use chime_wire::ResponseError;
use hmac::{Hmac, KeyInit, Mac};
use http::{Request, Response};
use proptest::test_runner::Config as ProptestConfig;
use serde_json::Value;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::chime::call::Call;
use crate::engine::server::access::Connection;
use crate::engine::store::Intent;
use crate::engine::{control, dates, dispatch, hex, routing};
use crate::family::Family;
use crate::{Clock, Config, Credential, LocalChime, Rules, Seed};

/// The region that requests are signed for.
pub(crate) const REGION: &str = "us-east-1";

/// 2025-03-05T12:00:00Z.
const START: i64 = 1_741_176_000;

/// The control token of every Chime of a test.
pub(crate) const CONTROL_TOKEN: &str = "the-token-of-the-tests";

/// Configures a slow property: one case for `one_in` of the usual number, which `PROPTEST_CASES` sets.
pub(crate) fn slow_property(one_in: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.div_ceil(one_in), ..usual }
}

/// The machine's clock, which advances only by [`advance`](Self::advance).
#[derive(Clone)]
pub(crate) struct TestClock(Arc<AtomicI64>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
    }
}

impl TestClock {
    pub(crate) fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0.load(Ordering::SeqCst)).unwrap()
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.whole_seconds(), Ordering::SeqCst);
    }
}

/// A local Chime, its clock and a caller.
pub(crate) struct Bench {
    pub(crate) chime: LocalChime,
    pub(crate) clock: TestClock,
    pub(crate) caller: Credential,
}

impl Bench {
    /// With the sample organisation.
    pub(crate) fn sample() -> Self {
        Self::new(Config::sample())
    }

    pub(crate) fn with_rules(rules: impl Into<Rules>) -> Self {
        Self::new(Config { rules: rules.into(), ..Config::sample() })
    }

    pub(crate) fn new(config: Config) -> Self {
        Self::with(config, |config| LocalChime::new(config).unwrap())
    }

    /// With an emulator that `make` creates.
    pub(crate) fn with(config: Config, make: impl FnOnce(Config) -> LocalChime) -> Self {
        Self::at(TestClock::default(), config, make)
    }

    /// Does the same, with a given clock.
    pub(crate) fn at(
        clock: TestClock,
        config: Config,
        make: impl FnOnce(Config) -> LocalChime,
    ) -> Self {
        let shared = clock.clone();
        let config = Config {
            clock: Clock::from_source(move || shared.now()),
            control_token: Some(CONTROL_TOKEN.into()),
            ..config
        };
        Self { caller: config.credentials[0].clone(), chime: make(config), clock }
    }

    /// With the resources of a seed.
    pub(crate) fn seeded(seed: &Value) -> Self {
        let seed = Seed::parse(&seed.to_string()).unwrap();
        Self::new(Config { seed, ..Config::default() })
    }

    /// Returns all resources as a seed.
    pub(crate) fn export(&self) -> Value {
        serde_json::to_value(self.chime.export()).unwrap()
    }

    /// Creates another local Chime, which starts with the export of this one at the same time.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::seeded(&self.export());
        copy.clock.advance(self.clock.now() - copy.clock.now());
        copy
    }

    /// Calls a handler directly.
    pub(crate) fn ask<O: Operation>(
        &self,
        handler: fn(&mut Call<'_>, O) -> Result<O::Output, ServiceError>,
        request: O,
    ) -> Result<O::Output, ServiceError> {
        self.within(Intent::Write, |call| handler(call, request))
    }

    /// Runs code with the [`Call`] that handlers of Amazon Chime get.
    pub(crate) fn within<T>(
        &self,
        intent: Intent,
        work: impl FnOnce(&mut Call<'_>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let work = |family: &mut Family, rules: &Rules, context: dispatch::Context<'_>| {
            work(&mut family.chime.call(&rules.chime, context))
        };
        self.chime.engine().run(&self.caller, REGION, intent, work).0
    }

    /// Calls an operation of any service through all layers: encoding, signature, routing.
    pub(crate) fn call<O: Operation>(&self, request: &O) -> Result<O::Output, ServiceError> {
        self.call_in(REGION, request)
    }

    /// Does the same, signed for a given region.
    pub(crate) fn call_in<O: Operation>(
        &self,
        region: &str,
        request: &O,
    ) -> Result<O::Output, ServiceError> {
        let service = routing::name(O::INFO.service);
        let encoded = chime_wire::encode_request(request).unwrap();
        let target = format!("/{service}{}", encoded.uri().path_and_query().unwrap());
        let method = encoded.method().as_str();
        let body = std::str::from_utf8(encoded.body()).unwrap();
        let mut signed = self::request(method, &target, body);
        sign_for(&mut signed, &self.caller, self.clock.now(), region, "chime");
        let Answer(response) = self.handle(&signed);
        match chime_wire::decode_response::<O>(&response) {
            Ok(output) => Ok(output),
            Err(ResponseError::Service(error)) => Err(error),
            Err(other) => panic!("{other}"),
        }
    }

    /// The types of all events so far, without their prefix.
    pub(crate) fn events(&self) -> Vec<String> {
        self.bodies().map(|event| kind_of(&event).to_owned()).collect()
    }

    /// The bodies of the events of a type, given without its prefix.
    pub(crate) fn events_of(&self, kind: &str) -> Vec<Value> {
        self.bodies().filter(|event| kind_of(event) == kind).collect()
    }

    fn bodies(&self) -> impl Iterator<Item = Value> {
        let events = self.chime.events(0).into_iter();
        events.map(|delivered| serde_json::to_value(&delivered.body).unwrap())
    }

    /// Sends a signed request through all layers.
    pub(crate) fn send(&self, method: &str, target: &str, body: &str) -> Answer {
        self.send_as(&self.caller, method, target, body)
    }

    pub(crate) fn send_as(
        &self,
        by: &Credential,
        method: &str,
        target: &str,
        body: &str,
    ) -> Answer {
        let mut request = request(method, target, body);
        sign(&mut request, by, self.clock.now());
        self.handle(&request)
    }

    /// Suspends a user.
    pub(crate) fn suspend(&self, account: &str, user: &str) {
        let target = format!("/accounts/{account}/users?operation=suspend");
        let answer = self.send("POST", &target, &format!(r#"{{"UserIdList":["{user}"]}}"#));
        assert_eq!(answer.json(), serde_json::json!({"UserErrors": []}));
    }

    /// Sends a request to the control endpoint.
    pub(crate) fn control(&self, method: &str, target: &str, body: &str) -> Answer {
        let request = control_request(method, &format!("/_chime/{target}"), body);
        Answer(control::handle(self.chime.engine(), &request).unwrap())
    }

    /// The content of the page for a query, as its script gets it.
    pub(crate) fn page(&self, query: &str) -> String {
        let answer = self.control("GET", &format!("page?{query}"), "");
        assert_eq!(answer.status(), 200, "{query}");
        String::from_utf8(answer.0.body().to_vec()).unwrap()
    }

    /// The response that the page of a resource shows.
    pub(crate) fn response_on_page(&self, query: &str) -> Value {
        let html = self.page(query);
        let (_, after) = html.split_once("<h2>As the API returns it</h2>").unwrap();
        let (_, text) = after.split_once("<pre tabindex=\"0\">").unwrap();
        let (text, _) = text.split_once("</pre>").unwrap();
        serde_json::from_str(&text.replace("&#34;", "\"").replace("&#38;", "&")).unwrap()
    }

    pub(crate) fn handle(&self, request: &Request<Bytes>) -> Answer {
        Answer(wait(self.chime.engine().handle(request)).unwrap())
    }
}

/// The type of an event, without its prefix.
fn kind_of(event: &Value) -> &str {
    event["detail"]["eventType"].as_str().unwrap().trim_start_matches("chime:")
}

/// The output of a future that waits for another thread. Panics after 60 seconds.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let start = Instant::now();
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        assert!(start.elapsed().as_secs() < 60, "the future is still pending after 60 s");
        thread::park_timeout(std::time::Duration::from_secs(60));
    }
}

/// The output of a future that is ready at once.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the future is not ready"),
    }
}

/// Credentials of another AWS account.
pub(crate) fn other_caller() -> Credential {
    Credential {
        access_key_id: "AKIDOTHER".to_owned(),
        aws_account_id: "444455556666".to_owned(),
        ..Credential::default()
    }
}

/// A response, with shorthands to inspect it.
pub(crate) struct Answer(pub(crate) Response<Bytes>);

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.0.headers().get(name).map(|value| value.to_str().unwrap())
    }

    /// The name of the exception, empty for success.
    pub(crate) fn exception(&self) -> &str {
        self.header("x-amzn-errortype").unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(self.0.body()).unwrap()
    }
}

/// Advances the machine's clock.
pub(crate) fn pass(bench: &Bench, seconds: i64) {
    bench.clock.advance(Duration::seconds(seconds));
}

/// The exception and the message of an error.
pub(crate) fn explained<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> (String, String) {
    let error = result.expect_err("refused");
    (error.exception.to_string(), error.message.unwrap_or_default())
}

pub(crate) fn exception<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> String {
    explained(result).0
}

/// The status and the exception of an error.
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> (u16, String) {
    let error = result.expect_err("refused");
    (error.status, error.exception.to_string())
}

pub(crate) fn request(method: &str, target: &str, body: &str) -> Request<Bytes> {
    Request::builder()
        .method(method)
        .uri(target)
        .header("host", "localhost:8080")
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}

/// A connection from this machine or another one to a server on the loopback interface.
pub(crate) fn connection(near: bool) -> Connection {
    let listener = Ipv4Addr::LOCALHOST.into();
    let far = Ipv4Addr::new(192, 0, 2, 1).into();
    Connection {
        peer: if near { listener } else { far },
        listener,
        service: None,
        is_reserved: false,
    }
}

/// A request with the control token.
pub(crate) fn control_request(method: &str, target: &str, body: &str) -> Request<Bytes> {
    let mut request = request(method, target, body);
    let token = format!("Bearer {CONTROL_TOKEN}").parse().unwrap();
    request.headers_mut().insert("authorization", token);
    request
}

/// Signs a request whose path and query are in canonical form. It shares no code with the
/// verification, so that tests compare two implementations.
pub(crate) fn sign(request: &mut Request<Bytes>, by: &Credential, now: OffsetDateTime) {
    sign_for(request, by, now, REGION, "chime");
}

pub(crate) fn sign_for(
    request: &mut Request<Bytes>,
    by: &Credential,
    now: OffsetDateTime,
    region: &str,
    service: &str,
) {
    let time = dates::format_amz(now).unwrap();
    let date = &time[..8];
    request.headers_mut().insert("x-amz-date", time.parse().unwrap());
    if let Some(token) = &by.session_token {
        request.headers_mut().insert("x-amz-security-token", token.expose().parse().unwrap());
    }
    let mut names: Vec<String> = request.headers().keys().map(ToString::to_string).collect();
    names.sort();
    let headers: String = names
        .iter()
        .map(|name| format!("{name}:{}\n", request.headers()[name].to_str().unwrap()))
        .collect();
    let names = names.join(";");
    let mut query: Vec<&str> = request.uri().query().unwrap_or_default().split('&').collect();
    query.sort_unstable();
    let canonical = format!(
        "{}\n{}\n{}\n{headers}\n{names}\n{}",
        request.method(),
        request.uri().path().replace('%', "%25"),
        query.join("&"),
        hex::encode(&Sha256::digest(request.body()))
    );
    let scope = format!("{date}/{region}/{service}/aws4_request");
    let to_sign =
        format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex::encode(&Sha256::digest(canonical)));
    let mut key = format!("AWS4{}", by.secret_access_key.expose()).into_bytes();
    for part in [date, region, service, "aws4_request", &to_sign] {
        let mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        key = mac.chain_update(part).finalize().into_bytes().to_vec();
    }
    let header = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={}",
        by.access_key_id,
        hex::encode(&key)
    );
    request.headers_mut().insert("authorization", header.parse().unwrap());
}
