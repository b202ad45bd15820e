//! The rate limiter on a paused clock.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::{JoinHandle, yield_now};
use tokio::time::{Instant, advance, sleep};

use super::*;

mod callers;
mod deadlines;
mod learning;

/// A backoff of a whole second before the first retry, and twice as long before each next one.
fn backoff(n: u32) -> Duration {
    Duration::from_secs(1u64 << n)
}

fn by_hand(rate: f64, burst: u32) -> RateLimits {
    RateLimits { default: RateLimit::per_second(rate).with_burst(burst), ..RateLimits::default() }
}

/// Reports a throttling response, with a hint in seconds, to a request that is not limited.
async fn throttle(limiter: &RateLimiter, key: Option<&RateKey>, hint: u64) {
    let free = RateLimiter::new(&RateLimits::default());
    let slot = free.acquire(None, false, None).await.unwrap();
    limiter.throttled(key, slot, Some(Duration::from_secs(hint)), &mut backoff);
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

    /// Starts to wait for a slot. A name is also the key, unless it begins with a dash. A resend's
    /// begins with two.
    async fn start(&self, name: &'static str) -> JoinHandle<()> {
        let log = self.clone();
        let task = tokio::spawn(async move {
            let key = (!name.starts_with('-')).then(|| RateKey::from(name));
            log.limiter.acquire(key.as_ref(), name.starts_with("--"), None).await.unwrap();
            let millis = log.started.elapsed().as_millis() as u64;
            log.slots.lock().unwrap().push((name, millis));
        });
        yield_now().await;
        task
    }

    async fn start_all<const N: usize>(&self, names: [&'static str; N]) -> Vec<JoinHandle<()>> {
        let mut tasks = Vec::new();
        for name in names {
            tasks.push(self.start(name).await);
        }
        tasks
    }

    /// Waits for the requests and returns all slots.
    async fn after(&self, tasks: Vec<JoinHandle<()>>) -> Vec<(&'static str, u64)> {
        for task in tasks {
            task.await.unwrap();
        }
        self.slots.lock().unwrap().clone()
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_waits_before_the_first_refusal_or_without_learning() {
    for learn in [true, false] {
        let limiter = RateLimiter::new(&RateLimits { learn, ..RateLimits::default() });
        let started = Instant::now();
        for _ in 0..500 {
            let deadline = Some(started + Duration::from_millis(1));
            let slot = limiter.acquire(None, false, deadline).await.unwrap();
            limiter.accepted(None);
            if !learn {
                limiter.throttled(None, slot, None, &mut backoff);
            }
        }
        assert_eq!(started.elapsed(), Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_has_its_own_hand_set_rate_or_shares_the_default() {
    let mut limits = by_hand(10.0, 2);
    limits.by_key.insert("own".to_owned(), RateLimit::per_second(5.0).with_burst(1));
    limits.by_key.insert("free".to_owned(), RateLimit::default());
    let log = Log::new(&limits);
    let tasks = log.start_all(["a", "own", "b", "c", "own", "free", "free", "d"]).await;
    let at_once = [("a", 0), ("own", 0), ("b", 0), ("free", 0), ("free", 0)];
    let seen = log.after(tasks).await;
    assert_eq!(seen[..5], at_once);
    assert_eq!(seen[5], ("c", 100));
    assert!(seen[6..].contains(&("own", 200)) && seen[6..].contains(&("d", 200)), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_waiter_takes_no_slot() {
    let log = Log::new(&by_hand(10.0, 1));
    let mut tasks = log.start_all(["a", "b", "c", "d"]).await;
    // One is the first of the queue, the other waits behind it.
    advance(Duration::from_millis(50)).await;
    tasks.drain(1..3).for_each(|task| task.abort());
    assert_eq!(log.after(tasks).await, [("a", 0), ("d", 100)]);
}

#[tokio::test(start_paused = true)]
async fn resends_go_ahead_of_new_requests() {
    let log = Log::new(&by_hand(10.0, 1));
    let tasks = log.start_all(["-a", "-new", "-newer", "--resend", "--other resend"]).await;
    let order = ["-a", "--resend", "--other resend", "-new", "-newer"];
    let expected: Vec<_> = order.into_iter().zip([0, 100, 200, 300, 400]).collect();
    assert_eq!(log.after(tasks).await, expected);
}

#[test]
fn a_key_is_found_by_the_full_name_of_its_operation() {
    let key = RateKey::of_service("Chime", "GetRoom").with_caller("ana");
    assert!(key.is("Chime.GetRoom") && RateKey::from("GetRoom").is("GetRoom"));
    for other in ["GetRoom", "ChimeGetRoom", "Chime.GetRooms", "Chime.", ""] {
        assert!(!key.is(other), "{other}");
    }
}

#[test]
fn a_full_name_is_one_key_however_it_is_written() {
    let key = RateKey::of_service("Chime", "GetRoom");
    assert!(
        key == RateKey::from("Chime.GetRoom") && key == RateKey::from("Chime.GetRoom".to_owned())
    );
    assert!(key.is("Chime.GetRoom") && RateKey::from("uploads").is("uploads"));
    assert!(key != RateKey::from("GetRoom") && !key.is("GetRoom"));
}
