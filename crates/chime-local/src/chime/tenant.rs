//! The resources of one AWS account.

use chime_model::SensitiveString;
use chime_model::chime::*;
use time::OffsetDateTime;

use crate::chime::documents::Meeting;
use crate::chime::inventory::Inventory;
use crate::chime::record::{AccountRecord, AccountRow, AccountTables};
use crate::engine::errors::{Result, not_found};
use crate::engine::index::Index;
use crate::engine::rows::tables;
use crate::engine::table::Table;

tables! {
    /// The resources of one AWS account.
    pub(crate) struct Tenant indexed by Tenant::index {
        accounts: Table<AccountId, AccountRecord, AccountTables> = "accounts",
        /// Users by their email address in lower case. An address belongs to at most one user.
        addresses: Index<String, (AccountId, UserId)> = index,
        pub(crate) inventory: Inventory = "inventory",
        pub(crate) meetings: Table<MeetingId, Meeting> = "meetings",
        /// At most one row.
        pub(crate) number_settings: Table<(), GetPhoneNumberSettingsResponse> = "phone-number-settings",
        /// At most one row.
        pub(crate) global_settings: Table<(), GetGlobalSettingsResponse> = "global-settings",
    }
}

impl Tenant {
    pub(crate) fn accounts(&self) -> &Table<AccountId, AccountRecord, AccountTables> {
        &self.accounts
    }

    /// An account with its resources.
    ///
    /// # Errors
    /// If it does not exist.
    pub(crate) fn account(&self, id: &AccountId) -> Result<&AccountRow> {
        self.accounts.get(id).ok_or_else(|| not_found("Account"))
    }

    /// The record of an account, to change it.
    pub(crate) fn account_mut(&mut self, id: &AccountId) -> Result<&mut AccountRecord> {
        self.accounts.get_mut(id).ok_or_else(|| not_found("Account"))
    }

    /// The resources of an account, to change them.
    pub(crate) fn within_mut(&mut self, id: &AccountId) -> Result<&mut AccountTables> {
        self.accounts.below_mut(id).ok_or_else(|| not_found("Account"))
    }

    /// An account that must be an Enterprise account.
    ///
    /// # Errors
    /// If it does not exist or is a Team account.
    pub(crate) fn enterprise(&self, id: &AccountId) -> Result<&AccountRow> {
        let account = self.account(id)?;
        account.require_enterprise()?;
        Ok(account)
    }

    /// The resources of an account that must be an Enterprise account, to change them.
    pub(crate) fn enterprise_mut(&mut self, id: &AccountId) -> Result<&mut AccountTables> {
        self.enterprise(id)?;
        self.within_mut(id)
    }

    pub(crate) fn add_account(&mut self, record: AccountRecord) {
        self.accounts.insert(record.account.account_id.clone(), record);
    }

    /// Removes an account with its resources, if it exists, and returns its domains. The numbers of
    /// its users become unassigned.
    pub(crate) fn remove_account(&mut self, id: &AccountId, now: OffsetDateTime) -> Vec<String> {
        let Self { accounts, addresses, inventory, .. } = self;
        let Some(account) = accounts.remove(id) else { return Vec::new() };
        inventory.unassign(id, None, now);
        for user in account.below.users.values() {
            set_address(addresses, id, user, false);
        }
        account.domains.clone()
    }

    /// The user with an email address.
    pub(crate) fn owner(&self, email: &str) -> Option<&(AccountId, UserId)> {
        self.addresses.first(&email.to_lowercase())
    }

    /// Adds a user to an account, and removes those with the same id or email address.
    pub(crate) fn add_user(&mut self, account_id: &AccountId, user: User, now: OffsetDateTime) {
        self.remove_user(account_id, &user.user_id, now);
        let email = user.primary_email.as_ref().map(SensitiveString::expose);
        if let Some((account_id, user_id)) = email.and_then(|email| self.owner(email)).cloned() {
            self.remove_user(&account_id, &user_id, now);
        }
        set_address(&mut self.addresses, account_id, &user, true);
        if let Some(within) = self.accounts.below_mut(account_id) {
            within.users.insert(user.user_id.clone(), user);
        }
    }

