//! Builds a [`Config`] from environment variables and a profile. A variable outranks the property of
//! the same meaning.

use std::cell::Cell;
use std::str::FromStr;

use super::load::Vars;
use super::mode::DefaultsMode;
use super::profile::Profile;
use super::{ConfigError, EndpointUrls, RetryMode};
use crate::credentials::{Process, SharedProvider};
use crate::http_client::{Proxies, Roots};
use crate::{Config, Credentials, TraceId};

/// Without `Debug`: it may hold secrets.
pub(super) struct Settings {
    pub(super) vars: Vars,
    pub(super) profile: Option<Profile>,
    /// Whether code selected the profile, so that the credentials are those of the profile.
    pub(super) profile_in_code: bool,
}

/// Properties of a profile that select credentials which need another provider. They outrank an
/// access key in the profile.
const BEFORE_ACCESS_KEY: [&str; 5] =
    ["role_arn", "web_identity_token_file", "sso_session", "sso_start_url", "sso_account_id"];
/// The same, with a lower rank than an access key.
const AFTER_ACCESS_KEY: &str = "login_session";

impl Settings {
    pub(super) fn config(&self) -> Result<Config, ConfigError> {
        let mut defaults = Config::default();
        let names = DefaultsMode::NAMES;
        let mode = self.parsed("AWS_DEFAULTS_MODE", "defaults_mode", names, DefaultsMode::named)?;
        mode.into_iter().for_each(|mode| mode.apply(&mut defaults));
        let max_attempts = self.parsed("AWS_MAX_ATTEMPTS", "max_attempts", POSITIVE, |text| {
            u32::from_str(text).ok().filter(|attempts| *attempts > 0)
        });
        let retry_mode =
            self.parsed("AWS_RETRY_MODE", "retry_mode", RetryMode::NAMES, RetryMode::named);
        let bundle = self.vars.path("AWS_CA_BUNDLE").map(Into::into);
        Ok(Config {
            credentials: self.credentials()?,
            region: self.region()?,
            use_fips: self.flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")?,
            use_dual_stack: self.flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")?,
            correct_clock_skew: !self
                .flag("AWS_DISABLE_CLOCK_SKEW_CORRECTION", "disable_clock_skew_correction")?,
            max_attempts: max_attempts?.unwrap_or(defaults.max_attempts),
            retry_mode: retry_mode?.unwrap_or_default(),
            app_id: self.either("AWS_SDK_UA_APP_ID", "sdk_ua_app_id")?.map(str::to_owned),
            proxies: self.proxies()?,
            roots: Roots {
                ca_bundle: bundle.or_else(|| self.property("ca_bundle").map(Into::into)),
                ..defaults.roots
            },
            execution_env: self.text("AWS_EXECUTION_ENV")?.map(str::to_owned),
            trace_id: self.trace_id()?,
            configured: self.endpoint_urls()?,
            ..defaults
        })
    }

    fn region(&self) -> Result<Option<String>, ConfigError> {
        let region = match self.text("AWS_REGION")? {
            Some(region) => Some(region),
            None => self.either("AWS_DEFAULT_REGION", "region")?,
        };
        Ok(region.map(str::to_owned))
    }

    /// Empty variables are passed on: an empty proxy variable means no proxy.
    fn proxies(&self) -> Result<Proxies, ConfigError> {
        let invalid = Cell::new(None);
        let proxies = Proxies::from_vars(|name| match self.vars.text_or_empty(name) {
            Ok(value) => value.map(str::to_owned),
            Err(error) => {
                invalid.set(Some(error));
                None
            }
        });
        invalid.into_inner().map_or(Ok(proxies), Err)
    }

    /// In AWS Lambda, the runtime writes the trace of each invocation into the environment.
    fn trace_id(&self) -> Result<Option<TraceId>, ConfigError> {
        if self.text("AWS_LAMBDA_FUNCTION_NAME")?.is_none() {
            return Ok(None);
        }
        let first = self.text(TRACE_ID)?.map(str::to_owned);
        Ok(Some(TraceId::new(move || std::env::var(TRACE_ID).ok().or_else(|| first.clone()))))
    }

    fn text(&self, var: &str) -> Result<Option<&str>, ConfigError> {
        self.vars.text(var)
    }

    fn property(&self, key: &str) -> Option<&str> {
        self.profile.as_ref()?.get(key)
    }

    fn either(&self, var: &str, key: &str) -> Result<Option<&str>, ConfigError> {
        Ok(self.text(var)?.or_else(|| self.property(key)))
    }

