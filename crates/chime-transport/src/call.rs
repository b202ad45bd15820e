//! The state of one call, shared by its requests.
//!
//! The [retry layer](crate::retry) creates it and puts it into the extensions of every request of the
//! call. Inner layers read the options, the number of the request and the deadline from it.
//!
//! It also records whether the service may have acted, in two flags:
//!
//! - `SENT`: the current attempt may have reached the service. The retry layer sets it when it passes
//!   the request on. Layers clear it while they wait for credentials or a connection.
//! - `ACTED`: the service may have acted on an earlier request. It is set when a request ends without a
//!   definite refusal, and never cleared.
//!
//! A layer that does not report leaves `SENT` set, which is the safe assumption.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use http::{Extensions, HeaderValue};
use tokio::time::Instant;

use crate::retry::{Attempts, Stop};
use crate::{CallOptions, Random};

const SENT: u8 = 1;
const ACTED: u8 = 2;
/// A new signature may be accepted after one was refused: the clock was corrected, or other
/// credentials are available.
const RESIGN: u8 = 4;
/// The current attempt timed out.
const TIMED_OUT: u8 = 8;

/// The state of one call. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Call(Arc<Record>);

#[derive(Debug)]
struct Record {
    options: CallOptions,
    invocation_id: HeaderValue,
    started: Instant,
    deadline: Option<Instant>,
    /// The largest number of requests that the call may send.
    max_requests: u32,
    requests: AtomicU32,
    /// The HTTP status of the last response; 0 before the first.
    last_status: AtomicU16,
    flags: AtomicU8,
}

impl Call {
    /// Starts a call.
    pub(crate) fn new(
        options: CallOptions,
        timeout: Option<Duration>,
        max_requests: u32,
        random: &Random,
    ) -> Self {
        let started = Instant::now();
        let timeout = options.timeout.or(timeout);
        let end = timeout.and_then(|timeout| started.checked_add(timeout));
        let deadline = end.into_iter().chain(options.deadline.map(Instant::from_std)).min();
        Self(Arc::new(Record {
            options,
            invocation_id: random.uuid_header(),
            started,
            deadline,
            max_requests,
            requests: AtomicU32::new(0),
            last_status: AtomicU16::new(0),
            flags: AtomicU8::new(0),
        }))
    }

    /// Returns the call that a request belongs to.
    pub(crate) fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    pub(crate) fn options(&self) -> &CallOptions {
        &self.0.options
    }

    pub(crate) fn invocation_id(&self) -> &HeaderValue {
        &self.0.invocation_id
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.0.deadline
    }

    /// Returns whether the deadline is after this pause.
    pub(crate) fn has_time_after(&self, pause: Duration) -> bool {
        let end = || Instant::now().checked_add(pause);
        self.0.deadline.is_none_or(|deadline| end().is_some_and(|end| end < deadline))
    }

    /// Returns the number of requests sent, including the current one.
    pub(crate) fn requests(&self) -> u32 {
        self.0.requests.load(Relaxed)
    }

    pub(crate) fn max_requests(&self) -> u32 {
        self.0.max_requests
    }

    /// Counts an attempt. From now on, its request may reach the service.
    pub(crate) fn begin_attempt(&self) {
        self.0.requests.fetch_add(1, Relaxed);
        self.clear(RESIGN | TIMED_OUT);
        self.set(SENT);
    }

    /// Ends the attempt. `refused` means that the service certainly did not act on it.
    pub(crate) fn end_attempt(&self, refused: bool) {
        if self.has(SENT) && !refused {
            self.set(ACTED);
        }
        self.clear(SENT);
    }

    /// Notes that the service cannot act on the request: it waits in this process, or was refused.
    pub(crate) fn mark_unsent(&self) {
        self.clear(SENT);
    }

    /// Notes that the request is passed on, and may reach the service.
    pub(crate) fn mark_sent(&self) {
        self.set(SENT);
    }

    /// Notes that an exchange ended without a definite refusal.
    pub(crate) fn acted(&self) {
        self.set(ACTED);
    }

    /// Returns whether the service may have acted on any request of the call.
    pub(crate) fn may_have_acted(&self) -> bool {
        self.has(SENT | ACTED)
    }

    /// Notes that the signature was refused, and that a new one may be accepted.
    pub(crate) fn resign(&self) {
        self.set(RESIGN);
    }

    pub(crate) fn wants_resign(&self) -> bool {
        self.has(RESIGN)
    }

    /// Notes that the attempt timed out and is about to be dropped.
    pub(crate) fn time_out(&self) {
        self.set(TIMED_OUT);
    }

    pub(crate) fn is_timed_out(&self) -> bool {
        self.has(TIMED_OUT)
    }

    /// Notes the status of a response.
    pub(crate) fn responded(&self, status: u16) {
        self.0.last_status.store(status, Relaxed);
    }

    /// Describes the call as if it ended now.
    pub(crate) fn attempts(&self, stop: Stop) -> Attempts {
        let last_status = self.0.last_status.load(Relaxed);
        Attempts {
            made: self.requests(),
            elapsed: self.0.started.elapsed(),
            last_status: (last_status > 0).then_some(last_status),
            stop,
            may_have_acted: self.may_have_acted(),
        }
    }

    fn has(&self, flags: u8) -> bool {
        self.0.flags.load(Relaxed) & flags != 0
    }

    fn set(&self, flags: u8) {
        self.0.flags.fetch_or(flags, Relaxed);
    }

    fn clear(&self, flags: u8) {
        self.0.flags.fetch_and(!flags, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call() -> Call {
        Call::new(CallOptions::new(), None, 3, &Random::default())
    }

    #[test]
    fn a_request_may_reach_the_service_from_the_moment_it_is_passed_on() {
        let call = call();
        assert!(!call.may_have_acted());
        call.begin_attempt();
        assert!(call.may_have_acted());
        call.mark_unsent();
        assert!(!call.may_have_acted());
        call.mark_sent();
        call.end_attempt(true);
        assert!(!call.may_have_acted(), "refused");
    }

    #[test]
    fn a_request_that_may_have_been_acted_on_is_remembered() {
        let call = call();
        call.begin_attempt();
        call.end_attempt(false);
        call.begin_attempt();
        call.end_attempt(true);
        assert!(call.may_have_acted());
    }

    #[test]
    fn a_request_that_was_never_sent_was_not_acted_on() {
        let call = call();
        call.begin_attempt();
        call.mark_unsent();
        call.end_attempt(false);
        assert!(!call.may_have_acted());
    }
}
