//! What a handler of Amazon Chime works with.

use chime_model::chime::*;
use chime_model::{PagedOperation, ServiceError};
use time::OffsetDateTime;

use crate::chime::phone_stock::PhoneStock;
use crate::chime::rules::ChimeRules;
use crate::chime::tenant::Tenant;
use crate::engine::credential::Credential;
use crate::engine::errors::Result;
use crate::engine::ids::Ids;
use crate::engine::index::Index;
use crate::engine::paging::List;
use crate::engine::rows::{Mark, Rows};

/// One call of one operation: who calls, when, and what the caller's AWS account has.
///
/// A handler that fails may have changed something: the engine undoes it.
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
    /// Opens the list that a request reads a page of.
    pub(crate) fn list<O: PagedOperation>(
        &self,
        request: &O,
        default_size: usize,
    ) -> Result<List<O>> {
        List::open(&self.caller.aws_account_id, request, default_size)
    }

    /// Does something for each item of a batch, and returns the errors. An item that fails changes
    /// nothing and stops no other.
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

/// An item of a batch that failed, as a response has it.
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

    use crate::engine::errors::conflict;
    use crate::sample::*;
    use crate::testing::Bench;

    #[test]
    fn an_item_that_fails_changes_nothing_and_stops_no_other() {
        let bench = Bench::sample();
        let errors = bench.within(false, |call| {
            let errors: Vec<UserError> = call.each(
                [ANA_ID, BO_ID, CLEO_ID],
                |id| (*id).into(),
                |call, id| {
                    call.tenant.remove_user(&ENTERPRISE_ACCOUNT_ID.into(), &id.into(), call.now);
                    if id == BO_ID { Err(conflict()) } else { Ok(()) }
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
