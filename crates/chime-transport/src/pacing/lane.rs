//! The queue of the requests that share one limit.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Turn, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep};

use super::Limits;
use super::bucket::{Bucket, Pace};
use super::learned::Learned;

/// How late a paced request may be and still catch up: timers tick once in a millisecond.
const SLACK: Duration = Duration::from_millis(10);

/// A limit, and who waits for it.
///
/// One waiter at a time has the turn and sleeps until the next request may go; the others wait for
/// the turn in the order in which they came. A waiter that is dropped gives its place, or its
/// turn, to the next: it has taken nothing before it goes.
#[derive(Debug)]
pub(super) struct Lane {
    /// Whether anything has to wait at all: the only thing looked at while nothing does.
    limited: AtomicBool,
    /// Newcomers come to the turn one by one, so that those who come again wait for one at most.
    newcomers: Turn<()>,
    turn: Turn<()>,
    places: Option<Semaphore>,
    fixed: Option<Pace>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    fixed: Bucket,
    learned: Option<(Learned, Bucket)>,
    /// The quota that was learned last.
    known: Option<f64>,
    waited_at: Option<Instant>,
}

impl Lane {
    pub(super) fn new(limits: &Limits) -> Self {
        let places = limits.concurrency.map(|n| n.clamp(1, Semaphore::MAX_PERMITS));
        Self {
            limited: AtomicBool::new(limits.rate.is_some()),
            newcomers: Turn::new(()),
            turn: Turn::new(()),
            places: places.map(Semaphore::new),
            fixed: limits.rate.map(|rate| Pace::new(rate, limits.burst)),
            state: Mutex::default(),
        }
    }

    /// Waits for one of the places under way at once, which is free again when this is dropped.
    pub(super) async fn place(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed.
        self.places.as_ref()?.acquire().await.ok()
    }

    /// Waits until a request may go, and tells when that was; `None` if nothing is limited.
    pub(super) async fn slot(&self, again: bool) -> Option<Instant> {
        if !self.limited.load(Ordering::Relaxed) {
            return None;
        }
        let _newcomer = if again { None } else { Some(self.newcomers.lock().await) };
        let _turn = self.turn.lock().await;
        loop {
            let now = Instant::now();
            let wait = self.take(now);
            if wait.is_zero() {
                return Some(now);
            }
            tracing::debug!(?wait, "waiting for a slot in the send rate");
            sleep(wait).await;
        }
    }

    /// Takes out one request if it may go, or tells how long it has to wait.
    fn take(&self, now: Instant) -> Duration {
        let mut state = self.state();
        let state = &mut *state;
        let learned = state.learned.as_mut().map(|(learned, bucket)| {
            (Pace::with_slack(learned.rate(now), SLACK), learned.patience(), bucket)
        });
        let fixed = self.fixed.map_or(Duration::ZERO, |pace| state.fixed.wait(pace, now));
        let wait = learned.as_ref().map_or(fixed, |(pace, _, bucket)| {
            let wait = bucket.wait(*pace, now);
            if !wait.is_zero() {
                state.waited_at = Some(now);
            }
            wait.max(fixed)
        });
        if !wait.is_zero() {
            return wait;
        }
        if let Some(pace) = self.fixed {
            state.fixed.take(pace, now);
        }
        if let Some((pace, patience, bucket)) = learned {
            bucket.take(pace, now);
            if state.waited_at.is_none_or(|at| now.saturating_duration_since(at) > patience) {
                state.learned = None;
                self.limited.store(self.fixed.is_some(), Ordering::Relaxed);
                tracing::debug!("the send rate is free again: nothing had to wait for it");
            }
        }
        wait
    }

    /// The service let a request through.
    pub(super) fn accepted(&self) {
        if self.limited.load(Ordering::Relaxed)
            && let Some((learned, _)) = &mut self.state().learned
        {
            learned.accepted();
        }
    }

    /// The service refused a request that went at `sent`.
    pub(super) fn refused(&self, sent: Option<Instant>) {
        let now = Instant::now();
        let mut state = self.state();
        let learned = match state.learned.take() {
            Some((mut learned, bucket)) => {
                if !learned.refused(sent, now) {
                    state.learned = Some((learned, bucket));
                    return;
                }
                learned
            }
            None => Learned::new(state.known, now),
        };
        let rate = learned.rate(now);
        tracing::debug!(rate, "throttled, holding a send rate");
        state.known = Some(learned.quota());
        state.learned = Some((learned, Bucket::empty(Pace::with_slack(rate, SLACK), now)));
        state.waited_at = Some(now);
        self.limited.store(true, Ordering::Relaxed);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whoever panicked left nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_was_learned_is_where_the_next_time_starts() {
        let lane = Lane::new(&Limits::default());
        lane.refused(None);
        assert_eq!(lane.take(Instant::now()), Duration::from_millis(20), "50/s, a guess");
        assert_eq!(lane.state().known, Some(50.0));
        *lane.state() = State { known: Some(400.0), ..State::default() };
        lane.refused(None);
        assert_eq!(lane.take(Instant::now()).as_micros(), 2941, "0.85 of 400/s");
    }
}
