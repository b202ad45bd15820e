//! Credentials of callers.

use chime_model::{Pattern, SensitiveString, Shape};

use crate::engine::document::{ID, SECRET, document, matching};

/// The access key id of the demo credential.
pub const ACCESS_KEY_ID: &str = "AKIDLOCALCHIME";
/// The secret access key of the demo credential.
pub const SECRET_ACCESS_KEY: &str = "local-chime-secret";
/// The AWS account of the demo credential.
pub const AWS_ACCOUNT_ID: &str = "111122223333";
/// The ARN of the demo credential's caller.
pub const CALLER_ARN: &str = "arn:aws:iam::111122223333:user/local";

static KEY_PATTERN: Pattern = Pattern::new("[A-Za-z0-9]{1,128}");
const KEY: Shape = matching(&KEY_PATTERN, false);
pub(crate) static AWS_ACCOUNT_PATTERN: Pattern = Pattern::new("[0-9]{12}");
/// The id of an AWS account.
pub(crate) const AWS_ACCOUNT: Shape = matching(&AWS_ACCOUNT_PATTERN, false);

document! {
    /// An access key that the local Chime accepts, with its caller.
    pub struct Credential {
        /// The access key id.
        required access_key_id("AccessKeyId"): String = KEY,
        /// The secret access key, which signs requests.
        required secret_access_key("SecretAccessKey"): SensitiveString = SECRET,
        /// The session token of a temporary credential, which requests must send too. Default:
        /// unset.
        optional session_token("SessionToken"): SensitiveString = SECRET,
        /// The AWS account of the caller, 12 digits. It owns the resources that the caller creates.
        required aws_account_id("AwsAccountId"): String = AWS_ACCOUNT,
        /// The ARN of the caller, which `CreatedBy` and `InvitedBy` show.
        required arn("Arn"): String = ID,
    }
}

impl Credential {
    /// Whether it is the demo credential, which is public.
    pub(crate) fn is_demo(&self) -> bool {
        self.access_key_id == ACCESS_KEY_ID && self.secret_access_key.expose() == SECRET_ACCESS_KEY
    }
}

impl Default for Credential {
    /// The demo credential. It is public, and only a local Chime accepts it.
    fn default() -> Self {
        Self::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY, AWS_ACCOUNT_ID, CALLER_ARN)
    }
}
