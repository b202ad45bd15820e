//! Settings and their defaults.

mod error;
mod ini;
mod load;
mod mode;
mod profile;
mod settings;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::credentials::SharedProvider;
use crate::endpoint::resolve;
use crate::http_client::{Pool, Proxies, Roots};
use crate::retry::{Backoff, Classifier};
use crate::{Clock, Endpoint, EndpointParams, Random, RateLimits, TraceId};

pub use self::error::ConfigError;
pub use self::mode::RetryMode;

/// The settings of a transport.
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// The region, such as `us-east-1`. Default: unset, which is enough for a service with a single
    /// region for its whole partition.
    pub region: Option<String>,
    /// Credentials, or a provider that loads them. There is no default.
    pub credentials: Option<SharedProvider>,
    /// The endpoint URL for all services, such as that of a local Chime. Default: the endpoint rules of
    /// AWS apply.
    pub endpoint_url: Option<String>,
    /// Whether to use endpoints validated for FIPS 140. Default: false.
    pub use_fips: bool,
    /// Whether to use endpoints that support both IPv4 and IPv6. Default: false.
    pub use_dual_stack: bool,
    /// Connect timeout: DNS, TCP and the proxy, for all addresses of a host together. The TLS handshake
    /// has the same timeout again. Default: 3.1 s, just above the first TCP retransmission, which is 3 s
    /// on many systems. `None` means no limit, for this and the next three settings.
    pub connect_timeout: Option<Duration>,
    /// Read timeout: from the time when a connection is available to the end of the response body. Only
    /// [`HttpClient`](crate::HttpClient) supports it. Default: `None`.
    pub read_timeout: Option<Duration>,
    /// Timeout of an attempt, up to the end of the response body. Default: 30 s, longer than any
    /// operation of Amazon Chime takes.
    pub attempt_timeout: Option<Duration>,
    /// Timeout of a call, including all attempts and pauses. Default: 120 s, enough for three attempts of
    /// full length and the longest pauses.
    pub operation_timeout: Option<Duration>,
    /// Maximum number of attempts of a call, not counting throttled requests. Default: 3, as in every AWS
    /// client. 1 sends a single request in any case; 0 counts as 1.
    pub max_attempts: u32,
    /// Maximum number of requests of a call, including throttled ones. Default: 8. `max_attempts` applies
    /// if it is larger, or if the rate limiter does not learn: throttled requests then are attempts.
    pub max_requests: u32,
    /// The pauses before retries.
    pub backoff: Backoff,
    /// Decides which failures are retried.
    pub classifier: Classifier,
    /// The retry mode. [Rate limits](Self::rate_limits) are learned in every mode, and kept in adaptive
    /// mode.
    pub retry_mode: RetryMode,
    /// Client-side rate limits. Default: unlimited until the service throttles.
    pub rate_limits: RateLimits,
    /// Settings of the connection pool.
    pub pool: Pool,
    /// HTTP proxies. Default: none; [`from_env`](Self::from_env) reads those of the environment.
    pub proxies: Proxies,
    /// Trusted root certificates. Default: the system's.
    pub roots: Roots,
    /// TLS settings that replace [`roots`](Self::roots), for client certificates (mTLS) or another
    /// cryptography provider such as one validated for FIPS 140. Default: `None`.
    ///
    /// If [`alpn_protocols`](rustls::ClientConfig::alpn_protocols) is empty, the client offers HTTP/2
    /// (with the feature `http2`) and HTTP/1.1.
    pub tls: Option<Arc<rustls::ClientConfig>>,
    /// Whether requests may be sent to other machines without TLS. Default: false, since everybody on the
    /// network could read them, and they contain sensitive data.
    pub allow_plain_http: bool,
    /// The maximum size of a response body, in bytes. Default: 16 MiB; a full page of a list has about
    /// 0.1 MB.
    pub max_response_size: usize,
    /// The name and version of the API for the user agent, such as `chime/2018-05-01`.
    pub api: Option<String>,
    /// The name of the application, for the user agent. AWS recommends at most 50 characters.
    pub app_id: Option<String>,
    /// The execution environment, for the user agent, such as `AWS_Lambda_provided`.
    pub execution_env: Option<String>,
    /// The source of trace ids in AWS Lambda.
    pub trace_id: Option<TraceId>,
    /// Whether to date signatures by the service's clock, as learned from its responses. Default: true.
    /// Otherwise the service refuses all requests of a machine whose clock is off by some minutes.
    pub correct_clock_skew: bool,
    /// The clock that dates signatures.
    pub clock: Clock,
    /// The source of invocation ids and of jitter.
    pub random: Random,
    /// Endpoint URLs of the environment and the profile, each with the service id as spelled in the
    /// variable (`CHIME_SDK_VOICE`), or with an empty id for all services. The first match applies, unless
    /// `endpoint_url` is set.
    configured: Vec<(String, String)>,
    /// Properties of the profile for command-line tools.
    tool_properties: Vec<(&'static str, String)>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            region: None,
            credentials: None,
            endpoint_url: None,
            use_fips: false,
            use_dual_stack: false,
            connect_timeout: Some(Duration::from_millis(3100)),
            read_timeout: None,
            attempt_timeout: Some(Duration::from_secs(30)),
            operation_timeout: Some(Duration::from_secs(120)),
            max_attempts: 3,
            max_requests: 8,
            backoff: Backoff::default(),
            classifier: Classifier::default(),
            retry_mode: RetryMode::default(),
            rate_limits: RateLimits::default(),
            pool: Pool::default(),
            proxies: Proxies::default(),
            roots: Roots::default(),
            tls: None,
            allow_plain_http: false,
            max_response_size: 16 << 20,
            api: None,
            app_id: None,
            execution_env: None,
            trace_id: None,
            correct_clock_skew: true,
            clock: Clock::default(),
            random: Random::default(),
            configured: Vec::new(),
            tool_properties: Vec::new(),
        }
    }
}

