//! What one AWS account has.

use chime_model::chime::*;
use time::OffsetDateTime;

use crate::chime::documents::Meeting;
use crate::chime::inventory::{Inventory, NumberRecord};
use crate::chime::record::{AccountRecord, AccountRow, AccountTables};
use crate::engine::errors::{Result, not_found};
use crate::engine::index::Index;
use crate::engine::rows::tables;
use crate::engine::table::Table;

tables! {
    /// What one AWS account has.
    pub(crate) struct Tenant indexed by Tenant::index {
        accounts: Table<AccountId, AccountRecord, AccountTables> = "accounts",
        /// The user of each address, by the address in lower case: it belongs to one user at most.
        addresses: Index<String, (AccountId, UserId)> = "",
        pub(crate) inventory: Inventory = "inventory",
        pub(crate) meetings: Table<MeetingId, Meeting> = "meetings",
        /// One row at most, like the next.
        pub(crate) number_settings: Table<(), GetPhoneNumberSettingsResponse> = "phone-number-settings",
        pub(crate) global_settings: Table<(), GetGlobalSettingsResponse> = "global-settings",
    }
}

impl Tenant {
    pub(crate) fn accounts(&self) -> &Table<AccountId, AccountRecord, AccountTables> {
        &self.accounts
    }

    /// The account of that id with all that belongs to it, or the error that there is none.
    pub(crate) fn account(&self, id: &AccountId) -> Result<&AccountRow> {
        self.accounts.get(id).ok_or_else(|| not_found("Account"))
    }

    /// The record of an account, to change it.
    pub(crate) fn account_mut(&mut self, id: &AccountId) -> Result<&mut AccountRecord> {
        self.accounts.get_mut(id).ok_or_else(|| not_found("Account"))
    }

    /// What belongs to an account, to change it.
    pub(crate) fn within_mut(&mut self, id: &AccountId) -> Result<&mut AccountTables> {
        self.accounts.below_mut(id).ok_or_else(|| not_found("Account"))
    }

    /// The account of that id, for what only Enterprise accounts have.
    pub(crate) fn enterprise(&self, id: &AccountId) -> Result<&AccountRow> {
        let account = self.account(id)?;
        account.require_enterprise()?;
        Ok(account)
    }

    /// What belongs to an Enterprise account, to change it.
    pub(crate) fn enterprise_mut(&mut self, id: &AccountId) -> Result<&mut AccountTables> {
        self.enterprise(id)?;
        self.within_mut(id)
    }

    pub(crate) fn add_account(&mut self, record: AccountRecord) {
        self.accounts.insert(record.account.account_id.clone(), record);
    }

    /// Removes an account with all that it has, if it is there, and returns its domains. Its users
    /// give their numbers back.
    pub(crate) fn remove_account(&mut self, id: &AccountId, now: OffsetDateTime) -> Vec<String> {
        let Self { accounts, addresses, inventory, .. } = self;
        let Some(account) = accounts.remove(id) else { return Vec::new() };
        inventory.unassign(id, None, now);
        for user in account.below.users.values() {
            if let Some(address) = address(user) {
                addresses.remove(&address, &(id.clone(), user.user_id.clone()));
            }
        }
        account.domains.clone()
    }

    /// Which user has that address.
    pub(crate) fn owner(&self, email: &str) -> Option<&(AccountId, UserId)> {
        self.addresses.first(&email.to_lowercase())
    }

    /// Adds a user to an account. It replaces the users who have the id or the address.
    pub(crate) fn add_user(&mut self, account_id: &AccountId, user: User, now: OffsetDateTime) {
        let id = user.user_id.clone();
        self.remove_user(account_id, &id, now);
        if let Some(address) = address(&user) {
            if let Some((account_id, user_id)) = self.addresses.first(&address).cloned() {
                self.remove_user(&account_id, &user_id, now);
            }
            self.addresses.insert(address, (account_id.clone(), id.clone()));
        }
        if let Some(within) = self.accounts.below_mut(account_id) {
            within.users.insert(id, user);
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
        let Some(within) = self.accounts.below_mut(account_id) else { return };
        within.leave_all(&user_id.into());
        within.user_settings.remove(user_id);
        let removed = within.users.remove(user_id);
        if let Some(address) = removed.and_then(|user| address(user)) {
            self.addresses.remove(&address, &(account_id.clone(), user_id.clone()));
        }
    }

    /// Adds a number to the inventory, and to the user that it is associated with.
    pub(crate) fn add_number(&mut self, id: PhoneNumberId, record: NumberRecord) {
        self.set_number_of_user(&record, true);
        self.inventory.add(id, record);
    }

    /// Removes a number from the inventory and from the user that it is associated with.
    pub(crate) fn remove_number(&mut self, id: &PhoneNumberId) {
        if let Some(record) = self.inventory.remove(id) {
            self.set_number_of_user(&record, false);
        }
    }

    fn set_number_of_user(&mut self, record: &NumberRecord, has: bool) {
        let account = record.associated(&PhoneNumberAssociationName::AccountId);
        let user = record.associated(&PhoneNumberAssociationName::UserId);
        let Some((account, user)) = account.zip(user) else { return };
        let within = self.accounts.below_mut(&account.into());
        if let Some(user) = within.and_then(|within| within.users.get_mut(&user.into())) {
            user.primary_provisioned_number =
                record.number.e164_phone_number.clone().filter(|_| has);
        }
    }

    fn index(&mut self) {
        let Self { accounts, addresses, .. } = self;
        for (id, account) in accounts.rows() {
            for user in account.below.users.values() {
                if let Some(address) = address(user) {
                    addresses.insert(address, (id.clone(), user.user_id.clone()));
                }
            }
        }
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
        assert_eq!(tenant.account(&"a".into()).unwrap().below.users.len(), 0);
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
        tenant.within_mut(&"a".into()).unwrap().user_settings.insert("u".into(), settings);
        tenant.remove_user(&"a".into(), &"u".into(), NOW);
        assert_eq!(tenant.account(&"a".into()).unwrap().below.user_settings.len(), 0);
    }
}