    fn flag(&self, var: &'static str, key: &'static str) -> Result<bool, ConfigError> {
        let flag = |text: &str| match text.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        Ok(self.parsed(var, key, "true or false", flag)?.unwrap_or_default())
    }

    fn parsed<T>(
        &self,
        var: &'static str,
        key: &'static str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        if let Some(text) = self.text(var)? {
            return parse(text).map(Some).ok_or(ConfigError::Variable { name: var, expected });
        }
        let Some((profile, text)) = self.profile.as_ref().zip(self.property(key)) else {
            return Ok(None);
        };
        parse(text).map(Some).ok_or_else(|| property_error(profile, key, expected))
    }

    /// Returns the URLs of the environment and those of the profile, or none if
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is set.
    fn endpoint_urls(&self) -> Result<[EndpointUrls; 2], ConfigError> {
        let ignore = "ignore_configured_endpoint_urls";
        if self.flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", ignore)? {
            return Ok(Default::default());
        }
        let mut environment = EndpointUrls {
            of_all: self.text("AWS_ENDPOINT_URL")?.map(str::to_owned),
            ..EndpointUrls::default()
        };
        for name in self.vars.names() {
            if let Some(service) = name.strip_prefix("AWS_ENDPOINT_URL_")
                && let Some(url) = self.text(name)?
            {
                environment.of_service.insert(service.to_owned(), url.to_owned());
            }
        }
        let profile = EndpointUrls {
            of_all: self.property("endpoint_url").map(str::to_owned),
            of_service: self.profile.as_ref().map(Profile::endpoint_urls).unwrap_or_default(),
        };
        Ok([environment, profile])
    }

    fn credentials(&self) -> Result<Option<SharedProvider>, ConfigError> {
        if !self.profile_in_code
            && let Some(found) = self.environment_credentials()?
        {
            return Ok(Some(found.into()));
        }
        self.profile_credentials()
    }

    /// Ignores a session token without an access key: it cannot sign, and is often left behind when
    /// the access key is unset in favour of a profile.
    fn environment_credentials(&self) -> Result<Option<Credentials>, ConfigError> {
        let [id, secret] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
        let missing = |name, expected| Err(ConfigError::Variable { name, expected });
        match (self.text(id)?, self.text(secret)?) {
            (Some(id), Some(secret)) => {
                Ok(Some(credentials(id, secret, self.text("AWS_SESSION_TOKEN")?)))
            }
            (Some(_), None) => missing(secret, "set, because AWS_ACCESS_KEY_ID is set"),
            (None, Some(_)) => missing(id, "set, because AWS_SECRET_ACCESS_KEY is set"),
            (None, None) => Ok(None),
        }
    }

    fn profile_credentials(&self) -> Result<Option<SharedProvider>, ConfigError> {
        let Some(profile) = &self.profile else { return Ok(None) };
        // An access key in the same profile belongs to another identity.
        if let Some(key) = BEFORE_ACCESS_KEY.into_iter().find(|key| profile.get(key).is_some()) {
            return Ok(Some(SharedProvider::unsupported(&profile.name, key)));
        }
        let [id, secret] = ["aws_access_key_id", "aws_secret_access_key"];
        let missing = |key, expected| Err(property_error(profile, key, expected));
        match (profile.get(id), profile.get(secret)) {
            (Some(id), Some(secret)) => {
                let found = credentials(id, secret, profile.get("aws_session_token"));
                return Ok(Some(found.into()));
            }
            (Some(_), None) => return missing(secret, "set, because aws_access_key_id is set"),
            (None, Some(_)) => return missing(id, "set, because aws_secret_access_key is set"),
            (None, None) => {}
        }
        if let Some(command) = profile.get("credential_process") {
            return Ok(Some(SharedProvider::new(Process::new(command))));
        }
        let unsupported = |_| SharedProvider::unsupported(&profile.name, AFTER_ACCESS_KEY);
        Ok(profile.get(AFTER_ACCESS_KEY).map(unsupported))
    }
}

const TRACE_ID: &str = "_X_AMZN_TRACE_ID";

const POSITIVE: &str = "a positive integer";

fn credentials(id: &str, secret: &str, token: Option<&str>) -> Credentials {
    let credentials = Credentials::new(id, secret);
    match token {
        Some(token) => credentials.with_session_token(token),
        None => credentials,
    }
}

fn property_error(profile: &Profile, key: &'static str, expected: &'static str) -> ConfigError {
    ConfigError::Property { profile: profile.name.clone(), key, expected }
}
