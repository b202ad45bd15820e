//! Settings, with the reason of each default.

mod error;
mod ini;
mod load;
mod mode;
mod profile;
mod settings;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use self::load::{env_vars, set};
use self::settings::Settings;

use crate::connection::{Pool, Proxies, Roots};
use crate::credentials::SharedProvider;
use crate::endpoint::{EndpointSettings, resolve};
use crate::{Clock, Endpoint, EndpointParams, Pacing, Random, TraceId};

pub use self::error::ConfigError;
pub use self::mode::RetryMode;

/// How requests are addressed, signed, timed and repeated.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The region. A service that has a single one for the whole partition needs none.
    pub region: Option<String>,
    /// Who signs: a key, or something that gets one. There is no default.
    pub credentials: Option<SharedProvider>,
    /// Where to send every request, whatever the service: a local Chime, a proxy.
    pub endpoint_url: Option<String>,
    /// Use endpoints validated for FIPS 140. Off, as in every AWS client.
    pub use_fips: bool,
    /// Use endpoints that have IPv6 as well. Off, as in every AWS client.
    pub use_dual_stack: bool,
    /// Connect timeout: DNS, TCP and the proxy. Default: 3.1 s, just above the first TCP
    /// retransmission, 3 s on many systems. The addresses of a host share this time. The TLS
    /// handshake has the same limit on top. `None` means no limit, here and in the next two.
    pub connect_timeout: Option<Duration>,
    /// How long one attempt may take, body included. 30 s: no operation of Chime takes that long.
    pub attempt_timeout: Option<Duration>,
    /// How long a call may take, with all attempts and the pauses in between. 120 s: three full
    /// attempts and the longest pauses.
    pub operation_timeout: Option<Duration>,
    /// How many attempts a call may take in all. 3, the standard of AWS clients; 1 never retries,
    /// and 0 counts as 1.
    pub max_attempts: u32,
    /// The mode that the settings name. [`pacing`](Self::pacing) adapts in every mode; in adaptive
    /// mode it does not forget.
    pub retry_mode: RetryMode,
    /// The pace of sending: off until the service throttles, unless it is set by hand.
    pub pacing: Pacing,
    /// Settings of the connection pool.
    pub pool: Pool,
    /// HTTP proxies. Default: none; [`from_env`](Self::from_env) reads those of the environment.
    pub proxies: Proxies,
    /// Trusted root certificates. Default: the system's.
    pub roots: Roots,
    /// TLS settings that replace [`roots`](Self::roots), for client certificates (mTLS) or another
    /// cryptography provider such as one validated for FIPS 140. Default: `None`.
    ///
    /// Where [`alpn_protocols`](rustls::ClientConfig::alpn_protocols) is empty, HTTP/2 (with the
    /// feature `http2`) and HTTP/1.1 are offered.
    pub tls: Option<Arc<rustls::ClientConfig>>,
    /// Whether requests may go to another machine without TLS. They may not: anyone on the way
    /// could read them, and what they hold is sensitive.
    pub allow_plain_http: bool,
    /// The largest response body in bytes. 16 MiB: a full page of Chime is a tenth of a megabyte.
    pub max_response_size: usize,
    /// The name and version of the API, such as `chime/2018-05-01`, for the user agent.
    pub api: Option<String>,
    /// The application's name, for the user agent.
    pub app_id: Option<String>,
    /// Where the application runs, for the user agent.
    pub execution_env: Option<String>,
    /// The trace that this process works for, in AWS Lambda.
    pub trace_id: Option<TraceId>,
    /// Whether signatures are dated by the service's clock, as far as its replies tell. They are: a
    /// machine whose clock is off could call nothing.
    pub correct_clock_skew: bool,
    /// The clock that dates signatures.
    pub clock: Clock,
    /// The source of invocation ids and of the jitter between attempts.
    pub random: Random,
    /// Endpoint URLs of the environment, then of the profile, which those in code outrank.
    configured: [EndpointUrls; 2],
}

#[derive(Clone, Debug, Default)]
struct EndpointUrls {
    of_all: Option<String>,
    /// By the service's id in the spelling of the variable: `CHIME`, `CHIME_SDK_VOICE`.
    of_service: BTreeMap<String, String>,
}

impl EndpointUrls {
    fn of(&self, service: &str) -> Option<&String> {
        self.of_service.get(service).or(self.of_all.as_ref())
    }
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
            attempt_timeout: Some(Duration::from_secs(30)),
            operation_timeout: Some(Duration::from_secs(120)),
            max_attempts: 3,
            retry_mode: RetryMode::default(),
            pacing: Pacing::default(),
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
            configured: Default::default(),
        }
    }
}

impl Config {
    /// The defaults, signing with this key, or with what this provider gets.
    #[must_use]
    pub fn new(credentials: impl Into<SharedProvider>) -> Self {
        Self { credentials: Some(credentials.into()), ..Self::default() }
    }

    /// The settings that the environment has, in the variables that all AWS clients read.
    ///
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION` before
    /// `AWS_DEFAULT_REGION`, `AWS_ENDPOINT_URL_<SERVICE>` before `AWS_ENDPOINT_URL`,
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, `AWS_USE_FIPS_ENDPOINT`,
    /// `AWS_USE_DUALSTACK_ENDPOINT`, `AWS_RETRY_MODE`, `AWS_MAX_ATTEMPTS`, `AWS_DEFAULTS_MODE`,
    /// `AWS_DISABLE_CLOCK_SKEW_CORRECTION`, `AWS_SDK_UA_APP_ID`, `AWS_EXECUTION_ENV` and
    /// `AWS_CA_BUNDLE`; the proxies of `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`; and in
    /// AWS Lambda the trace of each invocation. An empty variable counts as unset, except that an
    /// empty proxy variable means no proxy. The proxy variables are also read in lower case, which
    /// wins, and `HTTP_PROXY` in capitals is ignored where `REQUEST_METHOD` is set (CGI).
    ///
    /// The defaults mode sets [`connect_timeout`](Self::connect_timeout) to 1.1 s (`in-region`),
    /// 3.1 s (`standard`, `cross-region`, and as the defaults `auto` and `legacy`) or 30 s
    /// (`mobile`, where [`attempt_timeout`](Self::attempt_timeout) becomes 60 s); retries are those
    /// of the standard in each.
    ///
    /// # Errors
    /// If a variable has a value that means nothing.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_vars(env_vars())
    }

    /// [`from_env`](Self::from_env) with variables of the caller's.
    ///
    /// # Errors
    /// If a variable has a value that means nothing.
    pub fn from_vars(
        vars: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        Settings { vars: set(vars), profile: None, profile_in_code: false }.config()
    }

    /// The endpoint of a service under these settings.
    ///
    /// # Errors
    /// If the settings contradict each other or lack a region that the service needs, or if the
    /// region could not be part of a host name.
    pub fn endpoint(&self, service: &EndpointParams<'_>) -> Result<Endpoint, ConfigError> {
        let variable = service.id.replace(' ', "_").to_ascii_uppercase();
        let configured = self.configured.iter().find_map(|urls| urls.of(&variable));
        let url = self.endpoint_url.as_ref().or(configured);
        let settings = EndpointSettings {
            region: self.region.as_deref(),
            url: url.map(String::as_str),
            use_fips: self.use_fips,
            use_dual_stack: self.use_dual_stack,
            allow_plain_http: self.allow_plain_http,
        };
        resolve(service, settings).map_err(ConfigError::Endpoint)
    }
}

#[cfg(test)]
mod tests;
