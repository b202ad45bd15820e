//! A rate limit: a token bucket and the requests that wait for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::RateLimit;
use super::bucket::{Bucket, Pace};
use super::learned::Learned;

/// How late a request may be and still catch up with a learned rate. The timers of tokio tick once in a
/// millisecond, and a busy executor is later.
const SLACK: Duration = Duration::from_millis(10);
/// The time without a wait after which a learned rate is idle: the interval between two requests at the
/// slowest rate. Callers that leave longer gaps do not need a limit.
const IDLE_AFTER: Duration = Duration::from_secs(2);
/// How long a request without a deadline sleeps behind others, which wake it when they are done.
const LONGEST_SLEEP: Duration = Duration::from_secs(86_400);

/// A limit with a fixed or a learned rate.
#[derive(Debug)]
pub(super) struct Limit(Mutex<State>);

#[derive(Debug)]
struct State {
    rate: Rate,
    bucket: Bucket,
    /// The waiting requests. The first may take the next slot.
    queue: BTreeMap<Position, Arc<Notify>>,
    arrivals: u64,
    /// The latest time until which a request has waited. At first, the time when the limit opens.
    waited_at: Instant,
}

#[derive(Debug)]
enum Rate {
    Fixed(Pace),
    Learned(Learned),
}

/// Whether the request is new, and its number in order of arrival. Retries come first.
type Position = (bool, u64);

impl Limit {
    /// Creates a configured limit. Returns `None` for an unlimited rate.
    pub(super) fn fixed(limit: RateLimit) -> Option<Self> {
        Some(Self::new(Rate::Fixed(Pace::new(limit.rate?, limit.burst)), Instant::now()))
    }

    /// Creates a learned limit at the first throttling response of a key.
    pub(super) fn learned(
        now: Instant,
        hint: Duration,
        backoff: &mut dyn FnMut(u32) -> Duration,
    ) -> Self {
        let limit = Self::new(Rate::Learned(Learned::new(now, hint, backoff)), now);
        limit.state().reopen(now);
        limit
    }

    fn new(rate: Rate, now: Instant) -> Self {
        let (bucket, queue) = (Bucket::full(now), BTreeMap::new());
        Self(Mutex::new(State { rate, bucket, queue, arrivals: 0, waited_at: now }))
    }

    /// Fails if a request that arrives now cannot get a slot before its deadline.
    pub(super) fn check(&self, is_resend: bool, deadline: Option<Instant>) -> Result<(), String> {
        let (state, now) = (self.state(), Instant::now());
        let ahead = if is_resend { 0 } else { state.queue.len() };
        let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
        check(state.bucket.wait(ahead, state.pace(Learned::highest_rate, now), now), now, deadline)
    }

    /// Waits for a slot and takes it. Fails as soon as the next slot is after the deadline.
    pub(super) async fn acquire(
        &self,
        is_resend: bool,
        deadline: Option<Instant>,
    ) -> Result<(), String> {
        self.check(is_resend, deadline)?;
        let waiter = Waiter::new(self, is_resend);
        loop {
            let now = Instant::now();
            let (is_first, wait) = self.state().poll(waiter.position, now);
            if is_first && wait.is_zero() {
                return Ok(());
            }
            check(wait, now, deadline)?;
            let until = if is_first {
                tracing::debug!(?wait, "waiting for a rate-limit slot");
                now + wait
            } else {
                deadline.unwrap_or(now + LONGEST_SLEEP)
            };
            let _ = timeout_at(until, waiter.wake.notified()).await;
        }
    }

    /// Counts an accepted request.
    pub(super) fn accepted(&self) {
        if let Rate::Learned(learned) = &mut self.state().rate {
            learned.accepted();
        }
    }

    /// Counts a refusal of a request that was sent at `sent`.
    pub(super) fn throttled(
        &self,
        sent: Instant,
        hint: Duration,
        now: Instant,
        backoff: &mut dyn FnMut(u32) -> Duration,
    ) {
        let mut state = self.state();
        if let Rate::Learned(learned) = &mut state.rate
            && learned.throttled(sent, hint, now, backoff)
        {
            let closed = learned.opens().saturating_duration_since(now);
            tracing::debug!(rate = learned.rate(now), ?closed, "throttled: rate limit lowered");
            state.reopen(now);
            // All waiting requests check their deadlines again.
            state.queue.values().for_each(|waiter| waiter.notify_one());
        }
    }

    /// Returns whether no request has waited for a while.
    pub(super) fn is_idle(&self, now: Instant) -> bool {
        let state = self.state();
        state.queue.is_empty() && now.saturating_duration_since(state.waited_at) > IDLE_AFTER
    }

    /// Starts over from the known quota, since the rate has grown without being tested.
    pub(super) fn restart(&self, now: Instant) {
        let mut state = self.state();
        if let Rate::Learned(learned) = &mut state.rate {
            learned.restart(now);
            state.reopen(now);
        }
    }

    pub(super) fn waited_at(&self) -> Instant {
        self.state().waited_at
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic leaves the state valid.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Returns the pace, for a learned rate at this time.
    fn pace(&self, rate: fn(&Learned, Instant) -> f64, now: Instant) -> Pace {
        match &self.rate {
            Rate::Fixed(pace) => *pace,
            Rate::Learned(learned) => Pace::with_slack(rate(learned, now), SLACK),
        }
    }

    /// Returns whether a request is the first in the queue, and the time until the next slot. If it is
    /// the first and the time is zero, takes the slot.
    fn poll(&mut self, position: Position, now: Instant) -> (bool, Duration) {
        let pace = self.pace(Learned::rate, now);
        let wait = self.bucket.wait(0, pace, now);
        let is_first = self.queue.first_key_value().is_some_and(|(first, _)| *first == position);
        if !wait.is_zero() {
            self.waited_at = self.waited_at.max(now + wait);
        } else if is_first {
            self.bucket.take(pace, now);
        }
        (is_first, wait)
    }

    /// Starts a new bucket after the learned rate has changed.
    fn reopen(&mut self, now: Instant) {
        if let Rate::Learned(learned) = &self.rate {
            let opens = learned.opens();
            self.bucket = Bucket::opening(opens, self.pace(Learned::rate, now));
            self.waited_at = self.waited_at.max(opens);
        }
    }
}

/// An entry in the queue. Dropping it removes it.
struct Waiter<'a> {
    limit: &'a Limit,
    position: Position,
    wake: Arc<Notify>,
}

impl<'a> Waiter<'a> {
    fn new(limit: &'a Limit, is_resend: bool) -> Self {
        let mut state = limit.state();
        let (position, wake) = ((!is_resend, state.arrivals), Arc::<Notify>::default());
        state.arrivals += 1;
        state.queue.insert(position, wake.clone());
        Self { limit, position, wake }
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut state = self.limit.state();
        state.queue.remove(&self.position);
        if let Some((_, first)) = state.queue.first_key_value() {
            first.notify_one();
        }
    }
}

/// Fails if a request would wait until its deadline or longer. The message says so.
fn check(wait: Duration, now: Instant, deadline: Option<Instant>) -> Result<(), String> {
    let left = deadline.map_or(Duration::MAX, |at| at.saturating_duration_since(now));
    if wait < left {
        return Ok(());
    }
    let (wait, left) = (wait.as_secs_f64(), left.as_secs_f64());
    Err(format!(
        "the next rate-limit slot is at least {wait:.1} s away, and the call has {left:.1} s left"
    ))
}
