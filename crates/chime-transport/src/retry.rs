//! Carries a call to its end: sends its request, and again where that helps and does no harm.
//!
//! # What happens to a request
//!
//! ```text
//!          ┌─────────────────────────── pause ───────────────────────────┐
//!          ▼                                                             │ retry
//!   wait for a slot ──► send, within the attempt's time ──► classify the outcome
//!          │                                                             │ final, or no more
//!          ▼ no slot before the deadline                                 ▼ attempts, time, budget
//!   fail, nothing sent                                        return the response or error
//! ```
//!
//! 1. **Slot.** The [rate limiter](crate::rate_limit) lets the request go at once, unless a rate is
//!    set or the service has throttled such requests. A call whose slot lies behind its deadline fails
//!    at once and sends nothing.
//! 2. **Attempt.** The request is copied and passed on. It ends with a response or an error, or when
//!    the attempt or the whole call exceeds its time; then its future is dropped.
//! 3. **Classification.** The [`Classifier`] tells what a failure means:
//!    - *throttling* (any 429, and the names that AWS uses): the rate limiter decides when the request
//!      goes again. Throttling does not use up attempts or budget; up to
//!      [`max_requests`](RetryPolicy::max_requests) requests are sent in all;
//!    - *transient* (500, 502, 503, 504, timeouts, failed connections): the request goes again after
//!      a pause, up to [`max_attempts`](RetryPolicy::max_attempts) attempts and while the [`Budget`]
//!      lasts. If the service may have acted, only idempotent calls go again;
//!    - a *refused signature* that another one may replace, after the clock was corrected or the
//!      credentials had expired: the request goes again at once, one time;
//!    - anything else is final.
//!
//! [`Attempts`] in the error, and in the response's extensions, says how many requests were sent, why
//! there was no further one, and whether the service may have acted.
//!
//! # Other layers
//!
//! Layers of other crates may stand inside the retries. What a layer does with a request below is
//! taken into account as far as it passes through our [`HttpClient`](crate::HttpClient); over any
//! other client, `may_have_acted` is answered cautiously. A layer that sends copies of a request at
//! the same time, such as tower's hedging, or that runs the inner service in a task of its own,
//! belongs outside.

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
pub use layer::{Retry, RetryFuture, RetryLayer};
pub use policy::RetryPolicy;
