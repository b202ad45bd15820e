//! A send rate learned from what the service refuses. Pure: the caller brings the time.
//!
//! ```text
//!   rate │                                ╱  not refused when due:
//!        │                               ╱   there is more quota
//!    1.2 ┤    ╱│      ╱│      ╱│      ╱╱
//!  quota ┼ ─ ╱ │ ─ ─ ╱ │ ─ ─ ╱ │ ─ ─ ╱ ─ ─ ─
//!    0.8 ┤  ╱  │    ╱  │    ╱  │    ╱
//!        └─────┴───────┴───────┴─────────────
//!           refused at each drop          time
//! ```
//!
//! When a request is refused, the service's bucket is empty. Between two refusals it let through what
//! flowed in, neither more nor less: this number over this time is the quota, or this client's share,
//! whatever the bucket holds and however long answers take. Below the quota the bucket fills; above it,
//! it runs empty, and the next refusal is due. If that does not come, the rate doubles until it does.
//! Such doubling finds a quota of which nothing is known; what the bucket gathers meanwhile is used up
//! after.
//!
//! Refusals of requests that were under way when the rate fell, and those right behind one that
//! counted, change nothing, unless they are most: latency is no reason to fall further, a quota that
//! fell far is. All clients climb alike, whatever they have, so that those who share a quota come to
//! equal shares.

use std::time::Duration;

use tokio::time::Instant;

/// What to start from when nothing is known.
const GUESS: f64 = 50.0;
/// Never slower than this, so that a recovered service is noticed. The floor of AWS clients.
const MIN: f64 = 0.5;
const MAX: f64 = 1e6;
/// A measurement counts against what was known before as if that had come from so many requests.
const PRIOR: f64 = 4.0;
/// Where to fall to when the quota is exhausted.
const BELOW: f64 = 0.8;
/// Seconds that the climb to as far above the quota takes at least …
const CLIMB: f64 = 1.0;
/// … and requests, so that slow rates have no larger share of refusals.
const CLIMB_REQUESTS: f64 = 40.0;
/// The climb per second, in requests per second. The same for all: of two clients that share a
/// quota, each gives up a part of its own and gains as much as the other …
const GAIN: f64 = 13.0;
/// … but a large quota is climbed in no more than so many seconds.
const LONGEST_CLIMB: f64 = 6.0;
/// How late the next refusal may be. None by then means more quota …
const LATE: f64 = 1.25;
/// … and the rate doubles in so many seconds …
const DOUBLING: f64 = 0.7;
/// … or these, where nothing is known: a large quota is many doublings away.
const FIRST_DOUBLING: f64 = 0.36;
/// Refusals so soon after one that counted are part of it: a run of them is chance.
const GAP: Duration = Duration::from_millis(100);
/// The quota has fallen far if so many have been refused, and …
const FALL: f64 = 6.0;
/// … so many for each one that was let through: three in five.
const FALL_SHARE: f64 = 1.5;
/// How long at least nobody has to wait before the rate means nothing any more.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is known of a quota, between one refusal and the next.
#[derive(Debug)]
pub(super) struct Learned {
    /// Requests per second that the service lets through.
    quota: f64,
    /// Where the climb starts.
    base: f64,
    climb: Duration,
    /// Seconds in which the rate doubles after it.
    doubling: f64,
    /// The last refusal that counted.
    since: Instant,
    /// Requests let through since, and refused.
    accepted: u32,
    refused: u32,
}

impl Learned {
    /// After the first refusal, with what was known from an earlier time.
    pub(super) fn new(known: Option<f64>, now: Instant) -> Self {
        match known {
            Some(quota) => Self::below(quota, now),
            // Nothing is there to approach gently.
            None => Self {
                quota: GUESS,
                base: GUESS,
                climb: Duration::ZERO,
                doubling: FIRST_DOUBLING,
                since: now,
                accepted: 0,
                refused: 0,
            },
        }
    }

    fn below(quota: f64, now: Instant) -> Self {
        let climb = LATE * 2.0 * (1.0 - BELOW) * quota / slope(quota);
        Self {
            quota,
            base: (quota * BELOW).max(MIN),
            climb: Duration::from_secs_f64(climb),
            doubling: DOUBLING,
            since: now,
            accepted: 0,
            refused: 0,
        }
    }

    /// Requests per second to send now.
    pub(super) fn rate(&self, now: Instant) -> f64 {
        let elapsed = now.saturating_duration_since(self.since);
        let climbed = slope(self.quota) * elapsed.min(self.climb).as_secs_f64();
        let late = elapsed.saturating_sub(self.climb).as_secs_f64();
        ((self.base + climbed) * (late / self.doubling).exp2()).clamp(MIN, MAX)
    }

    /// The most requests per second that are to be expected from now on; `None` if nothing is known
    /// of the quota. That it grows is not expected.
    pub(super) fn most(&self, now: Instant) -> Option<f64> {
        let top = self.base + slope(self.quota) * self.climb.as_secs_f64();
        (!self.climb.is_zero()).then(|| self.rate(now).max(top))
    }

    /// The service let a request through.
    pub(super) fn accepted(&mut self) {
        self.accepted = self.accepted.saturating_add(1);
    }

