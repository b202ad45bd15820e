//! A rate limit set by hand.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::RateLimit;
use super::bucket::{Bucket, Pace};
use super::queue::Queue;

/// A token bucket and the requests that wait for it.
#[derive(Debug)]
pub(super) struct HandSet {
    pub(super) queue: Queue,
    pace: Pace,
    bucket: Mutex<Bucket>,
}

impl HandSet {
    /// Returns `None` for an unlimited rate.
    pub(super) fn new(limit: RateLimit) -> Option<Self> {
        let pace = Pace::new(limit.rate?, limit.burst);
        Some(Self { queue: Queue::default(), pace, bucket: Mutex::default() })
    }

    /// Returns the time until a slot is free behind `ahead` other requests.
    pub(super) fn wait(&self, ahead: u32, now: Instant) -> Duration {
        self.bucket().wait(ahead, self.pace, now)
    }

    /// Takes a slot if one is free and `also` returns true, and returns whether it did.
    pub(super) fn take_if(&self, now: Instant, also: impl FnOnce() -> bool) -> bool {
        let mut bucket = self.bucket();
        let free = bucket.wait(0, self.pace, now).is_zero() && also();
        if free {
            bucket.take(self.pace, now);
        }
        free
    }

    fn bucket(&self) -> MutexGuard<'_, Bucket> {
        // A panic leaves the bucket valid.
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
