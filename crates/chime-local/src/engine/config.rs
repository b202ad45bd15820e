//! How a local Chime is set up.

use std::fmt;
use std::sync::Arc;

use chime_model::chime::AwsAccountId;
use chime_model::{Describe, SensitiveString, check};
use serde::{Deserialize, Serialize};

use crate::engine::faults::Faults;
use crate::{Answered, Clock, InvalidDocument, Rules, Seed, sample};

/// Is told of a request that was answered. The answer waits for it.
pub type OnAnswer = Arc<dyn Fn(&Answered) + Send + Sync>;

/// What a [`LocalChime`](crate::LocalChime) is made of.
///
/// ```
/// use chime_local::{Config, LocalChime, Rules};
///
/// let rules = Rules { rooms_per_account: 3, ..Rules::default() };
/// let chime = LocalChime::new(Config { rules, ..Config::sample() })?;
/// # Ok::<_, chime_local::InvalidDocument>(())
/// ```
#[derive(Clone)]
pub struct Config {
    /// Who may call. One demo credential, see [`Credential::default`]; of two with the same access
    /// key the later one counts. Credentials of different AWS accounts see nothing of each other.
    pub credentials: Vec<Credential>,
    /// What tells the time; the system's clock. Keep a clone to move the Chime's time.
    pub clock: Clock,
    /// What ids and PINs are made from, and what chance goes by. The same number and the same calls give
    /// the same ids.
    pub random_seed: u64,
    /// Limits and choices.
    pub rules: Rules,
    /// What goes wrong on purpose; nothing.
    pub faults: Faults,
    /// Is told of every request that was answered, for log lines.
    pub on_answer: Option<OnAnswer>,
    /// What is there from the start, and after a [reset](crate::LocalChime::reset); nothing.
    pub seed: Seed,
}

impl Config {
    /// The defaults, with the organisation of [`sample`] in place.
    #[must_use]
    pub fn sample() -> Self {
        Self { seed: sample::seed(), ..Self::default() }
    }

    pub(crate) fn validate(&self) -> Result<(), InvalidDocument> {
        let callers = Seed { credentials: self.credentials.clone(), ..Seed::default() };
        check(Seed::SHAPE, &callers)?;
        // At the start there is nothing but the seed.
        self.seed.validate_beside(&|_, _, _| false)?;
        self.faults.validate()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            credentials: vec![Credential::default()],
            clock: Clock::default(),
            random_seed: 0,
            rules: Rules::default(),
            faults: Faults::default(),
            on_answer: None,
            seed: Seed::default(),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("credentials", &self.credentials)
            .field("random_seed", &self.random_seed)
            .field("rules", &self.rules)
            .field("faults", &self.faults)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// A key that the local Chime accepts, and who calls with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Credential {
    /// The access key id.
    pub access_key_id: String,
    /// The secret that requests are signed with.
    pub secret_access_key: SensitiveString,
    /// The token that requests must carry as well, if the credential is a temporary one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_token: Option<SensitiveString>,
    /// The AWS account of the caller, 12 digits: it owns what the caller makes.
    pub aws_account_id: AwsAccountId,
    /// The ARN of the caller, as in `CreatedBy` and `InvitedBy`.
    pub arn: String,
}

impl Default for Credential {
    /// The demo credential: public, and good for nothing but a local Chime.
    fn default() -> Self {
        Self {
            access_key_id: sample::ACCESS_KEY_ID.to_owned(),
            secret_access_key: sample::SECRET_ACCESS_KEY.into(),
            session_token: None,
            aws_account_id: sample::AWS_ACCOUNT_ID.into(),
            arn: sample::CALLER_ARN.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_shows() {
        let credential =
            Credential { session_token: Some("a-session-token".into()), ..Credential::default() };
        let config = Config { credentials: vec![credential], ..Config::sample() };
        let shown = format!("{config:?}");
        assert!(shown.contains(sample::ACCESS_KEY_ID), "{shown}");
        assert!(!shown.contains(sample::SECRET_ACCESS_KEY), "{shown}");
        assert!(!shown.contains("a-session-token"), "{shown}");
        assert!(!shown.contains("@example.com"), "{shown}");
        assert!(!shown.contains(sample::JOIN_TOKEN), "{shown}");
    }
}
