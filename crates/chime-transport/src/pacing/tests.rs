//! Pacing over services driven by hand, and over one with a simulated quota.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tokio::task::yield_now;
use tokio::time::{Instant, advance, sleep};
use tower::{BoxError, Layer, Service, ServiceExt};
use tower_test::mock::{Handle, Mock, SendResponse, pair};

use super::simulated::{Simulated, bulk, fairness};
use super::*;
use crate::retry::Progress;
use crate::{Error, ErrorKind};

type Connection = Mock<Request<Bytes>, Response<Bytes>>;
type Driver = Handle<Request<Bytes>, Response<Bytes>>;

fn layer(pacing: &Pacing) -> PacingLayer {
    PacingLayer::new(pacing)
}

fn paced(pacing: &Pacing) -> (Paced<Connection>, Driver) {
    let (connection, driver) = pair();
    (layer(pacing).layer(connection), driver)
}

fn by_hand(rate: f64, burst: u32) -> Pacing {
    let limits = Limits { rate: Some(rate), burst, concurrency: None };
    Pacing { limits, ..Pacing::default() }
}

fn to(path: &'static str) -> Request<Bytes> {
    Request::get(path).body(Bytes::from("body")).unwrap()
}

fn status(status: u16) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::new()).unwrap()
}

async fn next(driver: &mut Driver) -> (String, SendResponse<Response<Bytes>>) {
    let (request, respond) = driver.next_request().await.unwrap();
    assert_eq!(request.body(), "body");
    (request.uri().path().to_owned(), respond)
}

/// A service that notes who came, and when.
type Log = Arc<Mutex<Vec<(String, u64)>>>;

fn logging(
    log: &Log,
    takes: Duration,
) -> impl Service<
    Request<Bytes>,
    Response = Response<Bytes>,
    Error = BoxError,
    Future = impl Future<Output = Result<Response<Bytes>, BoxError>> + Send,
> + Clone
+ Send
+ 'static {
    let (log, started) = (log.clone(), Instant::now());
    tower::service_fn(move |request: Request<Bytes>| {
        let millis = started.elapsed().as_millis() as u64;
        log.lock().unwrap().push((request.uri().path().to_owned(), millis));
        async move {
            sleep(takes).await;
            Ok(status(200))
        }
    })
}

