//! A profile: the properties that the config file and the credentials file have under one name.

use std::collections::BTreeMap;

use super::ConfigError;
use super::ini::Properties;
use super::load::SettingsFile;

/// Without `Debug`: it may hold secrets.
pub(super) struct Profile {
    pub(super) name: String,
    properties: Properties,
    /// The `[services]` section that the profile refers to.
    services: Properties,
}

const DEFAULT: &str = "default";

const ACCESS_KEY: [&str; 3] = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"];

impl Profile {
    /// Finds the profile `name`, or the default profile, which need not exist. In the credentials
    /// file, the heading of a profile is its bare name. `[profile default]` outranks `[default]`.
    ///
    /// What remains in the files is not used by the profile.
    ///
    /// # Errors
    /// If the profile or its `[services]` section does not exist or is malformed.
    pub(super) fn find(
        name: Option<&str>,
        config: &mut SettingsFile,
        credentials: &mut SettingsFile,
    ) -> Result<Self, ConfigError> {
        let name = name.unwrap_or(DEFAULT);
        let mut in_config = config.take(|heading| is_section(heading, "profile", name))?;
        if in_config.is_none() && name == DEFAULT {
            in_config = config.take(|heading| heading == DEFAULT)?;
        }
        let in_credentials = credentials.take(|heading| unquoted(heading) == name)?;
        if in_config.is_none() && in_credentials.is_none() && name != DEFAULT {
            let files = [&config.path, &credentials.path].map(Clone::clone).into_iter();
            let files = files.filter(|file| !file.as_os_str().is_empty()).collect();
            return Err(ConfigError::NoProfile { name: name.to_owned(), files });
        }
        let mut properties = in_config.unwrap_or_default();
        let outranking = in_credentials.unwrap_or_default();
        // An id of one file must not meet the secret or the token of the other.
        if ACCESS_KEY.iter().take(2).any(|key| outranking.contains_key(*key)) {
            properties.retain(|key, _| !ACCESS_KEY.contains(&key.as_str()));
        }
        properties.extend(outranking);
        let mut profile = Self { name: name.to_owned(), properties, services: Properties::new() };
        if let Some(services) = profile.get("services") {
            let found = config.take(|heading| is_section(heading, "services", services))?;
            profile.services = found.ok_or_else(|| ConfigError::NoServices {
                name: services.to_owned(),
                profile: name.to_owned(),
            })?;
        }
        Ok(profile)
    }

    /// Returns the value of a property. An empty one counts as unset.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.properties.get(key).map(|property| property.value.as_str()).filter(|v| !v.is_empty())
    }

    /// Returns the endpoint URLs of services. A service id is spelled as in the environment
    /// variable: `CHIME_SDK_VOICE`.
    pub(super) fn endpoint_urls(&self) -> BTreeMap<String, String> {
        let urls = self.services.iter().filter_map(|(service, property)| {
            let url = property.nested.get("endpoint_url").filter(|url| !url.is_empty())?;
            Some((service.to_ascii_uppercase(), url.clone()))
        });
        urls.collect()
    }
}

/// Whether a heading is `kind name`.
fn is_section(heading: &str, kind: &str, name: &str) -> bool {
    heading
        .split_once(char::is_whitespace)
        .is_some_and(|(found, rest)| found == kind && unquoted(rest) == name)
}

/// Removes the quotes that the AWS CLI puts around a name with spaces.
fn unquoted(name: &str) -> &str {
    let name = name.trim();
    let inside = |quote| name.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or_else(|| inside('\'')).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::super::ini::parse;
    use super::*;

    fn profile(
        name: Option<&str>,
        config: &str,
        credentials: &str,
    ) -> Result<Profile, ConfigError> {
        let file = |path: &str, text| SettingsFile { path: path.into(), document: parse(text) };
        let [mut config, mut credentials] = [file("/config", config), file("", credentials)];
        Profile::find(name, &mut config, &mut credentials)
    }

    #[test]
    fn the_credentials_file_outranks_the_other() {
        let found = profile(
            Some("x"),
            "[profile x]\na = 1\nb = 1\n[x]\na = no profile\n[profile x]\nc = 1",
            "[x]\nb = 2\n[profile x]\nb = 3",
        );
        let found = found.ok().unwrap();
        assert_eq!(["a", "b", "c"].map(|key| found.get(key)), [Some("1"), Some("2"), Some("1")]);
    }

    #[test]
    fn the_default_profile() {
        let get = |config| profile(None, config, "").ok().unwrap().get("a").map(str::to_owned);
        assert_eq!(get("[default]\na = 1").as_deref(), Some("1"));
        assert_eq!(get("[profile default]\na = 2\n[default]\na = 1").as_deref(), Some("2"));
        assert_eq!(get("[other]\na = 1"), None);
        assert!(profile(Some("default"), "", "").is_ok());
    }

    #[test]
    fn names_in_quotes() {
        let quoted = "[profile \"two words\"]\na = 1";
        assert_eq!(profile(Some("two words"), quoted, "").ok().unwrap().get("a"), Some("1"));
    }

    #[test]
    fn an_access_key_comes_from_one_file() {
        let config = "[default]\naws_access_key_id = a\naws_secret_access_key = b\n\
                      aws_session_token = c\nregion = r";
        let get = |credentials, key| {
            profile(None, config, credentials).ok().unwrap().get(key).map(str::to_owned)
        };
        let id_alone = "[default]\naws_access_key_id = other";
        assert_eq!(get(id_alone, "aws_access_key_id").as_deref(), Some("other"));
        assert_eq!(get(id_alone, "aws_secret_access_key"), None);
        assert_eq!(get(id_alone, "aws_session_token"), None);
        assert_eq!(get(id_alone, "region").as_deref(), Some("r"));
        assert_eq!(get("[default]\nregion = s", "aws_session_token").as_deref(), Some("c"));
    }

    #[test]
    fn sections_that_do_not_exist() {
        let error = profile(Some("x"), "[profile y]", "").map(|_| ()).unwrap_err();
        let expected = ConfigError::NoProfile { name: "x".into(), files: vec!["/config".into()] };
        assert_eq!(error, expected);
        assert!(profile(Some("x"), "", "[x]").is_ok());
        let error = profile(None, "[default]\nservices = s", "").map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("[services s]"), "{error}");
    }
}
