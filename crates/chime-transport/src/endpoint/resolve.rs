//! Resolves the endpoint of a service by the rules that all AWS clients follow.

use std::fmt;

use super::partition::{AWS, OTHERS};
use super::{Endpoint, InvalidUrl};

/// What the endpoint rules need to know about a service.
#[derive(Clone, Copy, Debug)]
pub struct EndpointParams<'a> {
    /// The service's id, such as `Chime SDK Voice`.
    pub id: &'a str,
    /// The first label of its host names.
    pub prefix: &'a str,
    /// The service name in the signing scope.
    pub signing_name: &'a str,
    /// The region that serves the whole partition `aws`, for services with a single one.
    pub global_region: Option<&'a str>,
}

/// The caller's settings.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EndpointSettings<'a> {
    pub(crate) region: Option<&'a str>,
    pub(crate) url: Option<&'a str>,
    pub(crate) use_fips: bool,
    pub(crate) use_dual_stack: bool,
    pub(crate) allow_plain_http: bool,
}

/// Why no endpoint can be resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// FIPS is set together with a custom endpoint URL.
    FipsWithUrl,
    /// Dual stack is set together with a custom endpoint URL.
    DualStackWithUrl,
    /// No region is set, and the service has no global one.
    MissingRegion,
    /// The region is not a valid host label.
    InvalidRegion(String),
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

/// A host that AWS's documentation still names. Requests to it are signed for us-east-1, whatever the
/// region.
const OLD_HOST: &str = "service.chime.aws.amazon.com";

/// The endpoint of `service`.
pub(crate) fn resolve(
    service: &EndpointParams<'_>,
    settings: EndpointSettings<'_>,
) -> Result<Endpoint, EndpointError> {
    let EndpointSettings { region, url, use_fips, use_dual_stack, allow_plain_http } = settings;
    // A service with a single region needs no setting.
    let region = region.or(service.global_region);
    if let Some(region) = region.filter(|region| !is_host_label(region)) {
        return Err(EndpointError::InvalidRegion(region.to_owned()));
    }
    if let Some(url) = url {
        return match (use_fips, use_dual_stack) {
            (true, _) => Err(EndpointError::FipsWithUrl),
            (_, true) => Err(EndpointError::DualStackWithUrl),
            _ => {
                let region = if is_old_host(url) { service.global_region } else { region };
                let region = region.ok_or(EndpointError::MissingRegion)?;
                Ok(match allow_plain_http {
                    true => Endpoint::with_plain_http(url, region, service.signing_name)?,
                    false => Endpoint::new(url, region, service.signing_name)?,
                })
            }
        };
    }
    let region = region.ok_or(EndpointError::MissingRegion)?;
    let elsewhere = OTHERS.iter().find(|partition| partition.has(region));
    let partition = elsewhere.unwrap_or(&AWS);
    let prefix = service.prefix;
    let (host, region) = match (use_fips, use_dual_stack) {
        (false, false) => {
            let region = match (elsewhere, service.global_region) {
                (None, Some(global)) => global,
                _ => region,
            };
            (format!("{prefix}.{region}.{}", partition.dns_suffix), region)
        }
        (fips, dual_stack) => {
            let fips = if fips { "-fips" } else { "" };
            let suffix =
                if dual_stack { partition.dual_stack_dns_suffix } else { partition.dns_suffix };
            (format!("{prefix}{fips}.{region}.{suffix}"), region)
        }
    };
    Ok(Endpoint::new(&format!("https://{host}"), region, service.signing_name)?)
}

/// Anything else could redirect requests to another host, or break the signing scope.
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

#[cfg(test)]
mod tests {
    use super::*;

