//! Settings of the environment and of the files below it.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::ini::{Malformed, Section, parse};
use super::profile::Profile;
use super::settings::Settings;
use super::{Config, ConfigError};

impl Config {
    /// The settings of the environment, and where it is silent those of a profile in the files
    /// that all AWS clients share: `~/.aws/config` and `~/.aws/credentials`, or those that
    /// `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` name.
    ///
    /// The variables are those of [`from_env`](Self::from_env). `AWS_PROFILE` chooses the profile,
    /// else it is `default`, which need not exist. Of a profile count `aws_access_key_id`,
    /// `aws_secret_access_key`, `aws_session_token`, `credential_process`, `region`,
    /// `endpoint_url`, `services` with the `endpoint_url` of each service in that section,
    /// `ignore_configured_endpoint_urls`, `use_fips_endpoint`, `use_dualstack_endpoint`,
    /// `retry_mode`, `max_attempts`, `defaults_mode`, `disable_clock_skew_correction`,
    /// `sdk_ua_app_id` and `ca_bundle`. A profile that gets its
    /// credentials in another way (by a role, by SSO) needs a provider in code; without one its
    /// calls fail and say so.
    ///
    /// # Errors
    /// If the chosen profile or its `services` section does not exist, if a file is malformed or
    /// cannot be read, and if a setting has a value that means nothing.
    pub fn load() -> Result<Self, ConfigError> {
        Self::load_from(env_vars(), None, |file| std::fs::read_to_string(file))
    }

    /// [`load`](Self::load) with this profile, whatever `AWS_PROFILE` says. Its key outranks that
    /// of the environment.
    ///
    /// # Errors
    /// As for [`load`](Self::load).
    pub fn load_profile(name: &str) -> Result<Self, ConfigError> {
        Self::load_from(env_vars(), Some(name), |file| std::fs::read_to_string(file))
    }

    /// [`load`](Self::load), or [`load_profile`](Self::load_profile), with variables and files of
    /// the caller's. What `read` does not find counts as empty.
    ///
    /// ```
    /// use chime_transport::Config;
    ///
    /// let vars = [("HOME", "/u/a"), ("AWS_PROFILE", "b")];
    /// let vars = vars.map(|(name, value)| (name.to_owned(), value.to_owned()));
    /// let config = Config::load_from(vars, None, |file| match file.ends_with(".aws/config") {
    ///     true => Ok("[profile b]\nregion = eu-central-1".to_owned()),
    ///     false => Err(std::io::ErrorKind::NotFound.into()),
    /// });
    /// assert_eq!(config.unwrap().region.as_deref(), Some("eu-central-1"));
    /// ```
    ///
    /// # Errors
    /// As for [`load`](Self::load).
    pub fn load_from(
        vars: impl IntoIterator<Item = (String, String)>,
        profile: Option<&str>,
        read: impl Fn(&Path) -> io::Result<String>,
    ) -> Result<Self, ConfigError> {
        let vars = set(vars);
        let sections = |var, default| match file(&vars, var, default) {
            Some(file) => sections(file, &read),
            None => Ok(Vec::new()),
        };
        let config = sections("AWS_CONFIG_FILE", ".aws/config")?;
        let credentials = sections("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")?;
        let name = profile.or_else(|| vars.get("AWS_PROFILE").map(String::as_str));
        let found = Profile::of(name, config, credentials)?;
        let profile_in_code = profile.is_some();
        Settings { vars, profile: Some(found), profile_in_code }.config()
    }
}

/// The variables of this process, as far as they are text.
pub(super) fn env_vars() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// The variables that are not empty, and those of proxies, where empty means no proxy.
pub(super) fn set(vars: impl IntoIterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let is_proxy = |name: &str| name.to_ascii_lowercase().ends_with("_proxy");
    vars.into_iter().filter(|(name, value)| !value.is_empty() || is_proxy(name)).collect()
}

fn file(vars: &BTreeMap<String, String>, var: &str, default: &str) -> Option<PathBuf> {
    let home = vars.get("HOME").or_else(|| vars.get("USERPROFILE")).map(Path::new);
    let Some(named) = vars.get(var) else { return Some(home?.join(default)) };
    let below_home = named.strip_prefix("~/").zip(home).map(|(path, home)| home.join(path));
    Some(below_home.unwrap_or_else(|| PathBuf::from(named)))
}

fn sections(
    file: PathBuf,
    read: impl Fn(&Path) -> io::Result<String>,
) -> Result<Vec<Section>, ConfigError> {
    let text = match read(&file).map_err(|error| error.kind()) {
        Ok(text) => text,
        Err(ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Vec::new()),
        Err(kind) => return Err(ConfigError::Unreadable { file, kind }),
    };
    parse(&text).map_err(|Malformed { line, expected }| ConfigError::Malformed {
        file,
        line,
        expected,
    })
}
