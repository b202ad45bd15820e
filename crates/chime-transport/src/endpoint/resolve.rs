//! Which endpoint a service has, by the rules that all AWS clients follow.

use std::fmt;

use super::{Endpoint, InvalidUrl};

/// What the rules need to know of a service.
#[derive(Clone, Copy, Debug)]
pub struct EndpointParams<'a> {
    /// The service's id, such as `Chime SDK Voice`.
    pub id: &'a str,
    /// The first label of its host names.
    pub prefix: &'a str,
    /// The service name of its signatures.
    pub signing_name: &'a str,
    /// The region that serves all others of the partition `aws`, if there is just one.
    pub global_region: Option<&'a str>,
}

/// What the caller has to say about it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EndpointSettings<'a> {
    pub(crate) region: Option<&'a str>,
    pub(crate) url: Option<&'a str>,
    pub(crate) use_fips: bool,
    pub(crate) use_dual_stack: bool,
}

/// Why there is no endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// A URL was given, and FIPS asked for.
    FipsWithUrl,
    /// A URL was given, and dual stack asked for.
    DualStackWithUrl,
    /// No region was given, and the service has no global one.
    MissingRegion,
    /// The URL given has no TLS, and is another machine's.
    PlainHttp,
    /// The URL given is none, or the region does not make one.
    Invalid(InvalidUrl),
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FipsWithUrl => f.write_str("FIPS cannot be had at an endpoint URL of your own"),
            Self::DualStackWithUrl => {
                f.write_str("dual stack cannot be had at an endpoint URL of your own")
            }
            Self::MissingRegion => f.write_str("no region is set"),
            Self::PlainHttp => f.write_str(
                "the endpoint URL must be https: plain http is for this machine alone, \
                 unless it is allowed explicitly",
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

/// A host that AWS's documents still name; it signs for us-east-1 whatever the region.
const OLD_HOST: &str = "service.chime.aws.amazon.com";

struct Partition {
    region_prefix: &'static str,
    dns_suffix: &'static str,
    dual_stack_dns_suffix: &'static str,
}

/// The partitions but `aws`, which has every other region.
const PARTITIONS: [Partition; 7] = [
    partition("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    partition("us-gov-", "amazonaws.com", "api.aws"),
    partition("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    partition("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    partition("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    partition("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    partition("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
];
const AWS: Partition = partition("", "amazonaws.com", "api.aws");

const fn partition(
    region_prefix: &'static str,
    dns_suffix: &'static str,
    dual_stack_dns_suffix: &'static str,
) -> Partition {
    Partition { region_prefix, dns_suffix, dual_stack_dns_suffix }
}

/// The endpoint of `service`.
pub(crate) fn resolve(
    service: &EndpointParams<'_>,
    settings: EndpointSettings<'_>,
) -> Result<Endpoint, EndpointError> {
    let EndpointSettings { region, url, use_fips, use_dual_stack } = settings;
    // Stricter clients refuse a missing region; where only one region serves, none is needed.
    let region = region.or(service.global_region);
    if let Some(url) = url {
        return match (use_fips, use_dual_stack) {
            (true, _) => Err(EndpointError::FipsWithUrl),
            (_, true) => Err(EndpointError::DualStackWithUrl),
            _ => {
                let region = if is_old_host(url) { service.global_region } else { region };
                let region = region.ok_or(EndpointError::MissingRegion)?;
                Ok(Endpoint::new(url, region, service.signing_name)?)
            }
        };
    }
    let region = region.ok_or(EndpointError::MissingRegion)?;
    let elsewhere = PARTITIONS.iter().find(|partition| region.starts_with(partition.region_prefix));
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

fn is_old_host(url: &str) -> bool {
    url.parse::<http::Uri>().is_ok_and(|uri| uri.host() == Some(OLD_HOST))
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
        Ok((endpoint.to_string(), endpoint.signing_region))
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
        let old = EndpointSettings {
            url: Some("https://service.chime.aws.amazon.com/console"),
            ..settings
        };
        check(old, "https://service.chime.aws.amazon.com/console", "us-east-1");
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
