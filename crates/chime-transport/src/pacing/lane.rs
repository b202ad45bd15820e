//! The queue of the requests that share one limit.

use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Extensions;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep, timeout};

use super::Limits;
use super::bucket::{Bucket, Pace};
use super::learned::Learned;
use super::queue::Queue;
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
            queue: Queue::default(),
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

    /// Waits until a request may go, and tells when that was; `None` if nothing is limited. Fails
    /// as soon as it is known that this will not be before the deadline of the call.
    pub(super) async fn slot(
        &self,
        again: bool,
        call: &Extensions,
    ) -> Result<Option<Instant>, TooLate> {
        if !self.limited.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let deadline = call.get().and_then(Progress::deadline);
        self.wait(again, deadline).await.map(Some)
    }

    async fn wait(&self, again: bool, deadline: Option<Instant>) -> Result<Instant, TooLate> {
        let place = (!again).then(|| self.queue.enter());
        let mut turn = pin!(self.queue.turn(again));
        let _turn = loop {
            let Some(deadline) = deadline else { break turn.await };
            let now = Instant::now();
            let ahead = place.as_ref().map_or(0, |place| place.ahead());
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

/// A request would have to wait longer than its call may take.
#[derive(Debug)]
pub(super) struct TooLate {
    wait: Duration,
    left: Duration,
}

impl TooLate {
    /// The time that is left, if it is longer than the wait.
    fn check(wait: Duration, now: Instant, deadline: Instant) -> Result<Duration, Self> {
        let left = deadline.saturating_duration_since(now);
        if wait < left { Ok(left) } else { Err(Self { wait, left }) }
    }
}

impl fmt::Display for TooLate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wait, left } = self;
        write!(f, "its turn is at least {wait:.1?} away, and the call has {left:.1?} left")
    }
}

impl std::error::Error for TooLate {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// What a call carries that may take so many milliseconds.
    fn call(millis: u64) -> Extensions {
        let mut call = Extensions::new();
        call.insert(Progress::new(Some(Duration::from_millis(millis))));
        call
    }

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

    #[tokio::test(start_paused = true)]
    async fn a_call_with_too_little_time_learns_it_at_once() {
        let lane = Lane::new(&Limits::default());
        assert_eq!(lane.slot(false, &call(0)).await.unwrap(), None, "it does not even look");
        lane.refused(None);
        lane.slot(false, &call(19)).await.unwrap_err();
        let sent = lane.slot(false, &call(21)).await.unwrap();
        assert_eq!(sent, Some(Instant::now()), "50/s, a guess");
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_looks_again_since_the_rate_may_fall() {
        let lane = Arc::new(Lane::new(&Limits::default()));
        let hold = |quota| {
            *lane.state() = State { known: Some(quota), ..State::default() };
            lane.refused(None);
        };
        hold(100.0);
        let deadline = Instant::now() + Duration::from_secs(1);
        let waiters = [(); 80].map(|()| {
            let lane = lane.clone();
            tokio::spawn(async move { lane.slot(false, &call(1000)).await })
        });
        tokio::task::yield_now().await;
        hold(10.0);
        let mut went = 0;
        for waiter in waiters {
            went += u32::from(waiter.await.unwrap().is_ok());
        }
        assert!((8..=11).contains(&went), "{went}");
        assert!(Instant::now() < deadline, "not one waits in vain to the end");
    }
}
