//! Seeds: documents with state to start from, to add or to export.

pub(crate) mod aws_account;
pub(crate) mod sdk_region;

use serde_json::{Map, Value};

use crate::chime::organisation::Organisation;
use crate::chime::phone_stock::{StockNumber, SupportedCountries};
use crate::engine::credential::Credential;
use crate::engine::document::document;
use crate::engine::seeding;
use crate::seed::aws_account::AwsAccount;

document! {
    /// State to add to a local Chime: credentials, Chime accounts and their resources, resources of
    /// AWS accounts, and phone numbers to order.
    ///
    /// As a document it is JSON, or YAML with the Cargo feature `yaml`. Names and structures are
    /// those of the API, so that a response of the service can be pasted in. A null member counts
    /// as unset. Unset members get the values that the service would give them.
    ///
    /// An unknown member is an error. The exceptions are members that responses of the service have
    /// although the API description does not list them. They are ignored:
    ///
    /// - of an account: `Admins`, `BillingType`, `DelegationStatus`, `DirectoryId`, `Domains`,
    ///   `Groups`, `Owner` and `UseProTrialLicense`
    /// - of a user: `Delegates`, `Devices`, `EmailAlias`, `FullName`, `IsProTrial`, `LastActiveOn`,
    ///   `PresenceVisibility`, `UserLocale` and `Vanity`
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
        /// Credentials to accept in addition to those of the configuration. They are secrets, so
        /// exports and state files leave them out.
        list credentials("Credentials"): Credential,
        /// Chime accounts. An existing account of the same id is replaced, with all its resources.
        list organisations("Organisations"): Organisation,
        /// Resources of AWS accounts that belong to no Chime account, such as phone numbers.
        list aws_accounts("AwsAccounts"): AwsAccount,
        /// Phone numbers that every AWS account can search for and order, in addition to the
        /// built-in ones. A number that is in stock already is replaced.
        list phone_stock("PhoneStock"): StockNumber,
        /// The countries that `ListSupportedPhoneNumberCountries` returns for a product type.
        /// Default: those in which its numbers can be ordered.
        list supported_countries("SupportedCountries"): SupportedCountries,
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

/// Members of accounts that published responses have and the API description does not.
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

/// Members of users that published responses have and the API description does not.
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
