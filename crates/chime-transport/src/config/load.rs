//! Loads settings from the environment and from the shared config and credentials files.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::ini::{Document, Fault, Properties, parse};
use super::profile::Profile;
use super::settings::Settings;
use super::{Config, ConfigError};

impl Config {
    /// Loads settings from the environment, and those that are unset there from a profile in the
    /// shared files `~/.aws/config` and `~/.aws/credentials`.
    ///
    /// `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` name other files. A file that does not
    /// exist counts as empty, and so does a directory in its place.
    ///
    /// `AWS_PROFILE` selects the profile. Default: `default`, which need not exist.
    /// `AWS_DEFAULT_PROFILE`, which the AWS CLI prefers to `AWS_PROFILE`, is not read.
    ///
    /// The other variables are those of [`from_env`](Self::from_env). Of the profile, these
    /// properties are read: `aws_access_key_id`, `aws_secret_access_key`, `aws_session_token`,
    /// `credential_process`, `region`, `endpoint_url`, `services` and the `endpoint_url` of each
    /// service in that section, `ignore_configured_endpoint_urls`, `use_fips_endpoint`,
    /// `use_dualstack_endpoint`, `retry_mode`, `max_attempts`, `defaults_mode`,
    /// `disable_clock_skew_correction`, `sdk_ua_app_id` and `ca_bundle`. Where both files have the
    /// profile, the credentials file outranks the config file, and an access key is never combined
    /// from both.
    ///
    /// A profile that gets its credentials in another way, such as with a role or SSO, needs a
    /// credentials provider in code. Without one, its calls fail with an error that says so.
    ///
    /// # Errors
    /// - A setting is invalid, or an access key is incomplete.
    /// - The selected profile or its `services` section does not exist, or has a malformed line.
    ///   Malformed lines elsewhere are ignored, with an event of level `WARN` for each.
    /// - A file exists and cannot be read.
    pub fn load() -> Result<Self, ConfigError> {
        Self::load_with(Vars::of_process(), None, read_file, warn)
    }

    /// Loads settings as [`load`](Self::load) does, with this profile instead of `AWS_PROFILE`. The
    /// credentials are those of the profile, whatever the environment has. An empty name counts as
    /// unset.
    ///
    /// # Errors
    /// As for [`load`](Self::load).
    pub fn load_profile(name: &str) -> Result<Self, ConfigError> {
        Self::load_with(Vars::of_process(), Some(name), read_file, warn)
    }

    /// Loads settings as [`load`](Self::load) or [`load_profile`](Self::load_profile) do, from the
    /// given variables and through the given function for reading files. Its errors `NotFound`,
    /// `NotADirectory` and `IsADirectory` mean a missing file.
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
        Self::load_with(Vars::new(vars), profile, read, warn)
    }

    /// Hands malformed lines that the profile does not use to `warn`.
    pub(super) fn load_with(
        vars: Vars,
        profile: Option<&str>,
        read: impl Fn(&Path) -> io::Result<String>,
        mut warn: impl FnMut(&Path, &Fault),
    ) -> Result<Self, ConfigError> {
        let file = |var, default| SettingsFile::read(vars.settings_file(var, default), &read);
        let mut config = file("AWS_CONFIG_FILE", ".aws/config")?;
        let mut credentials = file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")?;
        let in_code = profile.filter(|name| !name.is_empty());
        let name = match in_code {
            Some(name) => Some(name),
            None => vars.text("AWS_PROFILE")?,
        };
        let found = Profile::find(name, &mut config, &mut credentials);
        // Also if there is no such profile: a malformed heading may be the reason.
        for file in [&config, &credentials] {
            let unused = file.document.sections.iter().flat_map(|section| &section.faults);
            file.document.stray.iter().chain(unused).for_each(|fault| warn(&file.path, fault));
        }
        let profile = Some(found?);
        let profile_in_code = in_code.is_some();
        Settings { vars, profile, profile_in_code }.config()
    }
}

