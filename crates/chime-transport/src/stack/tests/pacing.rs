//! What pacing means for the calls of the whole stack.

use super::*;

#[tokio::test(start_paused = true)]
async fn what_is_throttled_goes_again_at_its_pace_and_uses_up_no_attempt() {
    let throttled = [Ok(429), Ok(429), Ok(429), Ok(429), Ok(200)];
    let (result, seen) = exchange(&config(), post(false), throttled).await;
    let response = result.unwrap();
    assert_eq!((response.status().as_u16(), seen.len()), (200, 5));
    let attempts = response.extensions().get::<Attempts>().unwrap();
    assert_eq!((attempts.made, attempts.stop), (5, Stop::Final));
    // Each is signed afresh, and belongs to the same call.
    for request in &seen {
        assert_eq!(header(request, "amz-sdk-request"), "attempt=1; max=3");
    }
    for pair in seen.windows(2) {
        assert_ne!(header(&pair[0], "authorization"), header(&pair[1], "authorization"));
        let id = "amz-sdk-invocation-id";
        assert_eq!(header(&pair[0], id), header(&pair[1], id));
    }
}

#[tokio::test(start_paused = true)]
async fn without_pacing_throttling_is_a_failure_like_others() {
    let mut config = config();
    config.pacing.adaptive = false;
    let started = tokio::time::Instant::now();
    let (result, _) = exchange(&config, get(), [Ok(429), Ok(429), Ok(429)]).await;
    assert_eq!(result.unwrap().status(), 429);
    // Half of 1 s, half of 2 s.
    assert_eq!(started.elapsed().as_millis(), 500 + 1000);
}

#[tokio::test(start_paused = true)]
async fn what_pacing_gave_up_is_not_tried_again() {
    let mut config = config();
    config.pacing.resends = 2;
    let (result, seen) = exchange(&config, get(), [Ok(429), Ok(429), Ok(429)]).await;
    let attempts = *result.unwrap().extensions().get::<Attempts>().unwrap();
    assert_eq!((seen.len(), attempts.made, attempts.stop), (3, 3, Stop::Attempts));
}

#[tokio::test(start_paused = true)]
async fn what_pacing_sends_again_is_the_same_attempt() {
    let answers = [Ok(429), Ok(429), Ok(503), Ok(429), Ok(200)];
    let (result, seen) = exchange(&config(), get(), answers).await;
    assert_eq!(result.unwrap().extensions().get::<Attempts>().unwrap().made, 5);
    let numbers: Vec<_> = seen
        .iter()
        .map(|request| header(request, "amz-sdk-request").rsplit("; ").nth(1).unwrap())
        .collect();
    assert_eq!(numbers, ["attempt=1", "attempt=1", "attempt=1", "attempt=2", "attempt=2"]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_would_queue_beyond_its_time_is_not_sent() {
    let mut config = config();
    (config.pacing.limits.rate, config.pacing.limits.burst) = (Some(0.1), 1);
    config.operation_timeout = Some(Duration::from_secs(9));
    let (transport, mut driver) = pair(&config);
    let first = tokio::spawn(transport.clone().oneshot(get()));
    driver.next_request().await.unwrap().1.send_response(status(200));
    first.await.unwrap().unwrap();
    let started = tokio::time::Instant::now();
    let error = transport.oneshot(get()).await.unwrap_err();
    assert_eq!((error.kind(), started.elapsed()), (ErrorKind::Pacing, Duration::ZERO));
    assert!(!error.kind().may_have_acted());
    let attempts = error.attempts().unwrap();
    assert_eq!((attempts.made, attempts.stop), (0, Stop::Deadline));
    assert_eq!(
        error.to_string(),
        "nothing was sent: its turn would have come after the end of its time"
    );
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(why, "its turn is at least 10.0s away, and the call has 9.0s left");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_finds_no_place_in_its_time_is_not_sent() {
    let mut config = config();
    config.pacing.limits.concurrency = Some(1);
    config.attempt_timeout = None;
    config.operation_timeout = Some(Duration::from_secs(9));
    let (transport, mut driver) = pair(&config);
    let _first = tokio::spawn(transport.clone().oneshot(get()));
    let _under_way = driver.next_request().await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut hasty = post(false);
    hasty.extensions_mut().insert(CallTimeout(Some(Duration::from_secs(2))));
    let error = transport.oneshot(hasty).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Pacing);
    assert!(!error.may_have_acted());
    assert_eq!(error.attempts().unwrap().made, 0);
}

#[tokio::test(start_paused = true)]
async fn in_adaptive_mode_a_rate_that_was_learned_stays() {
    for (mode, paced) in [(RetryMode::Standard, false), (RetryMode::Adaptive, true)] {
        let mut config = config();
        config.retry_mode = mode;
        let (transport, mut driver) = pair(&config);
        let calls = [(); 2].map(|()| tokio::spawn(transport.clone().oneshot(get())));
        for answer in [200, 429, 200] {
            driver.next_request().await.unwrap().1.send_response(status(answer));
        }
        for call in calls {
            call.await.unwrap().unwrap();
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
        let started = tokio::time::Instant::now();
        let calls = [(); 10].map(|()| tokio::spawn(transport.clone().oneshot(get())));
        for _ in &calls {
            driver.next_request().await.unwrap().1.send_response(status(200));
        }
        for call in calls {
            call.await.unwrap().unwrap();
        }
        assert_eq!(started.elapsed().as_millis() > 100, paced, "{mode:?}: {:?}", started.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_passed_on_where_no_time_is_left_to_send_again() {
    let mut config = config();
    config.operation_timeout = Some(Duration::from_secs(1));
    let (transport, mut driver) = pair(&config);
    for hint in ["0", "1000"] {
        let call = tokio::spawn(transport.clone().oneshot(get()));
        let (_, respond) = driver.next_request().await.unwrap();
        if hint == "0" {
            // Too near the end to wait for 20 ms.
            tokio::time::sleep(Duration::from_millis(990)).await;
        }
        let throttled = Response::builder().status(429).header("x-amz-retry-after", hint);
        respond.send_response(throttled.body(Bytes::new()).unwrap());
        let started = tokio::time::Instant::now();
        let attempts = *call.await.unwrap().unwrap().extensions().get::<Attempts>().unwrap();
        assert_eq!((attempts.made, attempts.stop), (1, Stop::Deadline));
        assert_eq!(started.elapsed(), Duration::ZERO);
    }
}
