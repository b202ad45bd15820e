//! Throttled calls of the whole stack.

use tokio::time::Instant;

use super::*;
use crate::RateLimit;
use crate::retry::{Classifier, Failure};

#[tokio::test(start_paused = true)]
async fn a_lone_throttled_call_pauses_as_the_standard_has_it_and_counts_every_request() {
    let started = Instant::now();
    let (result, seen) = exchange(&config(), post(false), [Ok(429); 8]).await;
    let response = result.unwrap();
    let attempts = response.extensions().get::<Attempts>().unwrap();
    assert_eq!((attempts.made, attempts.stop), (8, Stop::Attempts));
    assert!(!attempts.may_have_acted);
    for (index, request) in seen.iter().enumerate() {
        let announced = format!("attempt={}; max=8", index + 1);
        assert!(header(request, "amz-sdk-request").ends_with(&announced), "{announced}");
    }
    // Half of 1, 2, 4, 8, 16, 20 and 20 seconds.
    let paused = started.elapsed().as_secs_f64();
    assert!((35.5..36.0).contains(&paused), "{paused} s");
}

#[tokio::test(start_paused = true)]
async fn throttling_uses_up_requests_and_other_failures_use_up_attempts() {
    let answers = [Ok(429), Ok(503), Ok(429), Ok(429), Ok(503), Ok(429), Ok(503)];
    let (result, seen) = exchange(&config(), get(), answers).await;
    let attempts = *result.unwrap().extensions().get::<Attempts>().unwrap();
    assert_eq!((seen.len(), attempts.made, attempts.stop), (7, 7, Stop::Attempts));
}

#[tokio::test(start_paused = true)]
async fn an_error_that_the_classifier_takes_for_throttling_is_paused_for() {
    let mut config = config();
    config.classifier = Classifier::new(|_| Some(Failure::Throttling));
    let started = Instant::now();
    let (result, _) = exchange(&config, get(), [Err("try later"); 8]).await;
    assert_eq!(result.unwrap_err().attempts().unwrap().made, 8);
    assert_eq!(started.elapsed().as_secs(), 35);
}

#[tokio::test(start_paused = true)]
async fn the_number_of_requests_is_a_setting() {
    let mut config = config();
    config.max_requests = 4;
    let (result, _) = exchange(&config, get(), [Ok(429); 4]).await;
    assert_eq!(result.unwrap().extensions().get::<Attempts>().unwrap().made, 4);
    // `max_attempts` applies if it is larger.
    config.max_attempts = 5;
    let (result, _) = exchange(&config, get(), [Ok(503); 5]).await;
    assert_eq!(result.unwrap().extensions().get::<Attempts>().unwrap().made, 5);
}

#[tokio::test(start_paused = true)]
async fn without_learning_throttling_is_a_failure_like_others() {
    let mut config = config();
    config.rate_limits.learn = false;
    let started = Instant::now();
    let (result, seen) = exchange(&config, get(), [Ok(429); 3]).await;
    assert_eq!(result.unwrap().status(), 429);
    // Half of 1 s, half of 2 s.
    assert_eq!(started.elapsed().as_millis(), 500 + 1000);
    assert_eq!(header(&seen[0], "amz-sdk-request"), "attempt=1; max=3");
}

#[tokio::test]
async fn in_a_test_without_pauses_a_throttled_call_ends_at_once() {
    // On the real clock, so that pauses would slow down this test.
    let config = config().without_pauses();
    let (result, _) = exchange(&config, get(), [Ok(429); 3]).await;
    assert_eq!(result.unwrap().status(), 429);
}

#[tokio::test(start_paused = true)]
async fn the_service_may_ask_for_a_longer_pause() {
    for (name, value, millis) in [
        ("x-amz-retry-after", "1500", 1500),
        ("retry-after", "2", 2000),
        ("retry-after", "Mon, 23 Nov 2026 15:07:49 GMT", 4000),
        ("x-amz-retry-after", "3600000", 5500),
        ("retry-after", "soon", 500),
    ] {
        let (transport, mut driver) = pair(&config());
        let call = tokio::spawn(transport.oneshot(get()));
        let (_, respond) = driver.next_request().await.unwrap();
        let started = Instant::now();
        let throttled = Response::builder().status(429).header(name, value);
        let throttled = throttled.header("date", "Mon, 23 Nov 2026 15:07:45 GMT");
        respond.send_response(throttled.body(Bytes::new()).unwrap());
        driver.next_request().await.unwrap().1.send_response(status(200));
        let paused = started.elapsed().as_millis();
        assert!(paused.abs_diff(millis) <= 60, "{name}: {value}: {paused} ms");
        call.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_slot_lies_behind_its_deadline_is_not_sent() {
    let mut config = config();
    config.rate_limits.default = RateLimit { rate: Some(0.1), burst: 1 };
    config.operation_timeout = Some(Duration::from_secs(9));
    let (transport, mut driver) = pair(&config);
    let first = tokio::spawn(transport.clone().oneshot(get()));
    driver.next_request().await.unwrap().1.send_response(status(200));
    first.await.unwrap().unwrap();
    let started = Instant::now();
    let error = transport.oneshot(get()).await.unwrap_err();
    assert_eq!((error.kind(), started.elapsed()), (ErrorKind::RateLimited, Duration::ZERO));
    assert!(!error.may_have_acted());
    let attempts = error.attempts().unwrap();
    assert_eq!((attempts.made, attempts.stop), (0, Stop::Deadline));
    assert_eq!(
        error.to_string(),
        "the deadline would pass before the next rate-limit slot; nothing was sent"
    );
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(
        why,
        "the next rate-limit slot is at least 10.0 s away, and the call has 9.0 s left"
    );
}

#[tokio::test(start_paused = true)]
async fn a_throttled_response_is_returned_where_no_time_is_left() {
    let mut config = config();
    config.operation_timeout = Some(Duration::from_millis(400));
    let started = Instant::now();
    let (result, _) = exchange(&config, get(), [Ok(429)]).await;
    let response = result.unwrap();
    assert_eq!((response.status().as_u16(), started.elapsed()), (429, Duration::ZERO));
    let attempts = response.extensions().get::<Attempts>().unwrap();
    assert_eq!((attempts.made, attempts.stop), (1, Stop::Deadline));
}

#[tokio::test(start_paused = true)]
async fn in_adaptive_mode_a_learned_rate_is_kept() {
    for (mode, is_limited) in [(RetryMode::Standard, false), (RetryMode::Adaptive, true)] {
        let mut config = config();
        config.retry_mode = mode;
        let (transport, mut driver) = pair(&config);
        let calls = [(); 3].map(|()| tokio::spawn(transport.clone().oneshot(get())));
        for answer in [200, 429, 200, 429, 200] {
            driver.next_request().await.unwrap().1.send_response(status(answer));
        }
        for call in calls {
            call.await.unwrap().unwrap();
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
        let started = Instant::now();
        let calls = [(); 10].map(|()| tokio::spawn(transport.clone().oneshot(get())));
        for _ in &calls {
            driver.next_request().await.unwrap().1.send_response(status(200));
        }
        for call in calls {
            call.await.unwrap().unwrap();
        }
        let elapsed = started.elapsed();
        assert_eq!(elapsed.as_millis() > 50, is_limited, "{mode:?}: {elapsed:?}");
    }
}
