//! The AWS account and control region that own a resource.

use chime_model::Service;
use serde::{Deserialize, Serialize};

use crate::engine::credential::Credential;
use crate::engine::errors::{Result, common};

/// An AWS account and a control region. Resources are visible only in their own control region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Home {
    pub(crate) account: String,
    pub(crate) region: String,
}

impl Home {
    pub(crate) fn new(account: &str, region: &str) -> Self {
        Self { account: account.to_owned(), region: region.to_owned() }
    }

    /// The home of a caller who signs for a region.
    ///
    /// # Errors
    /// If the region is not a control region of the `strict` service.
    pub(crate) fn of(caller: &Credential, region: &str, strict: Option<&Service>) -> Result<Self> {
        if strict.is_some_and(|service| !service.regions.contains(&region)) {
            let message = format!("Credential should be scoped to a valid region, not '{region}'");
            return Err(common("SignatureDoesNotMatch", 403, message));
        }
        Ok(Self::new(&caller.aws_account_id, region))
    }

    /// The ARN of a resource, such as `meeting/3f9c2a71-84d5-4e0b-9c36-7a1e5b082713`. All services of the
    /// family share the namespace `chime`.
    pub(crate) fn arn(&self, resource: &str) -> String {
        let Self { account, region } = self;
        format!("arn:{}:chime:{region}:{account}:{resource}", partition(region))
    }

    /// The resource of an ARN of this home; `None` for other ARNs.
    pub(crate) fn resource<'a>(&self, arn: &'a str) -> Option<&'a str> {
        arn.strip_prefix(&self.arn(""))
    }

    /// The name in an ARN of this home whose resource starts with a prefix, such as `meeting/`.
    pub(crate) fn name_in<'a>(&self, arn: &'a str, prefix: &str) -> Option<&'a str> {
        self.resource(arn)?.strip_prefix(prefix)
    }

    /// The name that an identifier stands for: the one [in an ARN](Self::name_in), or the identifier itself.
    pub(crate) fn name<'a>(&self, identifier: &'a str, prefix: &str) -> Option<&'a str> {
        if identifier.starts_with("arn:") {
            self.name_in(identifier, prefix)
        } else {
            Some(identifier)
        }
    }
}

/// The partition of a region.
pub(crate) fn partition(region: &str) -> &'static str {
    if region.starts_with("us-gov-") { "aws-us-gov" } else { "aws" }
}
