//! Builds a [`Config`] from environment variables and a profile. A variable takes precedence over the
//! property for the same setting.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::profile::{ACCESS_KEY, Profile};
use super::{ConfigError, RetryMode};
use crate::credentials::{Process, SharedProvider};
use crate::http_client::Proxies;
use crate::{Config, Credentials, TraceId};

/// The sources of settings. Has no `Debug`, since it may contain secrets.
pub(super) struct Settings {
    vars: Vec<(String, OsString)>,
    /// The selected profile, without properties if no file was read.
    pub(super) profile: Profile,
    /// Whether the profile was selected in code, so that credentials in the environment are ignored.
    pub(super) profile_in_code: bool,
}

/// Properties of a profile that require another credentials provider. They take precedence over an
/// access key in the profile, which belongs to another identity.
const BEFORE_ACCESS_KEY: [&str; 5] =
    ["role_arn", "web_identity_token_file", "sso_session", "sso_start_url", "sso_account_id"];
/// The same, but an access key in the credentials file takes precedence.
const AFTER_ACCESS_KEY: &str = "login_session";

/// The variables of [`ACCESS_KEY`].
const ACCESS_KEY_VARS: [&str; 3] =
    ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
const HALF: &str = "set, because the other half of the access key is set";

/// Properties for command-line tools.
const TOOL_PROPERTIES: [&str; 3] = ["cli_pager", "cli_timestamp_format", "output"];

const TRACE_ID: &str = "_X_AMZN_TRACE_ID";

impl Settings {
    /// Ignores variables whose name is not UTF-8.
    pub(super) fn new<N: Into<OsString>, V: Into<OsString>>(
        vars: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let named = |(name, value): (N, V)| Some((name.into().into_string().ok()?, value.into()));
        let vars = vars.into_iter().filter_map(named).collect();
        Self { vars, profile: Profile::default(), profile_in_code: false }
    }

    pub(super) fn config(&self) -> Result<Config, ConfigError> {
        let mut config = Config::default();
        let modes = "standard, in-region, cross-region, mobile, auto or legacy";
        let timeouts = self.parsed("AWS_DEFAULTS_MODE", "defaults_mode", modes, timeouts)?;
        if let Some([connect, attempt]) = timeouts {
            config.connect_timeout = Some(connect);
            config.attempt_timeout = Some(attempt);
        }
        let positive = |text: &str| text.parse().ok().filter(|number| *number > 0);
        let attempts = "a positive integer";
        let attempts = self.parsed("AWS_MAX_ATTEMPTS", "max_attempts", attempts, positive)?;
        config.max_attempts = attempts.unwrap_or(config.max_attempts);
        let modes = "standard, adaptive or legacy";
        let mode = self.parsed("AWS_RETRY_MODE", "retry_mode", modes, RetryMode::named)?;
        config.retry_mode = mode.unwrap_or_default();
        config.region = match self.text("AWS_REGION")? {
            Some(region) => Some(region.to_owned()),
            None => self.string("AWS_DEFAULT_REGION", "region")?,
        };
        config.use_fips = self.flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")?;
        config.use_dual_stack =
            self.flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")?;
        config.correct_clock_skew =
            !self.flag("AWS_DISABLE_CLOCK_SKEW_CORRECTION", "disable_clock_skew_correction")?;
        config.app_id = self.string("AWS_SDK_UA_APP_ID", "sdk_ua_app_id")?;
        config.execution_env = self.text("AWS_EXECUTION_ENV")?.map(str::to_owned);
        let bundle = self.path("AWS_CA_BUNDLE").map(Into::into);
        config.roots.ca_bundle = bundle.or_else(|| self.profile.get("ca_bundle").map(Into::into));
        config.proxies = self.proxies()?;
        // In AWS Lambda, the runtime updates this variable for each invocation.
        if self.text("AWS_LAMBDA_FUNCTION_NAME")?.is_some() {
            let first = self.text(TRACE_ID)?.map(str::to_owned);
            let now = move || std::env::var(TRACE_ID).ok().or_else(|| first.clone());
            config.trace_id = Some(TraceId::new(now));
        }
        config.credentials = self.credentials()?;
        config.configured = self.endpoint_urls()?;
        config.tool_properties = TOOL_PROPERTIES
            .iter()
            .filter_map(|key| Some((*key, self.profile.get(key)?.to_owned())))
            .collect();
        Ok(config)
    }

    pub(super) fn var(&self, name: &str) -> Option<&OsStr> {
        self.vars.iter().rev().find(|(found, _)| found == name).map(|(_, value)| value.as_os_str())
    }

