//! What is put in place of an AWS account without an operation.

use chime_model::SensitiveString;
use chime_model::chime::{
    AwsAccountId, CallingNameStatus, GetGlobalSettingsResponse, GetPhoneNumberSettingsResponse,
    MeetingId, OrderedPhoneNumberStatus, PhoneNumber, PhoneNumberCapabilities, PhoneNumberId,
    PhoneNumberOrder, PhoneNumberOrderId, PhoneNumberOrderStatus, PhoneNumberProductType,
    PhoneNumberStatus,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::Seed;
use crate::inventory::{NameChange, NumberRecord, canonical};
use crate::numbers::plan::{self, Country};
use crate::state::{State, Tenant};

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
    /// with a Chime account and a user in it becomes the number of that user. One that waits for
    /// its calling name, which is the one given, gets it after a while.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phone_numbers: Vec<PhoneNumber>,
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

/// A meeting, as far as this API knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Meeting {
    /// The meeting, a GUID.
    pub meeting_id: MeetingId,
    /// The tokens of its attendees: 2 to 2,048 letters, digits, `+` and `/` each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub join_tokens: Vec<SensitiveString>,
}

impl AwsAccount {
    /// An AWS account with nothing in it.
    #[must_use]
    pub fn new(aws_account_id: impl Into<AwsAccountId>) -> Self {
        Self {
            aws_account_id: aws_account_id.into(),
            phone_numbers: Vec::new(),
            phone_number_orders: Vec::new(),
            phone_number_settings: None,
            global_settings: None,
            meetings: Vec::new(),
        }
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
        let numbers = account.phone_numbers.into_iter();
        for (id, record) in numbers.filter_map(|number| complete_number(number, now)) {
            self.take_number(&id);
            self.owned_numbers.insert(id.clone());
            let tenant = self.tenants.visit(&account.aws_account_id);
            tenant.add_number(id, record);
        }
        let tenant = self.tenants.visit(&account.aws_account_id);
        for order in account.phone_number_orders {
            let id = order.phone_number_order_id.clone();
            let id = id.unwrap_or_else(|| self.ids.guid().into());
            tenant.inventory.add_order(id.clone(), complete_order(order, id, now));
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

/// Fills in what is left open. `None` if it is no number.
pub(crate) fn complete_number(
    mut number: PhoneNumber,
    now: OffsetDateTime,
) -> Option<(PhoneNumberId, NumberRecord)> {
    let given = number.e164_phone_number.as_ref().map(|number| number.expose().into());
    let id = canonical(&given.or_else(|| number.phone_number_id.clone())?).ok()?;
    let e164 = id.to_e164()?;
    let created = *number.created_timestamp.get_or_insert(now);
    let updated = *number.updated_timestamp.get_or_insert(created);
    let country = || Country::of(e164.expose()).map(|country| country.code.to_owned());
    number.country = number.country.take().or_else(country);
    number.r#type.get_or_insert_with(|| plan::type_of(e164.expose()));
    number.product_type.get_or_insert_with(|| product_type_of(e164.expose()));
    number.capabilities.get_or_insert_with(everything);
    let associations = number.associations.get_or_insert_default();
    for association in &mut *associations {
        association.associated_timestamp.get_or_insert(updated);
    }
    let status = number.status.get_or_insert(match number.deletion_timestamp {
        Some(_) => PhoneNumberStatus::DeleteInProgress,
        None if associations.is_empty() => PhoneNumberStatus::Unassigned,
        None => PhoneNumberStatus::Assigned,
    });
    if *status == PhoneNumberStatus::DeleteInProgress {
        number.deletion_timestamp.get_or_insert(updated);
    }
    let name_status = number.calling_name_status.get_or_insert(match number.calling_name {
        Some(_) => CallingNameStatus::UpdateSucceeded,
        None => CallingNameStatus::Unassigned,
    });
    let pending = *name_status == CallingNameStatus::UpdateInProgress;
    let name = number.calling_name.take_if(|_| pending);
    let name_change = name.map(|name| NameChange { name, since: updated });
    number.phone_number_id = Some(id.clone());
    number.e164_phone_number = Some(e164);
    Some((id, NumberRecord { number, name_change }))
}

fn product_type_of(number: &str) -> PhoneNumberProductType {
    let types = [PhoneNumberProductType::BusinessCalling, PhoneNumberProductType::VoiceConnector];
    let fits = types.into_iter().find(|of| plan::misfit(number, of).is_none());
    fits.unwrap_or(PhoneNumberProductType::SipMediaApplicationDialIn)
}

fn everything() -> PhoneNumberCapabilities {
    PhoneNumberCapabilities::default()
        .inbound_call(true)
        .outbound_call(true)
        .inbound_sms(true)
        .outbound_sms(true)
        .inbound_mms(true)
        .outbound_mms(true)
}

fn complete_order(
    mut order: PhoneNumberOrder,
    id: PhoneNumberOrderId,
    now: OffsetDateTime,
) -> PhoneNumberOrder {
    order.phone_number_order_id = Some(id);
    order.product_type.get_or_insert(PhoneNumberProductType::BusinessCalling);
    let of_numbers = match order.status.get_or_insert(PhoneNumberOrderStatus::Successful) {
        PhoneNumberOrderStatus::Processing => OrderedPhoneNumberStatus::Processing,
        PhoneNumberOrderStatus::Failed => OrderedPhoneNumberStatus::Failed,
        _ => OrderedPhoneNumberStatus::Acquired,
    };
    for number in order.ordered_phone_numbers.get_or_insert_default() {
        number.status.get_or_insert_with(|| of_numbers.clone());
    }
    let created = *order.created_timestamp.get_or_insert(now);
    order.updated_timestamp.get_or_insert(created);
    order
}

#[cfg(test)]
mod tests;
