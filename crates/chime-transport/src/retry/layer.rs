//! The layer, its service, and the retry loop.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderMap, Request, Response};
use tokio::time::{Instant, sleep, timeout_at};
use tower::{Layer, Service};
use tracing::Instrument as _;

use super::classify::retry_after;
use super::policy::Progress;
use super::{Failure, RetryPolicy, Stop, is_refusal, stage};
use crate::call::Call;
use crate::rate_limit::{RateLimiter, RateLimits};
use crate::{BoxError, CallOptions, Clock, Config, Error, ErrorKind, Random, span};

/// Room for the headers that inner layers add to a request, so that the map does not grow.
const ADDED_HEADERS: usize = 8;

/// Retries requests: see the [module](crate::retry). All services of one layer share its rate limits and
/// retry budget.
///
/// Works over any service of HTTP messages, with any body type. The body of the request is cloned for
/// each attempt.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// use chime_transport::retry::{Attempts, Backoff, RetryLayer, RetryPolicy};
/// use tower::{ServiceBuilder, ServiceExt};
///
/// let mut policy = RetryPolicy::default();
/// policy.max_attempts = 2;
/// let service = ServiceBuilder::new().layer(RetryLayer::new(policy)).service_fn(
///     |_: http::Request<()>| async { http::Response::builder().status(503).body("try later") },
/// );
/// let response = service.oneshot(http::Request::new(())).await.unwrap();
/// assert_eq!(response.extensions().get::<Attempts>().unwrap().made, 2);
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct RetryLayer(Settings);

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) policy: RetryPolicy,
    pub(super) limiter: RateLimiter,
    pub(super) clock: Clock,
    pub(super) random: Random,
    call_timeout: Option<Duration>,
    attempt_timeout: Option<Duration>,
}

impl RetryLayer {
    /// Creates a layer with a policy, without timeouts, and with the default rate limits: unlimited
    /// until the service throttles.
    #[must_use]
    pub fn new(policy: RetryPolicy) -> Self {
        Self(Settings {
            policy,
            limiter: RateLimiter::new(&RateLimits::default()),
            call_timeout: None,
            attempt_timeout: None,
            clock: Clock::default(),
            random: Random::default(),
        })
    }

    /// Creates a layer with the policy, rate limits, timeouts, clock and randomness of `config`.
    #[must_use]
    pub fn from_config(config: &Config) -> Self {
        let layer = Self::new(RetryPolicy::from_config(config))
            .call_timeout(config.operation_timeout)
            .attempt_timeout(config.attempt_timeout)
            .rate_limits(&config.effective_rate_limits());
        Self(Settings { clock: config.clock.clone(), random: config.random.clone(), ..layer.0 })
    }

    /// Sets the timeout of a call, including all attempts and pauses. Default: `None`, no limit.
    #[must_use]
    pub fn call_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.0.call_timeout = timeout;
        self
    }

    /// Sets the timeout of an attempt, up to the response of the inner service. Default: `None`, no
    /// limit.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.0.attempt_timeout = timeout;
        self
    }

    /// Sets the rate limits.
    #[must_use]
    pub fn rate_limits(mut self, limits: &RateLimits) -> Self {
        self.0.limiter = RateLimiter::new(limits);
        self
    }
}

impl<S> Layer<S> for RetryLayer {
    type Service = Retry<S>;

    fn layer(&self, inner: S) -> Retry<S> {
        Retry { inner, settings: Arc::new(self.0.clone()) }
    }
}

/// The service of a [`RetryLayer`].
///
/// It is always ready. Waiting for the inner service is part of each attempt.
#[derive(Clone, Debug)]
pub struct Retry<S> {
    inner: S,
    settings: Arc<Settings>,
}

/// The future of a [`Retry`].
pub type RetryFuture<R> = Pin<Box<dyn Future<Output = Result<Response<R>, Error>> + Send>>;

