//! Loading of credentials, and what the layer learns from responses.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use tokio::time::sleep;
use tower::limit::ConcurrencyLimitLayer;
use tower::{ServiceBuilder, ServiceExt};

use super::*;
use crate::credentials::{CredentialsError, Load, Provider};
use crate::retry::{RetryLayer, RetryPolicy};
use crate::{Attempts, ErrorCode};

/// Provides new temporary credentials each time, up to this many times, and then an error.
struct Sequence {
    loads: AtomicUsize,
    most: usize,
    temporary: bool,
}

impl Provider for Sequence {
    fn load(&self) -> Load<'_> {
        Box::pin(async {
            sleep(Duration::from_secs(1)).await;
            let count = self.loads.fetch_add(1, Ordering::Relaxed) + 1;
            let credentials = Credentials::new(format!("KEY{count}"), "very-secret");
            match () {
                () if count > self.most => Err(CredentialsError::new("there are no others")),
                () if self.temporary => Ok(credentials.with_session_token("a-token")),
                () => Ok(credentials),
            }
        })
    }
}

fn sequence(most: usize) -> SharedProvider {
    SharedProvider::new(Sequence { loads: AtomicUsize::default(), most, temporary: true })
}

fn scope() -> SigningScope {
    SigningScope::new("us-east-1", "chime")
}

/// Sends one request, with retries, to a service that refuses the credentials with these ids and
/// returns this code. Returns the response and the ids that the service saw.
async fn send(
    provider: SharedProvider,
    refused: &'static [&'static str],
    code: &'static str,
) -> (Result<Response<&'static str>, Error>, Vec<String>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let seen_by_service = seen.clone();
    let service = tower::service_fn(move |request: Request<&'static str>| {
        assert_eq!(request.body(), &"body");
        let authorization = request.headers()["authorization"].to_str().unwrap();
        let (_, rest) = authorization.split_once("Credential=").unwrap();
        let id = rest.split('/').next().unwrap().to_owned();
        let response = match refused.contains(&id.as_str()) {
            true => Response::builder().status(403).header("x-amzn-errortype", code),
            false => Response::builder(),
        };
        seen_by_service.lock().unwrap().push(id);
        std::future::ready(Ok::<_, std::io::Error>(response.body("").unwrap()))
    });
    let service = ServiceBuilder::new()
        .layer(RetryLayer::new(RetryPolicy::default()))
        .layer(SignLayer::new(provider, scope()))
        .service(service);
    let result = service.oneshot(Request::post("http://a/x").body("body").unwrap()).await;
    let seen = seen.lock().unwrap().clone();
    (result, seen)
}

