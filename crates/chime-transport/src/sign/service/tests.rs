//! Credentials that have to be fetched, and those that expire on the way.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::sleep;
use tower::ServiceExt;

use super::*;
use crate::credentials::{CredentialsError, Load, Provider};
use crate::{Endpoint, ErrorCode};

/// A new temporary key each time, up to this many; nothing after them.
struct Keys {
    loads: AtomicUsize,
    most: usize,
    temporary: bool,
}

impl Provider for Keys {
    fn load(&self) -> Load<'_> {
        Box::pin(async {
            sleep(Duration::from_secs(1)).await;
            let count = self.loads.fetch_add(1, Ordering::Relaxed) + 1;
            let key = Credentials::new(format!("KEY{count}"), "very-secret");
            match () {
                () if count > self.most => Err(CredentialsError::new("there is no other")),
                () if self.temporary => Ok(key.with_session_token("a-token")),
                () => Ok(key),
            }
        })
    }
}

fn keys(most: usize) -> Keys {
    Keys { loads: AtomicUsize::default(), most, temporary: true }
}

/// Sends one request to a service that refuses these keys with this code; gives the answer, and
/// the keys of the requests that came.
async fn send(
    provider: SharedProvider,
    refusing: &'static [&'static str],
    code: &'static str,
) -> (Result<Response<&'static str>, BoxError>, Vec<String>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let seen_by_service = seen.clone();
    let inner = tower::service_fn(move |request: Request<&'static str>| {
        assert_eq!(request.body(), &"body");
        let authorization = request.headers()["authorization"].to_str().unwrap();
        let (_, rest) = authorization.split_once("Credential=").unwrap();
        let key = rest.split('/').next().unwrap().to_owned();
        let refused = refusing.contains(&key.as_str());
        seen_by_service.lock().unwrap().push(key);
        let response = match refused {
            true => Response::builder().status(403).header("x-amzn-errortype", code),
            false => Response::builder(),
        };
        std::future::ready(Ok::<_, std::io::Error>(response.body("").unwrap()))
    });
    let mut request = Request::post("http://a/x").body("body").unwrap();
    request.extensions_mut().insert(Endpoint::new("https://a", "r", "n").unwrap());
    let result = layer(provider, Clock::default()).layer(inner).oneshot(request).await;
    let seen = seen.lock().unwrap().clone();
    (result, seen)
}

#[tokio::test(start_paused = true)]
async fn it_waits_for_credentials() {
    let (result, seen) = send(SharedProvider::new(keys(1)), &[], "").await;
    assert_eq!((result.unwrap().status().as_u16(), seen), (200, vec!["KEY1".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn credentials_expire_by_the_clock_of_the_service() {
    /// Keys that the service holds for valid for another quarter of an hour.
    struct Short(Arc<AtomicUsize>, Clock);
    impl Provider for Short {
        fn load(&self) -> Load<'_> {
            self.0.fetch_add(1, Ordering::Relaxed);
            let key = Credentials::new("KEY", "s").with_session_token("t");
            let expiry = self.1.now() + Duration::from_secs(15 * 60);
            Box::pin(std::future::ready(Ok(key.with_expiry(expiry))))
        }
    }
    // Ours is 20 minutes ahead, and that is known.
    let clock = Clock::default();
    clock.correct(-20 * 60 * 1000);
    let loads = Arc::new(AtomicUsize::default());
    let provider = SharedProvider::new(Short(loads.clone(), clock.clone()));
    let inner = tower::service_fn(|_: Request<&'static str>| async {
        Ok::<_, std::io::Error>(Response::new(()))
    });
    let service = layer(provider, clock).layer(inner);
    for _ in 0..3 {
        let mut request = Request::get("http://a/").body("").unwrap();
        request.extensions_mut().insert(Endpoint::new("https://a", "r", "n").unwrap());
        service.clone().oneshot(request).await.unwrap();
    }
    assert_eq!(loads.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn without_credentials_nothing_is_sent() {
    let (result, seen) = send(SharedProvider::new(keys(0)), &[], "").await;
    let error = result.unwrap_err().downcast::<Error>().unwrap();
    assert_eq!((error.kind(), seen.len()), (ErrorKind::Request, 0));
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "there is no other");
}

#[tokio::test(start_paused = true)]
async fn expired_ones_are_replaced_once() {
    for code in ["ExpiredToken", "ns#ExpiredTokenException:http://x", "InvalidClientTokenId"] {
        let (result, seen) = send(SharedProvider::new(keys(9)), &["KEY1"], code).await;
        assert_eq!((result.unwrap().status().as_u16(), seen.len()), (200, 2), "{code}");
        let (result, seen) = send(SharedProvider::new(keys(9)), &["KEY1", "KEY2"], code).await;
        assert_eq!(result.unwrap().status(), 403);
        assert_eq!(seen, ["KEY1", "KEY2"]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_refusal_stays_where_there_are_no_others() {
    let (result, seen) = send(SharedProvider::new(keys(1)), &["KEY1"], "ExpiredToken").await;
    assert_eq!((result.unwrap().status().as_u16(), seen.len()), (403, 1));
    let fixed = Credentials::new("KEY1", "s").with_session_token("t");
    for provider in [fixed.clone().into(), SharedProvider::new(fixed)] {
        let (result, seen) = send(provider, &["KEY1"], "ExpiredToken").await;
        assert_eq!((result.unwrap().status().as_u16(), seen.len()), (403, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn other_refusals_are_final() {
    let long_term = || Keys { temporary: false, ..keys(9) };
    for (keys, code) in [(keys(9), "AccessDeniedException"), (long_term(), "InvalidClientTokenId")]
    {
        let (result, seen) = send(SharedProvider::new(keys), &["KEY1"], code).await;
        assert_eq!((result.unwrap().status().as_u16(), seen.len()), (403, 1), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_name_of_the_error_may_be_elsewhere() {
    let inner = tower::service_fn(|request: Request<&'static str>| {
        let key = request.headers()["authorization"].to_str().unwrap().contains("KEY1");
        let mut response = Response::builder().status(if key { 400 } else { 200 });
        if key {
            response = response.extension(ErrorCode("ExpiredToken".to_owned()));
        }
        std::future::ready(Ok::<_, std::io::Error>(response.body("").unwrap()))
    });
    let mut request = Request::get("http://a/").body("").unwrap();
    request.extensions_mut().insert(Endpoint::new("https://a", "r", "n").unwrap());
    let layer = layer(SharedProvider::new(keys(2)), Clock::default());
    assert!(!format!("{layer:?}").contains("very-secret"));
    assert_eq!(layer.layer(inner).oneshot(request).await.unwrap().status(), 200);
}