    /// Removes a user with its settings from an account and its rooms. Its number becomes
    /// unassigned.
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
        if let Some(user) = within.users.remove(user_id) {
            set_address(&mut self.addresses, account_id, user, false);
        }
    }

    /// A user as responses show it, with the number that the inventory assigns to it.
    pub(crate) fn shown(&self, user: &User) -> User {
        let account = user.account_id.as_ref();
        let number = account.and_then(|account| self.inventory.number_of(account, &user.user_id));
        let number = number.and_then(|record| record.number.e164_phone_number.clone());
        user.clone().set_primary_provisioned_number(number)
    }

    pub(crate) fn number_settings(&self) -> GetPhoneNumberSettingsResponse {
        self.number_settings.get(&()).map(|row| row.value.clone()).unwrap_or_default()
    }

    pub(crate) fn global_settings(&self) -> GetGlobalSettingsResponse {
        self.global_settings.get(&()).map(|row| row.value.clone()).unwrap_or_default()
    }

    fn index(&mut self) {
        let Self { accounts, addresses, .. } = self;
        for (id, account) in accounts.rows() {
            for user in account.below.users.values() {
                set_address(addresses, id, user, true);
            }
        }
    }
}

/// Adds the address of a user to the index, or removes it.
fn set_address(
    addresses: &mut Index<String, (AccountId, UserId)>,
    account: &AccountId,
    user: &User,
    present: bool,
) {
    if let Some(email) = &user.primary_email {
        let owner = (account.clone(), user.user_id.clone());
        addresses.set(email.expose().to_lowercase(), owner, present);
    }
}

/// The part of an email address after the `@`, in lower case.
pub(crate) fn domain_of(email: &str) -> String {
    email.rsplit_once('@').map_or("", |(_, domain)| domain).to_lowercase()
}

/// Whether a user has a registration status.
pub(crate) fn is(user: &User, status: &RegistrationStatus) -> bool {
    user.user_registration_status.as_ref() == Some(status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chime::documents::SettingsOfUser;
    use crate::chime::numbers::complete;

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
    fn removing_a_user_or_an_account_frees_the_addresses() {
        let mut tenant = tenant();
        tenant.add_user(&"a".into(), user("u", "ana@example.com"), NOW);
        tenant.add_user(&"a".into(), user("v", "bo@example.com"), NOW);
        tenant.remove_user(&"a".into(), &"u".into(), NOW);
        assert_eq!(tenant.owner("ana@example.com"), None);
        tenant.remove_account(&"a".into(), NOW);
        assert_eq!(tenant.owner("bo@example.com"), None);
    }

    #[test]
    fn a_user_is_shown_with_the_number_that_the_inventory_assigns_to_it() {
        let mut tenant = tenant();
        let user = user("u", "ana@example.com").account_id("a");
        let user = user.primary_provisioned_number("+12065550100");
        assert_eq!(tenant.shown(&user).primary_provisioned_number, None);
        let number = PhoneNumber::default().e164_phone_number("+12065550101");
        let (id, record) = complete::number(number, None, NOW).unwrap();
        tenant.inventory.numbers.insert(id.clone(), record);
        tenant.inventory.assign(&id, &"a".into(), &"u".into(), NOW);
        assert_eq!(tenant.shown(&user).primary_provisioned_number, Some("+12065550101".into()));
        // User ids are unique only within an account.
        let namesake = user.clone().account_id("b");
        assert_eq!(tenant.shown(&namesake).primary_provisioned_number, None);
        tenant.inventory.numbers.remove(&id);
        assert_eq!(tenant.shown(&user).primary_provisioned_number, None);
    }

    #[test]
    fn removing_a_user_removes_its_settings() {
        let mut tenant = tenant();
        tenant.add_user(&"a".into(), user("u", "ana@example.com"), NOW);
        let settings = SettingsOfUser::new("u", TelephonySettings::new(true, true, true));
        tenant.within_mut(&"a".into()).unwrap().user_settings.insert("u".into(), settings);
        tenant.remove_user(&"a".into(), &"u".into(), NOW);
        assert_eq!(tenant.account(&"a".into()).unwrap().below.user_settings.len(), 0);
    }
}
