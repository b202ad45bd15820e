//! What replies of the service have and a seed has not, taken out of a document: so that one can be
//! pasted in.

use serde_json::{Map, Value};

/// Members of accounts in published replies that no structure of the API has.
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

/// Leaves out what the API description does not know of accounts and users.
pub(super) fn drop_unmodelled(document: &mut Value) {
    for organisation in items(document, "Organisations") {
        let account = organisation.get_mut("Account").and_then(Value::as_object_mut);
        account.into_iter().for_each(|account| drop_members(account, &OF_ACCOUNTS));
        for user in items(organisation, "Users").filter_map(Value::as_object_mut) {
            drop_members(user, &OF_USERS);
        }
    }
}

fn items<'a>(value: &'a mut Value, list: &str) -> impl Iterator<Item = &'a mut Value> {
    value.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten()
}

fn drop_members(of: &mut Map<String, Value>, names: &[&str]) {
    of.retain(|name, _| !names.contains(&name.as_str()));
}
