//! What the local Chime remembers: per AWS account, and what is known to all of them.

use std::collections::HashMap;

use chime_model::ServiceError;
use chime_model::chime::{
    AccountId, AwsAccountId, GetGlobalSettingsResponse, GetPhoneNumberSettingsResponse, MeetingId,
    PhoneNumberAssociationName, PhoneNumberId, RegistrationStatus, User, UserId,
};
use time::OffsetDateTime;

use serde::{Deserialize, Serialize};

use crate::chime::inventory::{Inventory, NumberRecord, OwnedNumbers};
use crate::chime::phone_stock::PhoneStock;
use crate::chime::record::AccountRecord;
use crate::engine::clock::LATEST;
use crate::engine::ids::Ids;
use crate::engine::refusal::not_found;
use crate::engine::rows::{Record, Rows};
use crate::engine::table::Table;
use crate::{ClockMode, Meeting, Rules};

/// Everything that is remembered.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct State {
    pub(crate) ids: Ids,
    /// How the Chime's time goes, as of the last change.
    pub(crate) clock: ClockMode,
    #[serde(skip)]
    pub(crate) tenants: Table<AwsAccountId, Tenant>,
    #[serde(skip)]
    pub(crate) phone_stock: PhoneStock,
    #[serde(skip)]
    pub(crate) domains: Domains,
    #[serde(skip)]
    pub(crate) owned_numbers: OwnedNumbers,
    /// Until when nothing becomes due in any AWS account; `None` if that is not known.
    #[serde(skip)]
    pub(crate) quiet_until: Option<OffsetDateTime>,
}

/// What the state itself holds, beside its tables.
pub(crate) type Root = (u64, ClockMode);

/// Which account has claimed a domain, by the domain in lower case. It and the numbers that are
/// taken are all that AWS accounts can notice of each other: a domain belongs to one organisation in
/// the world.
pub(crate) type Domains = HashMap<String, AccountId>;

/// What one AWS account has. All of it is in tables: whoever calls visits it, and that alone must
/// not count as a change.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Tenant {
    #[serde(skip)]
    accounts: Table<AccountId, AccountRecord>,
    /// The user of each address, by the address in lower case: it belongs to one user at most.
    #[serde(skip)]
    addresses: HashMap<String, (AccountId, UserId)>,
    #[serde(skip)]
    pub(crate) inventory: Inventory,
    #[serde(skip)]
    pub(crate) meetings: Table<MeetingId, Meeting>,
    /// One row at most; so with the next.
    #[serde(skip)]
    pub(crate) number_settings: Table<(), GetPhoneNumberSettingsResponse>,
    #[serde(skip)]
    pub(crate) global_settings: Table<(), GetGlobalSettingsResponse>,
}

impl State {
    /// Does what has become due in any AWS account, since each notices which numbers others let go.
    pub(crate) fn settle(&mut self, now: OffsetDateTime, rules: &Rules) {
        if self.quiet_until.is_some_and(|until| now < until) {
            return;
        }
        let due = |tenant: &Tenant| tenant.inventory.next_due(rules).is_some_and(|due| due <= now);
        for tenant in self.tenants.visit_those(due) {
            tenant.inventory.settle(now, rules, &mut self.owned_numbers);
        }
        let next = self.tenants.values().filter_map(|tenant| tenant.inventory.next_due(rules));
        self.quiet_until = Some(next.min().unwrap_or(LATEST));
    }
}

impl State {
    /// Whether a Chime account of that AWS account has that user.
    pub(crate) fn has_user(
        &self,
        owner: &AwsAccountId,
        account: &AccountId,
        user: &UserId,
    ) -> bool {
        let record = self.tenants.get(owner).and_then(|tenant| tenant.accounts.get(account));
        record.is_some_and(|record| record.users.contains(user))
    }

    pub(crate) fn root(&self) -> Root {
        (self.ids.clone().into(), self.clock)
    }

    pub(crate) fn new(seed: u64, clock: ClockMode) -> Self {
        Self {
            ids: Ids::new(seed),
            clock,
            tenants: Table::default(),
            phone_stock: PhoneStock::default(),
            domains: Domains::default(),
            owned_numbers: OwnedNumbers::default(),
            quiet_until: None,
        }
    }
}

