//! Retries, timeouts and rate limits: sends a request until the outcome of the call is final.
//!
//! # What happens to a request
//!
//! ```text
//!          ┌─────────────────────────── pause ───────────────────────────┐
//!          ▼                                                             │ retry
//!   wait for a slot ──► send, within the attempt's time ──► classify the outcome
//!          │                                                             │ final, or no more
//!          ▼ no slot before the deadline                                 ▼ attempts, time, budget
//!   fail, or return the last outcome                          return the response or error
//! ```
//!
//! 1. **Slot.** The request waits for a slot of the [rate limiter](crate::rate_limit). It does not wait
//!    unless a rate is set or the service has throttled such requests. If the deadline would pass
//!    before the slot, the call ends at once: a first request fails and is not sent, a retry returns
//!    the last response or error.
//! 2. **Attempt.** A copy of the request is sent, in a [span](crate::span) of its own. The attempt
//!    ends with a response or an error, or when the attempt or the call times out; its future is then
//!    dropped.
//! 3. **Classification.** The [`Classifier`] decides what a failure means:
//!    - *throttling* (any 429, and the error codes that AWS uses): the rate limiter decides when the
//!      request is sent again. Throttled requests do not count as attempts and take nothing from the
//!      budget. A call sends at most [`max_requests`](RetryPolicy::max_requests) requests. If the rate
//!      limiter does not [learn](crate::rate_limit::RateLimits::learn), throttling is treated like a
//!      transient failure, with longer pauses;
//!    - *transient* (500, 502, 503, 504, timeouts, failed connections unless the certificate or a
//!      setting is invalid): the request is retried after a pause, up to
//!      [`max_attempts`](RetryPolicy::max_attempts) attempts and within the [`Budget`]. If the service
//!      may have acted, only idempotent calls are retried;
//!    - a *refused signature*, after the clock was corrected or if the credentials had expired: the
//!      request is signed and sent once more, without a pause. That is an attempt like any other;
//!    - anything else is final.
//!
//! [`Attempts`], in the error and in the extensions of the response, says how many requests were sent,
//! why there was no further one, and whether the service may have acted.
//!
//! # Other layers
//!
//! Layers of other crates can stand inside the retry layer. `may_have_acted` is exact over our
//! [`HttpClient`](crate::HttpClient). Other clients do not report what they send, so over them it is
//! judged by the outcome of an attempt, and errs on the side of true. Turn off their redirects, since they
//! must not send a request again after the service may have received it.
//!
//! Some layers belong outside: those that send several copies of a request at the same time, such as
//! tower's hedging, those that run the inner service in a task of its own, and, over other clients, those
//! that send a request again.

mod attempts;
mod backoff;
mod budget;
mod classify;
mod layer;
mod policy;

pub use attempts::{Attempts, Stop};
pub use backoff::Backoff;
pub use budget::Budget;
pub use classify::{Classifier, Failure, Outcome};
pub(crate) use classify::{is_refusal, is_transient_status, is_unsent, stage};
pub(crate) use layer::not_ready;
pub use layer::{Retry, RetryFuture, RetryLayer};
pub use policy::RetryPolicy;
