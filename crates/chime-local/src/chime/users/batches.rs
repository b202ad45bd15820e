//! Operations on batches of users. Items succeed or fail independently.

use chime_model::chime::*;

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::chime::tenant::is;
use crate::chime::users::update;
use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, require_items};

handlers! {
    Chime: batch_update_user, batch_suspend_user, batch_unsuspend_user
}

fn batch_update_user(
    call: &mut Call<'_>,
    request: BatchUpdateUserRequest,
) -> Result<BatchUpdateUserResponse> {
    require_items(&request.update_user_request_items, "UpdateUserRequestItems")?;
    call.tenant.account(&request.account_id)?;
    let errors: Vec<UserError> = call.each(
        request.update_user_request_items,
        |item| item.user_id.clone(),
        |call, item| update(call, &request.account_id, item).map(drop),
    );
    Ok(BatchUpdateUserResponse::default().user_errors(errors))
}

/// Suspends registered users of an `EnterpriseLWA` account, and removes users of a Team account.
fn batch_suspend_user(
    call: &mut Call<'_>,
    request: BatchSuspendUserRequest,
) -> Result<BatchSuspendUserResponse> {
    require_items(&request.user_id_list, "UserIdList")?;
    let account_id = &request.account_id;
    let record = call.tenant.account(account_id)?;
    let removes = record.is_a(AccountType::Team);
    if !removes && !record.is_a(AccountType::EnterpriseLwa) {
        return Err(record.is_not("a Team or EnterpriseLWA"));
    }
    let errors: Vec<UserError> = call.each(request.user_id_list, Clone::clone, |call, user_id| {
        let user = call.tenant.within_mut(account_id)?.user_mut(&user_id)?;
        if removes {
            call.tenant.remove_user(account_id, &user_id, call.now);
        } else if !is(user, &RegistrationStatus::Unregistered) {
            // An invited user cannot sign in, so there is nothing to suspend.
            user.user_registration_status = Some(RegistrationStatus::Suspended);
        }
        Ok(())
    });
    Ok(BatchSuspendUserResponse::default().user_errors(errors))
}

/// Sets suspended users of an `EnterpriseLWA` account to registered. Ignores other users.
fn batch_unsuspend_user(
    call: &mut Call<'_>,
    request: BatchUnsuspendUserRequest,
) -> Result<BatchUnsuspendUserResponse> {
    require_items(&request.user_id_list, "UserIdList")?;
    let account_id = &request.account_id;
    let record = call.tenant.account(account_id)?;
    if !record.is_a(AccountType::EnterpriseLwa) {
        return Err(record.is_not("an EnterpriseLWA"));
    }
    let errors: Vec<UserError> = call.each(request.user_id_list, Clone::clone, |call, user_id| {
        let user = call.tenant.within_mut(account_id)?.user_mut(&user_id)?;
        if is(user, &RegistrationStatus::Suspended) {
            user.user_registration_status = Some(RegistrationStatus::Registered);
        }
        Ok(())
    });
    Ok(BatchUnsuspendUserResponse::default().user_errors(errors))
}

#[cfg(test)]
mod tests;
