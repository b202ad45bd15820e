//! The rate limiter that the retry loop calls.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::limit::Limit;
use super::{RateKey, RateLimits};

/// The maximum number of keys with a learned rate. It bounds memory, since there is a key per caller.
pub(super) const MAX_KEYS: usize = 1024;

/// The rate limits of one stack. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct RateLimiter(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    default: Option<Limit>,
    /// `None` for keys with an unlimited rate.
    by_key: Vec<(String, Option<Limit>)>,
    learns: bool,
    keep_learned: bool,
    learned: Mutex<Learned>,
    /// Whether any limit is learned. Requests do not lock `learned` while there is none.
    has_learned: AtomicBool,
}

/// Learned limits by key. Requests without a key share one.
type Learned = HashMap<Option<RateKey>, Arc<Limit>>;

impl RateLimiter {
    pub(crate) fn new(limits: &RateLimits) -> Self {
        let by_key = limits.by_key.iter();
        Self(Arc::new(Shared {
            default: Limit::fixed(limits.default),
            by_key: by_key.map(|(key, limit)| (key.clone(), Limit::fixed(*limit))).collect(),
            learns: limits.learn,
            keep_learned: limits.keep_learned,
            learned: Mutex::default(),
            has_learned: AtomicBool::new(false),
        }))
    }

    /// Returns whether the limiter learns from throttling responses.
    pub(crate) fn learns(&self) -> bool {
        self.0.learns
    }

    /// Waits for a slot, and returns the time at which it was free. Fails as soon as it is known that no
    /// slot is free before `deadline`.
    ///
    /// Retries go ahead of new requests. The learned limit comes first: other keys may share the
    /// configured limit, and must not wait for a request that cannot be sent yet. If a request fails or
    /// is dropped at the configured limit, its slot of the learned limit stays unused. A request that
    /// waits there is sent even if its key closes meanwhile, like a request in flight.
    pub(crate) async fn acquire(
        &self,
        key: Option<&RateKey>,
        is_resend: bool,
        deadline: Option<Instant>,
    ) -> Result<Instant, String> {
        let learned = match self.has_learned() {
            true => self.used(&mut self.learned(), key, Instant::now()),
            false => None,
        };
        let configured = self.configured(key);
        if let Some(limit) = configured {
            limit.check(is_resend, deadline)?;
        }
        for limit in learned.as_deref().into_iter().chain(configured) {
            // Boxed, so that calls without a limit do not reserve memory for it.
            Box::pin(limit.acquire(is_resend, deadline)).await?;
        }
        Ok(Instant::now())
    }

    /// Counts a request that was not throttled.
    pub(crate) fn accepted(&self, key: Option<&RateKey>) {
        if self.has_learned()
            && let Some(limit) = self.learned().get(&key.cloned())
        {
            limit.accepted();
        }
    }

    /// Lowers the rate of a key after a throttling response to a request that was sent at `sent`. `hint` is
    /// the time that the service asks to wait. `backoff` returns the standard backoff before retry `n`,
    /// counted from 0, with jitter.
    pub(crate) fn throttled(
        &self,
        key: Option<&RateKey>,
        sent: Instant,
        hint: Option<Duration>,
        backoff: &mut dyn FnMut(u32) -> Duration,
    ) {
        if !self.0.learns {
            return;
        }
        let (now, hint) = (Instant::now(), hint.unwrap_or_default());
        let mut learned = self.learned();
        if let Some(limit) = self.used(&mut learned, key, now) {
            return limit.throttled(sent, hint, now, backoff);
        }
        if !self.0.keep_learned {
            learned.retain(|_, limit| !limit.is_idle(now));
        }
        if learned.len() >= MAX_KEYS {
            let oldest = learned.iter().min_by_key(|(_, limit)| limit.waited_at());
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                learned.remove(&oldest);
                tracing::debug!("rate limit dropped: too many keys are throttled");
            }
        }
        tracing::debug!("throttled: rate limit added");
        learned.insert(key.cloned(), Arc::new(Limit::learned(now, hint, backoff)));
        self.0.has_learned.store(true, Ordering::Relaxed);
    }

    /// Returns the learned limit of a key. Drops or restarts an idle limit.
    fn used(
        &self,
        learned: &mut Learned,
        key: Option<&RateKey>,
        now: Instant,
    ) -> Option<Arc<Limit>> {
        let key = key.cloned();
        let limit = learned.get(&key)?;
        if limit.is_idle(now) {
            if !self.0.keep_learned {
                tracing::debug!("rate limit dropped: no request waited for it");
                learned.remove(&key);
                self.0.has_learned.store(!learned.is_empty(), Ordering::Relaxed);
                return None;
            }
            limit.restart(now);
        }
        Some(limit.clone())
    }

    fn has_learned(&self) -> bool {
        self.0.has_learned.load(Ordering::Relaxed)
    }

    fn configured(&self, key: Option<&RateKey>) -> Option<&Limit> {
        let by_key = &self.0.by_key;
        match key.and_then(|key| by_key.iter().find(|(name, _)| key.is(name))) {
            Some((_, own)) => own.as_ref(),
            None => self.0.default.as_ref(),
        }
    }

    fn learned(&self) -> MutexGuard<'_, Learned> {
        // A panic leaves the map valid.
        self.0.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
