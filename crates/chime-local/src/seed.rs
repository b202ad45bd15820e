//! State that no operation makes, as a document: to start from, to add, and to export.

pub(crate) mod aws_account;
pub(crate) mod sdk_region;

use chime_model::Shape;
use serde_json::{Map, Value};

use crate::chime::organisation::Organisation;
use crate::chime::phone_stock::{StockNumber, SupportedCountries};
use crate::engine::credential::Credential;
use crate::engine::document::document;
use crate::engine::seeding;
use crate::seed::aws_account::AwsAccount;

document! {
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
    #[derive(Default)]
    pub struct Seed {
        /// Who may call, beside those of the configuration. An export leaves them out, and a state
        /// file too: they are secrets.
        list credentials("Credentials"): Credential = Shape::Structure(Credential::SHAPE),
        /// Chime accounts. One replaces an account of the same id, with all that it had.
        list organisations("Organisations"): Organisation = Shape::Structure(Organisation::SHAPE),
        /// What belongs to no single Chime account, such as phone numbers.
        list aws_accounts("AwsAccounts"): AwsAccount = Shape::Structure(AwsAccount::SHAPE),
        /// Phone numbers that anyone can search for and order, beside those that are always there.
        /// One replaces a number that is in stock already.
        list phone_stock("PhoneStock"): StockNumber = Shape::Structure(StockNumber::SHAPE),
        /// Where numbers of a product type can be ordered, in place of what follows from the rules.
        list supported_countries("SupportedCountries"): SupportedCountries =
            Shape::Structure(SupportedCountries::SHAPE),
    }
}

impl From<Organisation> for Seed {
    fn from(organisation: Organisation) -> Self {
        Self { organisations: vec![organisation], ..Self::default() }
    }
}

impl From<AwsAccount> for Seed {
    fn from(account: AwsAccount) -> Self {
        Self { aws_accounts: vec![account], ..Self::default() }
    }
}

impl seeding::Seed for Seed {
    fn credentials(&self) -> &[Credential] {
        &self.credentials
    }

    fn drop_unmodelled(document: &mut Value) {
        for organisation in items(document, "Organisations") {
            let account = organisation.get_mut("Account").and_then(Value::as_object_mut);
            account.into_iter().for_each(|account| drop_members(account, &OF_ACCOUNTS));
            for user in items(organisation, "Users").filter_map(Value::as_object_mut) {
                drop_members(user, &OF_USERS);
            }
        }
    }
}

/// Members of accounts in published responses that no structure of the API has.
const OF_ACCOUNTS: [&str; 8] = [
    "Admins",
    "BillingType",
    "DelegationStatus",
    "DirectoryId",
    "Domains",
    "Groups",
    "Owner",
    "UseProTrialLicense",
];

/// The same of users.
const OF_USERS: [&str; 9] = [
    "Delegates",
    "Devices",
    "EmailAlias",
    "FullName",
    "IsProTrial",
    "LastActiveOn",
    "PresenceVisibility",
    "UserLocale",
    "Vanity",
];

fn items<'a>(value: &'a mut Value, list: &str) -> impl Iterator<Item = &'a mut Value> {
    value.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten()
}

fn drop_members(of: &mut Map<String, Value>, names: &[&str]) {
    of.retain(|name, _| !names.contains(&name.as_str()));
}

#[cfg(test)]
mod export_tests;
#[cfg(test)]
mod problem_tests;
#[cfg(test)]
mod tests;
