//! AWS accounts in seeds.

use std::collections::HashMap;

use chime_model::chime::*;
use time::OffsetDateTime;

use crate::chime::Chime;
use crate::chime::documents::{CallingNameChange, Meeting};
use crate::chime::inventory::{NameChange, NumberRecord};
use crate::chime::numbers::complete;
use crate::chime::tenant::Tenant;
use crate::engine::credential::AWS_ACCOUNT;
use crate::engine::document::document;
use crate::engine::seeding::{Seeding, TWICE};
use crate::seed::sdk_region::SdkRegion;

document! {
    /// Resources of an AWS account that belong to no Chime account: those that no operation can
    /// create, such as a meeting, a phone number from outside the stock or an order that failed in
    /// part.
    ///
    /// Unset members of the items get the values that the service would give them. Numbers have all
    /// capabilities and the first product type that they support, and are unassigned if they have
    /// no associations. Orders are successful. Timestamps are the current time.
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
    pub struct AwsAccount {
        /// The AWS account, 12 digits.
        required aws_account_id("AwsAccountId"): AwsAccountId = AWS_ACCOUNT,
        /// Phone numbers, identified by `e164_phone_number` or `phone_number_id`. A number belongs
        /// to the AWS account that it was added to last. A number that is associated with a Chime
        /// account and a user is assigned to that user, who must exist and has no other number. If
        /// the calling name status is `UpdateInProgress`, the calling name takes effect after a
        /// while; without a calling name the status is ignored.
        list phone_numbers("PhoneNumbers"): PhoneNumber,
        /// Pending calling names of those numbers, for numbers that still have another calling
        /// name.
        list calling_name_changes("CallingNameChanges"): CallingNameChange,
        /// Phone number orders. An order in status `Processing` completes after a while and
        /// acquires those of its numbers that are in status `AcquireInProgress`.
        list phone_number_orders("PhoneNumberOrders"): PhoneNumberOrder,
        /// The default calling name and the time of its last update. Unset: unchanged.
        optional phone_number_settings("PhoneNumberSettings"): GetPhoneNumberSettingsResponse,
        /// The buckets for call detail records. Unset: unchanged.
        optional global_settings("GlobalSettings"): GetGlobalSettingsResponse,
        /// The meetings that `CreateMeetingDialOut` can call phones into.
        list meetings("Meetings"): Meeting,
        /// Chime SDK resources by control region.
        list sdk("Sdk"): SdkRegion,
    }
}

impl Chime {
    /// Adds resources to an AWS account. Those of the same ids are replaced.
    pub(crate) fn add_aws_account(&mut self, of: AwsAccount, at: &mut Seeding<'_>) {
        let owner = &of.aws_account_id;
        // Another seed can add to the same AWS account.
        at.once("AWS account", format!("{} {owner}", at.round), "AwsAccountId", TWICE);
        let mut changes = HashMap::new();
        at.each("CallingNameChanges", of.calling_name_changes, |at, change| {
            let path = at.path_of("E164PhoneNumber");
            let id = PhoneNumberId::from_e164(change.e164_phone_number.expose()).ok();
            let twice = changes.insert(id, (path, change)).is_some();
            at.problem_if(twice, "E164PhoneNumber", TWICE);
        });
        at.each("PhoneNumbers", of.phone_numbers, |at, number| {
            let change = changes.remove(&complete::id_of(&number)).map(|(_, change)| change);
            let Some((id, mut record)) = complete::number(number, change, at.now) else {
                return at.problem("", "E164PhoneNumber or a valid PhoneNumberId is required");
            };
            if at.had("number of a user", id.as_str()) {
                let is_owner = self.keep_user(owner, &id, &mut record);
                let problem = "must be those of the user who has the number in the seed";
                at.problem_if(!is_owner, "Associations", problem);
            }
            let of_user =
                [PhoneNumberAssociationName::AccountId, PhoneNumberAssociationName::UserId];
            let is_shared = of_user
                .map(Some)
                .iter()
                .any(|name| record.associations().iter().filter(|it| it.name == *name).count() > 1);
            let problem = "must have at most one AccountId and one UserId";
            at.problem_if(is_shared, "Associations", problem);
            let nobody = !self.has_user_of(owner, &record, at);
            let problem = "no user has this AccountId and UserId; add the user to the seed";
            at.problem_if(nobody, "Associations", problem);
            if let Some((account, user)) = record.user() {
                let is_assigned = record.is(&PhoneNumberStatus::Assigned);
                let problem = "must be Assigned, because the number is associated with a user";
                at.problem_if(!is_assigned, "Status", problem);
                let problem = "the user has another of the numbers";
                at.once("user with a number", format!("{account} {user}"), "Associations", problem);
            }
            at.once("number", id.as_str(), "", TWICE);
            self.add_number(owner, id, record, at.now);
        });
        for (path, _) in changes.into_values() {
            at.problem_at(&path, "must be listed in PhoneNumbers");
        }
        let tenant = self.tenants.below_or_default(owner);
        at.each("PhoneNumberOrders", of.phone_number_orders, |at, order| {
            let id = order.phone_number_order_id.clone();
            let id = id.unwrap_or_else(|| at.ids.guid().into());
            at.once("order", format!("{owner} {id}"), "PhoneNumberOrderId", TWICE);
            tenant.inventory.orders.insert(id.clone(), complete::order(order, id, at.now));
        });
        of.phone_number_settings.into_iter().for_each(|own| tenant.number_settings.insert((), own));
        of.global_settings.into_iter().for_each(|own| tenant.global_settings.insert((), own));
        at.each("Meetings", of.meetings, |at, meeting| {
            at.once("meeting", format!("{owner} {}", meeting.meeting_id), "MeetingId", TWICE);
            tenant.meetings.insert(meeting.meeting_id.clone(), meeting);
        });
    }

