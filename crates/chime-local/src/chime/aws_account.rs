//! What is put in place of an AWS account without an operation.

pub(crate) mod complete;
mod items;

use std::collections::HashMap;

use chime_model::chime::{
    AwsAccountId, GetGlobalSettingsResponse, GetPhoneNumberSettingsResponse, PhoneNumber,
    PhoneNumberId, PhoneNumberOrder,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::Seed;
use crate::chime::state::{State, Tenant};

pub use items::{CallingNameChange, Meeting};

/// What belongs to an AWS account and to no Chime account in it: for what no operation can make,
/// such as a meeting, a number from outside the stock or an order that failed in part.
///
/// What the items leave open is filled in with what the service would have: numbers can do
/// everything, are of the first product type that they can be of, and are unassigned if they have
/// no associations; orders have succeeded; everything is as of now.
///
/// ```
/// use chime_local::{AwsAccount, LocalChime, sample};
/// use chime_model::chime::PhoneNumber;
///
/// let chime = LocalChime::sample();
/// chime.seed(AwsAccount {
///     phone_numbers: vec![PhoneNumber::default().e164_phone_number("+12065550123")],
///     ..AwsAccount::new(sample::AWS_ACCOUNT_ID)
/// })?;
/// # Ok::<_, chime_local::StoreError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AwsAccount {
    /// The AWS account, 12 digits.
    pub aws_account_id: AwsAccountId,
    /// The phone numbers, by `e164_phone_number` or `phone_number_id`; one without either is left
    /// out. A number belongs to the AWS account that it was added to last. One that is associated
    /// with a Chime account and a user in it, who must be there, becomes the number of that user. One that waits for
    /// its calling name, which is the one given, gets it after a while; without one it waits for
    /// none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phone_numbers: Vec<PhoneNumber>,
    /// The calling names that are on their way to those numbers, where the number itself has the
    /// one that it had before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calling_name_changes: Vec<CallingNameChange>,
    /// The orders. One that is being processed ends after a while; it gets those of its numbers that
    /// are in state `AcquireInProgress`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phone_number_orders: Vec<PhoneNumberOrder>,
    /// The default calling name and since when it holds; none of it changes what is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number_settings: Option<GetPhoneNumberSettingsResponse>,
    /// Where call records go; none of it changes what is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub global_settings: Option<GetGlobalSettingsResponse>,
    /// The meetings that phones can be called into.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub meetings: Vec<Meeting>,
}

impl AwsAccount {
    /// An AWS account with nothing in it.
    #[must_use]
    pub fn new(aws_account_id: impl Into<AwsAccountId>) -> Self {
        Self {
            aws_account_id: aws_account_id.into(),
            phone_numbers: Vec::new(),
            calling_name_changes: Vec::new(),
            phone_number_orders: Vec::new(),
            phone_number_settings: None,
            global_settings: None,
            meetings: Vec::new(),
        }
    }

    /// Adds what is said of the same AWS account elsewhere; its settings there count.
    pub(crate) fn merge(&mut self, other: Self) {
        let Self {
            aws_account_id: _,
            phone_numbers,
            calling_name_changes,
            phone_number_orders,
            phone_number_settings,
            global_settings,
            meetings,
        } = other;
        self.phone_numbers.extend(phone_numbers);
        self.calling_name_changes.extend(calling_name_changes);
        self.phone_number_orders.extend(phone_number_orders);
        self.phone_number_settings = phone_number_settings.or(self.phone_number_settings.take());
        self.global_settings = global_settings.or(self.global_settings.take());
        self.meetings.extend(meetings);
    }
}

impl From<AwsAccount> for Seed {
    fn from(account: AwsAccount) -> Self {
        Self { aws_accounts: vec![account], ..Self::default() }
    }
}

impl State {
    /// Adds to an AWS account. What has the same id makes way.
    pub(crate) fn add_aws_account(&mut self, account: AwsAccount, now: OffsetDateTime) {
        let changes = account.calling_name_changes.into_iter();
        let mut changes: HashMap<PhoneNumberId, CallingNameChange> =
            changes.filter_map(|change| Some((change.id()?, change))).collect();
        for number in account.phone_numbers {
            let change = complete::id_of(&number).and_then(|id| changes.remove(&id));
            let Some((id, record)) = complete::number(number, change, now) else { continue };
            self.take_number(&id);
            self.owned_numbers.insert(id.clone());
            let tenant = self.tenants.visit(&account.aws_account_id);
            tenant.add_number(id, record);
        }
        let tenant = self.tenants.visit(&account.aws_account_id);
        for order in account.phone_number_orders {
            let id = order.phone_number_order_id.clone();
            let id = id.unwrap_or_else(|| self.ids.guid().into());
            tenant.inventory.add_order(id.clone(), complete::order(order, id, now));
        }
        if let Some(settings) = account.phone_number_settings {
            tenant.number_settings.insert((), settings);
        }
        if let Some(settings) = account.global_settings {
            tenant.global_settings.insert((), settings);
        }
        for meeting in account.meetings {
            tenant.meetings.insert(meeting.meeting_id.clone(), meeting);
        }
    }

    /// Takes a number away from whoever has it.
    fn take_number(&mut self, id: &PhoneNumberId) {
        if self.owned_numbers.remove(id) {
            let has = |tenant: &Tenant| tenant.inventory.numbers().contains(id);
            self.tenants.visit_those(has).for_each(|tenant| tenant.remove_number(id));
        }
    }
}

#[cfg(test)]
mod tests;
