//! The context of a call to Amazon Chime.

use chime_model::chime::*;
use chime_model::{PagedOperation, SensitiveString, ServiceError};
use time::OffsetDateTime;

use crate::chime::phone_stock::PhoneStock;
use crate::chime::rules::ChimeRules;
use crate::chime::tenant::{Tenant, domain_of};
use crate::engine::credential::Credential;
use crate::engine::errors::Result;
use crate::engine::ids::Ids;
use crate::engine::index::Index;
use crate::engine::paging::List;
use crate::engine::rows::{Mark, Rows};

/// One call of an operation: the caller, the time, the rules and the state.
///
/// The engine undoes the changes of a handler that fails.
pub(crate) struct Call<'a> {
    pub(crate) caller: &'a Credential,
    pub(crate) now: OffsetDateTime,
    pub(crate) rules: &'a ChimeRules,
    pub(crate) tenant: &'a mut Tenant,
    pub(crate) domains: &'a Index<String, AccountId>,
    pub(crate) phone_stock: &'a PhoneStock,
    pub(crate) owned_numbers: &'a mut Index<PhoneNumberId, ()>,
    pub(crate) ids: &'a mut Ids,
}

impl Call<'_> {
    /// Opens the list of which a request reads a page.
    pub(crate) fn list<'r, O: PagedOperation>(
        &self,
        request: &'r O,
        default_size: usize,
    ) -> Result<List<'r, O>> {
        List::open(&self.caller.aws_account_id, request, default_size)
    }

    /// Whether another account has claimed the domain of an email address.
    pub(crate) fn is_claimed_elsewhere(
        &self,
        email: &SensitiveString,
        account: &AccountId,
    ) -> bool {
        let owner = self.domains.first(&domain_of(email.expose()));
        owner.is_some_and(|owner| owner != account)
    }

    /// Handles each item of a batch, and returns the errors. A failed item changes nothing and does
    /// not affect the others.
    pub(crate) fn each<I, E: ItemError>(
        &mut self,
        items: impl IntoIterator<Item = I>,
        id: impl Fn(&I) -> E::Id,
        mut work: impl FnMut(&mut Self, I) -> Result<()>,
    ) -> Vec<E> {
        let mut errors = Vec::new();
        for item in items {
            let (id, mark, ids) = (id(&item), Mark::now(), self.ids.clone());
            if let Err(error) = work(self, item) {
                self.tenant.undo(mark);
                self.owned_numbers.undo(mark);
                *self.ids = ids;
                errors.push(E::new(id, error));
            }
        }
        errors
    }
}

/// A failed item of a batch in a response.
pub(crate) trait ItemError {
    type Id;

    fn new(id: Self::Id, error: ServiceError) -> Self;
}

macro_rules! item_errors {
    ($($error:ident { $id:ident: $type:ty })+) => {$(
        impl ItemError for $error {
            type Id = $type;

            fn new(id: $type, error: ServiceError) -> Self {
                let mut item = Self::default().$id(id);
                item.error_code = error.code.as_deref().map(ErrorCode::from);
                item.error_message = error.message;
                item
            }
        }
    )+};
}

item_errors! {
    MemberError { member_id: MemberId }
    PhoneNumberError { phone_number_id: PhoneNumberId }
    UserError { user_id: UserId }
}

#[cfg(test)]
mod tests {
    use chime_model::chime::UserError;

    use crate::engine::errors::{CONFLICT, conflict};
    use crate::engine::store::Intent;
    use crate::sample::*;
    use crate::testing::Bench;

    #[test]
    fn a_failed_item_changes_nothing_and_does_not_affect_others() {
        let bench = Bench::sample();
        let errors = bench.within(Intent::Write, |call| {
            let errors: Vec<UserError> = call.each(
                [ANA_ID, BO_ID, CLEO_ID],
                |id| (*id).into(),
                |call, id| {
                    call.tenant.remove_user(&ENTERPRISE_ACCOUNT_ID.into(), &id.into(), call.now);
                    if id == BO_ID { Err(conflict(CONFLICT)) } else { Ok(()) }
                },
            );
            Ok(errors)
        });
        let errors = errors.unwrap();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].user_id.as_ref().unwrap().as_str(), BO_ID);
        assert_eq!(errors[0].error_code.as_ref().unwrap().as_str(), "Conflict");
        let account = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}");
        let users = bench.send("GET", &format!("{account}/users"), "").json();
        assert_eq!(users["Users"].as_array().unwrap().len(), 1);
        let members = bench.send("GET", &format!("{account}/rooms?member-id={BO_ID}"), "").json();
        assert_eq!(members["Rooms"].as_array().unwrap().len(), 1);
    }
}
