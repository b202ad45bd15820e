//! Sends at the pace that the service allows: one set by hand, and one learned from its refusals.
//!
//! Position in the stack: inside the retries, since every attempt uses the quota; outside everything
//! that belongs to one attempt, so that what is sent again is signed and dated afresh, and waiting
//! is not taken for a slow answer.
//!
//! Nothing is held back until the service throttles. Then requests wait, in the order in which they
//! came, for slots in a send rate, and a throttled one is sent again in a slot of its own, ahead of
//! newcomers: throttling costs time and loses nothing. A call therefore waits as long as its deadline
//! allows. One that could not go before fails as soon as that is known, unsent: it may be tried
//! elsewhere, or later.
//!
//! The rate is a reading of the quota, not a guess at it: what the service let through between two
//! refusals, over that time. It swings around the quota, from 0.8 of it to as far above, where the
//! next refusal is due: one in 40 requests or fewer. It follows a quota that grows or falls, and
//! clients that share one come to equal shares. A rate that nothing has had to wait for in two seconds
//! is dropped; what was read is kept for the next refusal or, if the rate is to be kept, for the next
//! request.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
//! use chime_transport::pacing::{Pacing, PacingLayer};
//! use tower::{Layer, Service, ServiceExt};
//!
//! let mut pacing = Pacing::default();
//! pacing.limits.rate = Some(10.0);
//! pacing.limits.burst = 5;
//!
//! // Any service of HTTP messages.
//! let service = tower::service_fn(|_: http::Request<()>| async {
//!     Ok::<_, std::convert::Infallible>(http::Response::new(()))
//! });
//! let mut service = PacingLayer::new(&pacing).layer(service);
//! let started = tokio::time::Instant::now();
//! for _ in 0..15 {
//!     let request = http::Request::new(());
//!     service.ready().await.unwrap().call(request).await.unwrap();
//! }
//! // Five at once, ten at ten per second.
//! assert_eq!(started.elapsed().as_millis(), 1000);
//! # });
//! ```

mod bucket;
mod lane;
mod learned;
mod queue;
mod service;

use std::collections::BTreeMap;

use crate::retry::Stop;

pub use service::{Paced, PacingLayer};

/// How fast requests may go.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Pacing {
    /// What holds from the first request on. No limit by default: few quotas of AWS are published.
    pub limits: Limits,
    /// Limits of their own for requests with these [`PacingKey`]s, in place of `limits`.
    pub by_key: BTreeMap<String, Limits>,
    /// Learn the rate from throttle answers, and send throttled requests again. On: it costs
    /// nothing before the first one.
    pub adaptive: bool,
    /// Keep the learned rate for good. Off: a rate that nothing had to wait for is forgotten after
    /// some seconds, and the next rush learns it anew by a few refusals. On in adaptive mode.
    pub keep_rate: bool,
    /// How often a throttled request is sent again before its answer is passed on. 32: while the
    /// quota is learned a request may be unlucky a few times; later hardly ever twice.
    pub resends: u32,
}

impl Default for Pacing {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            by_key: BTreeMap::new(),
            adaptive: true,
            keep_rate: false,
            resends: 32,
        }
    }
}

/// Why a throttled request was not sent again once more: an extension of its response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GaveUp(pub(crate) Stop);

impl Pacing {
    /// How often a throttled request is sent again, if at all.
    fn resends(&self) -> u32 {
        if self.adaptive { self.resends } else { 0 }
    }
}

/// Limits that hold from the first request on.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Requests per second. No limit by default.
    pub rate: Option<f64>,
    /// How many requests may go at once after a pause: never more than `burst + rate × t` go in any
    /// time `t`. 10: with fewer, the millisecond by which timers are late would slow down rates
    /// of some hundred per second.
    pub burst: u32,
    /// How many requests may be under way at once. No limit by default.
    pub concurrency: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rate: None, burst: 10, concurrency: None }
    }
}

/// Which limit of [`Pacing::by_key`] a request has to keep: the name of its operation, say. An
/// extension of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacingKey(pub &'static str);

#[cfg(test)]
mod simulated;
#[cfg(test)]
mod tests;
