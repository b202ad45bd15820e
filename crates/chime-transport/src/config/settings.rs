//! One setting, wherever it is written: the environment outranks the profile.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::mode::DefaultsMode;
use super::profile::Profile;
use super::{ConfigError, EndpointUrls, RetryMode};
use crate::connection::{Proxies, Roots};
use crate::credentials::{Process, SharedProvider};
use crate::{Config, Credentials, TraceId};

/// Without `Debug`: it may hold secrets.
pub(super) struct Settings {
    pub(super) vars: BTreeMap<String, String>,
    pub(super) profile: Option<Profile>,
    /// Whether the profile is the caller's choice, who then wants its key and no other.
    pub(super) profile_in_code: bool,
}

/// Ways of a profile to credentials that are not ours and outrank a key in it.
const INSTEAD_OF_KEYS: [&str; 5] =
    ["role_arn", "web_identity_token_file", "sso_session", "sso_start_url", "sso_account_id"];
/// Another, which does not.
const LOGIN: &str = "login_session";

impl Settings {
    pub(super) fn config(&self) -> Result<Config, ConfigError> {
        let var = |name: &str| self.vars.get(name).cloned();
        let mut defaults = Config::default();
        let names = DefaultsMode::NAMES;
        let mode = self.parsed("AWS_DEFAULTS_MODE", "defaults_mode", names, DefaultsMode::named)?;
        mode.into_iter().for_each(|mode| mode.apply(&mut defaults));
        let max_attempts = self.parsed("AWS_MAX_ATTEMPTS", "max_attempts", POSITIVE, |text| {
            u32::from_str(text).ok().filter(|attempts| *attempts > 0)
        });
        let retry_mode =
            self.parsed("AWS_RETRY_MODE", "retry_mode", RetryMode::NAMES, RetryMode::named);
        let region = self.text("AWS_REGION").or_else(|| self.text("AWS_DEFAULT_REGION"));
        Ok(Config {
            credentials: self.credentials()?,
            region: region.or_else(|| self.property("region")).map(str::to_owned),
            use_fips: self.flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")?,
            use_dual_stack: self.flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")?,
            correct_clock_skew: !self
                .flag("AWS_DISABLE_CLOCK_SKEW_CORRECTION", "disable_clock_skew_correction")?,
            max_attempts: max_attempts?.unwrap_or(defaults.max_attempts),
            retry_mode: retry_mode?.unwrap_or_default(),
            app_id: self.either("AWS_SDK_UA_APP_ID", "sdk_ua_app_id").map(str::to_owned),
            proxies: Proxies::from_vars(var),
            roots: Roots {
                ca_bundle: self.either("AWS_CA_BUNDLE", "ca_bundle").map(Into::into),
                ..defaults.roots
            },
            execution_env: var("AWS_EXECUTION_ENV"),
            trace_id: self.trace_id(),
            configured: self.endpoint_urls()?,
            ..defaults
        })
    }

    /// The trace of the invocation, in AWS Lambda: its runtime writes each into the environment.
    fn trace_id(&self) -> Option<TraceId> {
        self.text("AWS_LAMBDA_FUNCTION_NAME")?;
        let at_first = self.text(TRACE_ID).map(str::to_owned);
        Some(TraceId::new(move || std::env::var(TRACE_ID).ok().or_else(|| at_first.clone())))
    }

    fn text(&self, var: &str) -> Option<&str> {
        self.vars.get(var).map(String::as_str)
    }

    fn property(&self, key: &str) -> Option<&str> {
        self.profile.as_ref()?.get(key)
    }

    fn either(&self, var: &str, key: &str) -> Option<&str> {
        self.text(var).or_else(|| self.property(key))
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
        if let Some(text) = self.text(var) {
            return parse(text).map(Some).ok_or(ConfigError::Variable { name: var, expected });
        }
        let Some((profile, text)) = self.profile.as_ref().zip(self.property(key)) else {
            return Ok(None);
        };
        parse(text).map(Some).ok_or_else(|| property_error(profile, key, expected))
    }

    /// Those that `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` does not switch off, the first that count
    /// in front.
    fn endpoint_urls(&self) -> Result<[EndpointUrls; 2], ConfigError> {
        let ignore = "ignore_configured_endpoint_urls";
        if self.flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", ignore)? {
            return Ok(Default::default());
        }
        let of_service = self.vars.iter().filter_map(|(name, url)| {
            Some((name.strip_prefix("AWS_ENDPOINT_URL_")?.to_owned(), url.clone()))
        });
        let environment = EndpointUrls {
            of_all: self.text("AWS_ENDPOINT_URL").map(str::to_owned),
            of_service: of_service.collect(),
        };
        let profile = EndpointUrls {
            of_all: self.property("endpoint_url").map(str::to_owned),
            of_service: self.profile.as_ref().map(Profile::endpoint_urls).unwrap_or_default(),
        };
        Ok([environment, profile])
    }

    /// Half a key is none in the environment, and an error in a profile.
    fn credentials(&self) -> Result<Option<SharedProvider>, ConfigError> {
        let environment = || {
            let [id, secret] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
            Some(key(self.text(id)?, self.text(secret)?, self.text("AWS_SESSION_TOKEN")).into())
        };
        if self.profile_in_code {
            return self.profile_credentials();
        }
        Ok(match environment() {
            Some(found) => Some(found),
            None => self.profile_credentials()?,
        })
    }

    fn profile_credentials(&self) -> Result<Option<SharedProvider>, ConfigError> {
        let Some(profile) = &self.profile else { return Ok(None) };
        let first =
            |keys: &[&'static str]| keys.iter().copied().find(|key| profile.get(key).is_some());
        // Not the key beside it: that would act as somebody else.
        if let Some(way) = first(&INSTEAD_OF_KEYS) {
            return Ok(Some(SharedProvider::unsupported(&profile.name, way)));
        }
        let [id, secret] = ["aws_access_key_id", "aws_secret_access_key"];
        match (profile.get(id), profile.get(secret)) {
            (Some(id), Some(secret)) => {
                return Ok(Some(key(id, secret, profile.get("aws_session_token")).into()));
            }
            (Some(_), None) => return Err(property_error(profile, secret, "set beside the id")),
            (None, Some(_)) => return Err(property_error(profile, id, "set beside the secret")),
            (None, None) => {}
        }
        if let Some(command) = profile.get("credential_process") {
            return Ok(Some(SharedProvider::new(Process::new(command))));
        }
        Ok(profile.get(LOGIN).map(|_| SharedProvider::unsupported(&profile.name, LOGIN)))
    }
}

const TRACE_ID: &str = "_X_AMZN_TRACE_ID";

const POSITIVE: &str = "a whole number from 1 up";

fn key(id: &str, secret: &str, token: Option<&str>) -> Credentials {
    let credentials = Credentials::new(id, secret);
    match token {
        Some(token) => credentials.with_session_token(token),
        None => credentials,
    }
}

fn property_error(profile: &Profile, key: &'static str, expected: &'static str) -> ConfigError {
    ConfigError::Property { profile: profile.name.clone(), key, expected }
}
