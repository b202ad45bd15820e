//! When a call ends, and the attempts that it reports.

use super::*;
use crate::credentials::CredentialsError;

#[tokio::test(start_paused = true)]
async fn clones_share_a_budget_that_runs_out_and_fills_again() {
    let config = config();
    let (transport, mut driver) = pair(&config);
    let mut call = async |answers: &[u16]| {
        let call = tokio::spawn(transport.clone().oneshot(get()));
        for answer in answers {
            let (_, respond) = driver.next_request().await.unwrap();
            respond.send_response(status(*answer));
        }
        let response = call.await.unwrap().unwrap();
        response.extensions().get().map_or(Stop::Final, |attempts: &Attempts| attempts.stop)
    };
    // 14 for each retry, of 500.
    for _ in 0..17 {
        assert_eq!(call(&[500, 500, 500]).await, Stop::Attempts);
    }
    assert_eq!(call(&[500, 500]).await, Stop::Budget, "24 were left: one retry");
    assert_eq!(call(&[500]).await, Stop::Budget, "10 are left");
    for _ in 0..4 {
        assert_eq!(call(&[200]).await, Stop::Final);
    }
    // A success returns the tokens of its retry.
    for _ in 0..3 {
        assert_eq!(call(&[500, 200]).await, Stop::Final);
    }
}

#[tokio::test(start_paused = true)]
async fn the_service_says_how_long_to_wait() {
    let (transport, mut driver) = pair(&config());
    let started = tokio::time::Instant::now();
    let call = tokio::spawn(transport.oneshot(get()));
    let (_, respond) = driver.next_request().await.unwrap();
    let mut busy = status(503);
    busy.headers_mut().insert("x-amz-retry-after", "1500".parse().unwrap());
    respond.send_response(busy);
    driver.next_request().await.unwrap().1.send_response(status(200));
    call.await.unwrap().unwrap();
    assert_eq!(started.elapsed().as_millis(), 1500);
}

#[tokio::test(start_paused = true)]
async fn a_single_attempt_is_a_single_request() {
    let mut config = config();
    config.max_attempts = 1;
    for code in [429, 503] {
        let (result, seen) = exchange(&config, get(), [Ok(code)]).await;
        let attempts = *result.unwrap().extensions().get::<Attempts>().unwrap();
        assert_eq!((seen.len(), attempts.made, attempts.stop), (1, 1, Stop::Attempts));
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_attempt_says_that_the_service_may_have_acted() {
    let mut config = config();
    config.max_attempts = 1;
    let (result, _) = exchange(&config, post(false), [Err("broken pipe")]).await;
    assert_eq!(result.unwrap_err().attempts().unwrap().stop, Stop::Unsafe);
    let (result, _) = exchange(&config, post(false), [Ok(503)]).await;
    let attempts = *result.unwrap().extensions().get::<Attempts>().unwrap();
    assert_eq!(attempts.stop, Stop::Attempts, "a refusal");

    let mut config = self::config();
    config.operation_timeout = Some(Duration::from_secs(1));
    let (transport, mut driver) = pair(&config);
    let call = tokio::spawn(transport.oneshot(post(false)));
    let (_, _no_response) = driver.next_request().await.unwrap();
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationTimeout);
    assert_eq!(error.attempts().unwrap().stop, Stop::Unsafe);
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_is_not_tried_again_leaves_it_open_whether_it_acted() {
    for (code, may_have_acted) in [
        (101, true),
        (303, true),
        (408, true),
        (501, true),
        (524, true),
        (400, false),
        (403, false),
    ] {
        let (result, _) = exchange(&config(), post(false), [Ok(code)]).await;
        let attempts = *result.unwrap().extensions().get::<Attempts>().unwrap();
        assert_eq!(attempts.may_have_acted, may_have_acted, "{code}");
    }
    let (result, _) = exchange(&config(), post(false), [Err("broken pipe")]).await;
    let told = result.unwrap_err().to_string();
    assert!(
        told.contains("(1 attempt; the service may have acted and the call is not idempotent)"),
        "{told}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_is_idempotent_as_http_defines_it_for_the_method_unless_its_options_say_otherwise() {
    for (method, idempotent) in [
        ("GET", true),
        ("HEAD", true),
        ("OPTIONS", true),
        ("TRACE", true),
        ("PUT", true),
        ("DELETE", true),
        ("POST", false),
        ("PATCH", false),
    ] {
        let request = |options: Option<CallOptions>| {
            let mut request = Request::new(Bytes::new());
            *request.method_mut() = method.parse().unwrap();
            *request.uri_mut() = "/accounts".parse().unwrap();
            if let Some(options) = options {
                request.extensions_mut().insert(options);
            }
            request
        };
        let answers = if idempotent { &[Err("broken"), Ok(200)][..] } else { &[Err("broken")] };
        let (result, _) = exchange(&config(), request(None), answers.iter().copied()).await;
        assert_eq!(result.is_ok(), idempotent, "{method}");
        let opposite = CallOptions::new().idempotent(!idempotent);
        let answers = if idempotent { &[Err("broken")] } else { &[Err("broken"), Ok(200)][..] };
        let request = request(Some(opposite));
        let (result, _) = exchange(&config(), request, answers.iter().copied()).await;
        assert_eq!(result.is_ok(), !idempotent, "{method}");
    }
}

/// Credentials that can be loaded once.
struct Once(AtomicU64);

impl Provider for Once {
    fn load(&self) -> Load<'_> {
        let loads = self.0.fetch_add(1, Ordering::Relaxed);
        let credentials = Credentials::new("AKID", "secret");
        let loaded =
            if loads == 0 { Ok(credentials) } else { Err(CredentialsError::new("sealed")) };
        Box::pin(std::future::ready(loaded))
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_that_cannot_be_loaded_again_hide_no_refusal_and_no_failure_hides_them() {
    for (code, name, hidden) in [(403, "ExpiredTokenException", true), (503, "", false)] {
        let mut config = config();
        config.credentials = Some(SharedProvider::uncached(Once(AtomicU64::new(0))));
        let (transport, mut driver) = pair(&config);
        let call = tokio::spawn(transport.oneshot(get()));
        let (_, respond) = driver.next_request().await.unwrap();
        let response = Response::builder().status(code).header("x-amzn-errortype", name);
        respond.send_response(response.body(Bytes::new()).unwrap());
        match call.await.unwrap() {
            Ok(response) => assert!(hidden && response.status() == code, "{response:?}"),
            Err(error) => {
                assert!(!hidden, "{error:?}");
                assert_eq!(error.kind(), ErrorKind::Request);
                assert_eq!(error.attempts().unwrap().last_status, Some(503));
                assert!(!error.may_have_acted());
            }
        }
    }
}
