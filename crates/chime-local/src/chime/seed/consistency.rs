//! What the parts of a seed must be to each other.

mod aws_account;
mod organisation;

use std::collections::HashSet;
use std::hash::Hash;

use chime_model::chime::{
    AccountId, AwsAccountId, MeetingId, PhoneNumberId, PhoneNumberOrderId, PhoneNumberProductType,
    UserId,
};

use super::Seed;
use crate::chime::numbers::plan::Country;

/// Whether a user is there whose Chime account is not in the seed.
pub(super) type Elsewhere<'a> = &'a dyn Fn(&AwsAccountId, &AccountId, &UserId) -> bool;

/// What does not fit together, each with its path.
pub(super) fn problems(seed: &Seed, elsewhere: Elsewhere<'_>) -> Vec<String> {
    World::new(elsewhere).take(seed)
}

/// What of a seed does not fit to one before it or to itself, each with its path in that seed.
pub(super) fn misfits(before: &Seed, seed: &Seed) -> Vec<String> {
    let mut world = World::new(&|_, _, _| true);
    world.take(before);
    world.take(seed)
}

#[derive(Default)]
struct Problems(Vec<String>);

impl Problems {
    fn add(&mut self, path: &str, problem: &str) {
        self.0.push(format!("{path}: {problem}"));
    }

    fn add_if(&mut self, wrong: bool, path: &str, problem: &str) {
        if wrong {
            self.add(path, problem);
        }
    }
}

/// What may occur once, and what to say if it does not.
struct Once<T> {
    seen: HashSet<T>,
    otherwise: &'static str,
}

impl<T: Eq + Hash> Once<T> {
    fn new(otherwise: &'static str) -> Self {
        Self { seen: HashSet::new(), otherwise }
    }

    fn see(&mut self, found: &mut Problems, value: T, path: impl FnOnce() -> String) {
        if !self.seen.insert(value) {
            found.add(&path(), self.otherwise);
        }
    }
}

/// What seeds have said so far.
struct World<'a> {
    elsewhere: Elsewhere<'a>,
    keys: Once<&'a str>,
    accounts: Once<&'a AccountId>,
    domains: Once<String>,
    /// As the state has it: an address belongs to one user of an AWS account.
    addresses: Once<(&'a AwsAccountId, String)>,
    users: HashSet<(&'a AwsAccountId, &'a AccountId, &'a UserId)>,
    numbers: Once<PhoneNumberId>,
    orders: Once<(&'a AwsAccountId, &'a PhoneNumberOrderId)>,
    meetings: Once<(&'a AwsAccountId, &'a MeetingId)>,
    stock: Once<Option<PhoneNumberId>>,
    product_types: Once<&'a PhoneNumberProductType>,
}

impl<'a> World<'a> {
    fn new(elsewhere: Elsewhere<'a>) -> Self {
        let there = "is there already";
        Self {
            elsewhere,
            keys: Once::new(there),
            accounts: Once::new(there),
            domains: Once::new("belongs to another organisation"),
            addresses: Once::new("belongs to another user"),
            users: HashSet::new(),
            numbers: Once::new("is owned already"),
            orders: Once::new(there),
            meetings: Once::new(there),
            stock: Once::new(there),
            product_types: Once::new(there),
        }
    }

    /// Takes in a seed; tells what of it does not fit.
    fn take(&mut self, seed: &'a Seed) -> Vec<String> {
        let Seed { credentials, organisations, aws_accounts, phone_stock, supported_countries } =
            seed;
        let mut found = Problems::default();
        for (i, credential) in credentials.iter().enumerate() {
            let path = || format!("Credentials[{i}].AccessKeyId");
            self.keys.see(&mut found, &credential.access_key_id, path);
        }
        for (i, organisation) in organisations.iter().enumerate() {
            self.take_organisation(&mut found, organisation, &format!("Organisations[{i}]"));
        }
        let mut owners = Once::new("is there already");
        for (i, account) in aws_accounts.iter().enumerate() {
            let path = format!("AwsAccounts[{i}]");
            owners.see(&mut found, &account.aws_account_id, || format!("{path}.AwsAccountId"));
            self.take_aws_account(&mut found, account, &path);
        }
        for (i, number) in phone_stock.iter().enumerate() {
            let path = format!("PhoneStock[{i}]");
            let e164 = number.id().and_then(|id| id.to_e164()).unwrap_or_default();
            let unknown = number.country.is_none() && Country::of(e164.expose()).is_none();
            found.add_if(unknown, &format!("{path}.Country"), "does not follow from the number");
            self.stock.see(&mut found, number.id(), || path);
        }
        for (i, countries) in supported_countries.iter().enumerate() {
            let path = || format!("SupportedCountries[{i}].ProductType");
            self.product_types.see(&mut found, &countries.product_type, path);
        }
        found.0
    }
}

#[cfg(test)]
mod tests;