impl Record for State {
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Rows)> {
        vec![
            ("aws-accounts", &mut self.tenants),
            ("phone-stock", &mut self.phone_stock.numbers),
            ("supported-countries", &mut self.phone_stock.countries),
        ]
    }

    fn reindex(&mut self) {
        let records = self.tenants.values().flat_map(|tenant| tenant.accounts.values());
        for record in records {
            let id = &record.account.account_id;
            self.domains.extend(record.domains.iter().map(|domain| (domain.clone(), id.clone())));
        }
        let numbers = self.tenants.values().flat_map(|tenant| tenant.inventory.numbers().ids());
        self.owned_numbers = numbers.cloned().collect();
    }
}

impl Record for Tenant {
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Rows)> {
        let (numbers, orders) = self.inventory.tables();
        vec![
            ("accounts", &mut self.accounts),
            ("phone-numbers", numbers),
            ("phone-number-orders", orders),
            ("meetings", &mut self.meetings),
            ("phone-number-settings", &mut self.number_settings),
            ("global-settings", &mut self.global_settings),
        ]
    }

    fn reindex(&mut self) {
        self.inventory.reindex();
        for record in self.accounts.values() {
            for user in record.users.values() {
                let Some(address) = address(user) else { continue };
                let owner = (record.account.account_id.clone(), user.user_id.clone());
                self.addresses.insert(address, owner);
            }
        }
    }
}

impl Record for GetGlobalSettingsResponse {}
impl Record for GetPhoneNumberSettingsResponse {}
impl Record for Meeting {}

impl Tenant {
    pub(crate) fn accounts(&self) -> &Table<AccountId, AccountRecord> {
        &self.accounts
    }

    /// The account of that id, or the error that there is none.
    pub(crate) fn account(&self, id: &AccountId) -> Result<&AccountRecord, ServiceError> {
        self.accounts.get(id).ok_or_else(|| not_found("Account"))
    }

    /// The same, to change it.
    pub(crate) fn account_mut(
        &mut self,
        id: &AccountId,
    ) -> Result<&mut AccountRecord, ServiceError> {
        self.accounts.get_mut(id).ok_or_else(|| not_found("Account"))
    }

    /// The account of that id, for what only Enterprise accounts have.
    pub(crate) fn enterprise(&self, id: &AccountId) -> Result<&AccountRecord, ServiceError> {
        let record = self.account(id)?;
        record.require_enterprise()?;
        Ok(record)
    }

    pub(crate) fn add_account(&mut self, record: AccountRecord) {
        self.accounts.insert(record.account.account_id.clone(), record);
    }

    /// Removes an account with all that it has, if it is there. Its users give their numbers back.
    pub(crate) fn remove_account(
        &mut self,
        id: &AccountId,
        now: OffsetDateTime,
    ) -> Option<AccountRecord> {
        let record = self.accounts.remove(id)?;
        self.inventory.unassign(id, None, now);
        for address in record.users.values().filter_map(address) {
            self.addresses.remove(&address);
        }
        Some(record)
    }

    /// Whose address that is.
    pub(crate) fn owner(&self, email: &str) -> Option<&(AccountId, UserId)> {
        self.addresses.get(&email.to_lowercase())
    }

    /// Adds a user to an account. Whoever has the id or the address makes way.
    pub(crate) fn add_user(&mut self, account_id: &AccountId, user: User, now: OffsetDateTime) {
        let id = user.user_id.clone();
        self.remove_user(account_id, &id, now);
        if let Some(address) = address(&user) {
            if let Some((account_id, user_id)) = self.addresses.get(&address).cloned() {
                self.remove_user(&account_id, &user_id, now);
            }
            self.addresses.insert(address, (account_id.clone(), id.clone()));
        }
        if let Some(record) = self.accounts.get_mut(account_id) {
            record.users.insert(id, user);
        }
    }

