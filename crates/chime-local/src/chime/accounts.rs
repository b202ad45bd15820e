//! Operations on Chime accounts. Those on their settings are in the submodules.

mod delegates;
pub(crate) mod retention;
mod settings;

use chime_model::chime::*;

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::chime::complete;
use crate::chime::record::{AccountRecord, AccountRow};
use crate::chime::tenant::is;
use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request, unprocessable};

const PAGE_SIZE: usize = 100;

handlers! {
    Chime: create_account, list_accounts, get_account, update_account, delete_account; with
    settings, delegates, retention
}

/// Creates a Team account; the service creates no other type. Names need not be unique.
fn create_account(
    call: &mut Call<'_>,
    request: CreateAccountRequest,
) -> Result<CreateAccountResponse> {
    let aws_account_id = call.caller.aws_account_id.clone();
    let account = Account::new(aws_account_id, call.ids.guid(), request.name);
    let account = complete::account(account, call.now);
    call.tenant.add_account(AccountRecord::new(account.clone()));
    Ok(CreateAccountResponse::default().account(account))
}

/// Lists accounts, filtered by the prefix of their name and by the email address of a user.
fn list_accounts(
    call: &mut Call<'_>,
    request: ListAccountsRequest,
) -> Result<ListAccountsResponse> {
    let list = call.list(&request, PAGE_SIZE)?;
    let name = request.name.as_deref();
    let accounts = call.tenant.accounts();
    let matches =
        |row: &&AccountRow| name.is_none_or(|prefix| row.account.name.starts_with(prefix));
    let account = |row: &AccountRow| row.account.clone();
    Ok(match &request.user_email {
        Some(email) => {
            let owner = call.tenant.owner(email.expose());
            let found = owner.and_then(|(account_id, _)| accounts.find(account_id));
            list.page_of(found, matches, account)
        }
        None => list.page_of(accounts.after(list.after()), matches, account),
    })
}

fn get_account(call: &mut Call<'_>, request: GetAccountRequest) -> Result<GetAccountResponse> {
    let record = call.tenant.account(&request.account_id)?;
    Ok(GetAccountResponse::default().account(record.account.clone()))
}

/// Updates the name and the default license, which applies to users who are added later. Unset
/// members stay unchanged.
fn update_account(
    call: &mut Call<'_>,
    request: UpdateAccountRequest,
) -> Result<UpdateAccountResponse> {
    let account = &mut call.tenant.account_mut(&request.account_id)?.account;
    if let Some(license) = request.default_license {
        require_supported(account, &license)?;
        account.default_license = Some(license);
    }
    if let Some(name) = request.name {
        account.name = name;
    }
    Ok(UpdateAccountResponse::default().account(account.clone()))
}

/// Checks that a license is among the supported licenses of the account.
pub(crate) fn require_supported(account: &Account, license: &License) -> Result<()> {
    let supported = account.supported_licenses.as_deref().unwrap_or_default();
    if supported.contains(license) {
        Ok(())
    } else {
        Err(bad_request(format!("License {license} is not supported by the account")))
    }
}

/// Deletes an account. A Team account must have no registered users; invited ones do not matter.
/// Other accounts must have no claimed domains.
fn delete_account(call: &mut Call<'_>, request: DeleteAccountRequest) -> Result<()> {
    let record = call.tenant.account(&request.account_id)?;
    if record.is_a(AccountType::Team) {
        if record.below.users.values().any(|user| is(user, &RegistrationStatus::Registered)) {
            return Err(unprocessable("All users of a Team account must be suspended first"));
        }
    } else if !record.domains.is_empty() {
        return Err(unprocessable("The domains of an Enterprise account must be released first"));
    }
    call.tenant.remove_account(&request.account_id, call.now);
    Ok(())
}

#[cfg(test)]
mod tests;
