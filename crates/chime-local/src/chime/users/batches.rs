//! Many users at once: each item succeeds or fails by itself.

use chime_model::ServiceError;
use chime_model::chime::{
    AccountId, AccountType, BatchSuspendUserRequest, BatchSuspendUserResponse,
    BatchUnsuspendUserRequest, BatchUnsuspendUserResponse, BatchUpdateUserRequest,
    BatchUpdateUserResponse, RegistrationStatus, UserError, UserId,
};

use crate::chime::call::{Call, require_items};
use crate::chime::state::is;
use crate::chime::users::update;
use crate::engine::dispatch::Handlers;
use crate::engine::refusal::of_item;

pub(super) fn register(handlers: &mut Handlers) {
    handlers.on(batch_update_user);
    handlers.on(batch_suspend_user);
    handlers.on(batch_unsuspend_user);
}

fn batch_update_user(
    call: &mut Call<'_>,
    request: BatchUpdateUserRequest,
) -> Result<BatchUpdateUserResponse, ServiceError> {
    require_items(&request.update_user_request_items, "UpdateUserRequestItems")?;
    call.tenant.account(&request.account_id)?;
    let errors = request.update_user_request_items.into_iter().filter_map(|item| {
        let user_id = item.user_id.clone();
        update(call, &request.account_id, item).err().map(|error| user_error(user_id, error))
    });
    let errors: Vec<UserError> = errors.collect();
    Ok(BatchUpdateUserResponse::default().user_errors(errors))
}

/// Suspends registered users of an `EnterpriseLWA` account. From a Team account they are removed instead, and
/// come back only by a new invitation.
fn batch_suspend_user(
    call: &mut Call<'_>,
    request: BatchSuspendUserRequest,
) -> Result<BatchSuspendUserResponse, ServiceError> {
    require_items(&request.user_id_list, "UserIdList")?;
    let account_id = &request.account_id;
    let record = call.tenant.account(account_id)?;
    let removes = record.is_a(AccountType::Team);
    if !removes && !record.is_a(AccountType::EnterpriseLwa) {
        return Err(record.is_not("a Team or EnterpriseLWA"));
    }
    let errors = each_user(call, account_id, request.user_id_list, |call, user_id| {
        if removes {
            call.tenant.remove_user(account_id, user_id, call.now);
        } else {
            // Who has not registered cannot sign in, and stays invited.
            let record = call.tenant.account(account_id)?;
            if !is(record.user(user_id)?, &RegistrationStatus::Unregistered) {
                let user = call.tenant.account_mut(account_id)?.user_mut(user_id)?;
                user.user_registration_status = Some(RegistrationStatus::Suspended);
            }
        }
        Ok(())
    });
    Ok(BatchSuspendUserResponse::default().user_errors(errors))
}

/// Lets suspended users of an `EnterpriseLWA` account in again; ignores who is not suspended.
fn batch_unsuspend_user(
    call: &mut Call<'_>,
    request: BatchUnsuspendUserRequest,
) -> Result<BatchUnsuspendUserResponse, ServiceError> {
    require_items(&request.user_id_list, "UserIdList")?;
    let account_id = &request.account_id;
    let record = call.tenant.account(account_id)?;
    if !record.is_a(AccountType::EnterpriseLwa) {
        return Err(record.is_not("an EnterpriseLWA"));
    }
    let errors = each_user(call, account_id, request.user_id_list, |call, user_id| {
        let record = call.tenant.account(account_id)?;
        if is(record.user(user_id)?, &RegistrationStatus::Suspended) {
            let user = call.tenant.account_mut(account_id)?.user_mut(user_id)?;
            user.user_registration_status = Some(RegistrationStatus::Registered);
        }
        Ok(())
    });
    Ok(BatchUnsuspendUserResponse::default().user_errors(errors))
}

/// Changes each user that there is, and tells for which ones that failed.
fn each_user(
    call: &mut Call<'_>,
    account_id: &AccountId,
    user_ids: Vec<UserId>,
    change: impl Fn(&mut Call<'_>, &UserId) -> Result<(), ServiceError>,
) -> Vec<UserError> {
    let failure = |user_id: UserId| {
        let found = call.tenant.account(account_id).and_then(|record| record.user(&user_id));
        let outcome = found.map(drop).and_then(|()| change(call, &user_id));
        outcome.err().map(|error| user_error(user_id, error))
    };
    user_ids.into_iter().filter_map(failure).collect()
}

fn user_error(user_id: UserId, error: ServiceError) -> UserError {
    let mut item = UserError::default().user_id(user_id);
    (item.error_code, item.error_message) = of_item(error);
    item
}

#[cfg(test)]
mod tests;
