//! Sign-in delegate groups: directory groups whose members can sign in for other users.

use std::collections::HashSet;

use chime_model::chime::*;

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request};

handlers! {
    Chime: associate, disassociate
}

/// Adds groups to the account. Whether they exist in the directory is not checked.
fn associate(
    call: &mut Call<'_>,
    request: AssociateSigninDelegateGroupsWithAccountRequest,
) -> Result<()> {
    let groups = request.signin_delegate_groups;
    if let Some(i) = groups.iter().position(|group| group.group_name.is_none()) {
        return Err(bad_request(format!("SigninDelegateGroups[{i}].GroupName: is required")));
    }
    let record = call.tenant.account_mut(&request.account_id)?;
    if call.rules.delegates_need_directory && !record.is_a(AccountType::EnterpriseDirectory) {
        return Err(record.is_not("an EnterpriseDirectory"));
    }
    if groups.is_empty() {
        return Ok(());
    }
    let present = record.account.signin_delegate_groups.get_or_insert_default();
    let mut names: HashSet<_> = present.iter().map(|group| group.group_name.clone()).collect();
    present.extend(groups.into_iter().filter(|group| names.insert(group.group_name.clone())));
    Ok(())
}

/// Removes groups from the account. Unknown groups are ignored.
fn disassociate(
    call: &mut Call<'_>,
    request: DisassociateSigninDelegateGroupsFromAccountRequest,
) -> Result<()> {
    let present = &mut call.tenant.account_mut(&request.account_id)?.account.signin_delegate_groups;
    let names: HashSet<_> = request.group_names.into_iter().collect();
    if let Some(groups) = present {
        groups.retain(|group| group.group_name.as_ref().is_none_or(|name| !names.contains(name)));
    }
    // An account without groups has an unset list, not an empty one.
    present.take_if(|groups| groups.is_empty());
    Ok(())
}

#[cfg(test)]
mod tests;
