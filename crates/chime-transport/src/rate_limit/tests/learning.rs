//! Limits learned from refusals.

use super::*;

/// Reports a throttling response to a request that was sent before anything was limited.
fn throttle(limiter: &RateLimiter, key: Option<&RateKey>, hint: Option<Duration>) {
    limiter.throttled(key, &Slot::default(), hint, &mut backoff);
}

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
            limiter.throttled(None, &slot, None, &mut |n| backoff(n).min(Duration::from_secs(20)));
            let refused = Instant::now();
            slot = limiter.acquire(None, true, None).await.unwrap();
            pauses.push(refused.elapsed().as_secs_f64());
        }
        assert_eq!(pauses, [1.0, 2.0, 4.0, 8.0, 16.0, 20.0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hint_longer_than_the_backoff_counts() {
    for (hint, expected) in [(500, 1000), (3000, 3000)] {
        let limiter = RateLimiter::new(&RateLimits::default());
        throttle(&limiter, None, Some(Duration::from_millis(hint)));
        assert_eq!(waited(&limiter, None).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn keys_are_independent() {
    let limiter = RateLimiter::new(&RateLimits::default());
    let (slow, fast) = (RateKey::from("slow"), RateKey::from("fast".to_owned()));
    throttle(&limiter, Some(&slow), None);
    assert_eq!(waited(&limiter, Some(&fast)).await, 0);
    assert_eq!(waited(&limiter, None).await, 0);
    assert_eq!(waited(&limiter, Some(&slow)).await, 1000);
    throttle(&limiter, None, None);
    assert_eq!(waited(&limiter, Some(&fast)).await, 0);
    assert_eq!(waited(&limiter, None).await, 1000);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_key_does_not_hold_up_the_hand_set_limit_that_it_shares() {
    let log = Log::new(&by_hand(10.0, 1));
    let slow = RateKey::from("slow");
    let mut tasks = vec![log.start("a", None).await, log.start("slow", Some("slow")).await];
    // Closes the key of the request that is already the head of the shared queue.
    throttle(&log.limiter, Some(&slow), None);
    tasks.push(log.start("b", None).await);
    tasks.push(log.start("c", None).await);
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(log.seen(), [("a", 0), ("b", 100), ("c", 200), ("slow", 1000)]);
}

#[tokio::test(start_paused = true)]
async fn a_hand_set_rate_also_holds_after_a_closing() {
    let log = Log::new(&by_hand(10.0, 2));
    throttle(&log.limiter, None, None);
    let mut tasks = Vec::new();
    for name in ["a", "b", "c", "d"] {
        tasks.push(log.start(name, None).await);
    }
    for task in tasks {
        task.await.unwrap();
    }
    let times: Vec<_> = log.seen().into_iter().map(|(_, millis)| millis).collect();
    assert!(times[0] == 1000 && times[2] >= 1100 && times[3] >= 1200, "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn an_idle_limit_is_dropped_or_kept() {
    for keep_learned in [false, true] {
        let limits = RateLimits { keep_learned, ..RateLimits::default() };
        let limiter = RateLimiter::new(&limits);
        let key = RateKey::from("key");
        throttle(&limiter, Some(&key), None);
        sleep(Duration::from_secs(60)).await;
        let mut slots = Vec::new();
        for _ in 0..20 {
            slots.push(limiter.acquire(Some(&key), false, None).await.unwrap().sent);
        }
        // The next request after the one that dropped the limit is not limited at all.
        assert_eq!(slots[1..].iter().all(Option::is_none), !keep_learned);
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_requests_wait_for_is_not_dropped() {
    let limiter = RateLimiter::new(&RateLimits::default());
    throttle(&limiter, None, Some(Duration::from_secs(10)));
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
    for n in 0..=keys::MAX_KEYS {
        throttle(&limiter, Some(&key(n)), Some(Duration::from_secs(10 + n as u64)));
    }
    assert_eq!(waited(&limiter, Some(&key(0))).await, 0, "the first to open was dropped");
    assert_eq!(waited(&limiter, Some(&key(1))).await, 11_000);
}

#[tokio::test(start_paused = true)]
async fn debug_output_shows_no_key() {
    let limiter = RateLimiter::new(&RateLimits::default());
    assert!(!format!("{:?}", RateKey::from("bearer".to_owned())).contains("bearer"));
    throttle(&limiter, Some(&RateKey::from("bearer".to_owned())), None);
    assert!(!format!("{limiter:?}").contains("bearer"));
}
