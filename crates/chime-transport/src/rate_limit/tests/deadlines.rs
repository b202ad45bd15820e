//! Requests that cannot get a slot before their deadlines.

use super::*;

fn after(seconds: f64) -> Option<Instant> {
    Some(Instant::now() + Duration::from_secs_f64(seconds))
}

#[tokio::test(start_paused = true)]
async fn a_request_without_time_for_a_slot_fails_at_once() {
    let limiter = RateLimiter::new(&by_hand(0.1, 1));
    limiter.acquire(None, false, None).await.unwrap();
    let started = Instant::now();
    let late = limiter.acquire(None, false, after(9.0)).await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert_eq!(
        late.to_string(),
        "the next rate-limit slot is at least 10.0 s away, and the call has 9.0 s left"
    );
    // It took no slot.
    limiter.acquire(None, false, after(10.1)).await.unwrap();
    assert_eq!(started.elapsed(), Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn requests_ahead_in_the_queue_count() {
    let limiter = RateLimiter::new(&by_hand(10.0, 1));
    let started = Instant::now();
    let calls = [500, 50, 150, 150, 250, 400].map(|millis| {
        let (limiter, deadline) = (limiter.clone(), after(f64::from(millis) / 1000.0));
        tokio::spawn(async move {
            let result = limiter.acquire(None, false, deadline).await;
            (started.elapsed().as_millis(), result.is_ok())
        })
    });
    let mut outcomes = Vec::new();
    for call in calls {
        outcomes.push(call.await.unwrap());
    }
    let expected = [(0, true), (0, false), (100, true), (0, false), (200, true), (300, true)];
    assert_eq!(outcomes, expected);
}

#[tokio::test(start_paused = true)]
async fn a_closed_key_fails_requests_at_once() {
    let limiter = RateLimiter::new(&RateLimits::default());
    throttle(&limiter, None, 0).await;
    for is_resend in [false, true] {
        let late = limiter.acquire(None, is_resend, after(0.9)).await.unwrap_err();
        assert!(late.contains("is at least 1.0 s away"), "{late}");
    }
    limiter.acquire(None, false, after(1.1)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn waiting_requests_fail_as_soon_as_the_key_closes_for_too_long() {
    let limiter = RateLimiter::new(&RateLimits::default());
    let slot = limiter.acquire(None, false, None).await.unwrap();
    throttle(&limiter, None, 0).await;
    let waiters = [(); 5].map(|()| {
        let (limiter, deadline) = (limiter.clone(), after(5.0));
        tokio::spawn(async move { limiter.acquire(None, false, deadline).await })
    });
    sleep(Duration::from_millis(300)).await;
    // Sent before the key closed.
    limiter.throttled(None, slot, Some(Duration::from_secs(6)), &mut backoff);
    let closed = Instant::now();
    for waiter in waiters {
        let late = waiter.await.unwrap().unwrap_err();
        assert!(late.contains("is at least 6.0 s away"), "{late}");
        assert_eq!(closed.elapsed(), Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_too_late_at_either_limit_fails_at_once() {
    for (rate, hint) in [(0.1, 3), (10.0, 12)] {
        let limiter = RateLimiter::new(&by_hand(rate, 1));
        limiter.acquire(Some(&"other".into()), false, None).await.unwrap();
        throttle(&limiter, None, hint).await;
        let started = Instant::now();
        limiter.acquire(None, false, after(9.0)).await.unwrap_err();
        assert_eq!(started.elapsed(), Duration::ZERO);
    }
}
