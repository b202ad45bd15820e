//! Tries again what may go well the next time.
//!
//! Position in the stack: inside the deadline of the whole call and outside everything that
//! belongs to one attempt, so that each has headers, an address and a signature of its own.
//!
//! Layers of yours may stand between ours. One that sends a request again, or over another of our
//! connections, is taken into account; what it hides of a connection that is not ours cannot be. One
//! that sends copies at the same time, such as tower's hedging, belongs outside of both deadline and
//! retries: what is known of a call would be that of its last copy. So does one that runs what is inside
//! in a task of its own, which nobody stops. A request that is made of the extensions of one on its way
//! is the same call, unless a [`call_layer`](crate::timeout::call_layer) begins a new one: inside the
//! retries it makes each attempt a call, and what one may have done is not known to the next.
//!
//! The numbers are those of the standard mode of AWS clients: three attempts, pauses of up to
//! 50 ms times a power of two (1 s after throttling) at random, 20 s at most, and a budget that
//! stops a client from hammering a service that is down. On top of it: any 429 is throttling,
//! which Chime's own exception for it needs; and what the service may have acted on is repeated
//! only where that does no harm.

mod attempts;
mod backoff;
mod budget;
mod classify;
mod policy;
mod progress;
mod service;

use http::{Method, Request};

pub(crate) use classify::{is_transient, may_have_acted, stage, throttling};
pub(crate) use progress::Progress;

pub use attempts::{Attempts, Stop};
pub use service::{Retry, RetryLayer, layer};

/// Whether a request may be sent again after a failure that leaves open whether the service acted.
///
/// An extension of the request. Without it, the HTTP method decides: GET, PUT and DELETE may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeatable(pub bool);

/// Which attempt of its call a request is, from 1. An extension of the request.
///
/// It is counted as [`max_attempts`](crate::Config::max_attempts) counts: what pacing sends again after
/// throttling, or signing after its credentials expired, is still the same attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt(pub u32);

impl Default for Attempt {
    fn default() -> Self {
        Self(1)
    }
}

fn is_repeatable<B>(request: &Request<B>) -> bool {
    match request.extensions().get() {
        Some(Repeatable(repeatable)) => *repeatable,
        None => matches!(*request.method(), Method::GET | Method::PUT | Method::DELETE),
    }
}
