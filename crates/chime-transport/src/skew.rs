//! Learns from every response how far the clock is off, so that the next signature has a date that
//! the service takes.
//!
//! Position in the stack: around the connection alone, to see when a request left and when its
//! response came. Signing, outside of it, may have to wait for credentials.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use http::header::{AGE, DATE, HeaderMap};
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::Clock;

/// A response that took longer says too little of the moment when it was dated.
const MAX_ROUND_TRIP: Duration = Duration::from_secs(15 * 60);

/// A machine without a clock of its own may begin in 1970; a date that is further off is none.
const MAX_SKEW: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Corrects a clock by the dates of the responses.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use std::time::{Duration, UNIX_EPOCH};
/// use chime_transport::{Clock, skew};
/// use tower::{ServiceBuilder, ServiceExt};
///
/// let clock = Clock::new(|| UNIX_EPOCH + Duration::from_secs(1_000_000_000));
/// let service = ServiceBuilder::new().layer(skew::layer(clock.clone())).service_fn(
///     |_: http::Request<()>| async move {
///         let response = http::Response::builder().header("date", "Sun, 09 Sep 2001 02:06:40 GMT");
///         Ok::<_, std::io::Error>(response.body(()).unwrap())
///     },
/// );
/// service.oneshot(http::Request::new(())).await.unwrap();
/// assert_eq!(clock.skew_millis(), 20 * 60 * 1000);
/// # });
/// ```
#[must_use]
pub fn layer(clock: Clock) -> SkewLayer {
    SkewLayer { clock, enabled: true }
}

/// Layers [`Skew`]: see [`layer()`].
#[derive(Clone, Debug)]
pub struct SkewLayer {
    clock: Clock,
    enabled: bool,
}

impl SkewLayer {
    /// The same layer, which does nothing unless `enabled`.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }
}

impl<S> Layer<S> for SkewLayer {
    type Service = Skew<S>;

    fn layer(&self, inner: S) -> Skew<S> {
        Skew { inner, settings: self.clone() }
    }
}

/// The service of a [`SkewLayer`].
#[derive(Clone, Debug)]
pub struct Skew<S> {
    inner: S,
    settings: SkewLayer,
}

impl<S, B, R> Service<Request<B>> for Skew<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let SkewLayer { clock, enabled } = &self.settings;
        let watch = enabled.then(|| (clock.clone(), clock.uncorrected()));
        ResponseFuture { inner: self.inner.call(request), watch }
    }
}

pin_project! {
    /// The future of a [`Skew`].
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        // The clock to correct, and when the request left.
        watch: Option<(Clock, SystemTime)>,
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.inner.poll(cx));
        if let (Ok(response), Some((clock, sent))) = (&result, this.watch)
            && let Some(millis) = skew_millis(response.headers(), *sent, clock.uncorrected())
        {
            clock.correct(millis);
        }
        Poll::Ready(result)
    }
}

/// How far the service's clock is ahead of ours, as far as its response tells.
fn skew_millis(headers: &HeaderMap, sent: SystemTime, received: SystemTime) -> Option<i64> {
    // What comes from a cache was dated long ago.
    if headers.contains_key(AGE) {
        return None;
    }
    let date = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    let round_trip = received.duration_since(sent).ok().filter(|time| *time <= MAX_ROUND_TRIP)?;
    let midpoint = sent + round_trip / 2;
    let (apart, sign) = match date.duration_since(midpoint) {
        Ok(ahead) => (ahead, 1),
        Err(behind) => (behind.duration(), -1),
    };
    let millis = i64::try_from(apart.as_millis()).ok()?;
    (apart <= MAX_SKEW).then_some(sign * millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    fn skew(headers: &[(&'static str, &'static str)], sent: u64, received: u64) -> Option<i64> {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        skew_millis(&headers, at(sent), at(received))
    }

    const DATE: (&str, &str) = ("date", "Sun, 09 Sep 2001 01:46:40 GMT");
    const DATED: u64 = 1_000_000_000;

    #[test]
    fn it_is_measured_from_the_middle_of_the_round_trip() {
        assert_eq!(skew(&[DATE], DATED - 1, DATED + 1), Some(0));
        assert_eq!(skew(&[DATE], DATED, DATED + 4), Some(-2000));
        assert_eq!(skew(&[DATE], DATED - 1200, DATED - 1200), Some(1_200_000));
    }

    #[test]
    fn responses_that_say_nothing_of_it() {
        assert_eq!(skew(&[], DATED, DATED), None);
        assert_eq!(skew(&[("date", "yesterday")], DATED, DATED), None);
        assert_eq!(skew(&[DATE, ("age", "1")], DATED, DATED), None);
        assert_eq!(skew(&[DATE], DATED, DATED + 901), None);
        assert_eq!(skew(&[DATE], DATED, DATED - 1), None, "the clock was set in between");
        let far = ("date", "Fri, 31 Dec 9999 23:59:59 GMT");
        assert_eq!(skew(&[far], DATED, DATED), None);
    }
}