impl fmt::Debug for Config {
    // Not derived, since an endpoint URL may contain a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("region", &self.region)
            .field("credentials", &self.credentials)
            .field("use_fips", &self.use_fips)
            .field("use_dual_stack", &self.use_dual_stack)
            .field("connect_timeout", &self.connect_timeout)
            .field("read_timeout", &self.read_timeout)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("operation_timeout", &self.operation_timeout)
            .field("max_attempts", &self.max_attempts)
            .field("max_requests", &self.max_requests)
            .field("retry_mode", &self.retry_mode)
            .field("rate_limits", &self.rate_limits)
            .field("pool", &self.pool)
            .field("proxies", &self.proxies)
            .field("allow_plain_http", &self.allow_plain_http)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// Returns a property of the loaded profile that is for command-line tools: `output`, `cli_pager`
    /// or `cli_timestamp_format`. `None` if it is unset or empty.
    #[must_use]
    pub fn tool_property(&self, name: &str) -> Option<&str> {
        let found = self.tool_properties.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Creates default settings with fixed credentials or a provider.
    #[must_use]
    pub fn new(credentials: impl Into<SharedProvider>) -> Self {
        Self { credentials: Some(credentials.into()), ..Self::default() }
    }

    /// Returns these settings without pauses before retries and without learned rate limits, for tests.
    /// A call that is throttled or fails every time then ends after three attempts, at once.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// use chime_transport::{Config, retry::RetryLayer};
    /// use tower::{ServiceBuilder, ServiceExt};
    ///
    /// let config = Config::default().without_pauses();
    /// let service = ServiceBuilder::new().layer(RetryLayer::from_config(&config)).service_fn(
    ///     |_: http::Request<()>| async { http::Response::builder().status(429).body(()) },
    /// );
    /// assert_eq!(service.oneshot(http::Request::new(())).await.unwrap().status(), 429);
    /// # });
    /// ```
    #[must_use]
    pub fn without_pauses(mut self) -> Self {
        self.backoff = Backoff::none();
        self.rate_limits.learn = false;
        self
    }

    /// Returns the rate limits in the configured retry mode.
    pub(crate) fn effective_rate_limits(&self) -> RateLimits {
        let mut limits = self.rate_limits.clone();
        limits.keep_learned |= self.retry_mode == RetryMode::Adaptive;
        limits
    }

    /// Resolves the endpoint of a service.
    ///
    /// # Errors
    /// If settings contradict each other, the service needs a region and none is set, or the region is
    /// invalid.
    pub fn endpoint(&self, service: &EndpointParams<'_>) -> Result<Endpoint, ConfigError> {
        let variable = service.id.replace(' ', "_").to_ascii_uppercase();
        let fits = |of: &str| of.is_empty() || of == variable;
        let configured = self.configured.iter().find(|(of, _)| fits(of)).map(|(_, url)| url);
        let url = self.endpoint_url.as_ref().or(configured).map(String::as_str);
        resolve(service, self, url).map_err(ConfigError::Endpoint)
    }
}

#[cfg(test)]
mod tests;
