//! Where resources live.

use serde::{Deserialize, Serialize};

/// An AWS account in one of its control regions. Those of an account do not see each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Home {
    pub(crate) account: String,
    pub(crate) region: String,
}

impl Home {
    pub(crate) fn new(account: &str, region: &str) -> Self {
        Self { account: account.to_owned(), region: region.to_owned() }
    }

    /// The ARN of a resource, such as `meeting/3f9c2a71-84d5-4e0b-9c36-7a1e5b082713`.
    pub(crate) fn arn(&self, resource: &str) -> String {
        let Self { account, region } = self;
        format!("arn:{}:chime:{region}:{account}:{resource}", partition(region))
    }

    /// The resource that an ARN of this place names.
    pub(crate) fn resource<'a>(&self, arn: &'a str) -> Option<&'a str> {
        arn.strip_prefix(&self.arn(""))
    }
}

/// The partition of a region.
pub(crate) fn partition(region: &str) -> &'static str {
    if region.starts_with("us-gov-") { "aws-us-gov" } else { "aws" }
}
