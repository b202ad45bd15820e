//! The learned rate limits of all keys.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::time::Instant;

use super::RateKey;
use super::key_limit::{KeyLimit, idle_after};

/// The largest number of keys with a learned rate. It bounds memory where keys hold bearers.
pub(super) const MAX_KEYS: usize = 1024;

/// Learned limits by key, and that of the requests without a key.
#[derive(Debug)]
pub(super) struct Keys {
    by_key: HashMap<RateKey, Arc<KeyLimit>>,
    no_key: Option<Arc<KeyLimit>>,
    swept_at: Instant,
}

impl Keys {
    pub(super) fn new(now: Instant) -> Self {
        Self { by_key: HashMap::new(), no_key: None, swept_at: now }
    }

    pub(super) fn get(&self, key: Option<&RateKey>) -> Option<&Arc<KeyLimit>> {
        match key {
            Some(key) => self.by_key.get(key),
            None => self.no_key.as_ref(),
        }
    }

    /// Adds the limit of a key. Above [`MAX_KEYS`], drops the limit that no request has waited for
    /// for the longest time.
    pub(super) fn insert(&mut self, key: Option<&RateKey>, limit: Arc<KeyLimit>) {
        let Some(key) = key else {
            self.no_key = Some(limit);
            return;
        };
        if self.by_key.len() >= MAX_KEYS && !self.by_key.contains_key(key) {
            let oldest = self.by_key.iter().min_by_key(|(_, limit)| limit.waited_at());
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                self.by_key.remove(&oldest);
                tracing::debug!("rate limit dropped: too many keys are throttled");
            }
        }
        self.by_key.insert(key.clone(), limit);
    }

    /// Returns the limit of a key, unless it is idle: then it is dropped, or starts over if `keep`.
    pub(super) fn get_used(
        &mut self,
        key: Option<&RateKey>,
        keep: bool,
        now: Instant,
    ) -> Option<&Arc<KeyLimit>> {
        if keep {
            let limit = self.get(key)?;
            limit.restart_if_idle(now);
        } else {
            self.sweep(now);
            if !self.get(key).is_none_or(|limit| is_used(limit, now)) {
                match key {
                    Some(key) => self.by_key.remove(key),
                    None => self.no_key.take(),
                };
            }
        }
        self.get(key)
    }

    /// Drops all idle limits, at most once in the time after which a limit is idle.
    fn sweep(&mut self, now: Instant) {
        if now.saturating_duration_since(self.swept_at) > idle_after() {
            self.swept_at = now;
            self.by_key.retain(|_, limit| is_used(limit, now));
            self.no_key.take_if(|limit| !is_used(limit, now));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_key.is_empty() && self.no_key.is_none()
    }
}

/// Returns whether a limit has to stay. Requests hold a reference while they wait.
fn is_used(limit: &Arc<KeyLimit>, now: Instant) -> bool {
    let used = Arc::strong_count(limit) > 1 || !limit.is_idle(now);
    if !used {
        tracing::debug!(rate = limit.rate(now), "rate limit dropped: no request waited for it");
    }
    used
}
