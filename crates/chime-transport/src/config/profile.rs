//! A profile: what the config file and the credentials file say under one name.

use std::collections::BTreeMap;

use super::ConfigError;
use super::ini::{Properties, Section};

/// Without `Debug`: it may hold secrets.
pub(super) struct Profile {
    pub(super) name: String,
    properties: Properties,
    /// Of the `[services]` section that the profile refers to.
    services: Properties,
}

/// The profile that counts where nobody names one; it need not exist.
const DEFAULT: &str = "default";

impl Profile {
    /// The profile `name`, or the default one. In the credentials file every section is a
    /// profile. What that file says outranks the config file.
    pub(super) fn of(
        name: Option<&str>,
        config: Vec<Section>,
        credentials: Vec<Section>,
    ) -> Result<Self, ConfigError> {
        let mut files = Files::default();
        config.into_iter().for_each(|section| files.add(section));
        let named = |section: &Section| unquoted(&section.heading) == name.unwrap_or(DEFAULT);
        let credentials: Vec<_> = credentials.into_iter().filter(named).collect();
        let own = match name.unwrap_or(DEFAULT) {
            DEFAULT => files.profiles.remove(DEFAULT).or(files.default),
            name => files.profiles.remove(name),
        };
        let name = match name {
            Some(name) if own.is_none() && credentials.is_empty() && name != DEFAULT => {
                return Err(ConfigError::NoProfile { name: name.to_owned() });
            }
            name => name.unwrap_or(DEFAULT).to_owned(),
        };
        let mut properties = own.unwrap_or_default();
        properties.extend(credentials.into_iter().flat_map(|section| section.properties));
        let mut profile = Self { name, properties, services: Properties::new() };
        if let Some(services) = profile.get("services") {
            let Some(services) = files.services.remove(services) else {
                return Err(ConfigError::NoServices {
                    name: services.to_owned(),
                    profile: profile.name,
                });
            };
            profile.services = services;
        }
        Ok(profile)
    }

    /// A property that is not empty.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.properties.get(key).map(|property| property.value.as_str()).filter(|v| !v.is_empty())
    }

    /// The endpoint URLs of services, by their ids in the spelling of the environment's variables.
    pub(super) fn endpoint_urls(&self) -> BTreeMap<String, String> {
        let urls = self.services.iter().filter_map(|(service, property)| {
            let url = property.nested.get("endpoint_url").filter(|url| !url.is_empty())?;
            Some((service.to_ascii_uppercase(), url.clone()))
        });
        urls.collect()
    }
}

/// The sections of a config file that mean something here. The same heading may come more often.
#[derive(Default)]
struct Files {
    /// `[default]`, which `[profile default]` outranks.
    default: Option<Properties>,
    profiles: BTreeMap<String, Properties>,
    services: BTreeMap<String, Properties>,
}

impl Files {
    fn add(&mut self, section: Section) {
        let place = match section.heading.split_once(char::is_whitespace) {
            Some(("profile", name)) => self.profiles.entry(unquoted(name).to_owned()).or_default(),
            Some(("services", name)) => self.services.entry(unquoted(name).to_owned()).or_default(),
            None if section.heading == DEFAULT => self.default.get_or_insert_default(),
            _ => return,
        };
        place.extend(section.properties);
    }
}

/// A name without the quotes that the AWS CLI puts around one with spaces.
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
        let [config, credentials] = [config, credentials].map(|text| parse(text).ok().unwrap());
        Profile::of(name, config, credentials)
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
    fn names_that_lead_nowhere() {
        let error = profile(Some("x"), "[profile y]", "").map(|_| ()).unwrap_err();
        assert_eq!(error, ConfigError::NoProfile { name: "x".to_owned() });
        assert!(profile(Some("x"), "", "[x]").is_ok());
        let error = profile(None, "[default]\nservices = s", "").map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("[services s]"), "{error}");
    }
}
