//! Settings of the connection pool.

use std::time::Duration;

use hyper_util::client::legacy::Builder;
use hyper_util::rt::TokioTimer;

/// Settings of the connection pool.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pool {
    /// Maximum number of idle connections per host. Default: 100, enough for bulk callers, and few enough
    /// that a burst does not use up the file descriptors of the process. 0 keeps none. HTTP/2 needs one.
    pub max_idle_per_host: usize,
    /// How long an idle connection is kept. Default: 55 s, since AWS load balancers close idle connections
    /// after 60 s by default, and a request on a closing connection cannot always be retried. `None` keeps
    /// it until the service closes it.
    pub idle_timeout: Option<Duration>,
    /// How long an HTTP/2 connection with requests in flight may be silent before it is pinged.
    /// Default: 10 s. `None` sends no pings: requests on a dead connection, which all of them share,
    /// then wait for their attempt timeout. Not used without the feature `http2`.
    pub http2_ping_interval: Option<Duration>,
    /// How long the response to such a ping may take before the connection is closed. Default: 10 s,
    /// so that a dead connection is closed within the attempt timeout of 30 s. Not used without the
    /// feature `http2`.
    pub http2_ping_timeout: Duration,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            max_idle_per_host: 100,
            idle_timeout: Some(Duration::from_secs(55)),
            http2_ping_interval: Some(Duration::from_secs(10)),
            http2_ping_timeout: Duration::from_secs(10),
        }
    }
}

impl Pool {
    pub(super) fn apply(&self, builder: &mut Builder) {
        builder
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(self.max_idle_per_host)
            .pool_idle_timeout(self.idle_timeout.map(addable));
        #[cfg(feature = "http2")]
        builder
            // Until the server says how many requests it accepts at once. Hyper would send 100, and the
            // server would refuse those above its limit.
            .http2_initial_max_send_streams(1)
            .http2_keep_alive_interval(self.http2_ping_interval.map(addable))
            .http2_keep_alive_timeout(addable(self.http2_ping_timeout));
    }
}

/// Caps a duration at 100 years: hyper adds it to an `Instant`, which panics on overflow.
fn addable(time: Duration) -> Duration {
    time.min(Duration::from_secs(100 * 365 * 24 * 60 * 60))
}
