//! What the parts of an AWS account must be to each other, and to organisations.

use std::collections::HashSet;

use chime_model::chime::{
    AccountId, AwsAccountId, PhoneNumber, PhoneNumberAssociationName, UserId,
};

use super::{Once, Problems, World};
use crate::AwsAccount;
use crate::chime::aws_account::complete::id_of;
use crate::chime::inventory::associated;

impl<'a> World<'a> {
    pub(super) fn take_aws_account(
        &mut self,
        found: &mut Problems,
        of: &'a AwsAccount,
        path: &str,
    ) {
        let owner = &of.aws_account_id;
        let mut own = HashSet::new();
        for (i, number) in of.phone_numbers.iter().enumerate() {
            let path = format!("{path}.PhoneNumbers[{i}]");
            let is_nobodys = !self.user_is_there(owner, number);
            found.add_if(is_nobodys, &format!("{path}.Associations"), "no user has these ids");
            match id_of(number) {
                Some(id) => {
                    own.insert(id.clone());
                    self.numbers.see(found, id, || path);
                }
                None => found.add(&path, "E164PhoneNumber is required"),
            }
        }
        let mut changes = Once::new("is to get another name already");
        for (i, change) in of.calling_name_changes.iter().enumerate() {
            let path = format!("{path}.CallingNameChanges[{i}].E164PhoneNumber");
            let id = change.id();
            let own = id.as_ref().is_some_and(|id| own.contains(id));
            found.add_if(!own, &path, "is not among the PhoneNumbers");
            changes.see(found, id, || path);
        }
        for (i, order) in of.phone_number_orders.iter().enumerate() {
            let Some(id) = &order.phone_number_order_id else { continue };
            let path = || format!("{path}.PhoneNumberOrders[{i}].PhoneNumberOrderId");
            self.orders.see(found, (owner, id), path);
        }
        for (i, meeting) in of.meetings.iter().enumerate() {
            let path = || format!("{path}.Meetings[{i}].MeetingId");
            self.meetings.see(found, (owner, &meeting.meeting_id), path);
        }
    }

    /// Whether the user is there that a number is associated with, if it is with any.
    fn user_is_there(&self, owner: &AwsAccountId, number: &PhoneNumber) -> bool {
        let Some(user) = associated(number, &PhoneNumberAssociationName::UserId) else {
            return true;
        };
        // An id of a user says nothing without its account.
        let Some(account) = associated(number, &PhoneNumberAssociationName::AccountId) else {
            return false;
        };
        let (account, user) = (AccountId::from(account), UserId::from(user));
        if self.accounts.seen.contains(&account) {
            self.users.contains(&(owner, &account, &user))
        } else {
            (self.elsewhere)(owner, &account, &user)
        }
    }
}
