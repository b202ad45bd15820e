//! The record of one call, which its requests share.
//!
//! The [retries](crate::retry) create it and put it into the extensions of every request of the
//! call. Layers below read the call's options, number and deadline from it.
//!
//! It also answers the question that matters most after a failure: may the service have acted? Two
//! flags hold the answer. `OUT` says that the attempt under way may have reached the service: the
//! retries set it when they pass a request on, and whatever keeps the request on our side (waiting
//! for credentials or for a connection) clears it meanwhile. `ACTED` says that an earlier request
//! may have been acted on: it is set when a request ends without a definite refusal, and never
//! cleared. A layer that says nothing leaves `OUT` set, which is the cautious answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use http::{Extensions, HeaderValue};
use tokio::time::Instant;

use crate::retry::{Attempts, Stop};
use crate::{CallOptions, Random};

const OUT: u8 = 1;
const ACTED: u8 = 2;
/// A new signature may be accepted where the last one was not: the clock was corrected, or other
/// credentials are available.
const RESIGN: u8 = 4;
/// The attempt under way took too long.
const TIMED_OUT: u8 = 8;

/// The record of one call. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Call(Arc<Record>);

#[derive(Debug)]
struct Record {
    options: CallOptions,
    invocation_id: HeaderValue,
    started: Instant,
    deadline: Option<Instant>,
    /// The most requests that the call may send.
    max_requests: u32,
    requests: AtomicU32,
    /// 0 before the first response.
    last_status: AtomicU16,
    flags: AtomicU8,
}

impl Call {
    /// A call that starts now.
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

    /// The call that a request belongs to.
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

    /// Whether the deadline lies after this pause.
    pub(crate) fn has_time_after(&self, pause: Duration) -> bool {
        let end = || Instant::now().checked_add(pause);
        self.0.deadline.is_none_or(|deadline| end().is_some_and(|end| end < deadline))
    }

    /// How many requests were sent, the one under way included.
    pub(crate) fn requests(&self) -> u32 {
        self.0.requests.load(Relaxed)
    }

    pub(crate) fn max_requests(&self) -> u32 {
        self.0.max_requests
    }

    /// Begins an attempt: counts it, and from now on it may reach the service.
    pub(crate) fn begin_attempt(&self) {
        self.0.requests.fetch_add(1, Relaxed);
        self.clear(RESIGN | TIMED_OUT);
        self.set(OUT);
    }

    /// Ends the attempt. `refused`: whether it is certain that the service did not act on it.
    pub(crate) fn end_attempt(&self, refused: bool) {
        if self.has(OUT) && !refused {
            self.set(ACTED);
        }
        self.clear(OUT);
    }

    /// The request waits on our side.
    pub(crate) fn hold(&self) {
        self.clear(OUT);
    }

    /// The request goes on, and may reach the service.
    pub(crate) fn release(&self) {
        self.set(OUT);
    }

    /// An exchange ended without a definite refusal.
    pub(crate) fn acted(&self) {
        self.set(ACTED);
    }

    /// Whether the service may have acted on any request of the call.
    pub(crate) fn may_have_acted(&self) -> bool {
        self.has(OUT | ACTED)
    }

    /// The signature was refused, and another one may be accepted.
    pub(crate) fn resign(&self) {
        self.set(RESIGN);
    }

    pub(crate) fn wants_resign(&self) -> bool {
        self.has(RESIGN)
    }

    /// The attempt took too long and is about to be dropped.
    pub(crate) fn time_out(&self) {
        self.set(TIMED_OUT);
    }

    pub(crate) fn is_timed_out(&self) -> bool {
        self.has(TIMED_OUT)
    }

    /// A response with this status arrived.
    pub(crate) fn answered(&self, status: u16) {
        self.0.last_status.store(status, Relaxed);
    }

    /// How the call went, if it ends now.
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
        call.hold();
        assert!(!call.may_have_acted());
        call.release();
        call.end_attempt(true);
        assert!(!call.may_have_acted(), "refused");
    }

    #[test]
    fn what_may_have_been_acted_on_is_not_forgotten() {
        let call = call();
        call.begin_attempt();
        call.end_attempt(false);
        call.begin_attempt();
        call.end_attempt(true);
        assert!(call.may_have_acted());
    }

    #[test]
    fn a_request_that_was_held_to_the_end_was_not_acted_on() {
        let call = call();
        call.begin_attempt();
        call.hold();
        call.end_attempt(false);
        assert!(!call.may_have_acted());
    }
}
