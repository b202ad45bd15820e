//! Profiles: the properties under one name in the config file and the credentials file.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::mem::take;
use std::path::{Path, PathBuf};

use super::ConfigError;
use super::ini::{Fault, Properties, Section, parse};

/// A profile. Has no `Debug`, since it may contain secrets.
#[derive(Default)]
pub(super) struct Profile {
    pub(super) name: String,
    properties: Properties,
    /// The `[services]` section that the profile refers to.
    services: Properties,
}

const DEFAULT: &str = "default";

/// The properties of an access key: id, secret and session token.
pub(super) const ACCESS_KEY: [&str; 3] =
    ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"];

impl Profile {
    /// Finds the profile `name`, or the default profile, which need not exist. In the credentials file,
    /// the heading of a profile is its name alone. `[profile default]` takes precedence over `[default]`.
    ///
    /// Removes the sections of the profile from the files.
    ///
    /// # Errors
    /// If the profile or its `[services]` section does not exist or is malformed.
    pub(super) fn find(
        name: Option<&str>,
        [config, credentials]: &mut [SettingsFile; 2],
    ) -> Result<Self, ConfigError> {
        let name = name.unwrap_or(DEFAULT);
        let mut in_config =
            config.take(|heading| section_name(heading, "profile") == Some(name))?;
        if in_config.is_none() && name == DEFAULT {
            in_config = config.take(|heading| heading == DEFAULT)?;
        }
        let in_credentials = credentials.take(|heading| unquoted(heading) == name)?;
        if in_config.is_none() && in_credentials.is_none() && name != DEFAULT {
            let location = match (config.path.to_str(), credentials.path.to_str()) {
                (Some(""), Some("")) => ": HOME is unset, so no file was searched".to_owned(),
                (Some(""), _) => format!(" in {}", credentials.path.display()),
                (_, Some("")) => format!(" in {}", config.path.display()),
                _ => format!(" in {} or {}", config.path.display(), credentials.path.display()),
            };
            return Err(ConfigError::Profile(format!("profile {name:?} not found{location}")));
        }
        let mut properties = in_config.unwrap_or_default();
        let outranking = in_credentials.unwrap_or_default();
        // An access key id must not be combined with the secret or the token of the other file. As in the
        // AWS CLI, an access key in the config file has the lowest rank.
        let has = |properties: &Properties, key: &str| {
            properties.get(key).is_some_and(|value| !value.is_empty())
        };
        let in_either = |key: &&str| has(&properties, key) || has(&outranking, key);
        if ["credential_process", "login_session"].iter().any(in_either)
            || ACCESS_KEY[..2].iter().any(|key| has(&outranking, key))
        {
            properties.0.retain(|(key, _)| !ACCESS_KEY.contains(&key.as_str()));
        }
        properties.extend(outranking);
        let mut profile =
            Self { name: name.to_owned(), properties, services: Properties::default() };
        if let Some(section) = profile.get("services") {
            let services = |heading: &str| section_name(heading, "services") == Some(section);
            let services = config.take(services)?;
            profile.services = services.ok_or_else(|| {
                let missing = format!("section [services {section}] not found");
                ConfigError::Profile(format!("{missing}, which profile {name:?} refers to"))
            })?;
        }
        Ok(profile)
    }

    /// Returns the value of a property. An empty value counts as unset.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.properties.get(key).filter(|value| !value.is_empty())
    }

    /// Returns the endpoint URLs of services, with each service id spelled as in the environment
    /// variable: `CHIME_SDK_VOICE`.
    pub(super) fn endpoint_urls(&self) -> impl Iterator<Item = (String, String)> {
        self.services.0.iter().filter(|(_, url)| !url.is_empty()).filter_map(|(key, url)| {
            let service = key.strip_suffix("\nendpoint_url")?;
            Some((service.to_ascii_uppercase(), url.clone()))
        })
    }

    pub(super) fn error(&self, key: &str, expected: &str) -> ConfigError {
        ConfigError::Profile(format!("{key} of profile {:?} must be {expected}", self.name))
    }
}

/// Returns the name in a heading of the form `kind name`.
fn section_name<'a>(heading: &'a str, kind: &str) -> Option<&'a str> {
    let (found, name) = heading.split_once(char::is_whitespace)?;
    (found == kind).then(|| unquoted(name))
}

/// Returns the names of all profiles, sorted.
pub(super) fn names([config, credentials]: &[SettingsFile; 2]) -> BTreeSet<&str> {
    let in_config = config.headings().filter_map(|heading| {
        section_name(heading, "profile").or_else(|| (heading == DEFAULT).then_some(heading))
    });
    let in_credentials = credentials.headings().map(unquoted);
    in_config.chain(in_credentials).filter(|name| !name.is_empty()).collect()
}

/// Removes the quotes that the AWS CLI puts around a name with spaces.
fn unquoted(name: &str) -> &str {
    let name = name.trim();
    let inside = |quote| name.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or_else(|| inside('\'')).unwrap_or(name)
}

/// A config or credentials file. The path, for messages, is empty if none is known.
#[derive(Default)]
pub(super) struct SettingsFile {
    pub(super) path: PathBuf,
    pub(super) sections: Vec<Section>,
}

impl SettingsFile {
    pub(super) fn read(
        path: Option<PathBuf>,
        is_needed: bool,
        read: impl Fn(&Path) -> io::Result<String>,
    ) -> Result<Self, ConfigError> {
        use ErrorKind::{IsADirectory, NotADirectory, NotFound, PermissionDenied};
        let Some(mut path) = path else { return Ok(Self::default()) };
        let text = match read(&path).map_err(|error| error.kind()) {
            Ok(text) => text,
            // Docker creates a directory if a file to be mounted is missing.
            Err(NotFound | NotADirectory | IsADirectory) => String::new(),
            // In a container, it can belong to another user.
            Err(PermissionDenied) if !is_needed => {
                tracing::warn!(file = %path.display(), "ignored a settings file: permission denied");
                path.as_mut_os_string().push(" (permission denied)");
                String::new()
            }
            Err(kind) => {
                let message = format!("cannot read {}: {kind}", path.display());
                return Err(ConfigError::Profile(message));
            }
        };
        Ok(Self { path, sections: parse(&text) })
    }

    fn headings(&self) -> impl Iterator<Item = &str> {
        self.sections.iter().map(|section| section.heading.as_str())
    }

    /// Removes the sections whose heading `matches` and returns their properties.
    fn take(&mut self, matches: impl Fn(&str) -> bool) -> Result<Option<Properties>, ConfigError> {
        let (matching, others): (Vec<_>, _) =
            take(&mut self.sections).into_iter().partition(|section| matches(&section.heading));
        self.sections = others;
        if let Some(Fault { line, expected }) = matching.iter().find_map(|s| s.faults.first()) {
            let location = format!("{}:{line}", self.path.display());
            return Err(ConfigError::Profile(format!("{location}: expected {expected}")));
        }
        Ok(matching.into_iter().map(|section| section.properties).reduce(|mut merged, more| {
            merged.extend(more);
            merged
        }))
    }
}

/// Reads a settings file. Replaces bytes that are not UTF-8. The parser reports them where they matter:
/// not in comments and unused profiles.
pub(super) fn read_file(path: &Path) -> io::Result<String> {
    // On Windows, reading a directory has the same error as reading a locked file.
    if path.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let bytes = std::fs::read(path)?;
    // UTF-16 or binary data: every line would be malformed.
    if bytes.contains(&0) {
        return Err(ErrorKind::InvalidData.into());
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
