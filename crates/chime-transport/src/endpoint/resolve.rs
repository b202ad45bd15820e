//! Resolves the endpoint of a service by the rules that all AWS clients follow.

use std::fmt;

use super::partition::{AWS, OTHERS};
use super::{Endpoint, InvalidUrl};
use crate::Config;

/// The properties of a service that the endpoint rules depend on.
#[derive(Clone, Copy, Debug)]
pub struct EndpointParams<'a> {
    /// The service id, such as `Chime SDK Voice`.
    pub id: &'a str,
    /// The first label of its host names.
    pub prefix: &'a str,
    /// The service name in the signing scope.
    pub signing_name: &'a str,
    /// The region that serves the whole partition `aws`, for services with a single region.
    pub global_region: Option<&'a str>,
    /// The regions in which the service exists. Empty: any.
    pub regions: &'a [&'a str],
}

/// The reason why no endpoint can be resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// FIPS is set together with a custom endpoint URL.
    FipsWithUrl,
    /// Dual stack is set together with a custom endpoint URL.
    DualStackWithUrl,
    /// No region is set, and the service has no global region.
    MissingRegion,
    /// The region is not a valid host label.
    InvalidRegion(String),
    /// The region is a FIPS pseudo-region, such as `fips-us-east-1`.
    FipsRegion(String),
    /// The service does not exist in the region.
    UnsupportedRegion {
        /// The service's id.
        service: String,
        /// The region.
        region: String,
        /// The regions in which the service exists, separated by commas.
        regions: String,
    },
    /// The custom endpoint URL is invalid.
    Invalid(InvalidUrl),
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FipsWithUrl => f.write_str("FIPS cannot be combined with a custom endpoint URL"),
            Self::DualStackWithUrl => {
                f.write_str("dual stack cannot be combined with a custom endpoint URL")
            }
            Self::MissingRegion => f.write_str(
                "no region is set: set AWS_REGION, or a region in the profile or in code",
            ),
            Self::InvalidRegion(region) => write!(
                f,
                "the region {region:?} is invalid: it must have 1 to 63 letters, digits and hyphens, \
                 and no hyphen at either end"
            ),
            Self::FipsRegion(region) => write!(
                f,
                "the region {region:?} is invalid: set the region without \"fips\", and use_fips \
                 (AWS_USE_FIPS_ENDPOINT=true)"
            ),
            Self::UnsupportedRegion { service, region, regions } => write!(
                f,
                "{service} does not exist in {region}, only in {regions}; set an endpoint URL to call \
                 it there anyway"
            ),
            Self::Invalid(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for EndpointError {}

impl From<InvalidUrl> for EndpointError {
    fn from(error: InvalidUrl) -> Self {
        Self::Invalid(error)
    }
}

/// A host that the documentation of AWS still names. Requests to it are always signed for us-east-1.
const OLD_HOST: &str = "service.chime.aws.amazon.com";

/// Returns the endpoint of `service`: at `url` if set, or else at the host that the rules define.
pub(crate) fn resolve(
    service: &EndpointParams<'_>,
    config: &Config,
    url: Option<&str>,
) -> Result<Endpoint, EndpointError> {
    let Config { use_fips, use_dual_stack, .. } = *config;
    // A service with a single region needs no region setting.
    let region = config.region.as_deref().or(service.global_region);
    if let Some(region) = region.filter(|region| !is_host_label(region)) {
        return Err(EndpointError::InvalidRegion(region.to_owned()));
    }
    // Some AWS clients replace such a name by the region and `use_fips`. As the name of a region, it would
    // lead to a host without FIPS.
    let is_fips = |region: &&str| region.starts_with("fips-") || region.ends_with("-fips");
    if let Some(region) = region.filter(is_fips) {
        return Err(EndpointError::FipsRegion(region.to_owned()));
    }
    if let Some(url) = url {
        if use_fips {
            return Err(EndpointError::FipsWithUrl);
        } else if use_dual_stack {
            return Err(EndpointError::DualStackWithUrl);
        }
        let region = if is_old_host(url) { service.global_region } else { region };
        let region = region.ok_or(EndpointError::MissingRegion)?;
        return Ok(match config.allow_plain_http {
            true => Endpoint::with_plain_http(url, region, service.signing_name)?,
            false => Endpoint::new(url, region, service.signing_name)?,
        });
    }
    let region = region.ok_or(EndpointError::MissingRegion)?;
    if !service.regions.is_empty() && !service.regions.contains(&region) {
        return Err(EndpointError::UnsupportedRegion {
            service: service.id.to_owned(),
            region: region.to_owned(),
            regions: service.regions.join(", "),
        });
    }
    let elsewhere = OTHERS.iter().find(|partition| partition.has(region));
    let region = match service.global_region {
        Some(global) if elsewhere.is_none() && !use_fips && !use_dual_stack => global,
        _ => region,
    };
    let partition = elsewhere.unwrap_or(&AWS);
    let suffix =
        if use_dual_stack { partition.dual_stack_dns_suffix } else { partition.dns_suffix };
    let prefix = service.prefix;
    let fips = if use_fips { "-fips" } else { "" };
    let url = format!("https://{prefix}{fips}.{region}.{suffix}");
    Ok(Endpoint::new(&url, region, service.signing_name)?)
}

/// Returns whether a text is a host label. Other text could redirect requests to another host, or break
/// the signing scope.
fn is_host_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_old_host(url: &str) -> bool {
    let uri = url.parse::<http::Uri>();
    uri.is_ok_and(|uri| uri.host().is_some_and(|host| host.eq_ignore_ascii_case(OLD_HOST)))
}

// The tests of the workspace compare all other cases with the rule sets of AWS.
#[cfg(test)]
mod tests {
    use super::*;

    fn chime(region: &str, url: Option<&str>) -> Result<String, EndpointError> {
        let global_region = Some("us-east-1");
        let chime = EndpointParams {
            id: "Chime",
            prefix: "chime",
            signing_name: "chime",
            global_region,
            regions: &[],
        };
        let mut config = Config::default();
        config.region = Some(region.to_owned());
        resolve(&chime, &config, url)
            .map(|endpoint| format!("{} {endpoint}", endpoint.scope().region))
    }

    #[test]
    fn a_url_is_signed_for_the_region_unless_its_host_is_the_old_one() {
        for (region, url) in [
            ("eu-west-1", "http://127.0.0.1:1/x"),
            ("us-east-1", "https://service.chime.aws.amazon.com/console"),
            ("us-east-1", "https://Service.Chime.AWS.Amazon.com"),
        ] {
            let expected = format!("{region} {}", url.to_ascii_lowercase());
            assert_eq!(chime("eu-west-1", Some(url)), Ok(expected));
        }
    }

    #[test]
    fn a_region_is_a_host_label() {
        let long = "a".repeat(64);
        for region in ["", "evil.com/", "a@b", "a b", "a_b", "-a", "a-", "é", "a:1", &long] {
            for url in [None, Some("http://a")] {
                let error = chime(region, url).unwrap_err();
                assert_eq!(error, EndpointError::InvalidRegion(region.to_owned()));
            }
        }
        let url = "us-east-1 https://chime.us-east-1.amazonaws.com";
        assert_eq!(chime(&long[1..], None).as_deref(), Ok(url));
    }

    #[test]
    fn a_fips_pseudo_region_is_refused() {
        for region in ["fips-us-east-1", "us-gov-west-1-fips"] {
            for url in [None, Some("http://a")] {
                let error = chime(region, url).unwrap_err().to_string();
                assert!(error.contains(region) && error.contains("use_fips"), "{error}");
            }
        }
    }

    #[test]
    fn a_regional_service_needs_its_region() {
        let (id, prefix) = ("Chime SDK Voice", "voice-chime");
        let regions = &["us-east-1", "us-west-2"];
        let voice =
            EndpointParams { id, prefix, signing_name: "chime", global_region: None, regions };
        let mut config = Config::default();
        assert_eq!(resolve(&voice, &config, None), Err(EndpointError::MissingRegion));
        config.region = Some("us-west-2".to_owned());
        let url = resolve(&voice, &config, None).unwrap().to_string();
        assert_eq!(url, "https://voice-chime.us-west-2.amazonaws.com");
        config.region = Some("eu-north-1".to_owned());
        let error = resolve(&voice, &config, None).unwrap_err().to_string();
        let expected = "Chime SDK Voice does not exist in eu-north-1, only in us-east-1, us-west-2; \
            set an endpoint URL to call it there anyway";
        assert_eq!(error, expected);
        assert!(resolve(&voice, &config, Some("http://localhost:1")).is_ok());
    }
}
