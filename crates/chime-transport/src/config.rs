//! Settings, with the reason of each default.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::connection::{Proxies, Roots};
use crate::endpoint::{EndpointError, EndpointSettings, resolve};
use crate::retry::{ErrorCode, header_error_code};
use crate::{Clock, Credentials, Endpoint, EndpointParams, Random};

/// How requests are addressed, signed, timed and repeated.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The region. A service that has a single one for the whole partition needs none.
    pub region: Option<String>,
    /// Who signs. There is no default.
    pub credentials: Option<Credentials>,
    /// Where to send every request, whatever the service: a local Chime, a proxy.
    pub endpoint_url: Option<String>,
    /// Use endpoints validated for FIPS 140. Off, as in every AWS client.
    pub use_fips: bool,
    /// Use endpoints that have IPv6 as well. Off, as in every AWS client.
    pub use_dual_stack: bool,
    /// How long it may take to reach the service. 3.1 s: longer than the first retransmission of
    /// TCP, 3 s on many systems.
    pub connect_timeout: Option<Duration>,
    /// How long one attempt may take, body included. 30 s: no operation of Chime takes that long.
    pub attempt_timeout: Option<Duration>,
    /// How long a call may take, with all attempts and the pauses in between. 120 s: three full
    /// attempts and the longest pauses.
    pub operation_timeout: Option<Duration>,
    /// How many attempts a call may take in all. 3, the standard of AWS clients; 1 never retries.
    pub max_attempts: u32,
    /// The proxies on the way. None; [`from_env`](Self::from_env) takes those of the environment.
    pub proxies: Proxies,
    /// Whose certificates are believed. The system's authorities.
    pub roots: Roots,
    /// Whether requests may go to another machine without TLS. They may not: anyone on the way
    /// could read them, and what they hold is sensitive.
    pub allow_plain_http: bool,
    /// The largest response body in bytes. 16 MiB: a full page of Chime is a tenth of a megabyte.
    pub max_response_size: usize,
    /// Reads the name of the error in a response, for services that do not put it in the header.
    pub error_code: ErrorCode,
    /// The name and version of the API, such as `chime/2018-05-01`, for the user agent.
    pub api: Option<String>,
    /// The application's name, for the user agent.
    pub app_id: Option<String>,
    /// Where the application runs, for the user agent.
    pub execution_env: Option<String>,
    /// The trace that this process works for, in AWS Lambda.
    pub lambda_trace_id: Option<String>,
    /// The clock that dates signatures.
    pub clock: Clock,
    /// The source of invocation ids and of the jitter between attempts.
    pub random: Random,
    environment: EndpointUrls,
}

/// Endpoint URLs of the environment, which those in code outrank.
#[derive(Clone, Debug, Default)]
struct EndpointUrls {
    of_all: Option<String>,
    /// By the service's id in the spelling of the variable: `CHIME`, `CHIME_SDK_VOICE`.
    of_service: BTreeMap<String, String>,
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
            proxies: Proxies::default(),
            roots: Roots::default(),
            allow_plain_http: false,
            max_response_size: 16 << 20,
            error_code: header_error_code,
            api: None,
            app_id: None,
            execution_env: None,
            lambda_trace_id: None,
            clock: Clock::default(),
            random: Random::default(),
            environment: EndpointUrls::default(),
        }
    }
}

