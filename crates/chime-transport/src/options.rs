//! Settings of a single call.

use std::time::{Duration, Instant};

use http::Extensions;

use crate::Endpoint;
use crate::call::Call;
use crate::rate_limit::RateKey;

/// Settings of a single call: an extension of its request. An unset field leaves the layers'
/// own setting in force.
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
    /// Where to send the request, and the scope to sign it for.
    pub endpoint: Option<Endpoint>,
    /// Whether the call is safe to retry when the outcome of an attempt is unknown. Default: as
    /// HTTP defines it for the method.
    pub idempotent: Option<bool>,
    /// Which rate limit applies.
    pub rate_key: Option<RateKey>,
    /// How long the call may take, attempts and pauses included. [`Duration::MAX`] is no limit.
    pub timeout: Option<Duration>,
    /// When the call must end, whatever its timeout. Calls with the same options share it, such as
    /// the pages of a list.
    pub deadline: Option<Instant>,
    /// How long each attempt may take. [`Duration::MAX`] is no limit.
    pub attempt_timeout: Option<Duration>,
    /// How long each attempt may wait for a connection. The client's
    /// [`connect_timeout`](crate::Config::connect_timeout) still applies to each connection that is
    /// made: other calls may use it too.
    pub connect_timeout: Option<Duration>,
}

impl CallOptions {
    /// Options with every field unset.
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

    /// These options, with `defaults` for the fields that are unset.
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

    /// The options of a request: of its own, else those that its call began with.
    pub(crate) fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get().or_else(|| extensions.get().map(Call::options))
    }
}
