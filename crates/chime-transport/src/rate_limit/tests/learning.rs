//! Limits learned from throttling responses.

use super::*;

async fn waited(limiter: &RateLimiter, key: Option<&RateKey>) -> u128 {
    let started = Instant::now();
    limiter.acquire(key, true, None).await.unwrap();
    started.elapsed().as_millis()
}

#[tokio::test(start_paused = true)]
async fn a_lone_caller_that_is_always_throttled_makes_the_standard_pauses() {
    for latency in [0, 150] {
        let limiter = RateLimiter::new(&RateLimits::default());
        let mut pauses = Vec::new();
        let mut slot = limiter.acquire(None, false, None).await.unwrap();
        for _ in 0..6 {
            sleep(Duration::from_millis(latency)).await;
            limiter.throttled(None, slot, None, &mut |n| backoff(n).min(Duration::from_secs(20)));
            let refused = Instant::now();
            slot = limiter.acquire(None, true, None).await.unwrap();
            pauses.push(refused.elapsed().as_secs_f64());
        }
        assert_eq!(pauses, [1.0, 2.0, 4.0, 8.0, 16.0, 20.0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hint_longer_than_the_backoff_counts() {
    for (hint, expected) in [(0, 1000), (3, 3000)] {
        let limiter = RateLimiter::new(&RateLimits::default());
        throttle(&limiter, None, hint).await;
        assert_eq!(waited(&limiter, None).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn keys_are_independent() {
    let limiter = RateLimiter::new(&RateLimits::default());
    let (slow, fast) = (RateKey::from("slow"), RateKey::from("fast".to_owned()));
    throttle(&limiter, Some(&slow), 0).await;
    assert_eq!(waited(&limiter, Some(&fast)).await, 0);
    assert_eq!(waited(&limiter, None).await, 0);
    assert_eq!(waited(&limiter, Some(&slow)).await, 1000);
    throttle(&limiter, None, 0).await;
    assert_eq!(waited(&limiter, Some(&fast)).await, 0);
    assert_eq!(waited(&limiter, None).await, 1000);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_key_does_not_hold_up_the_hand_set_limit_that_it_shares() {
    let log = Log::new(&by_hand(10.0, 1));
    throttle(&log.limiter, Some(&"slow".into()), 0).await;
    let tasks = log.start_all(["slow", "a", "b", "c"]).await;
    assert_eq!(log.after(tasks).await, [("a", 0), ("b", 100), ("c", 200), ("slow", 1000)]);
}

#[tokio::test(start_paused = true)]
async fn a_hand_set_rate_also_holds_after_a_closing() {
    let log = Log::new(&by_hand(10.0, 2));
    throttle(&log.limiter, None, 0).await;
    let tasks = log.start_all(["-a", "-b", "-c", "-d"]).await;
    let times: Vec<_> = log.after(tasks).await.into_iter().map(|(_, millis)| millis).collect();
    assert!(times[0] == 1000 && times[2] >= 1100 && times[3] >= 1200, "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn an_idle_limit_is_dropped_or_kept() {
    for keep_learned in [false, true] {
        let limits = RateLimits { keep_learned, ..RateLimits::default() };
        let limiter = RateLimiter::new(&limits);
        let key = RateKey::from("key");
        throttle(&limiter, Some(&key), 0).await;
        sleep(Duration::from_secs(60)).await;
        let mut millis = 0;
        for _ in 0..20 {
            millis += waited(&limiter, Some(&key)).await;
        }
        assert_eq!(millis > 0, keep_learned);
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_requests_wait_for_is_not_dropped() {
    let limiter = RateLimiter::new(&RateLimits::default());
    throttle(&limiter, None, 10).await;
    let other = RateKey::from("other");
    for second in 1..10 {
        sleep(Duration::from_secs(1)).await;
        assert_eq!(waited(&limiter, Some(&other)).await, 0, "second {second}");
    }
    assert_eq!(waited(&limiter, None).await, 1000);
}

#[tokio::test(start_paused = true)]
async fn the_number_of_keys_is_bounded() {
    let limiter = RateLimiter::new(&RateLimits::default());
    let key = |n: usize| RateKey::from(format!("key {n}"));
    for n in 0..=limiter::MAX_KEYS {
        throttle(&limiter, Some(&key(n)), 10 + n as u64).await;
    }
    assert_eq!(waited(&limiter, Some(&key(0))).await, 0, "the first to open was dropped");
    assert_eq!(waited(&limiter, Some(&key(1))).await, 11_000);
}

#[tokio::test(start_paused = true)]
async fn debug_output_shows_no_key() {
    let limiter = RateLimiter::new(&RateLimits::default());
    assert!(!format!("{:?}", RateKey::from("bearer".to_owned())).contains("bearer"));
    throttle(&limiter, Some(&RateKey::from("bearer".to_owned())), 0).await;
    assert!(!format!("{limiter:?}").contains("bearer"));
}