    /// Removes a user from an account and its rooms, with its settings. Its number goes back.
    pub(crate) fn remove_user(
        &mut self,
        account_id: &AccountId,
        user_id: &UserId,
        now: OffsetDateTime,
    ) {
        self.inventory.unassign(account_id, Some(user_id), now);
        let removed = self.accounts.get_mut(account_id).and_then(|record| {
            record.leave_all(&user_id.into());
            record.user_settings.remove(user_id);
            record.users.remove(user_id)
        });
        if let Some(address) = removed.as_ref().and_then(address) {
            self.addresses.remove(&address);
        }
    }

    /// Adds a number to the inventory, and to the user that it is associated with.
    pub(crate) fn add_number(&mut self, id: PhoneNumberId, record: NumberRecord) {
        if let Some(user) = self.user_of(&record) {
            user.primary_provisioned_number = record.number.e164_phone_number.clone();
        }
        self.inventory.add(id, record);
    }

    /// Removes a number from the inventory and from the user that it is associated with.
    pub(crate) fn remove_number(&mut self, id: &PhoneNumberId) {
        let Some(record) = self.inventory.remove(id) else { return };
        if let Some(user) = self.user_of(&record) {
            user.primary_provisioned_number = None;
        }
    }

    fn user_of(&mut self, record: &NumberRecord) -> Option<&mut User> {
        let account_id = record.associated(&PhoneNumberAssociationName::AccountId)?.into();
        let user_id = record.associated(&PhoneNumberAssociationName::UserId)?.into();
        self.accounts.get_mut(&account_id)?.users.get_mut(&user_id)
    }
}

fn address(user: &User) -> Option<String> {
    user.primary_email.as_ref().map(|email| email.expose().to_lowercase())
}

/// The part of an address behind the `@`, in lower case.
pub(crate) fn domain_of(email: &str) -> String {
    email.rsplit_once('@').map_or("", |(_, domain)| domain).to_lowercase()
}

/// Whether a user is in that state.
pub(crate) fn is(user: &User, status: &RegistrationStatus) -> bool {
    user.user_registration_status.as_ref() == Some(status)
}

#[cfg(test)]
mod tests {
    use chime_model::chime::{Account, TelephonySettings, UserSettings};

    use super::*;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn tenant() -> Tenant {
        let mut tenant = Tenant::default();
        for id in ["a", "b"] {
            tenant.add_account(AccountRecord::new(Account::new("111122223333", id, id)));
        }
        tenant
    }

    fn user(id: &str, email: &str) -> User {
        User::new(id).primary_email(email)
    }

    #[test]
    fn an_address_belongs_to_one_user() {
        let mut tenant = tenant();
        tenant.add_user(&"a".into(), user("u", "Ana@example.com"), NOW);
        tenant.add_user(&"b".into(), user("v", "ana@EXAMPLE.com"), NOW);
        assert_eq!(tenant.owner("ANA@example.com"), Some(&("b".into(), "v".into())));
        assert_eq!(tenant.accounts().get(&"a".into()).unwrap().users.len(), 0);
    }

    #[test]
    fn an_address_goes_with_its_user_and_with_its_account() {
        let mut tenant = tenant();
        tenant.add_user(&"a".into(), user("u", "ana@example.com"), NOW);
        tenant.add_user(&"a".into(), user("v", "bo@example.com"), NOW);
        tenant.remove_user(&"a".into(), &"u".into(), NOW);
        assert_eq!(tenant.owner("ana@example.com"), None);
        tenant.remove_account(&"a".into(), NOW);
        assert_eq!(tenant.owner("bo@example.com"), None);
    }

    #[test]
    fn settings_go_with_their_user() {
        let mut tenant = tenant();
        tenant.add_user(&"a".into(), user("u", "ana@example.com"), NOW);
        let settings = UserSettings::new(TelephonySettings::new(true, true, true));
        tenant.account_mut(&"a".into()).unwrap().user_settings.insert("u".into(), settings);
        tenant.remove_user(&"a".into(), &"u".into(), NOW);
        assert_eq!(tenant.account(&"a".into()).unwrap().user_settings.len(), 0);
    }
}
