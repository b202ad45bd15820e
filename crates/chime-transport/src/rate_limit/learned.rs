//! A send rate learned from throttling responses. Pure: the caller passes the time.
//!
//! ```text
//!   rate │       ╱│                         ╱ no refusal when due:
//!        │      ╱ │                        ╱  the quota has grown
//!    1.1 ┤     ╱  │       ╱│      ╱│      ╱
//!  quota ┼ ─ ─╱─ ─│─ ─╭──╯ │─ ╭──╯ │─ ╭──╯ ─ ─
//!    0.9 ┤   ╱    │ ╱      │╱      │╱
//!        │__╱     │╱       │       │
//!        └──┴─────┴────────┴───────┴────────── time
//!    closed unknown known: a refusal at each drop
//! ```
//!
//! The *quota* is the rate of the service's token bucket. A *refusal* is a throttling response. No
//! requests of a *closed* key are sent.
//!
//! **Unknown quota.** The first refusal closes the key for the standard backoff. Then the rate doubles
//! every quarter of a second until the next refusal. If no request was accepted in between, the key
//! closes again, for the next longer backoff. Otherwise the quota is measured.
//!
//! **Known quota.** At a refusal the token bucket is empty. The number of requests accepted between two
//! refusals, divided by the time between them, is therefore the quota, or this client's share of it. It
//! does not depend on the size of the bucket or the latency. The rate drops below the quota and follows
//! the curve of TCP CUBIC (RFC 9438): fast at first, flat near the quota, then ever faster. The bucket
//! fills while the rate is below the quota, and drains while it is above. So the next refusal is due when
//! the rate is as far above the quota as it began below. An earlier refusal measures a lower quota, a
//! later one a higher quota.
//!
//! **Refusals in a row.** If no request was accepted since the last refusal, less than one token has
//! flowed into the bucket since then. That time was too short, so the key closes for as long again, up to
//! two seconds. The wait thus doubles with each refusal, and a single call finds a much lower quota in a
//! few requests. The quota is not lowered yet, because another client may have taken the tokens. All
//! refusals in a row belong to one measurement, which ends at the first refusal after an accepted
//! request.
//!
//! **Convergence.** Each measurement starts from an empty bucket, so errors do not add up. Between
//! refusals the rate depends only on time, so it cannot oscillate beyond the sawtooth, whose height is
//! a fixed part of the quota. The average is the quota if the bucket can save the tokens that the low
//! part of the sawtooth leaves. A bucket of one token cannot save any: measurements are low, and the
//! average is 80 % of the quota.
//!
//! **Sharing.** Clients that share a quota are refused at about the same time, when its bucket is empty.
//! Each lowers its rate by the same part. Above the quota all rates grow by the same number of requests
//! per second, and a client with a smaller share gets there sooner. The difference between the shares
//! therefore shrinks (additive increase, multiplicative decrease). The first shares do not differ much,
//! since the rates of all clients that do not know the quota are equal: see `Quota::Unknown`.

use std::time::Duration;

use tokio::time::Instant;

/// The rate of an unknown key at its refusal, in requests per second. Clients that are refused
/// together and draw backoffs of up to a second should all be open when the rate reaches their quota.
/// With 20, the slower of two clients finishes 0.76 of the calls of the other on average instead of
/// 0.85; with 5, a quota of 2,000/s costs 1.18 times the perfect time instead of 1.13.
const GUESS: f64 = 10.0;
/// The seconds in which an unknown rate doubles. With 0.3, a quota of 2,000/s costs 1.2 times the
/// perfect time; faster, more requests are in flight at the refusal.
const DOUBLING: f64 = 0.25;
/// The fraction of the quota to which a refusal lowers the rate. With 0.8, a small bucket overflows below
/// the quota: with one token, calls take 1.06 times as long.
const BELOW: f64 = 0.9;
/// The steepness of the cubic curve, in requests/s⁴. With 10, a quota that rises from 50/s to 200/s is
/// followed too slowly; with 30, more requests are refused where the latency is 200 ms.
const STEEPNESS: f64 = 20.0;
/// The number of requests that make a measurement. The rate at the refusal counts as if it had been
/// measured with so many requests, and the climb to the quota takes at least as many. With 2, calls at
/// 5/s and one token take 1.5 times the perfect time instead of 1.3. With 10, some of four calls at a
/// time use up their requests at 1/s.
const EVIDENCE: f64 = 6.0;

/// The slowest rate, so that a service that recovers is noticed. AWS's adaptive retry mode has the
/// same minimum.
const MIN_RATE: f64 = 0.5;
/// The fastest rate. It keeps results finite.
const MAX_RATE: f64 = 1e6;
/// The longest time for which a key is closed. It prevents overflow in sums of times.
const MAX_CLOSED: Duration = Duration::from_secs(86_400);
/// The longest first backoff. After longer ones, the key opens at [`GUESS`].
const FIRST_BACKOFF: Duration = Duration::from_secs(1);