    const CHIME: EndpointParams<'_> = EndpointParams {
        id: "Chime",
        prefix: "chime",
        signing_name: "chime",
        global_region: Some("us-east-1"),
    };

    fn chime(settings: EndpointSettings<'_>) -> Result<(String, String), EndpointError> {
        let endpoint = resolve(&CHIME, settings)?;
        Ok((endpoint.to_string(), endpoint.scope().region.to_string()))
    }

    fn check(settings: EndpointSettings<'_>, url: &str, region: &str) {
        assert_eq!(chime(settings), Ok((url.to_owned(), region.to_owned())));
    }

    #[test]
    fn one_host_for_the_whole_partition_aws() {
        for region in [None, Some("us-east-1"), Some("eu-central-1"), Some("unheard-of")] {
            let settings = EndpointSettings { region, ..Default::default() };
            check(settings, "https://chime.us-east-1.amazonaws.com", "us-east-1");
        }
    }

    #[test]
    fn other_partitions_have_their_own() {
        for (region, url) in [
            ("cn-north-1", "https://chime.cn-north-1.amazonaws.com.cn"),
            ("us-gov-west-1", "https://chime.us-gov-west-1.amazonaws.com"),
            ("eusc-de-east-1", "https://chime.eusc-de-east-1.amazonaws.eu"),
            ("us-isob-east-1", "https://chime.us-isob-east-1.sc2s.sgov.gov"),
        ] {
            check(EndpointSettings { region: Some(region), ..Default::default() }, url, region);
        }
    }

    #[test]
    fn fips_and_dual_stack_follow_the_region() {
        let region = Some("eu-west-1");
        let with = |use_fips, use_dual_stack| EndpointSettings {
            region,
            use_fips,
            use_dual_stack,
            ..Default::default()
        };
        check(with(true, false), "https://chime-fips.eu-west-1.amazonaws.com", "eu-west-1");
        check(with(false, true), "https://chime.eu-west-1.api.aws", "eu-west-1");
        check(with(true, true), "https://chime-fips.eu-west-1.api.aws", "eu-west-1");
    }

    #[test]
    fn a_url_is_taken_as_it_is_and_signed_for_the_region() {
        let settings = EndpointSettings {
            region: Some("eu-west-1"),
            url: Some("http://127.0.0.1:1/x"),
            ..Default::default()
        };
        check(settings, "http://127.0.0.1:1/x", "eu-west-1");
        let fips = EndpointSettings { use_fips: true, ..settings };
        assert_eq!(chime(fips), Err(EndpointError::FipsWithUrl));
        let dual_stack = EndpointSettings { use_dual_stack: true, ..settings };
        assert_eq!(chime(dual_stack), Err(EndpointError::DualStackWithUrl));
        for url in
            ["https://service.chime.aws.amazon.com/console", "https://Service.Chime.AWS.Amazon.com"]
        {
            check(EndpointSettings { url: Some(url), ..settings }, url, "us-east-1");
        }
    }

    #[test]
    fn a_region_is_a_host_label() {
        let long = "a".repeat(64);
        for region in ["", "evil.com/", "a@b", "a b", "a_b", "-a", "a-", "é", "a:1", &long] {
            for (use_fips, url) in [(true, None), (false, None), (false, Some("http://a"))] {
                let settings =
                    EndpointSettings { region: Some(region), url, use_fips, ..Default::default() };
                assert_eq!(chime(settings), Err(EndpointError::InvalidRegion(region.to_owned())));
            }
        }
        assert_eq!(
            EndpointError::InvalidRegion("evil.com/".to_owned()).to_string(),
            "the region \"evil.com/\" is invalid: it must have 1 to 63 letters, digits and hyphens, \
             and no hyphen at either end"
        );
        let settings = EndpointSettings { region: Some(&long[1..]), ..Default::default() };
        check(settings, "https://chime.us-east-1.amazonaws.com", "us-east-1");
    }

    #[test]
    fn a_regional_service_needs_its_region() {
        let voice = EndpointParams { prefix: "voice-chime", global_region: None, ..CHIME };
        let resolve = |region| {
            resolve(&voice, EndpointSettings { region, ..Default::default() })
                .map(|endpoint| endpoint.to_string())
        };
        assert_eq!(resolve(None), Err(EndpointError::MissingRegion));
        assert_eq!(
            resolve(Some("us-west-2")).as_deref(),
            Ok("https://voice-chime.us-west-2.amazonaws.com")
        );
    }
}