/// Starts a call to each path in turn, and tells when each was sent.
async fn times<const N: usize>(pacing: &Pacing, takes: u64, paths: [&'static str; N]) -> Log {
    let log = Log::default();
    let service = layer(pacing).layer(logging(&log, Duration::from_millis(takes)));
    let mut calls = Vec::new();
    for path in paths {
        let mut request = to(path);
        request.extensions_mut().insert(PacingKey(path));
        calls.push(tokio::spawn(service.clone().oneshot(request)));
        yield_now().await;
    }
    for call in calls {
        call.await.unwrap().unwrap();
    }
    log
}

fn seen(log: &Log) -> Vec<(String, u64)> {
    log.lock().unwrap().clone()
}

fn at(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected.iter().map(|(path, millis)| ((*path).to_owned(), *millis)).collect()
}

#[tokio::test(start_paused = true)]
async fn nothing_waits_before_the_first_refusal() {
    let log = times(&Pacing::default(), 10, ["/a"; 500]).await;
    assert!(seen(&log).iter().all(|(_, millis)| *millis == 0));
}

#[tokio::test(start_paused = true)]
async fn a_rate_by_hand_holds_from_the_first_request_in_order() {
    let log = times(&by_hand(10.0, 2), 0, ["/a", "/b", "/c", "/d", "/e"]).await;
    let expected = at(&[("/a", 0), ("/b", 0), ("/c", 100), ("/d", 200), ("/e", 300)]);
    assert_eq!(seen(&log), expected);
}

#[tokio::test(start_paused = true)]
async fn so_many_are_under_way_at_once() {
    let mut pacing = Pacing::default();
    pacing.limits.concurrency = Some(2);
    let log = times(&pacing, 50, ["/a", "/b", "/c", "/d", "/e"]).await;
    let expected = at(&[("/a", 0), ("/b", 0), ("/c", 50), ("/d", 50), ("/e", 100)]);
    assert_eq!(seen(&log), expected);
}

#[tokio::test(start_paused = true)]
async fn a_key_has_a_limit_of_its_own() {
    let mut pacing = by_hand(10.0, 1);
    pacing.by_key.insert("/own".to_owned(), Limits { rate: Some(5.0), ..by_hand(1.0, 1).limits });
    let log = times(&pacing, 0, ["/a", "/own", "/b", "/own", "/own"]).await;
    let expected = at(&[("/a", 0), ("/own", 0), ("/b", 100), ("/own", 200), ("/own", 400)]);
    assert_eq!(seen(&log), expected);
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_is_dropped_takes_no_slot() {
    let log = Log::default();
    let service = layer(&by_hand(10.0, 1)).layer(logging(&log, Duration::ZERO));
    let mut calls = Vec::new();
    for path in ["/a", "/b", "/c", "/d"] {
        calls.push(tokio::spawn(service.clone().oneshot(to(path))));
        yield_now().await;
    }
    // One has the turn, the other stands in the queue.
    advance(Duration::from_millis(50)).await;
    calls[1].abort();
    calls[2].abort();
    calls.pop().unwrap().await.unwrap().unwrap();
    assert_eq!(seen(&log), at(&[("/a", 0), ("/d", 100)]));
}

#[tokio::test(start_paused = true)]
async fn a_place_that_is_dropped_is_free_again() {
    let mut pacing = Pacing::default();
    pacing.limits.concurrency = Some(1);
    let (service, mut driver) = paced(&pacing);
    let hanging = tokio::spawn(service.clone().oneshot(to("/a")));
    let _hanging = next(&mut driver).await;
    hanging.abort();
    let call = tokio::spawn(service.oneshot(to("/b")));
    next(&mut driver).await.1.send_response(status(200));
    assert_eq!(call.await.unwrap().unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_request_goes_again_ahead_of_newcomers() {
    let (service, mut driver) = paced(&Pacing::default());
    let call = |path| tokio::spawn(service.clone().oneshot(to(path)));
    let mut calls = vec![call("/a")];
    yield_now().await;
    calls.push(call("/b"));
    let (.., a) = next(&mut driver).await;
    let (.., b) = next(&mut driver).await;
    a.send_response(status(429));
    // The first newcomer is next to have the turn when the other one comes again.
    for path in ["/new", "/newer", "/newest"] {
        yield_now().await;
        calls.push(call(path));
    }
    yield_now().await;
    b.send_response(status(429));
    let mut order = Vec::new();
    for _ in 0..5 {
        let (path, respond) = next(&mut driver).await;
        order.push(path);
        respond.send_response(status(200));
    }
    assert_eq!(order, ["/a", "/new", "/b", "/newer", "/newest"]);
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().status(), 200);
    }
}

#[tokio::test(start_paused = true)]
async fn it_gives_up_and_passes_the_answer_on() {
    for (adaptive, sent) in [(true, 4), (false, 1)] {
        let mut pacing = Pacing::default();
        (pacing.adaptive, pacing.resends) = (adaptive, 3);
        let (service, mut driver) = paced(&pacing);
        let call = tokio::spawn(service.oneshot(to("/a")));
        for _ in 0..sent {
            next(&mut driver).await.1.send_response(status(429));
        }
        assert_eq!(call.await.unwrap().unwrap().status(), 429);
    }
}

#[tokio::test(start_paused = true)]
async fn it_waits_as_long_as_the_service_asks_within_reason() {
    for (hint, waits) in [("1500", 1500), ("3600000", 5000)] {
        let (service, mut driver) = paced(&Pacing::default());
        let call = tokio::spawn(service.oneshot(to("/a")));
        let mut throttled = status(429);
        throttled.headers_mut().insert("x-amz-retry-after", hint.parse().unwrap());
        next(&mut driver).await.1.send_response(throttled);
        let started = Instant::now();
        next(&mut driver).await.1.send_response(status(200));
        assert_eq!(started.elapsed().as_millis(), waits);
        assert_eq!(call.await.unwrap().unwrap().status(), 200);
    }
}

#[tokio::test(start_paused = true)]
async fn other_failures_are_none_of_its_business() {
    let (service, mut driver) = paced(&Pacing::default());
    let call = tokio::spawn(service.clone().oneshot(to("/a")));
    next(&mut driver).await.1.send_response(status(503));
    assert_eq!(call.await.unwrap().unwrap().status(), 503);
    let call = tokio::spawn(service.oneshot(to("/a")));
    next(&mut driver).await.1.send_error("broken");
    assert_eq!(call.await.unwrap().unwrap_err().to_string(), "broken");
}

/// Calls of so many milliseconds each, begun at once and in this order: when each ended, and
/// whether it was sent.
async fn timed<const N: usize>(pacing: &Pacing, limits: [u64; N]) -> [(u64, bool); N] {
    let service = layer(pacing).layer(logging(&Log::default(), Duration::ZERO));
    let started = Instant::now();
    let calls = limits.map(|limit| {
        let mut request = to("/a");
        request.extensions_mut().insert(Progress::new(Some(Duration::from_millis(limit))));
        let call = service.clone().oneshot(request);
        tokio::spawn(async move {
            let result = call.await;
            (started.elapsed().as_millis() as u64, result)
        })
    });
    let mut outcomes = [(0, false); N];
    for (call, outcome) in calls.into_iter().zip(&mut outcomes) {
        let (ended, result) = call.await.unwrap();
        if let Err(error) = &result {
            assert_eq!(error.downcast_ref().map(Error::kind), Some(ErrorKind::Pacing));
        }
        *outcome = (ended, result.is_ok());
    }
    outcomes
}

#[tokio::test(start_paused = true)]
async fn a_call_that_would_wait_too_long_fails_at_once() {
    let outcomes = timed(&by_hand(10.0, 1), [500, 50, 150, 150, 250, 400]).await;
    let expected = [(0, true), (0, false), (100, true), (0, false), (200, true), (300, true)];
    assert_eq!(outcomes, expected);
}

#[tokio::test(start_paused = true)]
async fn a_place_whose_call_could_not_go_is_free_at_once() {
    let log = Log::default();
    let service = layer(&by_hand(10.0, 1)).layer(logging(&log, Duration::ZERO));
    let with = |path, millis| {
        let mut request = to(path);
        request.extensions_mut().insert(Progress::new(Some(Duration::from_millis(millis))));
        tokio::spawn(service.clone().oneshot(request))
    };
    let calls = [with("/a", 50), with("/too-late", 50), with("/b", 150)];
    for (call, sent) in calls.into_iter().zip([true, false, true]) {
        assert_eq!(call.await.unwrap().is_ok(), sent);
    }
    assert_eq!(seen(&log), at(&[("/a", 0), ("/b", 100)]));
}

mod quota;
