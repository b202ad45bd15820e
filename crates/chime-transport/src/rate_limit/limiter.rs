//! The rate limiter that the retry loop asks.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::hand_set::HandSet;
use super::key_limit::KeyLimit;
use super::keys::Keys;
use super::{RateKey, RateLimits, TooLate};

/// The rate limits of one stack. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct RateLimiter(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Whether any limit exists. While none does, this flag is all that requests look at.
    limited: AtomicBool,
    is_limited_by_hand: bool,
    default: Option<HandSet>,
    /// `None` for keys whose rate is unlimited by hand.
    by_key: BTreeMap<String, Option<HandSet>>,
    adaptive: bool,
    keep_learned: bool,
    learned: Mutex<Keys>,
}

/// The permission to send one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slot {
    /// When the slot was taken. `None` if nothing was limited.
    pub(crate) sent: Option<Instant>,
}

impl RateLimiter {
    pub(crate) fn new(limits: &RateLimits) -> Self {
        let by_key = limits.by_key.iter().map(|(key, limit)| (key.clone(), HandSet::new(*limit)));
        let by_key: BTreeMap<_, _> = by_key.collect();
        let default = HandSet::new(limits.default);
        let is_limited_by_hand = default.is_some() || by_key.values().any(Option::is_some);
        Self(Arc::new(Shared {
            limited: AtomicBool::new(is_limited_by_hand),
            is_limited_by_hand,
            default,
            by_key,
            adaptive: limits.adaptive,
            keep_learned: limits.keep_learned,
            learned: Mutex::new(Keys::new(Instant::now())),
        }))
    }

    /// Waits for a slot. Fails as soon as it is known that no slot is free before `deadline`.
    ///
    /// Dropping the future takes no slot. A resend goes ahead of new requests.
    pub(crate) async fn acquire(
        &self,
        key: Option<&RateKey>,
        is_resend: bool,
        deadline: Option<Instant>,
    ) -> Result<Slot, TooLate> {
        if !self.0.limited.load(Ordering::Relaxed) {
            return Ok(Slot::default());
        }
        let sent = self.0.wait(key, is_resend, deadline).await?;
        Ok(Slot { sent: Some(sent) })
    }

    /// Counts a response that is not a throttling response.
    pub(crate) fn accepted(&self, key: Option<&RateKey>, _slot: &Slot) {
        if self.0.limited.load(Ordering::Relaxed)
            && let Some(limit) = self.0.keys().get(key)
        {
            limit.accepted();
        }
    }

    /// Lowers the rate of a key after a throttling response. `hint` is the time that the service asks
    /// to wait. `backoff` returns the standard backoff before retry `n`, counted from 0, with jitter.
    pub(crate) fn throttled(
        &self,
        key: Option<&RateKey>,
        slot: &Slot,
        hint: Option<Duration>,
        backoff: &mut dyn FnMut(u32) -> Duration,
    ) {
        if !self.0.adaptive {
            return;
        }
        let now = Instant::now();
        let mut keys = self.0.keys();
        if let Some(limit) = keys.get_used(key, self.0.keep_learned, now) {
            limit.throttled(slot.sent, hint, now, backoff);
            return;
        }
        let limit = Arc::new(KeyLimit::new(now, hint, backoff));
        tracing::debug!(closed = ?limit.soonest(0, now), "throttled: rate limit added");
        keys.insert(key, limit);
        self.0.limited.store(true, Ordering::Relaxed);
    }
}

impl Shared {
    /// Waits for the learned limit first: the hand-set limit may be shared with other keys, which
    /// must not wait for a request that cannot be sent yet.
    async fn wait(
        &self,
        key: Option<&RateKey>,
        is_resend: bool,
        deadline: Option<Instant>,
    ) -> Result<Instant, TooLate> {
        let hand_set = self.hand_set(key);
        loop {
            let learned = self.learned(key, Instant::now());
            let soonest = |ahead, now| {
                let learned = learned.as_ref().map(|limit| limit.soonest(ahead, now));
                let hand_set = hand_set.map(|limit| limit.wait(ahead, now));
                learned.unwrap_or_default().max(hand_set.unwrap_or_default())
            };
            let _learned_head = match &learned {
                Some(limit) => Some(limit.queue.head(is_resend, deadline, soonest).await?),
                None => None,
            };
            loop {
                if let Some(limit) = &learned {
                    limit.queue.slot(deadline, |now| limit.wait(now)).await?;
                }
                let _hand_set_head = match hand_set {
                    Some(limit) => {
                        let head = limit.queue.head(is_resend, deadline, soonest).await?;
                        limit.queue.slot(deadline, |now| limit.wait(0, now)).await?;
                        Some(head)
                    }
                    None => None,
                };
                let now = Instant::now();
                match self.take(key, learned.as_ref(), hand_set, now) {
                    Taken::Yes => return Ok(now),
                    Taken::No => {}
                    Taken::OtherLimit => break,
                }
            }
        }
    }

    /// Takes a slot of both limits, or of neither.
    fn take(
        &self,
        key: Option<&RateKey>,
        learned: Option<&Arc<KeyLimit>>,
        hand_set: Option<&HandSet>,
        now: Instant,
    ) -> Taken {
        // Locked until the slot is taken, so that no other limit takes its place meanwhile.
        let keys = self.keys();
        if keys.get(key).map(Arc::as_ptr) != learned.map(Arc::as_ptr) {
            return Taken::OtherLimit;
        }
        let take_learned = || learned.is_none_or(|limit| limit.take(now));
        let taken = match hand_set {
            Some(limit) => limit.take_if(now, take_learned),
            None => take_learned(),
        };
        if taken { Taken::Yes } else { Taken::No }
    }

    fn hand_set(&self, key: Option<&RateKey>) -> Option<&HandSet> {
        match key.and_then(|key| self.by_key.get(key.0.as_ref())) {
            Some(own) => own.as_ref(),
            None => self.default.as_ref(),
        }
    }

    /// Returns the learned limit of a key, if there is one in use.
    fn learned(&self, key: Option<&RateKey>, now: Instant) -> Option<Arc<KeyLimit>> {
        let mut keys = self.keys();
        let limit = keys.get_used(key, self.keep_learned, now).cloned();
        if keys.is_empty() {
            self.limited.store(self.is_limited_by_hand, Ordering::Relaxed);
        }
        limit
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        // A panic leaves the map valid.
        self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The outcome of taking a slot.
enum Taken {
    Yes,
    /// A limit has changed meanwhile.
    No,
    /// The key has another learned limit than the one that was waited for.
    OtherLimit,
}