impl<S> Retry<S> {
    pub(crate) fn send<B, R>(&self, mut request: Request<B>) -> RetryFuture<R>
    where
        S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>, Future: Send>,
        S: Clone + Send + 'static,
        B: Clone + Send + Sync + 'static,
        R: Send + 'static,
    {
        let call = self.settings.begin(&mut request);
        let (settings, mut inner) = (self.settings.clone(), self.inner.clone());
        // A block, since an `async` function keeps a second copy of its arguments.
        Box::pin(async move {
            let (result, stop) = settings.send_until_final(&mut inner, &request, &call).await;
            conclude(result, stop, &call)
        })
    }
}

impl<S, B, R> Service<Request<B>> for Retry<S>
where
    S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>, Future: Send>,
    S: Clone + Send + 'static,
    B: Clone + Send + Sync + 'static,
    R: Send + 'static,
{
    type Response = Response<R>;
    type Error = Error;
    type Future = RetryFuture<R>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.send(request)
    }
}

/// Attaches the [`Attempts`](super::Attempts).
fn conclude<R>(
    result: Result<Response<R>, BoxError>,
    stop: Stop,
    call: &Call,
) -> Result<Response<R>, Error> {
    match result {
        Ok(response) if response.status().is_success() && call.requests() == 1 => Ok(response),
        Ok(mut response) => {
            response.extensions_mut().insert(call.attempts(stop));
            Ok(response)
        }
        Err(error) => Err(Error::from_boxed(error).with_attempts(call.attempts(stop))),
    }
}

impl Settings {
    /// Starts a call with the options in the extensions of its request.
    fn begin<B>(&self, request: &mut Request<B>) -> Arc<Call> {
        let extensions = request.extensions_mut();
        let own = extensions.remove::<CallOptions>();
        let outer = || Call::of(extensions).map(|call| call.options.clone());
        let options = own.or_else(outer).unwrap_or_default();
        let max_requests = self.policy.request_limit(self.limiter.learns());
        Call::start(options, self.call_timeout, max_requests, &self.random)
    }

    /// Sends a request until the outcome is final.
    async fn send_until_final<S, B, R>(
        &self,
        inner: &mut S,
        request: &Request<B>,
        call: &Arc<Call>,
    ) -> (Result<Response<R>, BoxError>, Stop)
    where
        S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>> + Clone,
        B: Clone,
    {
        let mut progress = Progress::new(self, call, request.method());
        // Boxed, so that calls without a retry do not reserve memory for it.
        let mut last = None::<Box<Result<_, _>>>;
        let mut was_refused = false;
        let mut pause = Duration::ZERO;
        loop {
            let slot = match self.wait(call, pause, last.is_some()).await {
                Ok(slot) => slot,
                Err(unsent) => {
                    let result = last.map_or_else(|| Err(unsent.into()), |last| *last);
                    return (result, Stop::Deadline);
                }
            };
            call.begin_attempt();
            let result = self.attempt(inner, request, call, slot).await;
            if let Ok(response) = &result {
                call.responded(response.status().as_u16());
            }
            let failure = self.policy.classifier.classify(&result);
            call.end_attempt(is_refusal(&result, failure));
            self.report(call, slot, &result, failure);
            if was_refused
                && let Err(error) = &result
                && stage(error) == ErrorKind::Request
                && let Some(last) = last
            {
                // New credentials could not be loaded. The refusal of the old ones says more.
                return (*last, Stop::Final);
            }
            pause = match progress.next(&result, failure) {
                Ok(pause) => pause,
                Err(stop) => return (result, stop),
            };
            // Without a failure, only a refused signature is sent again.
            was_refused = failure.is_none();
            last = Some(Box::new(result));
            // A service whose `poll_ready` failed must not be used again. A clone may be.
            *inner = inner.clone();
        }
    }

    /// Waits for the end of a pause, and then for a slot. Fails if the slot comes after the deadline.
    async fn wait(&self, call: &Call, pause: Duration, is_resend: bool) -> Result<Instant, Error> {
        if !pause.is_zero() {
            sleep(pause).await;
        }
        // A deadline that several calls share may have passed before this call began.
        if !call.has_time_after(Duration::ZERO) {
            return Err(deadline_reached());
        }
        let key = call.options.rate_key.as_ref();
        let slot = self.limiter.acquire(key, is_resend, call.deadline).await;
        slot.map_err(|late| Error::new(ErrorKind::RateLimited, late))
    }

