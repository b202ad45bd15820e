//! How far a call is, known to all layers that it goes through.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering};
use std::time::Duration;

use http::{Extensions, Request, Response};
use tokio::time::Instant;
use tower::Service;

use super::attempts::{Attempts, Stop};
use super::classify::may_have_acted;
use crate::connection::ConnectionError;
use crate::{BoxError, Error, ErrorKind};

/// How far a call is. Clones share it: it is an extension of the request.
#[derive(Clone, Debug)]
pub(crate) struct Progress(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    started: Instant,
    deadline: Option<Instant>,
    attempts: AtomicU32,
    /// What pacing sent again: apart, since it does not count against the attempts allowed.
    resent: AtomicU32,
    /// 0 for none.
    last_status: AtomicU16,
    may_have_acted: AtomicBool,
    /// Whether the request waits on our side.
    held: AtomicBool,
    /// Whether the service had it and did not refuse it, which holding does not undo.
    was_out: AtomicBool,
}

impl Progress {
    /// A call that starts now and may take this long.
    pub(crate) fn new(limit: Option<Duration>) -> Self {
        let started = Instant::now();
        Self(Arc::new(Shared {
            started,
            deadline: limit.and_then(|limit| started.checked_add(limit)),
            attempts: AtomicU32::new(0),
            resent: AtomicU32::new(0),
            last_status: AtomicU16::new(0),
            may_have_acted: AtomicBool::new(false),
            held: AtomicBool::new(false),
            was_out: AtomicBool::new(false),
        }))
    }

    /// That of the call which a request with these extensions belongs to; where nobody keeps it, one
    /// that nobody looks at.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        extensions.get().cloned().unwrap_or_else(|| Self::new(None))
    }

    /// Notes that an attempt is under way.
    pub(super) fn begin_attempt(&self) {
        self.0.attempts.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that the request waits on our side: for its turn, for credentials, for a connection, or
    /// for another attempt.
    pub(crate) fn hold(&self) {
        self.0.held.store(true, Ordering::Relaxed);
    }

    /// Notes that the request goes on: from now on it may be with the service.
    pub(crate) fn release(&self) {
        self.0.held.store(false, Ordering::Relaxed);
    }

    /// Sends a request once the service is ready; that it does not get ready is a failure before
    /// anything was sent.
    pub(crate) async fn send<S, B, R>(
        &self,
        service: &mut S,
        request: Request<B>,
    ) -> Result<Response<R>, BoxError>
    where
        S: Service<Request<B>, Response = Response<R>>,
        S::Error: Into<BoxError>,
    {
        self.hold();
        let ready = poll_fn(|cx| service.poll_ready(cx)).await;
        ready.map_err(|error| not_ready(error.into()))?;
        self.exchange(service.call(request)).await
    }

    /// Lets the request go on, and minds how that ends.
    pub(crate) async fn exchange<R, E: Into<BoxError>>(
        &self,
        exchange: impl Future<Output = Result<Response<R>, E>>,
    ) -> Result<Response<R>, BoxError> {
        self.release();
        let mut passed = PassedOn { progress: self, refused: false };
        let outcome = exchange.await.map_err(Into::into);
        passed.refused = !may_have_acted(outcome.as_ref());
        outcome
    }

    /// Whether the service has nothing to act on, nor had.
    pub(crate) fn is_unsent(&self) -> bool {
        self.0.held.load(Ordering::Relaxed) && !self.was_out()
    }

    /// Whether the service had it, in this attempt or an earlier one, and did not refuse it.
    pub(super) fn was_out(&self) -> bool {
        self.0.was_out.load(Ordering::Relaxed)
    }

    /// Notes that the attempt under way was given up before anything was sent.
    pub(crate) fn not_sent(&self) {
        let one_less = |attempts: u32| attempts.checked_sub(1);
        let _ = self.0.attempts.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.0.deadline
    }

    /// Notes that a request is sent again since it was throttled with this status.
    pub(crate) fn resend(&self, status: u16) {
        self.0.resent.fetch_add(1, Ordering::Relaxed);
        self.answered(status);
    }

    /// How often the request was sent in all.
    pub(crate) fn sent(&self) -> u32 {
        self.0.attempts.load(Ordering::Relaxed) + self.0.resent.load(Ordering::Relaxed)
    }

    pub(crate) fn answered(&self, status: u16) {
        self.0.last_status.store(status, Ordering::Relaxed);
    }

    /// Notes that an attempt failed, and that the service may have acted on it.
    pub(super) fn may_have_acted(&self) {
        self.0.may_have_acted.store(true, Ordering::Relaxed);
    }

    /// Whether there is time for an attempt after this pause.
    pub(crate) fn has_time_after(&self, pause: Duration) -> bool {
        self.0.deadline.is_none_or(|deadline| Instant::now() + pause < deadline)
    }

    /// The outcome of the call, with what it does not say by itself: that it is a failure before
    /// which the service had the call already.
    pub(crate) fn tell<R>(
        &self,
        outcome: Result<Response<R>, BoxError>,
    ) -> Result<Response<R>, BoxError> {
        if !self.was_out() || may_have_acted(outcome.as_ref()) {
            return outcome;
        }
        let known = match &outcome {
            Ok(response) => response.extensions().get().copied(),
            Err(error) => error.downcast_ref().and_then(Error::attempts),
        };
        let attempts = known.unwrap_or_else(|| self.ended(Stop::Final));
        Attempts { may_have_acted: true, ..attempts }.added_to(outcome)
    }

    /// How the call went, if it ends now.
    pub(crate) fn ended(&self, stop: Stop) -> Attempts {
        let last_status = self.0.last_status.load(Ordering::Relaxed);
        Attempts {
            made: self.sent(),
            elapsed: self.0.started.elapsed(),
            last_status: (last_status > 0).then_some(last_status),
            stop,
            may_have_acted: self.0.may_have_acted.load(Ordering::Relaxed),
        }
    }
}

/// A request that goes on. The service may act on it, even if nobody waits for the outcome any more,
/// unless it is refused or still waits further inside.
struct PassedOn<'a> {
    progress: &'a Progress,
    refused: bool,
}

impl Drop for PassedOn<'_> {
    fn drop(&mut self) {
        if !self.refused && !self.progress.0.held.load(Ordering::Relaxed) {
            self.progress.0.was_out.store(true, Ordering::Relaxed);
        }
    }
}

/// An error of a service that did not get ready: unless it says more itself, one like no connection.
fn not_ready(error: BoxError) -> BoxError {
    match error.is::<Error>() || error.is::<ConnectionError>() {
        true => error,
        false => Error::new(ErrorKind::Connect, error).into(),
    }
}
