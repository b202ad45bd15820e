//! The state of one call, shared by its requests.
//!
//! The [retry layer](crate::retry) creates it and puts it into the extensions of every request of the
//! call. Inner layers read the options, the number of the request and the deadline from it.
//!
//! It also records whether the service may have acted, in three flags:
//!
//! - `sent`: the current attempt may have reached the service. The retry layer sets it when it passes
//!   the request on. Layers clear it while they wait for credentials, for the inner service or
//!   for a connection.
//! - `undecided`: an exchange of the current attempt got a response that is a refusal only if its error
//!   code says so. The retry layer reads the code, unless another layer sends the request again.
//! - `acted`: the service may have acted on an earlier request. It is set when a request ends without a
//!   definite refusal, and never cleared.
//!
//! A layer that does not report leaves `sent` set, which is the safe assumption.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use http::{Extensions, HeaderValue};
use tokio::time::Instant;

use crate::retry::{Attempts, Stop};
use crate::{CallOptions, Random};

/// The state of one call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) options: CallOptions,
    pub(crate) invocation_id: HeaderValue,
    pub(crate) deadline: Option<Instant>,
    /// The largest number of requests that the call may send.
    pub(crate) max_requests: u32,
    started: Instant,
    requests: AtomicU32,
    /// The HTTP status of the last response; 0 before the first.
    last_status: AtomicU16,
    sent: AtomicBool,
    undecided: AtomicBool,
    acted: AtomicBool,
    /// Whether a new signature may be accepted after one was refused: the clock was corrected, or other
    /// credentials are available.
    sign_again: AtomicBool,
    /// Whether the current attempt timed out.
    timed_out: AtomicBool,
}

impl Call {
    /// Starts a call.
    pub(crate) fn start(
        options: CallOptions,
        timeout: Option<Duration>,
        max_requests: u32,
        random: &Random,
    ) -> Arc<Self> {
        let started = Instant::now();
        let timeout = options.timeout.or(timeout);
        let end = timeout.and_then(|timeout| started.checked_add(timeout));
        let deadline = end.into_iter().chain(options.deadline.map(Instant::from_std)).min();
        Arc::new(Self {
            options,
            invocation_id: random.uuid_header(),
            deadline,
            max_requests,
            started,
            requests: AtomicU32::new(0),
            last_status: AtomicU16::new(0),
            sent: AtomicBool::new(false),
            undecided: AtomicBool::new(false),
            acted: AtomicBool::new(false),
            sign_again: AtomicBool::new(false),
            timed_out: AtomicBool::new(false),
        })
    }

    /// Returns the call that a request belongs to.
    pub(crate) fn of(extensions: &Extensions) -> Option<&Arc<Self>> {
        extensions.get()
    }

    /// Returns whether the deadline is after this pause.
    pub(crate) fn has_time_after(&self, pause: Duration) -> bool {
        let end = || Instant::now().checked_add(pause);
        self.deadline.is_none_or(|deadline| end().is_some_and(|end| end < deadline))
    }

    /// Returns the number of requests sent, including the current one.
    pub(crate) fn requests(&self) -> u32 {
        self.requests.load(Relaxed)
    }

    /// Counts an attempt. From now on, its request may reach the service.
    pub(crate) fn begin_attempt(&self) {
        self.requests.fetch_add(1, Relaxed);
        self.sign_again.store(false, Relaxed);
        self.timed_out.store(false, Relaxed);
        self.mark_sent(true);
    }

    /// Begins an exchange of the attempt, which waits for a connection.
    pub(crate) fn begin_exchange(&self) {
        self.sent.store(false, Relaxed);
        self.end_attempt(false);
    }

    /// Ends the attempt, or an exchange of it. `refused` means that the service certainly did not act.
    pub(crate) fn end_attempt(&self, refused: bool) {
        let was_sent = self.sent.swap(false, Relaxed);
        if (self.undecided.swap(false, Relaxed) || was_sent) && !refused {
            self.acted.store(true, Relaxed);
        }
    }

    /// Notes whether the request is passed on and may reach the service. It does not if it waits in this
    /// process, or was refused.
    pub(crate) fn mark_sent(&self, sent: bool) {
        self.sent.store(sent, Relaxed);
    }

    /// Returns whether the service may have acted on any request of the call.
    pub(crate) fn may_have_acted(&self) -> bool {
        [&self.sent, &self.undecided, &self.acted].iter().any(|flag| flag.load(Relaxed))
    }

    /// Notes that the signature was refused, and that a new one may be accepted.
    pub(crate) fn request_new_signature(&self) {
        self.sign_again.store(true, Relaxed);
    }

    pub(crate) fn wants_new_signature(&self) -> bool {
        self.sign_again.load(Relaxed)
    }

    /// Notes that the attempt timed out and is about to be dropped.
    pub(crate) fn time_out(&self) {
        self.timed_out.store(true, Relaxed);
    }

    pub(crate) fn is_timed_out(&self) -> bool {
        self.timed_out.load(Relaxed)
    }

    /// Notes whether only the error code of a response can make it a refusal.
    pub(crate) fn mark_undecided(&self, undecided: bool) {
        self.undecided.store(undecided, Relaxed);
    }

    /// Notes the status of a response.
    pub(crate) fn responded(&self, status: u16) {
        self.last_status.store(status, Relaxed);
    }

    /// Describes the call as if it ended now.
    pub(crate) fn attempts(&self, stop: Stop) -> Attempts {
        let last_status = self.last_status.load(Relaxed);
        Attempts {
            made: self.requests(),
            elapsed: self.started.elapsed(),
            last_status: (last_status > 0).then_some(last_status),
            stop,
            may_have_acted: self.may_have_acted(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call() -> Arc<Call> {
        Call::start(CallOptions::new(), None, 3, &Random::default())
    }

    #[test]
    fn a_request_may_reach_the_service_from_the_moment_it_is_passed_on() {
        let call = call();
        assert!(!call.may_have_acted());
        call.begin_attempt();
        assert!(call.may_have_acted());
        call.mark_sent(false);
        assert!(!call.may_have_acted());
        call.mark_sent(true);
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
        call.mark_sent(false);
        call.end_attempt(false);
        assert!(!call.may_have_acted());
    }
}