    /// Reports the outcome of an attempt to the rate limiter.
    fn report<R>(
        &self,
        call: &Call,
        sent: Instant,
        result: &Result<Response<R>, BoxError>,
        failure: Option<Failure>,
    ) {
        let key = call.options.rate_key.as_ref();
        match (result, failure) {
            (_, Some(Failure::Throttling)) => {
                let response = result.as_ref().ok();
                let hint = response.and_then(|it| retry_after(it.headers(), &self.clock));
                let backoff = &self.policy.backoff;
                let longest = hint.map(|hint| hint.min(backoff.max_extra));
                self.limiter.throttled(key, sent, longest, &mut |closings| {
                    backoff.pause(&self.random, Failure::Throttling, closings, hint)
                });
            }
            (Ok(_), None) => self.limiter.accepted(key),
            _ => {}
        }
    }

    /// Sends a copy of the request, with the timeouts of the attempt and the call.
    async fn attempt<S, B, R>(
        &self,
        inner: &mut S,
        request: &Request<B>,
        call: &Arc<Call>,
        start: Instant,
    ) -> Result<Response<R>, BoxError>
    where
        S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>>,
        B: Clone,
    {
        let timeout = call.options.attempt_timeout.or(self.attempt_timeout);
        let end = timeout.and_then(|timeout| start.checked_add(timeout));
        let end = end.into_iter().chain(call.deadline).min();
        let exchange = async {
            call.mark_sent(false);
            poll_fn(|cx| inner.poll_ready(cx)).await.map_err(|error| not_ready(error.into()))?;
            call.mark_sent(true);
            inner.call(copy(request, call)).await.map_err(Into::into)
        };
        let mut exchange = pin!(exchange.instrument(span::attempt(request, call)));
        // A response that is ready at the deadline counts.
        let result = match end {
            Some(end) => timeout_at(end, exchange.as_mut()).await,
            None => Ok(exchange.as_mut().await),
        };
        let result = result.unwrap_or_else(|_| {
            call.time_out();
            Err(timed_out(call, timeout).into())
        });
        span::record_outcome(exchange.span(), &result);
        result
    }
}

/// Copies a request for an attempt of `call`, with room for the headers that inner layers add.
fn copy<B: Clone>(request: &Request<B>, call: &Arc<Call>) -> Request<B> {
    let mut copy = Request::new(request.body().clone());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    *copy.extensions_mut() = request.extensions().clone();
    copy.extensions_mut().insert(call.clone());
    let headers = request.headers();
    let room = HeaderMap::try_with_capacity(headers.len() + ADDED_HEADERS);
    *copy.headers_mut() = match room {
        Ok(mut room) => {
            for (name, value) in headers {
                let _ = room.try_append(name, value.clone());
            }
            room
        }
        // The map cannot hold more headers. Signing reports the error.
        Err(_) => headers.clone(),
    };
    copy
}

fn timed_out(call: &Call, timeout: Option<Duration>) -> Error {
    let error = if call.has_time_after(Duration::ZERO) {
        let limit = timeout.unwrap_or_default();
        Error::new(ErrorKind::AttemptTimeout, format!("no response within {limit:?}"))
    } else {
        deadline_reached()
    };
    let endpoint = call.options.endpoint.as_ref();
    error.with_host(endpoint.map(|endpoint| endpoint.authority().clone()))
}

fn deadline_reached() -> Error {
    Error::new(ErrorKind::OperationTimeout, "the deadline of the call was reached")
}

/// Converts the error of a service that failed to get ready. Unless it says otherwise, nothing was sent.
pub(crate) fn not_ready(error: BoxError) -> BoxError {
    match error.is::<Error>() {
        true => error,
        false => Error::new(ErrorKind::Connect, error).into(),
    }
}
