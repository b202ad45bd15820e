//! The rate limiter on a paused clock.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::{JoinHandle, yield_now};
use tokio::time::{Instant, advance, sleep};

use super::*;

mod bulk;
mod deadlines;
mod learning;

/// A backoff of a whole second before the first retry, and twice as long before each next one.
fn backoff(n: u32) -> Duration {
    Duration::from_secs(1u64 << n)
}

fn by_hand(rate: f64, burst: u32) -> RateLimits {
    RateLimits { default: RateLimit::per_second(rate).with_burst(burst), ..RateLimits::default() }
}

/// The names of requests and the milliseconds at which each got its slot.
#[derive(Clone)]
struct Log {
    limiter: RateLimiter,
    started: Instant,
    slots: Arc<Mutex<Vec<(&'static str, u64)>>>,
}

impl Log {
    fn new(limits: &RateLimits) -> Self {
        let (limiter, slots) = (RateLimiter::new(limits), Arc::default());
        Self { limiter, started: Instant::now(), slots }
    }

    /// Starts to wait for a slot.
    async fn start(&self, name: &'static str, key: Option<&'static str>) -> JoinHandle<()> {
        self.spawn(name, key, false).await
    }

    async fn resend(&self, name: &'static str) -> JoinHandle<()> {
        self.spawn(name, None, true).await
    }

    async fn spawn(
        &self,
        name: &'static str,
        key: Option<&'static str>,
        is_resend: bool,
    ) -> JoinHandle<()> {
        let log = self.clone();
        let task = tokio::spawn(async move {
            let key = key.map(RateKey::from);
            log.limiter.acquire(key.as_ref(), is_resend, None).await.unwrap();
            let millis = log.started.elapsed().as_millis() as u64;
            log.slots.lock().unwrap().push((name, millis));
        });
        yield_now().await;
        task
    }

    fn seen(&self) -> Vec<(&'static str, u64)> {
        self.slots.lock().unwrap().clone()
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_waits_before_the_first_refusal() {
    let limiter = RateLimiter::new(&RateLimits::default());
    let started = Instant::now();
    for _ in 0..500 {
        let slot = limiter.acquire(None, false, Some(started)).await.unwrap();
        assert_eq!(slot.sent, None);
        limiter.accepted(None, &slot);
    }
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_hand_set_rate_applies_from_the_first_request_in_order() {
    let log = Log::new(&by_hand(10.0, 2));
    let mut tasks = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        tasks.push(log.start(name, None).await);
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(log.seen(), [("a", 0), ("b", 0), ("c", 100), ("d", 200), ("e", 300)]);
}

#[tokio::test(start_paused = true)]
async fn a_key_has_its_own_hand_set_rate_or_shares_the_default() {
    let mut limits = by_hand(10.0, 1);
    limits.by_key.insert("own".to_owned(), RateLimit::per_second(5.0).with_burst(1));
    limits.by_key.insert("free".to_owned(), RateLimit::default());
    let log = Log::new(&limits);
    let mut tasks = Vec::new();
    let requests = [("a", "x"), ("own", "own"), ("b", "y"), ("own", "own"), ("free", "free")];
    for (name, key) in requests.into_iter().chain([("free", "free")]) {
        tasks.push(log.start(name, Some(key)).await);
    }
    for task in tasks {
        task.await.unwrap();
    }
    let expected = [("a", 0), ("own", 0), ("free", 0), ("free", 0), ("b", 100), ("own", 200)];
    assert_eq!(log.seen(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_waiter_takes_no_slot() {
    let log = Log::new(&by_hand(10.0, 1));
    let mut tasks = Vec::new();
    for name in ["a", "b", "c", "d"] {
        tasks.push(log.start(name, None).await);
    }
    // One is the head of the queue, the other waits behind it.
    advance(Duration::from_millis(50)).await;
    tasks[1].abort();
    tasks[2].abort();
    tasks.pop().unwrap().await.unwrap();
    assert_eq!(log.seen(), [("a", 0), ("d", 100)]);
}

#[tokio::test(start_paused = true)]
async fn a_resend_waits_for_at_most_one_new_request() {
    let log = Log::new(&by_hand(10.0, 1));
    let mut tasks = vec![log.start("a", None).await];
    for name in ["new", "newer", "newest"] {
        tasks.push(log.start(name, None).await);
    }
    tasks.push(log.resend("resend").await);
    tasks.push(log.resend("other resend").await);
    for task in tasks {
        task.await.unwrap();
    }
    let order: Vec<_> = log.seen().into_iter().map(|(name, _)| name).collect();
    assert_eq!(order, ["a", "new", "resend", "other resend", "newer", "newest"]);
}

#[tokio::test(start_paused = true)]
async fn without_adaptive_nothing_is_learned() {
    let limiter = RateLimiter::new(&RateLimits { adaptive: false, ..RateLimits::default() });
    limiter.throttled(None, &Slot::default(), None, &mut backoff);
    assert_eq!(limiter.acquire(None, true, None).await.unwrap().sent, None);
}
