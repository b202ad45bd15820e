//! What no operation can make, as a document: to start from, to add, and to export.

mod consistency;
mod export;
mod reply;
mod shape;

use chime_model::{Describe, check};
use chime_wire::without_nulls;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

use self::consistency::Elsewhere;
use crate::chime::state::State;
use crate::engine::document::{self, InvalidDocument};
use crate::{AwsAccount, Credential, Organisation, StockNumber, SupportedCountries};

/// What to put in place: who may call, Chime accounts with all that is theirs, what belongs to an AWS
/// account as a whole, and phone numbers for all of them to order.
///
/// As a document it is JSON, or YAML with the Cargo feature `yaml`. Members are named as in the
/// API, and its structures stand where they belong, so that a reply can be pasted in: null counts as
/// absent, and what the service is known to tell of accounts and users beyond its API description is
/// left out, which are `Admins`, `BillingType`, `DelegationStatus`, `DirectoryId`, `Domains`,
/// `Groups`, `Owner` and `UseProTrialLicense` of an account, and `Delegates`, `Devices`,
/// `EmailAlias`, `FullName`, `IsProTrial`, `LastActiveOn`, `PresenceVisibility`, `UserLocale` and
/// `Vanity` of a user. Any other unknown name is an error. What is left open is filled in with what
/// the service would have.
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
    /// Phone numbers that anyone can search for and order, beside those that are always there. One
    /// that is in stock already makes way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phone_stock: Vec<StockNumber>,
    /// Where numbers of a product type can be had, in place of what follows from the rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub supported_countries: Vec<SupportedCountries>,
}

impl Seed {
    /// Reads a document and checks it.
    ///
    /// # Errors
    /// All that is wrong with it, each with its path. No value of the document is repeated.
    pub fn parse(text: &str) -> Result<Self, InvalidDocument> {
        let mut document = document::read(text)?;
        reply::drop_unmodelled(&mut document);
        check(Self::SHAPE, &document)?;
        // The service writes null for what is not set.
        if let Value::Object(members) = &mut document {
            *members = without_nulls(std::mem::take(members));
        }
        let seed: Self = serde_json::from_value(document)
            .map_err(|_| InvalidDocument::one("a value is not what its member takes"))?;
        seed.require_consistent(&|_, _, _| true)?;
        Ok(seed)
    }

    /// Checks a seed that was made in code, as [`parse`](Self::parse) does with one that was read.
    ///
    /// A number can be that of a user whose account is not in the seed. Whether there is one shows
    /// when it is put in place.
    ///
    /// # Errors
    /// All that is wrong with it, each with its path.
    pub fn validate(&self) -> Result<(), InvalidDocument> {
        self.validate_beside(&|_, _, _| true)
    }

    /// The same, knowing what there is elsewhere.
    pub(crate) fn validate_beside(&self, elsewhere: Elsewhere<'_>) -> Result<(), InvalidDocument> {
        check(Self::SHAPE, self)?;
        self.require_consistent(elsewhere)
    }

    fn require_consistent(&self, elsewhere: Elsewhere<'_>) -> Result<(), InvalidDocument> {
        InvalidDocument::unless_none(consistency::problems(self, elsewhere))
    }

    /// Adds another seed to this one. What both say of an AWS account comes together; where both
    /// have its settings, those of the other one count.
    ///
    /// # Errors
    /// All of the other one that does not fit to this one, each with its path there; then nothing is
    /// added.
    pub fn merge(&mut self, other: Self) -> Result<(), InvalidDocument> {
        InvalidDocument::unless_none(consistency::misfits(self, &other))?;
        let Self { credentials, organisations, aws_accounts, phone_stock, supported_countries } =
            other;
        self.credentials.extend(credentials);
        self.organisations.extend(organisations);
        for account in aws_accounts {
            let id = &account.aws_account_id;
            match self.aws_accounts.iter_mut().find(|own| own.aws_account_id == *id) {
                Some(own) => own.merge(account),
                None => self.aws_accounts.push(account),
            }
        }
        self.phone_stock.extend(phone_stock);
        self.supported_countries.extend(supported_countries);
        Ok(())
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
        for number in seed.phone_stock {
            self.phone_stock.add(number);
        }
        for countries in seed.supported_countries {
            self.phone_stock.countries.insert(countries.product_type.clone(), countries);
        }
    }
}

#[cfg(test)]
mod tests;
