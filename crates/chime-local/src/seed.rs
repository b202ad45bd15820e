//! What no operation can make, as a document: to start from, to add, and to export.

mod consistency;
mod export;
mod shape;

use chime_model::{Describe, check};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::document::{self, InvalidDocument};
use crate::state::State;
use crate::{AwsAccount, Credential, Organisation};

/// What to put in place: who may call, Chime accounts with all that is theirs, and what belongs to
/// an AWS account as a whole.
///
/// As a document it is JSON, or YAML with the Cargo feature `yaml`. Members are named as in the
/// API, and its structures stand where they belong, so that a reply can be pasted in. What is left
/// open is filled in with what the service would have.
///
/// ```
/// use chime_local::Seed;
///
/// let seed = Seed::parse(r#"{
///     "Organisations": [{
///         "Account": {
///             "AwsAccountId": "111122223333",
///             "AccountId": "an-account",
///             "Name": "Harbour Office",
///             "AccountType": "EnterpriseLWA"
///         },
///         "Domains": ["harbour.example"],
///         "Users": [{"UserId": "a-user", "PrimaryEmail": "ines@harbour.example"}]
///     }]
/// }"#).unwrap();
/// assert_eq!(seed.organisations[0].users.len(), 1);
///
/// let error = Seed::parse(r#"{"Organisations": [{"Account": {"Nmae": "Harbour"}}]}"#).unwrap_err();
/// assert!(error.to_string().contains("Organisations[0].Account.Nmae"));
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Seed {
    /// Who may call, beside those of the configuration. An export leaves them out, and a state file
    /// too: they are secrets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<Credential>,
    /// Chime accounts. One of the same id makes way, with all that it had.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub organisations: Vec<Organisation>,
    /// What belongs to no single Chime account, such as phone numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aws_accounts: Vec<AwsAccount>,
}

impl Seed {
    /// Reads a document and checks it.
    ///
    /// # Errors
    /// All that is wrong with it, each with its path. No value of the document is repeated.
    pub fn parse(text: &str) -> Result<Self, InvalidDocument> {
        let document = document::read(text)?;
        check(Self::SHAPE, &document)?;
        let seed: Self = serde_json::from_value(document)
            .map_err(|_| InvalidDocument::one("a value is not what its member takes"))?;
        seed.require_consistent()?;
        Ok(seed)
    }

    /// Checks a seed that was made in code, as [`parse`](Self::parse) does with one that was read.
    ///
    /// # Errors
    /// All that is wrong with it, each with its path.
    pub fn validate(&self) -> Result<(), InvalidDocument> {
        check(Self::SHAPE, self)?;
        self.require_consistent()
    }

    fn require_consistent(&self) -> Result<(), InvalidDocument> {
        InvalidDocument::unless_none(consistency::problems(self))
    }
}

impl State {
    /// Puts a seed in place. Of what does not fit together, something is left out.
    ///
    /// A seed may come from a Chime that made ids as this one is going to.
    pub(crate) fn plant(&mut self, seed: Seed, now: OffsetDateTime) {
        self.quiet_until = None;
        self.ids.stir(&serde_json::to_vec(&seed).unwrap_or_default());
        for organisation in seed.organisations {
            self.add(organisation, now);
        }
        for account in seed.aws_accounts {
            self.add_aws_account(account, now);
        }
    }
}

#[cfg(test)]
mod tests;