/// Environment variables. Those whose name is not UTF-8 are dropped: no such name is read.
pub(super) struct Vars(BTreeMap<String, OsString>);

impl Vars {
    pub(super) fn new<N: Into<OsString>, V: Into<OsString>>(
        vars: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let named = |(name, value): (N, V)| Some((name.into().into_string().ok()?, value.into()));
        Self(vars.into_iter().filter_map(named).collect())
    }

    pub(super) fn of_process() -> Self {
        Self::new(std::env::vars_os())
    }

    /// Returns the value of a variable. An empty one counts as unset.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        Ok(self.text_or_empty(name)?.filter(|value| !value.is_empty()))
    }

    /// Returns the value of a variable, even if it is empty.
    pub(super) fn text_or_empty(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        value.to_str().map(Some).ok_or_else(|| ConfigError::NotUtf8 { name: name.to_owned() })
    }

    /// Returns the value of a variable that holds a path, which need not be UTF-8.
    pub(super) fn path(&self, name: &str) -> Option<&Path> {
        self.0.get(name).filter(|path| !path.is_empty()).map(Path::new)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Returns the path of a settings file: the one that `var` names, or `default` below the home
    /// directory. `None` if both are unset.
    fn settings_file(&self, var: &str, default: &str) -> Option<PathBuf> {
        let home = self.path("HOME").or_else(|| self.path("USERPROFILE"));
        let Some(named) = self.path(var) else { return Some(home?.join(default)) };
        let below_home = named.strip_prefix("~").ok().zip(home).map(|(path, home)| home.join(path));
        Some(below_home.unwrap_or_else(|| named.to_owned()))
    }
}

/// A config or credentials file. The path is empty if none is known.
#[derive(Default)]
pub(super) struct SettingsFile {
    pub(super) path: PathBuf,
    pub(super) document: Document,
}

impl SettingsFile {
    fn read(
        path: Option<PathBuf>,
        read: impl Fn(&Path) -> io::Result<String>,
    ) -> Result<Self, ConfigError> {
        use ErrorKind::{IsADirectory, NotADirectory, NotFound};
        let Some(path) = path else { return Ok(Self::default()) };
        let text = match read(&path).map_err(|error| error.kind()) {
            Ok(text) => text,
            // Docker makes a directory of the path of a file that is to be mounted and is missing.
            Err(NotFound | NotADirectory | IsADirectory) => String::new(),
            Err(kind) => return Err(ConfigError::Unreadable { file: path, kind }),
        };
        Ok(Self { path, document: parse(&text) })
    }

    /// Removes the sections whose heading `matches` and returns their properties.
    ///
    /// # Errors
    /// If one of them has a malformed line.
    pub(super) fn take(
        &mut self,
        matches: impl Fn(&str) -> bool,
    ) -> Result<Option<Properties>, ConfigError> {
        let Some(section) = self.document.take(matches) else { return Ok(None) };
        match section.faults.first() {
            None => Ok(Some(section.properties)),
            Some(&Fault { line, expected }) => {
                Err(ConfigError::Malformed { file: self.path.clone(), line, expected })
            }
        }
    }
}

/// Reads a settings file. Characters that are not UTF-8 are replaced: in a comment or in an unused
/// profile they do no harm, and elsewhere the parser reports them.
pub(super) fn read_file(path: &Path) -> io::Result<String> {
    // Windows refuses to read a directory with the same error as for a locked file.
    if path.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let bytes = std::fs::read(path)?;
    // Text in UTF-16, or no text at all: every line would be malformed.
    if bytes.contains(&0) {
        return Err(ErrorKind::InvalidData.into());
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn warn(file: &Path, fault: &Fault) {
    let Fault { line, expected } = fault;
    tracing::warn!(file = %file.display(), line, expected, "ignored malformed text in a settings file");
}
