//! Operations on single users. Batches are in `batches`, user settings in `settings`, and phone
//! numbers of users in `numbers`.

mod batches;
mod numbers;
mod settings;

use chime_model::SensitiveString;
use chime_model::chime::*;

use crate::chime::Chime;
use crate::chime::accounts::require_supported;
use crate::chime::call::Call;
use crate::chime::complete::{self, pin};
use crate::chime::tenant::{domain_of, is};
use crate::engine::dispatch::handlers;
use crate::engine::errors::{
    CATCH_ALL, CONFLICT, Result, bad_request, conflict, forbidden, require_items,
};
use crate::engine::table::Row;

const PAGE_SIZE: usize = 100;

handlers! {
    Chime: create_user, invite_users, list_users, get_user, update_user, logout_user,
    reset_personal_pin; with batches, settings, numbers
}

/// Creates a registered user. Team accounts are refused, because their users are invited.
fn create_user(call: &mut Call<'_>, request: CreateUserRequest) -> Result<CreateUserResponse> {
    let CreateUserRequest { account_id, username, email, user_type, .. } = request;
    let email = email.ok_or_else(|| bad_request("Email: is required"))?;
    let record = call.tenant.account(&account_id)?;
    if record.is_a(AccountType::Team) {
        return Err(bad_request(CATCH_ALL));
    }
    if call.is_claimed_elsewhere(&email, &account_id) {
        return Err(bad_request("Email: must not be in a domain that another account has claimed"));
    }
    let is_outside =
        !record.domains.is_empty() && !record.domains.contains(&domain_of(email.expose()));
    if is_outside && call.rules.users_need_claimed_domain {
        return Err(bad_request("Email: must be in a domain that the account has claimed"));
    }
    if call.tenant.owner(email.expose()).is_some() {
        return Err(conflict(CONFLICT));
    }

    let name = username.filter(|name| !name.trim().is_empty());
    let user = User::new(call.ids.guid())
        .primary_email(email)
        .set_display_name(name.map(SensitiveString::from))
        .set_user_type(user_type)
        .registered_on(call.now);
    let user = complete::user(user, &record.account, call.now, call.ids);
    call.tenant.add_user(&account_id, user.clone(), call.now);
    Ok(CreateUserResponse::default().user(user))
}

/// Invites email addresses to a Team account. An address of a registered user, or in a domain that
/// another account has claimed, cannot be invited. A pending invitation is renewed.
fn invite_users(call: &mut Call<'_>, request: InviteUsersRequest) -> Result<InviteUsersResponse> {
    require_items(&request.user_email_list, "UserEmailList")?;
    let record = call.tenant.account(&request.account_id)?;
    if !record.is_a(AccountType::Team) {
        return Err(record.is_not("a Team"));
    }
    let account = record.account.clone();
    let invites = request.user_email_list.into_iter().map(|email| {
        let invited = invite(call, &account, &email, request.user_type.clone());
        let (status, email_status) = if invited {
            (InviteStatus::Pending, EmailStatus::Sent)
        } else {
            (InviteStatus::Failed, EmailStatus::NotSent)
        };
        Invite::default()
            .invite_id(call.ids.guid())
            .status(status)
            .email_address(email)
            .email_status(email_status)
    });
    let invites: Vec<Invite> = invites.collect();
    Ok(InviteUsersResponse::default().invites(invites))
}

/// Creates a pending user for an email address, or renews its invitation. Returns whether the
/// address can be invited.
fn invite(
    call: &mut Call<'_>,
    account: &Account,
    email: &SensitiveString,
    user_type: Option<UserType>,
) -> bool {
    if call.is_claimed_elsewhere(email, &account.account_id) {
        return false;
    }
    if let Some((account_id, user_id)) = call.tenant.owner(email.expose()).cloned() {
        let within = call.tenant.within_mut(&account_id);
        let Ok(user) = within.and_then(|within| within.user_mut(&user_id)) else { return false };
        let is_pending = is(user, &RegistrationStatus::Unregistered);
        if !is_pending || account_id != account.account_id {
            return false;
        }
        user.user_invitation_status = Some(InviteStatus::Pending);
        user.invited_on = Some(call.now);
        user.user_type = user_type.or(user.user_type.take());
        return true;
    }
    let user = User::new(call.ids.guid())
        .primary_email(email.clone())
        .set_user_type(user_type)
        .user_registration_status(RegistrationStatus::Unregistered);
    let user = complete::user(user, account, call.now, call.ids);
    call.tenant.add_user(&account.account_id, user, call.now);
    true
}

