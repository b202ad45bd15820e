//! Loads settings from the environment and from the shared config and credentials files.

use std::io;
use std::path::Path;

use super::ini::Fault;
use super::profile::{self, Profile, SettingsFile, read_file};
use super::settings::Settings;
use super::{Config, ConfigError};

impl Config {
    /// Loads settings from the environment variables that AWS clients share. White space around values is
    /// ignored, except in paths. An empty variable counts as unset. Does not read the shared files;
    /// [`load`](Self::load) does.
    ///
    /// | variable | setting |
    /// | --- | --- |
    /// | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | [`credentials`](Self::credentials) |
    /// | `AWS_REGION`, then `AWS_DEFAULT_REGION` | [`region`](Self::region) |
    /// | `AWS_ENDPOINT_URL_<SERVICE>`, then `AWS_ENDPOINT_URL` | the endpoint, unless [`endpoint_url`](Self::endpoint_url) is set in code |
    /// | `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` | if `true`, the two above are ignored |
    /// | `AWS_USE_FIPS_ENDPOINT` | [`use_fips`](Self::use_fips) |
    /// | `AWS_USE_DUALSTACK_ENDPOINT` | [`use_dual_stack`](Self::use_dual_stack) |
    /// | `AWS_RETRY_MODE` | [`retry_mode`](Self::retry_mode) |
    /// | `AWS_MAX_ATTEMPTS` | [`max_attempts`](Self::max_attempts) |
    /// | `AWS_DEFAULTS_MODE` | timeouts, see below |
    /// | `AWS_DISABLE_CLOCK_SKEW_CORRECTION` | [`correct_clock_skew`](Self::correct_clock_skew), inverted |
    /// | `AWS_SDK_UA_APP_ID`, `AWS_EXECUTION_ENV` | [`app_id`](Self::app_id), [`execution_env`](Self::execution_env) |
    /// | `AWS_CA_BUNDLE` | the certificate bundle of [`roots`](Self::roots) |
    /// | `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` | [`proxies`](Self::proxies) |
    /// | `_X_AMZN_TRACE_ID` if `AWS_LAMBDA_FUNCTION_NAME` is set | [`trace_id`](Self::trace_id) |
    ///
    /// The defaults mode sets [`connect_timeout`](Self::connect_timeout): 1.1 s for `in-region`, 30 s
    /// for `mobile`, and the default of 3.1 s for `standard`, `cross-region`, `auto` and `legacy`.
    /// `mobile` also sets [`attempt_timeout`](Self::attempt_timeout) to 60 s.
    ///
    /// `AWS_SESSION_TOKEN` is ignored without an access key.
    ///
    /// # Errors
    /// If a variable in the table is invalid or not UTF-8 (except paths), or if only one of
    /// `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` is set.
    pub fn from_env() -> Result<Self, ConfigError> {
        Settings::new(std::env::vars_os()).config()
    }

    /// Loads settings as [`from_env`](Self::from_env) does, from the given variables.
    ///
    /// # Errors
    /// As for [`from_env`](Self::from_env).
    pub fn from_vars(
        vars: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        Settings::new(vars).config()
    }

