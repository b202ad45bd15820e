//! The learned rate limit of one key.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::bucket::{Bucket, Pace};
use super::learned::{Learned, MIN_RATE};
use super::queue::Queue;

/// How late a request may be and still catch up: tokio's timers tick once in a millisecond, and a
/// busy executor is later.
const SLACK: Duration = Duration::from_millis(10);

/// The time without a wait after which a learned rate is idle: the interval between two requests at
/// the slowest rate. Callers who leave longer gaps do not need a limit.
pub(super) fn idle_after() -> Duration {
    Duration::from_secs_f64(1.0 / MIN_RATE)
}

/// A learned rate and the requests that wait for it.
#[derive(Debug)]
pub(super) struct KeyLimit {
    pub(super) queue: Queue,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    learned: Learned,
    bucket: Bucket,
    /// When a request last had to wait. Before a request does, when the limit opens.
    waited_at: Instant,
}

impl State {
    fn pace(&self, now: Instant) -> Pace {
        Pace::with_slack(self.learned.rate(now), SLACK)
    }

    /// Starts a new bucket after the learned rate has changed.
    fn reopen(&mut self, now: Instant) {
        let opens = self.learned.opens();
        self.bucket = Bucket::opening(opens, self.pace(now));
        self.waited_at = self.waited_at.max(opens);
    }

    fn is_idle(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.waited_at) > idle_after()
    }
}

impl KeyLimit {
    /// Creates a limit at the first throttling response of a key.
    pub(super) fn new(
        now: Instant,
        hint: Option<Duration>,
        backoff: &mut dyn FnMut(u32) -> Duration,
    ) -> Self {
        let learned = Learned::new(now, hint, backoff);
        let mut state = State { learned, bucket: Bucket::default(), waited_at: now };
        state.reopen(now);
        Self { queue: Queue::default(), state: Mutex::new(state) }
    }

    /// Returns the shortest time until a slot is free behind `ahead` other requests.
    pub(super) fn soonest(&self, ahead: u32, now: Instant) -> Duration {
        let state = self.state();
        let closed = state.learned.opens().saturating_duration_since(now);
        let pace = Pace::with_slack(state.learned.highest_rate(now), SLACK);
        state.bucket.wait(ahead, pace, now).max(closed)
    }

    /// Returns the time until the head of the queue may take a slot.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        let mut state = self.state();
        let wait = state.bucket.wait(0, state.pace(now), now);
        if !wait.is_zero() {
            state.waited_at = state.waited_at.max(now + wait);
        }
        wait
    }

    /// Takes a slot if one is free, and returns whether it did.
    pub(super) fn take(&self, now: Instant) -> bool {
        let mut state = self.state();
        let pace = state.pace(now);
        let free = state.bucket.wait(0, pace, now).is_zero();
        if free {
            state.bucket.take(pace, now);
        }
        free
    }

    pub(super) fn accepted(&self) {
        self.state().learned.accepted();
    }

    /// Counts a refusal of a request that was sent at `sent`.
    pub(super) fn throttled(
        &self,
        sent: Option<Instant>,
        hint: Option<Duration>,
        now: Instant,
        backoff: &mut dyn FnMut(u32) -> Duration,
    ) {
        let mut state = self.state();
        if state.learned.throttled(sent, hint, now, backoff) {
            let rate = state.learned.rate(now);
            let closed = state.learned.opens().saturating_duration_since(now);
            tracing::debug!(rate, ?closed, "throttled: rate limit lowered");
            state.reopen(now);
            drop(state);
            self.queue.limit_changed();
        }
    }

    /// Returns whether no request has waited for a while.
    pub(super) fn is_idle(&self, now: Instant) -> bool {
        self.state().is_idle(now)
    }

    /// Starts over from the known quota if no request has waited for a while: the rate has grown
    /// meanwhile, and nothing measured it.
    pub(super) fn restart_if_idle(&self, now: Instant) {
        let mut state = self.state();
        if state.is_idle(now) {
            state.learned.restart(now);
            state.reopen(now);
        }
    }

    pub(super) fn waited_at(&self) -> Instant {
        self.state().waited_at
    }

    pub(super) fn rate(&self, now: Instant) -> f64 {
        self.state().learned.rate(now)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic leaves the state valid.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