    /// Returns the value of a variable, without white space around it. An empty value counts as unset.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        let Some(value) = self.var(name) else { return Ok(None) };
        let text = value.to_str().ok_or_else(|| ConfigError::NotUtf8 { name: name.to_owned() })?;
        Ok(Some(text.trim()).filter(|text| !text.is_empty()))
    }

    /// Returns the value of a variable that holds a path, which need not be UTF-8.
    pub(super) fn path(&self, name: &str) -> Option<&Path> {
        self.var(name).filter(|path| !path.is_empty()).map(Path::new)
    }

    /// Returns the path of a settings file: that in `var`, or `default` in the home directory. `None` if
    /// both are unset.
    pub(super) fn settings_file(&self, var: &str, default: &str) -> Option<PathBuf> {
        let home = self.path("HOME").or_else(|| self.path("USERPROFILE"));
        let Some(named) = self.path(var) else { return Some(home?.join(default)) };
        let below_home = named.strip_prefix("~").ok().zip(home).map(|(path, home)| home.join(path));
        Some(below_home.unwrap_or_else(|| named.to_owned()))
    }

    fn parsed<T>(
        &self,
        var: &'static str,
        key: &str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        if let Some(text) = self.text(var)? {
            return parse(text).map(Some).ok_or(ConfigError::Variable { name: var, expected });
        }
        let parse = |text| parse(text).ok_or_else(|| self.profile.error(key, expected));
        self.profile.get(key).map(parse).transpose()
    }

    fn string(&self, var: &'static str, key: &str) -> Result<Option<String>, ConfigError> {
        self.parsed(var, key, "", |text| Some(text.to_owned()))
    }

    fn flag(&self, var: &'static str, key: &str) -> Result<bool, ConfigError> {
        let flag = |text: &str| text.to_ascii_lowercase().parse().ok();
        Ok(self.parsed(var, key, "true or false", flag)?.unwrap_or_default())
    }

    /// Reads the proxies. An empty variable is not unset here: it means no proxy.
    fn proxies(&self) -> Result<Proxies, ConfigError> {
        for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"] {
            self.text(name)?;
            self.text(&name.to_ascii_lowercase())?;
        }
        let text = |name: &str| Some(self.var(name)?.to_string_lossy().into_owned());
        Ok(Proxies::from_vars(text))
    }

    /// Returns the URLs of the environment, followed by those of the profile. Returns none if
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is set.
    fn endpoint_urls(&self) -> Result<Vec<(String, String)>, ConfigError> {
        let mut urls = Vec::new();
        let ignore = "ignore_configured_endpoint_urls";
        if self.flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", ignore)? {
            return Ok(urls);
        }
        let any = |url: &str| (String::new(), url.to_owned());
        for (name, _) in &self.vars {
            if let Some(service) = name.strip_prefix("AWS_ENDPOINT_URL_")
                && let Some(url) = self.text(name)?
            {
                urls.push((service.to_owned(), url.to_owned()));
            }
        }
        urls.extend(self.text("AWS_ENDPOINT_URL")?.map(any));
        urls.extend(self.profile.endpoint_urls());
        urls.extend(self.profile.get("endpoint_url").map(any));
        Ok(urls)
    }

    fn credentials(&self) -> Result<Option<SharedProvider>, ConfigError> {
        let profile = &self.profile;
        if !self.profile_in_code {
            let [id, secret, token] = ACCESS_KEY_VARS.map(|name| self.text(name));
            let missing = |name| ConfigError::Variable { name, expected: HALF };
            let key = access_key([id?, secret?, token?]);
            if let Some(found) = key.map_err(|i| missing(ACCESS_KEY_VARS[i]))? {
                return Ok(Some(found.into()));
            }
        }
        let unsupported = |key| SharedProvider::unsupported(&profile.name, key);
        if let Some(key) = BEFORE_ACCESS_KEY.into_iter().find(|key| profile.get(key).is_some()) {
            return Ok(Some(unsupported(key)));
        }
        let key = access_key(ACCESS_KEY.map(|name| profile.get(name)));
        if let Some(found) = key.map_err(|i| profile.error(ACCESS_KEY[i], HALF))? {
            return Ok(Some(found.into()));
        }
        if profile.get(AFTER_ACCESS_KEY).is_some() {
            return Ok(Some(unsupported(AFTER_ACCESS_KEY)));
        }
        let process = profile.get("credential_process").map(Process::new);
        Ok(process.map(SharedProvider::new))
    }
}

/// Returns credentials, or the index of a missing part as an error. Ignores a session token without an
/// access key, which is often left over when the access key is unset in favour of a profile.
fn access_key(parts: [Option<&str>; 3]) -> Result<Option<Credentials>, usize> {
    match parts {
        [Some(id), Some(secret), token] => {
            Ok(Some(Credentials::from_parts(id, secret, token, None)))
        }
        [None, None, _] => Ok(None),
        [None, ..] => Err(0),
        [_, None, _] => Err(1),
    }
}

/// Returns the connect timeout and the attempt timeout of a defaults mode.
fn timeouts(mode: &str) -> Option<[Duration; 2]> {
    let millis = match mode.to_ascii_lowercase().as_str() {
        // `legacy` sets no timeouts. `auto` depends on whether the service is in the caller's region,
        // which is not known.
        "standard" | "cross-region" | "auto" | "legacy" => [3100, 30_000],
        "in-region" => [1100, 30_000],
        // Connecting alone may take the default attempt timeout, so both are added.
        "mobile" => [30_000, 60_000],
        _ => return None,
    };
    Some(millis.map(Duration::from_millis))
}