    /// The service refused a request, sent at `sent`. Whether this tells anything new.
    pub(super) fn refused(&mut self, sent: Option<Instant>, now: Instant) -> bool {
        self.refused = self.refused.saturating_add(1);
        // What was under way when the rate fell says nothing of the new rate, unless most of it is
        // refused: the quota itself is another then.
        if sent.is_none_or(|sent| sent <= self.since + GAP) && !self.has_fallen_far() {
            return false;
        }
        let elapsed = now.saturating_duration_since(self.since).as_secs_f64();
        let quota = (f64::from(self.accepted) + PRIOR) / (elapsed + PRIOR / self.quota);
        *self = Self::below(quota.clamp(MIN, MAX), now);
        true
    }

    /// Where nothing is known of the quota, nothing is known of its fall.
    fn has_fallen_far(&self) -> bool {
        let allowed = FALL + FALL_SHARE * f64::from(self.accepted);
        !self.climb.is_zero() && f64::from(self.refused) > allowed
    }

    /// What is known for a later time.
    pub(super) fn quota(&self) -> f64 {
        self.quota
    }

    /// How long nobody has to wait before the rate means nothing any more.
    pub(super) fn patience(&self) -> Duration {
        self.climb.max(PATIENCE)
    }
}

/// How fast to climb, in requests per second, per second.
fn slope(quota: f64) -> f64 {
    let least = CLIMB.max(CLIMB_REQUESTS / quota);
    let way = 2.0 * (1.0 - BELOW) * quota;
    GAIN.max(way / LONGEST_CLIMB).min(way / least)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn after(start: Instant, seconds: f64) -> Instant {
        start + Duration::from_secs_f64(seconds)
    }

    #[test]
    fn the_quota_is_what_was_let_through_between_two_refusals() {
        let start = Instant::now();
        let mut learned = Learned::new(None, start);
        for _ in 0..2000 {
            learned.accepted();
        }
        let now = after(start, 10.0);
        assert!(learned.refused(Some(now), now));
        assert!((learned.quota() - 200.0).abs() < 2.0, "{}", learned.quota());
        assert!((learned.rate(now) - BELOW * learned.quota()).abs() < 1e-9);
    }

    #[test]
    fn what_was_under_way_tells_nothing_new() {
        let start = Instant::now();
        let mut learned = Learned::new(Some(100.0), start);
        let now = after(start, 0.3);
        for sent in [None, Some(start), Some(after(start, 0.1))] {
            assert!(!learned.refused(sent, now));
        }
        assert_eq!(learned.quota(), 100.0);
        assert!(learned.refused(Some(after(start, 0.2)), now));
    }

    #[test]
    fn it_climbs_gently_to_above_the_quota_and_then_fast() {
        let start = Instant::now();
        let learned = Learned::new(Some(100.0), start);
        assert_eq!(learned.rate(start), 80.0);
        assert_eq!(learned.rate(after(start, 1.0)), 93.0);
        let top = learned.rate(start + learned.climb);
        assert!((125.0..135.0).contains(&top), "{top}");
        assert_eq!(learned.most(start), Some(top));
        assert_eq!(Learned::new(None, start).most(start), None);
        let later = start + learned.climb + Duration::from_secs_f64(DOUBLING);
        assert!((learned.rate(later) - 2.0 * top).abs() < 1e-6);
    }

    #[test]
    fn a_far_fall_shows_in_what_was_under_way() {
        let start = Instant::now();
        let mut learned = Learned::new(Some(200.0), start);
        let now = after(start, 0.1);
        // A quarter of what was sent at 200/s is let through.
        let answers = [true, false, false, false].into_iter().cycle();
        let asked = answers.take_while(|accepted| {
            if *accepted {
                learned.accepted();
            }
            *accepted || !learned.refused(Some(start), now)
        });
        assert!((10..25).contains(&asked.count()));
        assert!(learned.quota() < 100.0, "{}", learned.quota());
        // Where half is let through, chance has a part in it.
        let mut learned = Learned::new(Some(200.0), start);
        for _ in 0..100 {
            learned.accepted();
            assert!(!learned.refused(Some(start), now));
        }
    }

    #[test]
    fn a_climb_is_neither_steep_nor_long() {
        // Less than one refusal in 40 requests; then the same for all; then six seconds.
        for (quota, expected) in [(1.0, 0.01), (50.0, 13.0), (190.0, 13.0), (6000.0, 400.0)] {
            assert!((slope(quota) - expected).abs() < 1e-9, "{quota}: {}", slope(quota));
        }
    }

    proptest! {
        #[test]
        fn it_never_leaves_its_bounds(
            known in prop::option::of(MIN..MAX),
            events in prop::collection::vec((0.0..1e5f64, 0u32..1000), 0..20),
        ) {
            let mut now = Instant::now();
            let mut learned = Learned::new(known, now);
            for (seconds, accepted) in events {
                now = after(now, seconds);
                learned.accepted = accepted;
                learned.refused(Some(now), now);
                prop_assert!((MIN..=MAX).contains(&learned.rate(now)));
                prop_assert!((MIN..=MAX).contains(&learned.quota()));
                prop_assert!(learned.patience() < Duration::from_secs(300));
            }
        }
    }
}
