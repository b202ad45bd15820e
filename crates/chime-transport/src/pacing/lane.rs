//! The queue of the requests that share one limit.

use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::Level;

use super::Limits;
use super::bucket::{Bucket, Pace};
use super::learned::Learned;
use super::queue::{Place, Queue};
use crate::retry::Progress;

/// How late a paced request may be and still catch up: timers tick once in a millisecond.
const SLACK: Duration = Duration::from_millis(10);

/// A limit, and who waits for it.
///
/// The waiter that has the turn sleeps until the next request may go. It has taken nothing before
/// it goes.
#[derive(Debug)]
pub(super) struct Lane {
    /// Whether anything has to wait at all: the only thing looked at while nothing does.
    limited: AtomicBool,
    queue: Queue,
    places: Option<Semaphore>,
    /// Whether what was learned holds for good.
    keeps: bool,
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
    pub(super) fn new(limits: &Limits, keeps: bool) -> Self {
        let places = limits.concurrency.map(|n| n.clamp(1, Semaphore::MAX_PERMITS));
        Self {
            limited: AtomicBool::new(limits.rate.is_some()),
            queue: Queue::default(),
            places: places.map(Semaphore::new),
            keeps,
            fixed: limits.rate.map(|rate| Pace::new(rate, limits.burst)),
            state: Mutex::default(),
        }
    }

    /// Waits for one of the places under way at once, which is free again when this is dropped.
    /// Fails with the deadline of the call.
    pub(super) async fn place(
        &self,
        call: &Progress,
    ) -> Result<Option<SemaphorePermit<'_>>, TooLate> {
        let Some(places) = &self.places else { return Ok(None) };
        if let Ok(place) = places.try_acquire() {
            return Ok(Some(place));
        }
        tracing::debug!("waiting for one of those under way to end");
        // The semaphore is never closed.
        match call.deadline() {
            None => Ok(places.acquire().await.ok()),
            Some(deadline) => match timeout_at(deadline, places.acquire()).await {
                Ok(place) => Ok(place.ok()),
                Err(_) => Err(TooLate::NoPlace),
            },
        }
    }

    /// Waits until a request may go, and tells when that was; `None` if nothing is limited. Fails
    /// as soon as it is known that this will not be before the deadline of the call.
    pub(super) async fn slot(
        &self,
        again: bool,
        call: &Progress,
    ) -> Result<Option<Instant>, TooLate> {
        if !self.limited.load(Ordering::Relaxed) {
            return Ok(None);
        }
        self.wait(again, call.deadline()).await.map(Some)
    }

    async fn wait(&self, again: bool, deadline: Option<Instant>) -> Result<Instant, TooLate> {
        let place = (!again).then(|| self.queue.enter());
        if tracing::enabled!(Level::DEBUG) && self.queue.is_busy() {
            let ahead = place.as_ref().map(Place::ahead);
            tracing::debug!(ahead, "waiting for its turn in the send rate");
        }
        let mut turn = pin!(self.queue.turn(again));
        let _turn = loop {
            let Some(deadline) = deadline else { break turn.await };
            let now = Instant::now();
            let ahead = place.as_ref().map_or(0, Place::ahead);
            let left = TooLate::check(self.soonest(ahead, now), now, deadline)?;
            // The rate may fall meanwhile: half-way is a time to look again.
            if let Ok(turn) = timeout(left / 2, &mut turn).await {
                break turn;
            }
        };
        loop {
            let now = Instant::now();
            let wait = self.take(now);
            if wait.is_zero() {
                return Ok(now);
            }
            if let Some(deadline) = deadline {
                TooLate::check(wait, now, deadline)?;
            }
            tracing::debug!(?wait, "waiting for a slot in the send rate");
            sleep(wait).await;
        }
    }

    /// How long somebody waits at least before whom so many go.
    fn soonest(&self, ahead: u32, now: Instant) -> Duration {
        let state = self.state();
        let fixed = self.fixed.map(|pace| state.fixed.wait_behind(ahead, pace, now));
        let learned = state.learned.as_ref().map(|(learned, bucket)| {
            // Where nothing is known of the quota, nothing is known of those ahead.
            let (rate, ahead) = learned.most(now).map_or((learned.rate(now), 0), |r| (r, ahead));
            bucket.wait_behind(ahead, Pace::with_slack(rate, SLACK), now)
        });
        fixed.unwrap_or_default().max(learned.unwrap_or_default())
    }

    /// Takes out one request if it may go, or tells how long it has to wait.
    fn take(&self, now: Instant) -> Duration {
        let mut state = self.state();
        let state = &mut *state;
        let mut wait = self.fixed.map_or(Duration::ZERO, |pace| state.fixed.wait(pace, now));
        if let Some((learned, bucket)) = &state.learned {
            let own = bucket.wait(Pace::with_slack(learned.rate(now), SLACK), now);
            if !own.is_zero() {
                state.waited_at = Some(now);
            }
            wait = wait.max(own);
        }
        if !wait.is_zero() {
            return wait;
        }
        if let Some(pace) = self.fixed {
            state.fixed.take(pace, now);
        }
        if let Some((learned, bucket)) = &mut state.learned {
            bucket.take(Pace::with_slack(learned.rate(now), SLACK), now);
            let waited = |at| now.saturating_duration_since(at) <= learned.patience();
            if !state.waited_at.is_some_and(waited) {
                self.nobody_waits(state, now);
            }
        }
        wait
    }

    /// Nobody had to wait for the learned rate for a while: it has grown beyond what was learned.
    fn nobody_waits(&self, state: &mut State, now: Instant) {
        if let (true, Some((learned, _))) = (self.keeps, &mut state.learned) {
            *learned = Learned::new(state.known, now);
            state.waited_at = Some(now);
            return;
        }
        state.learned = None;
        self.limited.store(self.fixed.is_some(), Ordering::Relaxed);
        tracing::debug!("the send rate is free again: nothing had to wait for it");
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

/// A request would have to wait longer than its call may take.
#[derive(Debug)]
pub(super) enum TooLate {
    /// For its turn in the send rate.
    Slot { wait: Duration, left: Duration },
    /// For one of those under way to end.
    NoPlace,
}

impl TooLate {
    /// The time that is left, if it is longer than the wait.
    fn check(wait: Duration, now: Instant, deadline: Instant) -> Result<Duration, Self> {
        let left = deadline.saturating_duration_since(now);
        if wait < left { Ok(left) } else { Err(Self::Slot { wait, left }) }
    }
}

impl fmt::Display for TooLate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slot { wait, left } => {
                write!(f, "its turn is at least {wait:.1?} away, and the call has {left:.1?} left")
            }
            Self::NoPlace => {
                f.write_str("as many as may be were under way until its time was over")
            }
        }
    }
}

impl std::error::Error for TooLate {}

#[cfg(test)]
mod tests;
