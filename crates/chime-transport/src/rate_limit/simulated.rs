//! A throttling service on the clock of tokio, and its callers. For tests and the benchmark.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};
use tower::{Service, ServiceExt};

/// A service that throttles by a token bucket. Requests and responses each take half the latency.
#[derive(Clone)]
pub(crate) struct Simulated {
    latency: Duration,
    quota: Arc<Mutex<Quota>>,
}

/// The second from which a rate applies, and the rate.
pub(crate) type Phase = (u64, f64);

struct Quota {
    phases: Vec<Phase>,
    started: Instant,
    burst: f64,
    tokens: f64,
    at: Instant,
    random: fastrand::Rng,
    accepted: u32,
    refused: u32,
}

impl Simulated {
    pub(crate) fn new(phases: &[Phase], burst: u32, latency: Duration, seed: u64) -> Self {
        let quota = Quota {
            phases: phases.to_vec(),
            started: Instant::now(),
            burst: f64::from(burst),
            tokens: f64::from(burst),
            at: Instant::now(),
            random: fastrand::Rng::with_seed(seed),
            accepted: 0,
            refused: 0,
        };
        Self { latency, quota: Arc::new(Mutex::new(quota)) }
    }

    /// Returns the numbers of accepted and of refused requests.
    pub(crate) fn seen(&self) -> (u32, u32) {
        let quota = self.quota.lock().unwrap_or_else(PoisonError::into_inner);
        (quota.accepted, quota.refused)
    }

    fn ask(&self) -> u16 {
        self.quota.lock().unwrap_or_else(PoisonError::into_inner).ask()
    }

    /// Returns half the latency, with 10 % jitter.
    fn half(&self) -> Duration {
        let mut quota = self.quota.lock().unwrap_or_else(PoisonError::into_inner);
        self.latency.mul_f64(0.45 + 0.1 * quota.random.f64())
    }
}

impl Quota {
    fn ask(&mut self) -> u16 {
        let now = Instant::now();
        let tokens = self.tokens + self.filled(now) - self.filled(self.at);
        (self.tokens, self.at) = (tokens.min(self.burst), now);
        if self.tokens < 1.0 {
            self.refused += 1;
            return 429;
        }
        self.tokens -= 1.0;
        self.accepted += 1;
        200
    }

    /// Returns the number of tokens that have flowed in until a time.
    fn filled(&self, at: Instant) -> f64 {
        let now = (at - self.started).as_secs_f64();
        let ends = self.phases.iter().skip(1).map(|(from, _)| *from as f64).chain([f64::INFINITY]);
        let flow =
            |((from, rate), end): (&Phase, f64)| rate * (now.min(end) - *from as f64).max(0.0);
        self.phases.iter().zip(ends).map(flow).sum()
    }
}

impl Service<Request<Bytes>> for Simulated {
    type Response = Response<Bytes>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Bytes>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            if service.latency.is_zero() {
                yield_now().await;
            } else {
                sleep(service.half()).await;
            }
            let status = service.ask();
            if !service.latency.is_zero() {
                sleep(service.half()).await;
            }
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
            Ok(response)
        })
    }
}

/// The times of the successful calls of one client since the start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome(Vec<Duration>);

impl Outcome {
    pub(crate) fn succeeded(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }
}

/// Returns how many calls the slowest client has finished when the fastest is done, as a fraction.
pub(crate) fn fairness(outcomes: &[Outcome]) -> f64 {
    let end = outcomes.iter().filter_map(|outcome| outcome.0.last()).min();
    let done = |outcome: &Outcome| outcome.0.iter().filter(|time| Some(*time) <= end).count();
    let least = outcomes.iter().map(done).min().unwrap_or_default();
    let most = outcomes.iter().map(done).max().unwrap_or_default();
    least as f64 / most as f64
}

/// Makes `calls` calls, at most `at_a_time` at once.
pub(crate) async fn bulk<S>(service: S, calls: u32, at_a_time: u32) -> Outcome
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone + Send + 'static,
    S::Error: Send,
    S::Future: Send,
{
    let started = Instant::now();
    let begun = Arc::new(AtomicU32::new(0));
    let outcome = Arc::new(Mutex::new(Outcome::default()));
    let callers = (0..at_a_time).map(|_| {
        let (service, begun, outcome) = (service.clone(), begun.clone(), outcome.clone());
        tokio::spawn(async move {
            while begun.fetch_add(1, Ordering::Relaxed) < calls {
                let response = service.clone().oneshot(Request::new(Bytes::new())).await;
                if response.is_ok_and(|response| response.status().is_success()) {
                    let time = started.elapsed();
                    outcome.lock().unwrap_or_else(PoisonError::into_inner).0.push(time);
                }
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        let _ = caller.await;
    }
    outcome.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