/// What is known about a quota.
#[derive(Debug)]
pub(super) struct Learned {
    quota: Quota,
    /// The refusal at which the current measurement began.
    since: Instant,
    /// When the next request may be sent.
    opens: Instant,
    /// The number of requests accepted since `since`.
    accepted: u32,
}

#[derive(Clone, Copy, Debug)]
enum Quota {
    Unknown {
        /// How often the key was closed since the last accepted request.
        closings: u32,
        /// When the rate is [`GUESS`]: at the refusal if it is the first, otherwise when the key opens.
        /// So clients that are refused together have equal rates, whatever backoffs they draw.
        guess_at: Instant,
    },
    /// Requests per second.
    Known(f64),
}

impl Learned {
    /// Starts at the first refusal.
    pub(super) fn new(
        now: Instant,
        hint: Duration,
        backoff: &mut dyn FnMut(u32) -> Duration,
    ) -> Self {
        let quota = Quota::Unknown { closings: 0, guess_at: now };
        let mut learned = Self { quota, since: now, opens: now, accepted: 0 };
        learned.throttled(now, hint, now, backoff);
        learned
    }

    /// Returns when the key opens.
    pub(super) fn opens(&self) -> Instant {
        self.opens
    }

    /// Returns the rate at a time, in requests per second.
    pub(super) fn rate(&self, now: Instant) -> f64 {
        let rate = match self.quota {
            Quota::Unknown { guess_at, .. } => GUESS * doublings(guess_at, self.opens.max(now)),
            Quota::Known(quota) => {
                let elapsed = now.saturating_duration_since(self.opens).as_secs_f64();
                quota + (1.0 - BELOW) * quota * (elapsed / climb(quota) - 1.0).powi(3)
            }
        };
        rate.clamp(MIN_RATE, MAX_RATE)
    }

    /// Returns the highest rate to expect from now on if the quota does not grow. There is no limit if
    /// the quota is unknown.
    pub(super) fn highest_rate(&self, now: Instant) -> f64 {
        match self.quota {
            Quota::Unknown { .. } => MAX_RATE,
            Quota::Known(quota) => self.rate(now).max((2.0 - BELOW) * quota),
        }
    }

    /// Counts an accepted request.
    pub(super) fn accepted(&mut self) {
        self.accepted = self.accepted.saturating_add(1);
    }

    /// Counts a refusal of a request sent at `sent`. Returns whether the rate has changed.
    pub(super) fn throttled(
        &mut self,
        sent: Instant,
        hint: Duration,
        now: Instant,
        backoff: &mut dyn FnMut(u32) -> Duration,
    ) -> bool {
        let hint = hint.min(MAX_CLOSED);
        // Requests that were in flight when the rate fell do not test the new rate.
        if sent < self.opens {
            let opens = now + hint;
            let closes = opens > self.opens.max(now);
            if closes {
                self.opens = opens;
            }
            return closes;
        }
        match self.quota {
            Quota::Unknown { closings, .. } if self.accepted == 0 => {
                let closed = backoff(closings).max(hint).clamp(interval(GUESS), MAX_CLOSED);
                self.opens = now + closed;
                let is_first = closings == 0 && closed <= FIRST_BACKOFF;
                let guess_at = if is_first { now } else { self.opens };
                self.quota = Quota::Unknown { closings: closings.saturating_add(1), guess_at };
                self.since = now;
            }
            Quota::Known(quota) if self.accepted == 0 => {
                let elapsed = now.saturating_duration_since(self.since);
                let closed = elapsed.clamp(interval(BELOW * quota), interval(MIN_RATE));
                self.opens = now + closed.max(hint);
            }
            _ => self.measure(hint, now),
        }
        true
    }

    /// Measures the quota at a refusal.
    fn measure(&mut self, hint: Duration, now: Instant) {
        let seconds = now.saturating_duration_since(self.since).as_secs_f64();
        let requests = f64::from(self.accepted) + EVIDENCE;
        let quota = requests / (seconds + EVIDENCE / self.rate(now));
        let quota = quota.clamp(MIN_RATE, MAX_RATE);
        self.quota = Quota::Known(quota);
        self.opens = now + interval(BELOW * quota).max(hint);
        (self.since, self.accepted) = (now, 0);
    }

    /// Starts a new measurement, after a time in which no request was limited.
    pub(super) fn restart(&mut self, now: Instant) {
        if let Quota::Unknown { closings, guess_at } = &mut self.quota {
            (*closings, *guess_at) = (0, now);
        }
        (self.since, self.opens, self.accepted) = (now, now, 0);
    }
}

/// Returns the seconds in which the rate climbs to the quota.
fn climb(quota: f64) -> f64 {
    ((1.0 - BELOW) * quota / STEEPNESS).cbrt().max(EVIDENCE / quota)
}

/// Returns the time between two requests.
fn interval(rate: f64) -> Duration {
    Duration::from_secs_f64(1.0 / rate.max(MIN_RATE))
}

/// Returns the factor by which the rate has grown while the quota is unknown.
fn doublings(from: Instant, to: Instant) -> f64 {
    (to.saturating_duration_since(from).as_secs_f64() / DOUBLING).exp2()
}

#[cfg(test)]
mod tests;