impl Config {
    /// The defaults, signing with this key.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        Self { credentials: Some(credentials), ..Self::default() }
    }

    /// The settings that the environment has, in the variables that all AWS clients read.
    ///
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION` before
    /// `AWS_DEFAULT_REGION`, `AWS_ENDPOINT_URL_<SERVICE>` before `AWS_ENDPOINT_URL`,
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, `AWS_USE_FIPS_ENDPOINT`,
    /// `AWS_USE_DUALSTACK_ENDPOINT`, `AWS_MAX_ATTEMPTS` and `AWS_SDK_UA_APP_ID`. An empty variable
    /// counts as unset.
    ///
    /// # Errors
    /// If a variable has a value that means nothing.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_vars(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }))
    }

    /// [`from_env`](Self::from_env) with variables of the caller's.
    ///
    /// # Errors
    /// If a variable has a value that means nothing.
    pub fn from_vars(
        vars: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let vars: BTreeMap<String, String> =
            vars.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let get = |name: &str| vars.get(name).cloned();
        let flag = |name: &'static str| match vars.get(name) {
            None => Ok(false),
            Some(value) if value.eq_ignore_ascii_case("true") => Ok(true),
            Some(value) if value.eq_ignore_ascii_case("false") => Ok(false),
            Some(_) => Err(ConfigError::Variable { name, expected: "true or false" }),
        };

        let mut config = Self::default();
        if let (Some(id), Some(secret)) = (get("AWS_ACCESS_KEY_ID"), get("AWS_SECRET_ACCESS_KEY")) {
            let credentials = Credentials::new(id, secret);
            config.credentials = Some(match get("AWS_SESSION_TOKEN") {
                Some(token) => credentials.with_session_token(token),
                None => credentials,
            });
        }
        config.region = get("AWS_REGION").or_else(|| get("AWS_DEFAULT_REGION"));
        config.use_fips = flag("AWS_USE_FIPS_ENDPOINT")?;
        config.use_dual_stack = flag("AWS_USE_DUALSTACK_ENDPOINT")?;
        if let Some(attempts) = get("AWS_MAX_ATTEMPTS") {
            config.max_attempts = attempts.parse().ok().filter(|attempts| *attempts > 0).ok_or(
                ConfigError::Variable {
                    name: "AWS_MAX_ATTEMPTS",
                    expected: "a whole number from 1 up",
                },
            )?;
        }
        config.proxies = Proxies::from_vars(get);
        config.roots.bundle = get("AWS_CA_BUNDLE").map(Into::into);
        config.app_id = get("AWS_SDK_UA_APP_ID");
        config.execution_env = get("AWS_EXECUTION_ENV");
        config.lambda_trace_id =
            get("AWS_LAMBDA_FUNCTION_NAME").and_then(|_| get("_X_AMZN_TRACE_ID"));
        if !flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")? {
            let of_service = vars.iter().filter_map(|(name, url)| {
                Some((name.strip_prefix("AWS_ENDPOINT_URL_")?.to_owned(), url.clone()))
            });
            config.environment =
                EndpointUrls { of_all: get("AWS_ENDPOINT_URL"), of_service: of_service.collect() };
        }
        Ok(config)
    }

    /// The endpoint of a service under these settings.
    ///
    /// # Errors
    /// If the settings contradict each other or lack a region that the service needs.
    pub fn endpoint(&self, service: &EndpointParams<'_>) -> Result<Endpoint, ConfigError> {
        let variable = service.id.replace(' ', "_").to_ascii_uppercase();
        let EndpointUrls { of_all, of_service } = &self.environment;
        let url =
            self.endpoint_url.as_ref().or_else(|| of_service.get(&variable)).or(of_all.as_ref());
        let settings = EndpointSettings {
            region: self.region.as_deref(),
            url: url.map(String::as_str),
            use_fips: self.use_fips,
            use_dual_stack: self.use_dual_stack,
        };
        let endpoint = resolve(service, settings).map_err(ConfigError::Endpoint)?;
        if !self.allow_plain_http && endpoint.is_plain_http() {
            return Err(ConfigError::Endpoint(EndpointError::PlainHttp));
        }
        Ok(endpoint)
    }
}

/// Settings that no client can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// Nobody is named who signs.
    MissingCredentials,
    /// There is no endpoint.
    Endpoint(EndpointError),
    /// A variable of the environment has a value that means nothing.
    Variable {
        /// Its name.
        name: &'static str,
        /// What it should hold.
        expected: &'static str,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingCredentials => f.write_str(
                "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give them in code",
            ),
            Self::Endpoint(error) => error.fmt(f),
            Self::Variable { name, expected } => write!(f, "{name} must be {expected}"),
        }
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    const CHIME: EndpointParams<'_> = EndpointParams {
        id: "Chime",
        prefix: "chime",
        signing_name: "chime",
        global_region: Some("us-east-1"),
    };

    fn config(vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_vars(vars.iter().map(|(name, value)| ((*name).into(), (*value).into())))
    }

    fn url(vars: &[(&str, &str)]) -> String {
        config(vars).unwrap().endpoint(&CHIME).unwrap().to_string()
    }

    #[test]
    fn the_more_special_endpoint_wins() {
        let all = ("AWS_ENDPOINT_URL", "https://all");
        let own = ("AWS_ENDPOINT_URL_CHIME", "https://own");
        let other = ("AWS_ENDPOINT_URL_CHIME_SDK_VOICE", "https://other");
        assert_eq!(url(&[all, own, other]), "https://own");
        assert_eq!(url(&[all, other]), "https://all");
        assert_eq!(url(&[other]), "https://chime.us-east-1.amazonaws.com");
        let ignore = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE");
        assert_eq!(url(&[all, own, ignore]), "https://chime.us-east-1.amazonaws.com");
        let mut in_code = config(&[all, own]).unwrap();
        in_code.endpoint_url = Some("https://code".to_owned());
        assert_eq!(in_code.endpoint(&CHIME).unwrap().to_string(), "https://code");
    }

    #[test]
    fn another_machine_is_not_reached_without_tls() {
        for near in ["http://127.0.0.1:8080", "http://[::1]:1", "http://LOCALHOST/x"] {
            assert!(config(&[("AWS_ENDPOINT_URL", near)]).unwrap().endpoint(&CHIME).is_ok());
        }
        let mut far = config(&[("AWS_ENDPOINT_URL", "http://10.0.0.1")]).unwrap();
        let refusal = far.endpoint(&CHIME).unwrap_err();
        assert_eq!(refusal, ConfigError::Endpoint(EndpointError::PlainHttp));
        far.allow_plain_http = true;
        assert!(far.endpoint(&CHIME).is_ok());
    }

    #[test]
    fn variables_that_mean_nothing_are_refused() {
        for (name, value) in [
            ("AWS_MAX_ATTEMPTS", "0"),
            ("AWS_MAX_ATTEMPTS", "many"),
            ("AWS_USE_FIPS_ENDPOINT", "yes"),
        ] {
            let error = config(&[(name, value)]).unwrap_err();
            assert!(error.to_string().starts_with(name), "{error}");
        }
        assert_eq!(config(&[("AWS_MAX_ATTEMPTS", "")]).unwrap().max_attempts, 3);
    }

    #[test]
    fn half_a_key_is_none() {
        assert!(config(&[("AWS_ACCESS_KEY_ID", "a")]).unwrap().credentials.is_none());
        let both = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")];
        assert_eq!(config(&both).unwrap().credentials.unwrap().access_key_id(), "a");
    }

    #[test]
    fn the_newer_variable_of_the_region_wins() {
        let vars = [("AWS_DEFAULT_REGION", "old"), ("AWS_REGION", "new")];
        assert_eq!(config(&vars).unwrap().region.as_deref(), Some("new"));
        assert_eq!(config(&vars[..1]).unwrap().region.as_deref(), Some("old"));
    }
}