    /// Associates a number without associations with the user who has it in the same seed. Returns false
    /// if the number is associated with another user, or listed in another AWS account.
    fn keep_user(
        &self,
        owner: &AwsAccountId,
        id: &PhoneNumberId,
        record: &mut NumberRecord,
    ) -> bool {
        let tenant = self.tenants.get(owner);
        let Some(former) = tenant.and_then(|row| row.below.inventory.number(id).ok()) else {
            return false;
        };
        if record.associations().is_empty() && record.is(&PhoneNumberStatus::Unassigned) {
            record.number.associations.clone_from(&former.number.associations);
            record.number.status.clone_from(&former.number.status);
        }
        record.user() == former.user()
    }

    /// Whether a number has no associated user, or one that exists.
    fn has_user_of(&self, owner: &AwsAccountId, number: &NumberRecord, at: &Seeding<'_>) -> bool {
        if number.associated(&PhoneNumberAssociationName::UserId).is_none() {
            return true;
        }
        // User ids are unique only within an account.
        let Some((account, user)) = number.user() else { return false };
        let tenant = self.tenants.get(owner).map(|row| &row.below);
        let found = tenant.and_then(|tenant| tenant.account(&account).ok());
        found.is_some_and(|found| found.below.users.contains(&user))
            || at.alone && !at.had("account", account.as_str())
    }

    /// Adds a number, and removes it from the AWS account that has it. The former number of the user
    /// that it is associated with becomes unassigned.
    pub(crate) fn add_number(
        &mut self,
        owner: &AwsAccountId,
        id: PhoneNumberId,
        record: NumberRecord,
        now: OffsetDateTime,
    ) {
        if self.owned_numbers.remove(&id, &()) {
            let has = |tenant: &Tenant| tenant.inventory.numbers.contains(&id);
            for tenant in self.tenants.each_below_mut(|row| has(&row.below)) {
                tenant.inventory.numbers.remove(&id);
            }
        }
        self.owned_numbers.insert(id.clone(), ());
        let inventory = &mut self.tenants.below_or_default(owner).inventory;
        if let Some((account, user)) = record.user() {
            inventory.unassign(&account, Some(&user), now);
        }
        inventory.numbers.insert(id, record);
    }
}

impl AwsAccount {
    /// Exports an AWS account.
    pub(crate) fn export(id: &AwsAccountId, tenant: &Tenant) -> Self {
        let numbers = || tenant.inventory.numbers.values();
        Self {
            aws_account_id: id.clone(),
            phone_numbers: numbers().map(|record| record.number.clone()).collect(),
            calling_name_changes: numbers().filter_map(name_change).collect(),
            phone_number_orders: tenant.inventory.orders.values().cloned().collect(),
            phone_number_settings: tenant.number_settings.values().next().cloned(),
            global_settings: tenant.global_settings.values().next().cloned(),
            meetings: tenant.meetings.values().cloned().collect(),
            sdk: Vec::new(),
        }
    }
}

/// The pending calling name of a number.
fn name_change(record: &NumberRecord) -> Option<CallingNameChange> {
    let NameChange { name, since } = record.name_change.clone()?;
    let number = record.number.e164_phone_number.clone()?;
    Some(CallingNameChange { since: Some(since), ..CallingNameChange::new(number, name) })
}

#[cfg(test)]
mod tests;
