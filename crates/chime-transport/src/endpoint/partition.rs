//! The partitions of AWS: groups of regions with common host suffixes.

/// A partition of AWS.
pub(super) struct Partition {
    /// The pseudo-region of the whole partition.
    global: Option<&'static str>,
    region_prefix: &'static str,
    pub(super) dns_suffix: &'static str,
    pub(super) dual_stack_dns_suffix: &'static str,
}

/// The partition of all regions that belong to no other.
pub(super) const AWS: Partition = partition(None, "", "amazonaws.com", "api.aws");

/// All other partitions.
pub(super) const OTHERS: [Partition; 7] = [
    partition(Some("aws-cn-global"), "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    partition(Some("aws-us-gov-global"), "us-gov-", "amazonaws.com", "api.aws"),
    partition(None, "eusc-de-", "amazonaws.eu", "api.amazonwebservices.eu"),
    partition(Some("aws-iso-global"), "us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    partition(Some("aws-iso-b-global"), "us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    partition(Some("aws-iso-e-global"), "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    partition(Some("aws-iso-f-global"), "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
];

const fn partition(
    global: Option<&'static str>,
    region_prefix: &'static str,
    dns_suffix: &'static str,
    dual_stack_dns_suffix: &'static str,
) -> Partition {
    Partition { global, region_prefix, dns_suffix, dual_stack_dns_suffix }
}

impl Partition {
    /// Returns whether the region belongs to this partition: it is the pseudo-region, or the prefix
    /// followed by a word, a hyphen and a number. This includes future regions.
    pub(super) fn has(&self, region: &str) -> bool {
        let rest = region.strip_prefix(self.region_prefix).and_then(|rest| rest.split_once('-'));
        let regular = rest.is_some_and(|(word, number)| {
            !word.is_empty()
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
        });
        regular || self.global == Some(region)
    }
}
