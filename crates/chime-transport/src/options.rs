//! Settings of a single call.

use std::time::{Duration, Instant};

use http::Extensions;

use crate::Endpoint;
use crate::call::Call;
use crate::rate_limit::RateKey;

/// Settings of a single call: an extension of its request. For an unset field, the setting of the
/// layer applies.
///
/// ```
/// use std::time::Duration;
/// use chime_transport::CallOptions;
///
/// let mut request = http::Request::get("/accounts").body(()).unwrap();
/// let options = CallOptions::new().timeout(Duration::from_secs(5)).idempotent(true);
/// request.extensions_mut().insert(options);
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// The endpoint of the request, with the scope of its signature.
    pub endpoint: Option<Endpoint>,
    /// Whether the call is safe to retry when the outcome of an attempt is unknown. Default: whether
    /// the HTTP method is idempotent.
    pub idempotent: Option<bool>,
    /// The rate limit that applies. Default: the one that all requests without a key share.
    pub rate_key: Option<RateKey>,
    /// Timeout of the call, including all attempts and pauses. [`Duration::MAX`] means no limit.
    pub timeout: Option<Duration>,
    /// Deadline of the call, in addition to its timeout. Several calls can share it, such as the pages
    /// of a list.
    pub deadline: Option<Instant>,
    /// Timeout of each attempt. [`Duration::MAX`] means no limit.
    pub attempt_timeout: Option<Duration>,
    /// How long each attempt may wait for a connection. The
    /// [`connect_timeout`](crate::Config::connect_timeout) of the client still applies to new
    /// connections, since other calls may use them too.
    pub connect_timeout: Option<Duration>,
}

impl CallOptions {
    /// Creates options with every field unset.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`endpoint`](Self::endpoint).
    #[must_use]
    pub fn endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// Sets [`idempotent`](Self::idempotent).
    #[must_use]
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = Some(idempotent);
        self
    }

    /// Sets [`rate_key`](Self::rate_key).
    #[must_use]
    pub fn rate_key(mut self, key: impl Into<RateKey>) -> Self {
        self.rate_key = Some(key.into());
        self
    }

    /// Sets [`timeout`](Self::timeout).
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets [`deadline`](Self::deadline).
    #[must_use]
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Sets [`attempt_timeout`](Self::attempt_timeout).
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// Sets [`connect_timeout`](Self::connect_timeout).
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// Returns these options, with `defaults` for the fields that are unset.
    #[must_use]
    pub fn or(self, defaults: Self) -> Self {
        Self {
            endpoint: self.endpoint.or(defaults.endpoint),
            idempotent: self.idempotent.or(defaults.idempotent),
            rate_key: self.rate_key.or(defaults.rate_key),
            timeout: self.timeout.or(defaults.timeout),
            deadline: self.deadline.or(defaults.deadline),
            attempt_timeout: self.attempt_timeout.or(defaults.attempt_timeout),
            connect_timeout: self.connect_timeout.or(defaults.connect_timeout),
        }
    }

    /// Returns the options of a request, or else those of its call.
    pub(crate) fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get().or_else(|| Call::of(extensions).map(|call| &call.options))
    }
}