#[tokio::test(start_paused = true)]
async fn requests_wait_for_credentials() {
    let (result, seen) = send(sequence(1), &[], "").await;
    assert_eq!((result.unwrap().status().as_u16(), seen), (200, vec!["KEY1".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn while_credentials_are_loaded_the_capacity_below_is_for_others() {
    let below = ConcurrencyLimitLayer::new(1);
    let echo = tower::service_fn(|_: Request<&'static str>| async {
        Ok::<_, std::io::Error>(Response::new(""))
    });
    let below = ServiceBuilder::new().layer(below).service(echo);
    let request = || Request::get("http://a/").body("").unwrap();
    let mut waiting = SignLayer::new(sequence(1), scope()).layer(below.clone());
    let slow = tokio::spawn(waiting.ready().await.unwrap().call(request()));
    tokio::task::yield_now().await;
    let quick = tokio::time::timeout(Duration::from_millis(1), below.oneshot(request()));
    assert_eq!(quick.await.unwrap().unwrap().status(), 200);
    assert_eq!(slow.await.unwrap().unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn credentials_expire_by_the_clock_of_the_service() {
    /// Credentials that are valid for another quarter of an hour by the service's clock.
    struct Short(Arc<AtomicUsize>, Clock);
    impl Provider for Short {
        fn load(&self) -> Load<'_> {
            self.0.fetch_add(1, Ordering::Relaxed);
            let credentials = Credentials::new("KEY", "s").with_session_token("t");
            let expiry = self.1.now() + Duration::from_secs(15 * 60);
            Box::pin(std::future::ready(Ok(credentials.with_expiry(expiry))))
        }
    }
    // Our clock is 20 minutes ahead, and the skew is known.
    let clock = Clock::default();
    clock.correct(-20 * 60 * 1000);
    let loads = Arc::new(AtomicUsize::default());
    let provider = SharedProvider::new(Short(loads.clone(), clock.clone()));
    let echo = tower::service_fn(|_: Request<&'static str>| async {
        Ok::<_, std::io::Error>(Response::new(()))
    });
    let service = SignLayer::new(provider, scope()).clock(clock).layer(echo);
    for _ in 0..3 {
        service.clone().oneshot(Request::get("http://a/").body("").unwrap()).await.unwrap();
    }
    assert_eq!(loads.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_set_after_its_skew_was_measured_is_measured_again() {
    const NOW: u64 = 1_795_446_465;
    const HOUR: u64 = 3600;
    let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
    let credentials = Credentials::new("KEY", "s").with_expiry(at(NOW + HOUR));
    for provider in [
        SharedProvider::from(&credentials),
        SharedProvider::uncached(credentials.clone()),
        SharedProvider::new(credentials),
    ] {
        // Six hours behind at the first call, and right at the second.
        let seconds = Arc::new(AtomicU64::new(NOW - 6 * HOUR));
        let set = seconds.clone();
        let clock = Clock::new(move || at(set.load(Ordering::Relaxed)));
        let service = tower::service_fn(|request: Request<&'static str>| {
            let is_right = request.headers()["x-amz-date"] == "20261123T150745Z";
            let response = Response::builder().status(if is_right { 200 } else { 403 });
            let response = response.header("date", "Mon, 23 Nov 2026 15:07:45 GMT");
            let response = response.header("x-amzn-errortype", "InvalidSignatureException");
            std::future::ready(Ok::<_, std::io::Error>(response.body("").unwrap()))
        });
        let service = ServiceBuilder::new()
            .layer(RetryLayer::new(RetryPolicy::default()))
            .layer(SignLayer::new(provider, scope()).clock(clock.clone()))
            .service(service);
        for skew in [6 * HOUR, 0] {
            let request = Request::post("http://a/").body("").unwrap();
            let response = service.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), 200);
            assert_eq!(clock.skew_millis(), 1000 * i64::try_from(skew).unwrap());
            seconds.store(NOW, Ordering::Relaxed);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn without_credentials_nothing_is_sent() {
    let (result, seen) = send(sequence(0), &[], "").await;
    let error = result.unwrap_err();
    assert_eq!((error.kind(), seen.len()), (ErrorKind::Request, 0));
    assert!(!error.may_have_acted());
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "there are no others");
}

#[tokio::test(start_paused = true)]
async fn expired_credentials_are_replaced_once_and_the_request_is_counted() {
    for code in ["ExpiredToken", "ns#ExpiredTokenException:http://x", "InvalidClientTokenId"] {
        let (result, seen) = send(sequence(9), &["KEY1"], code).await;
        let response = result.unwrap();
        assert_eq!((response.status().as_u16(), seen.len()), (200, 2), "{code}");
        assert_eq!(response.extensions().get::<Attempts>().unwrap().made, 2);
        let (result, seen) = send(sequence(9), &["KEY1", "KEY2"], code).await;
        assert_eq!(result.unwrap().status(), 403);
        assert_eq!(seen, ["KEY1", "KEY2"]);
    }
}

#[tokio::test(start_paused = true)]
async fn without_other_credentials_the_refusal_is_the_outcome() {
    let fixed = Credentials::new("KEY1", "s").with_session_token("t");
    for provider in [fixed.into(), sequence(1)] {
        let (result, seen) = send(provider, &["KEY1"], "ExpiredToken").await;
        let response = result.unwrap();
        assert_eq!((response.status().as_u16(), seen.len()), (403, 1));
        assert!(!response.extensions().get::<Attempts>().unwrap().may_have_acted);
    }
}

#[tokio::test(start_paused = true)]
async fn other_refusals_are_final() {
    let long_term = Sequence { loads: AtomicUsize::default(), most: 9, temporary: false };
    for (provider, code) in [
        (sequence(9), "AccessDeniedException"),
        (SharedProvider::new(long_term), "InvalidClientTokenId"),
    ] {
        let (result, seen) = send(provider, &["KEY1"], code).await;
        assert_eq!((result.unwrap().status().as_u16(), seen.len()), (403, 1), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_name_of_the_error_may_be_an_extension() {
    let service = tower::service_fn(|request: Request<&'static str>| {
        let is_first = request.headers()["authorization"].to_str().unwrap().contains("KEY1");
        let mut response = Response::builder().status(if is_first { 400 } else { 200 });
        if is_first {
            response = response.extension(ErrorCode("ExpiredToken".to_owned()));
        }
        std::future::ready(Ok::<_, std::io::Error>(response.body("").unwrap()))
    });
    let layer = SignLayer::new(sequence(2), scope());
    assert!(!format!("{layer:?}").contains("very-secret"));
    let service = ServiceBuilder::new()
        .layer(RetryLayer::new(RetryPolicy::default()))
        .layer(layer)
        .service(service);
    let request = Request::get("http://a/").body("").unwrap();
    assert_eq!(service.oneshot(request).await.unwrap().status(), 200);
}

/// Returns the number of requests to a service whose clock is one hour ahead. It refuses requests with
/// another date with this code, or all requests if `always`.
async fn requests_to_a_clock_ahead(code: &'static str, always: bool, calls: usize) -> usize {
    const NOW: u64 = 1_795_446_465;
    let clock = Clock::new(|| UNIX_EPOCH + Duration::from_secs(NOW));
    let seen = Arc::new(AtomicUsize::new(0));
    let seen_by_service = seen.clone();
    let service = tower::service_fn(move |request: Request<&'static str>| {
        seen_by_service.fetch_add(1, Ordering::Relaxed);
        let is_right = request.headers()["x-amz-date"] == "20261123T160745Z";
        let response = match is_right && !always {
            true => Response::builder(),
            false => Response::builder().status(403).header("x-amzn-errortype", code),
        };
        let response = response.header("date", "Mon, 23 Nov 2026 16:07:45 GMT");
        std::future::ready(Ok::<_, std::io::Error>(response.body("").unwrap()))
    });
    let layer = SignLayer::new(Credentials::new("KEY", "s"), scope()).clock(clock);
    let service = ServiceBuilder::new()
        .layer(RetryLayer::new(RetryPolicy::default()))
        .layer(layer)
        .service(service);
    for _ in 0..calls {
        let request = Request::post("http://a/").body("").unwrap();
        let response = service.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status() == 200, !always);
    }
    seen.load(Ordering::Relaxed)
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_off_is_corrected_and_the_request_sent_again() {
    for code in ["RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed", "AuthFailure"] {
        assert_eq!(requests_to_a_clock_ahead(code, false, 1).await, 2, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_was_dated_rightly_is_final() {
    // The first call corrects the clock; later ones are refused for another reason.
    let seen = requests_to_a_clock_ahead("AccessDeniedException", true, 4).await;
    assert_eq!(seen, 2 + 3);
}
