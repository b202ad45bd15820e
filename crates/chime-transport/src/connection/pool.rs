//! How connections are kept for the next request.

use std::time::Duration;

use hyper_util::client::legacy::Builder;
use hyper_util::rt::TokioTimer;

/// Which connections stay open, and how one is found out that is dead.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pool {
    /// How many connections to one host may be open without a request; 0 keeps none. 100: a bulk
    /// caller finds its connections again, and what is left of a rush does not use up the files
    /// that a process may open. HTTP/2 needs a single one.
    pub max_idle_per_host: usize,
    /// How long a connection may be open without a request; `None` as long as the service likes.
    /// 55 s: the load balancers of AWS close theirs after 60 s by default, and a request that
    /// meets a connection while it is being closed may not always be sent again.
    pub idle_timeout: Option<Duration>,
    /// After which silence an HTTP/2 connection with requests under way is asked for a sign of life;
    /// `None` never. 10 s. All requests share such a connection, and those under way on one that is
    /// dead would find out only when their attempts run out of time.
    pub http2_ping_interval: Option<Duration>,
    /// How long that sign may take before the connection is given up. 10 s: together with the
    /// interval less than the 30 s of an attempt, so that the next one has a new connection.
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
            .pool_idle_timeout(self.idle_timeout.map(addable))
            .http2_keep_alive_interval(self.http2_ping_interval.map(addable))
            .http2_keep_alive_timeout(addable(self.http2_ping_timeout));
    }
}

/// A time that hyper can add to that of a clock, which it does without a look.
fn addable(time: Duration) -> Duration {
    time.min(Duration::from_secs(100 * 365 * 24 * 60 * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_time_can_be_added_to_that_of_a_clock() {
        assert!(std::time::Instant::now().checked_add(addable(Duration::MAX)).is_some());
        assert_eq!(addable(Duration::from_secs(55)), Duration::from_secs(55));
    }
}
