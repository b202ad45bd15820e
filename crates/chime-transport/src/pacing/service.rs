//! The layer and its service.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, sleep};
use tower::{Layer, Service};

use super::lane::{Lane, TooLate};
use super::{GaveUp, Pacing, PacingKey};
use crate::retry::{Progress, Stop, throttling};
use crate::{BoxError, Error, ErrorKind};

/// The service may ask to wait this long: what standard retries grant it beyond their own pause.
const MAX_HINT: Duration = Duration::from_secs(5);

/// Paces what goes through its services. All services of one layer share what it knows.
#[derive(Clone)]
pub struct PacingLayer(Arc<Shared>);

struct Shared {
    lane: Lane,
    lanes: Vec<(String, Lane)>,
    adaptive: bool,
    resends: u32,
}

impl PacingLayer {
    /// A layer that holds `pacing`.
    #[must_use]
    pub fn new(pacing: &Pacing) -> Self {
        let lane = |limits| Lane::new(limits, pacing.keep_rate);
        let lanes = pacing.by_key.iter().map(|(key, limits)| (key.clone(), lane(limits)));
        Self(Arc::new(Shared {
            lane: lane(&pacing.limits),
            lanes: lanes.collect(),
            adaptive: pacing.adaptive,
            resends: pacing.resends(),
        }))
    }
}

impl Shared {
    fn lane<B>(&self, request: &Request<B>) -> &Lane {
        let key = request.extensions().get().map(|PacingKey(key)| *key);
        // Few, and none unless set by hand: looking through them is as quick as any map.
        let own = key.and_then(|key| self.lanes.iter().find(|(of, _)| of == key));
        own.map_or(&self.lane, |(_, lane)| lane)
    }
}

impl<S> Layer<S> for PacingLayer {
    type Service = Paced<S>;

    fn layer(&self, inner: S) -> Paced<S> {
        Paced { shared: self.0.clone(), inner }
    }
}

impl fmt::Debug for PacingLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PacingLayer")
    }
}

/// A service whose requests go at the pace of its [`PacingLayer`]. Clones share it.
#[derive(Clone)]
pub struct Paced<S> {
    shared: Arc<Shared>,
    inner: S,
}

impl<S: fmt::Debug> fmt::Debug for Paced<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Paced").field(&self.inner).finish()
    }
}

impl<S, B, R> Service<Request<B>> for Paced<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Clone + Send + 'static,
    R: Send + 'static,
{
    type Response = Response<R>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The one that is ready goes, its clone stays.
        let clone = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(send(self.shared.clone(), inner, request))
    }
}

/// Sends a request at its turn, and again while the service asks to slow down.
async fn send<S, B, R>(
    shared: Arc<Shared>,
    mut inner: S,
    mut request: Request<B>,
) -> Result<Response<R>, BoxError>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Into<BoxError>,
    B: Clone,
{
    let lane = shared.lane(&request);
    let progress = Progress::of(request.extensions());
    progress.hold();
    let (_place, mut sent) = match turn(lane, &progress).await {
        Ok(turn) => turn,
        Err(late) => {
            progress.not_sent();
            return Err(Error::new(ErrorKind::Pacing, late).into());
        }
    };
    let mut resent = 0;
    loop {
        let again = (resent < shared.resends).then(|| request.clone());
        let response = progress.send(&mut inner, request).await?;
        if !shared.adaptive {
            return Ok(response);
        }
        let Some(hint) = throttling(&response) else {
            lane.accepted();
            return Ok(response);
        };
        lane.refused(sent);
        progress.hold();
        let Some(again) = again else {
            return Ok(if resent > 0 { given_up(response, Stop::Attempts) } else { response });
        };
        let hint = hint.min(MAX_HINT);
        if !hint.is_zero() {
            if !progress.has_time_after(hint) {
                return Ok(given_up(response, Stop::Deadline));
            }
            tracing::debug!(?hint, "throttled, waiting as long as the service asks");
            sleep(hint).await;
        }
        let Ok(slot) = lane.slot(true, &progress).await else {
            return Ok(given_up(response, Stop::Deadline));
        };
        progress.resend(response.status().as_u16());
        (request, sent) = (again, slot);
        resent += 1;
    }
}

/// Waits for all that a new request has to wait for.
async fn turn<'a>(
    lane: &'a Lane,
    call: &Progress,
) -> Result<(Option<SemaphorePermit<'a>>, Option<Instant>), TooLate> {
    Ok((lane.place(call).await?, lane.slot(false, call).await?))
}

/// A throttle answer that is passed on, and why.
fn given_up<R>(mut response: Response<R>, why: Stop) -> Response<R> {
    response.extensions_mut().insert(GaveUp(why));
    response
}
