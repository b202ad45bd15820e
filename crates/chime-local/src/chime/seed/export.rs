//! The present state as a seed.

use crate::chime::inventory::{NameChange, NumberRecord};
use crate::chime::record::AccountRecord;
use crate::chime::state::{State, Tenant};
use crate::{AwsAccount, CallingNameChange, Organisation, Seed, SettingsOfUser};

use chime_model::chime::AwsAccountId;

impl State {
    pub(crate) fn export(&self) -> Seed {
        let records = self.tenants.values().flat_map(|tenant| tenant.accounts().values());
        let rows = self.tenants.rows();
        let accounts = rows.map(|(id, tenant)| aws_account(id, tenant));
        Seed {
            organisations: records.map(organisation).collect(),
            aws_accounts: accounts.collect(),
            phone_stock: self.phone_stock.numbers.values().cloned().collect(),
            supported_countries: self.phone_stock.countries.values().cloned().collect(),
            credentials: Vec::new(),
        }
    }
}

fn organisation(record: &AccountRecord) -> Organisation {
    let settings = record
        .user_settings
        .rows()
        .map(|(user_id, settings)| SettingsOfUser::new(user_id, settings.telephony.clone()));
    let rooms = || record.rooms().values();
    Organisation {
        account: record.account.clone(),
        domains: record.domains.clone(),
        settings: record.settings.clone(),
        retention_settings: record.retention.retention_settings.clone(),
        initiate_deletion_timestamp: record.retention.initiate_deletion_timestamp,
        users: record.users.values().cloned().collect(),
        user_settings: settings.collect(),
        bots: record.bots.values().cloned().collect(),
        events_configurations: record.events_configurations.values().cloned().collect(),
        rooms: rooms().map(|record| record.room.clone()).collect(),
        memberships: rooms().flat_map(|record| record.members.values()).cloned().collect(),
        room_messages: rooms().flat_map(|record| record.messages.values()).cloned().collect(),
        conversation_messages: record.conversation_messages.values().cloned().collect(),
    }
}

fn aws_account(id: &AwsAccountId, tenant: &Tenant) -> AwsAccount {
    let numbers = || tenant.inventory.numbers().values();
    AwsAccount {
        aws_account_id: id.clone(),
        phone_numbers: numbers().map(|record| record.number.clone()).collect(),
        calling_name_changes: numbers().filter_map(name_change).collect(),
        phone_number_orders: tenant.inventory.orders().values().cloned().collect(),
        phone_number_settings: tenant.number_settings.get(&()).cloned(),
        global_settings: tenant.global_settings.get(&()).cloned(),
        meetings: tenant.meetings.values().cloned().collect(),
    }
}

/// The calling name that a number is still to get.
fn name_change(record: &NumberRecord) -> Option<CallingNameChange> {
    let NameChange { name, since } = record.name_change.clone()?;
    let number = record.number.e164_phone_number.clone()?;
    Some(CallingNameChange { since: Some(since), ..CallingNameChange::new(number, name) })
}

#[cfg(test)]
mod tests;
