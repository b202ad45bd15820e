//! Client-side rate limits: configured rates, and rates learned from throttling responses.
//!
//! A request passes two limits, the learned one first:
//!
//! | limit | shared by | exists |
//! | --- | --- | --- |
//! | configured | requests with the same entry in [`RateLimits::by_key`], or all others | always |
//! | learned | requests with the same [`RateKey`], or all without one | after throttling |
//!
//! Unless a rate is configured, no request waits before the first throttling response. Rates are
//! learned for at most 1,024 keys at a time; the comments of `rate_limit/learned.rs` describe how. A
//! learned rate is dropped when no request has waited for it for two seconds, unless
//! [`RateLimits::keep_learned`] is set.
//!
//! Requests wait in order of arrival, retries ahead of new requests. A request that cannot get a slot
//! before its deadline fails at once.

mod bucket;
mod learned;
mod limit;
mod limiter;

use std::borrow::Cow;
use std::collections::BTreeMap;

pub(crate) use limiter::RateLimiter;

/// Settings of the client-side rate limits.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RateLimits {
    /// The rate limit of requests whose [`RateKey`] has no entry in `by_key`. They share it.
    /// Default: unlimited.
    pub default: RateLimit,
    /// Rate limits by operation, such as `Chime.GetRoom` (see [`RateKey::of_service`]). They replace
    /// `default`. Default: empty.
    pub by_key: BTreeMap<String, RateLimit>,
    /// Whether to learn a rate for each key from its throttling responses. Default: true.
    pub learn: bool,
    /// Whether to keep learned rates for the lifetime of the client. Default: false; a rate is dropped
    /// when no request has waited for it for two seconds. The retry mode `adaptive` keeps them.
    pub keep_learned: bool,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            default: RateLimit::default(),
            by_key: BTreeMap::new(),
            learn: true,
            keep_learned: false,
        }
    }
}

/// A configured rate limit: at most `burst + rate × t` requests in any time `t`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Requests per second. Default: unlimited.
    pub rate: Option<f64>,
    /// The number of requests that may be sent at once after a pause, at least 1. Default: 10. Since
    /// timers are up to a millisecond late, a small burst slows down rates of some hundred per second.
    pub burst: u32,
}

impl RateLimit {
    /// Returns a limit of `rate` requests per second with the default burst.
    #[must_use]
    pub fn per_second(rate: f64) -> Self {
        Self { rate: Some(rate), ..Self::default() }
    }

    /// Sets the number of requests that may be sent at once.
    #[must_use]
    pub fn with_burst(self, burst: u32) -> Self {
        Self { burst, ..self }
    }
}

impl Default for RateLimit {
    fn default() -> Self {
        Self { rate: None, burst: 10 }
    }
}

/// The rate-limit key of a request: the operation, and the caller if the service throttles each
/// caller separately. Configured rates apply by operation, learned rates by both.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RateKey {
    /// The part before the dot in the full name of the operation, or empty.
    service: Cow<'static, str>,
    operation: Cow<'static, str>,
    caller: Option<Box<str>>,
}

impl RateKey {
    /// Returns the key of an operation of a service, such as `Chime.GetRoom`.
    #[must_use]
    pub fn of_service(service: &'static str, operation: &'static str) -> Self {
        Self { service: service.into(), operation: operation.into(), caller: None }
    }

    /// Returns whether this is the full name of the operation.
    pub(crate) fn is(&self, name: &str) -> bool {
        let own = match &*self.service {
            "" => Some(name),
            service => name.strip_prefix(service).and_then(|name| name.strip_prefix('.')),
        };
        own == Some(&*self.operation)
    }

    /// Returns the key of one caller of the operation.
    #[must_use]
    pub fn with_caller(self, caller: &str) -> Self {
        Self { caller: Some(caller.into()), ..self }
    }
}

// Does not show the key, since the caller may be a person.
debug_by_name!(RateKey);

impl From<&'static str> for RateKey {
    /// Takes the full name of an operation, or any other text.
    fn from(name: &'static str) -> Self {
        let (service, operation) = name.split_once('.').unwrap_or(("", name));
        Self::of_service(service, operation)
    }
}

impl From<String> for RateKey {
    /// Takes the full name of an operation, or any other text.
    fn from(name: String) -> Self {
        let (service, operation) = name.split_once('.').unwrap_or(("", &name));
        let [service, operation] = [service, operation].map(|text| text.to_owned().into());
        Self { service, operation, caller: None }
    }
}

#[cfg(test)]
mod simulated;
#[cfg(test)]
mod tests;