    /// Loads settings from the environment, and those that are unset there from a profile in the
    /// shared files `~/.aws/config` and `~/.aws/credentials`.
    ///
    /// `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` select other files. A missing file, or a
    /// directory in its place, counts as empty. If the environment has an access key, so does a file that
    /// no variable names and that may not be read; an event of level `WARN` says so.
    ///
    /// `AWS_PROFILE` selects the profile. Default: `default`, which need not exist.
    /// `AWS_DEFAULT_PROFILE`, which the AWS CLI prefers to `AWS_PROFILE`, is not read.
    ///
    /// The other variables are those of [`from_env`](Self::from_env). These properties of the profile
    /// are read: `aws_access_key_id`, `aws_secret_access_key`, `aws_session_token`,
    /// `credential_process`, `region`, `endpoint_url`, `services` and the `endpoint_url` of each
    /// service in that section, `ignore_configured_endpoint_urls`, `use_fips_endpoint`,
    /// `use_dualstack_endpoint`, `retry_mode`, `max_attempts`, `defaults_mode`,
    /// `disable_clock_skew_correction`, `sdk_ua_app_id` and `ca_bundle`, and those of
    /// [`tool_property`](Self::tool_property). If both files contain the profile, the credentials file
    /// takes precedence. The parts of an access key always come from the same file. An access key in the
    /// credentials file takes precedence over `credential_process`, which takes precedence over one in the
    /// config file.
    ///
    /// A profile that gets its credentials in another way, such as with a role or SSO, needs a
    /// credentials provider in code. Without one, its calls fail with an error that says so.
    ///
    /// # Errors
    /// - A setting is invalid, or an access key is incomplete.
    /// - The selected profile or its `services` section does not exist, or has a malformed line.
    ///   Malformed lines elsewhere are ignored, with an event of level `WARN` for each.
    /// - A file exists and cannot be read, except as above.
    pub fn load() -> Result<Self, ConfigError> {
        Self::load_with(Settings::new(std::env::vars_os()), None, read_file, warn)
    }

    /// Loads settings as [`load`](Self::load) does, with this profile instead of `AWS_PROFILE`. Ignores
    /// credentials in the environment. An empty name counts as unset.
    ///
    /// # Errors
    /// As for [`load`](Self::load).
    pub fn load_profile(name: &str) -> Result<Self, ConfigError> {
        Self::load_with(Settings::new(std::env::vars_os()), Some(name), read_file, warn)
    }

    /// Loads settings as [`load`](Self::load) or [`load_profile`](Self::load_profile) do, from the
    /// given variables and through the given function for reading files. Its errors `NotFound`,
    /// `NotADirectory` and `IsADirectory` mean a missing file, and `PermissionDenied` one that may not be
    /// read.
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
        Self::load_with(Settings::new(vars), profile, read, warn)
    }

    /// Returns the names of all profiles in the shared files that [`load`](Self::load) reads, sorted.
    /// Includes profiles that cannot be loaded, for example because of a malformed line.
    ///
    /// # Errors
    /// If a file exists and cannot be read, except as for [`load`](Self::load).
    pub fn profile_names() -> Result<Vec<String>, ConfigError> {
        let files = settings_files(&Settings::new(std::env::vars_os()), read_file)?;
        Ok(profile::names(&files).into_iter().map(str::to_owned).collect())
    }

    /// Passes malformed lines that the profile does not use to `warn`.
    pub(super) fn load_with(
        mut settings: Settings,
        profile: Option<&str>,
        read: impl Fn(&Path) -> io::Result<String>,
        mut warn: impl FnMut(&Path, &Fault),
    ) -> Result<Self, ConfigError> {
        let mut files = settings_files(&settings, read)?;
        let in_code = profile.filter(|name| !name.is_empty());
        let name = match in_code {
            Some(name) => Some(name),
            None => settings.text("AWS_PROFILE")?,
        };
        let found = Profile::find(name, &mut files);
        // Also if the profile is not found, since a malformed heading may be the reason.
        for SettingsFile { path, sections } in &files {
            let unused = sections.iter().flat_map(|section| &section.faults);
            unused.for_each(|fault| warn(path, fault));
        }
        settings.profile = found?;
        settings.profile_in_code = in_code.is_some();
        settings.config()
    }
}

/// Reads the config file and the credentials file.
fn settings_files(
    settings: &Settings,
    read: impl Fn(&Path) -> io::Result<String>,
) -> Result<[SettingsFile; 2], ConfigError> {
    let has_key = settings.var("AWS_ACCESS_KEY_ID").is_some_and(|key| !key.is_empty());
    let file = |var, default| {
        let is_needed = !has_key || settings.path(var).is_some();
        SettingsFile::read(settings.settings_file(var, default), is_needed, &read)
    };
    Ok([
        file("AWS_CONFIG_FILE", ".aws/config")?,
        file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")?,
    ])
}

fn warn(file: &Path, fault: &Fault) {
    let Fault { line, expected } = fault;
    tracing::warn!(file = %file.display(), line, expected, "ignored malformed text in a settings file");
}