/// Lists users, filtered by email address and by type. Lists do not have PINs.
fn list_users(call: &mut Call<'_>, request: ListUsersRequest) -> Result<ListUsersResponse> {
    let list = call.list(&request, PAGE_SIZE)?;
    let ListUsersRequest { account_id, user_email, user_type, .. } = &request;
    let users = &call.tenant.account(account_id)?.below.users;
    let matches = |user: &&Row<User>| user_type.is_none() || user.user_type == *user_type;
    let shown = |user: &Row<User>| call.tenant.shown(user).set_personal_pin(None);
    Ok(match user_email {
        Some(email) => {
            // User ids are unique only within an account.
            let owner = call.tenant.owner(email.expose());
            let found = owner.filter(|(account, _)| account == account_id);
            list.page_of(found.and_then(|(_, id)| users.find(id)), matches, shown)
        }
        None => list.page_of(users.after(list.after()), matches, shown),
    })
}

fn get_user(call: &mut Call<'_>, request: GetUserRequest) -> Result<GetUserResponse> {
    let user = call.tenant.account(&request.account_id)?.below.user(&request.user_id)?;
    Ok(GetUserResponse::default().user(call.tenant.shown(user)))
}

fn update_user(call: &mut Call<'_>, request: UpdateUserRequest) -> Result<UpdateUserResponse> {
    let change = UpdateUserRequestItem::new(request.user_id)
        .set_license_type(request.license_type)
        .set_user_type(request.user_type)
        .set_alexa_for_business_metadata(request.alexa_for_business_metadata);
    let user = update(call, &request.account_id, change)?;
    let only_id = call.rules.update_user_returns_id_only;
    let shown = if only_id { User::new(user.user_id) } else { call.tenant.shown(&user) };
    Ok(UpdateUserResponse::default().user(shown))
}

/// Updates the members of a user that are set.
pub(crate) fn update(
    call: &mut Call<'_>,
    account_id: &AccountId,
    change: UpdateUserRequestItem,
) -> Result<User> {
    let record = call.tenant.account(account_id)?;
    let by_directory =
        record.is_a(AccountType::EnterpriseDirectory) || record.is_a(AccountType::EnterpriseOidc);
    if change.license_type.is_some() && by_directory && call.rules.directory_decides_licenses {
        return Err(forbidden("LicenseType: is determined by the directory of the account"));
    }
    record.below.user(&change.user_id)?;
    if let Some(license) = &change.license_type {
        require_supported(&record.account, license)?;
    }

    let user = call.tenant.within_mut(account_id)?.user_mut(&change.user_id)?;
    user.license_type = change.license_type.or(user.license_type.take());
    user.user_type = change.user_type.or(user.user_type.take());
    if let Some(change) = change.alexa_for_business_metadata {
        let alexa = user.alexa_for_business_metadata.get_or_insert_default();
        let enabled = change.is_alexa_for_business_enabled;
        let room = change.alexa_for_business_room_arn;
        alexa.is_alexa_for_business_enabled = enabled.or(alexa.is_alexa_for_business_enabled);
        alexa.alexa_for_business_room_arn = room.or(alexa.alexa_for_business_room_arn.take());
    }
    Ok(user.clone())
}

/// Checks the user and does nothing, because there are no sessions to end.
fn logout_user(call: &mut Call<'_>, request: LogoutUserRequest) -> Result<()> {
    call.tenant.account(&request.account_id)?.below.user(&request.user_id).map(drop)
}

/// Generates a new PIN for a registered user.
fn reset_personal_pin(
    call: &mut Call<'_>,
    request: ResetPersonalPINRequest,
) -> Result<ResetPersonalPINResponse> {
    let user = call.tenant.within_mut(&request.account_id)?.user_mut(&request.user_id)?;
    if !is(user, &RegistrationStatus::Registered) {
        return Err(bad_request("Only a registered user has a personal PIN"));
    }
    user.personal_pin = Some(pin(call.ids));
    let user = user.clone();
    Ok(ResetPersonalPINResponse::default().user(call.tenant.shown(&user)))
}

#[cfg(test)]
mod tests;
