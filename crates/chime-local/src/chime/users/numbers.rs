//! The association of phone numbers with users.

use chime_model::chime::*;

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::chime::inventory::canonical;
use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request, not_found};

handlers! {
    Chime: associate_phone_number_with_user, disassociate_phone_number_from_user
}

/// Assigns an unassigned number to a user. A user has at most one.
fn associate_phone_number_with_user(
    call: &mut Call<'_>,
    request: AssociatePhoneNumberWithUserRequest,
) -> Result<()> {
    let AssociatePhoneNumberWithUserRequest { account_id, user_id, e164_phone_number, .. } =
        request;
    call.tenant.account(&account_id)?.below.user(&user_id)?;
    let inventory = &mut call.tenant.inventory;
    let id = canonical(&PhoneNumberId::from(e164_phone_number.expose()))?;
    let record = inventory.number(&id)?;
    if record.number.product_type != Some(PhoneNumberProductType::BusinessCalling) {
        return Err(bad_request("E164PhoneNumber: must have the product type BusinessCalling"));
    }
    if !record.is(&PhoneNumberStatus::Unassigned) {
        return Err(bad_request("E164PhoneNumber: must be unassigned"));
    }
    let has_number = inventory.number_of(&account_id, &user_id).is_some();
    if has_number && !call.rules.association_replaces_number {
        return Err(bad_request("The user has a phone number already; disassociate it first"));
    }

    inventory.assign(&id, &account_id, &user_id, call.now);
    // With a new number, calls and messages are off until they are turned on.
    call.tenant.within_mut(&account_id)?.user_settings.remove(&user_id);
    Ok(())
}

/// Unassigns the number of a user.
fn disassociate_phone_number_from_user(
    call: &mut Call<'_>,
    request: DisassociatePhoneNumberFromUserRequest,
) -> Result<()> {
    let DisassociatePhoneNumberFromUserRequest { account_id, user_id, .. } = request;
    call.tenant.account(&account_id)?.below.user(&user_id)?;
    let inventory = &mut call.tenant.inventory;
    inventory.number_of(&account_id, &user_id).ok_or_else(|| not_found("Phone number"))?;
    inventory.unassign(&account_id, Some(&user_id), call.now);
    Ok(())
}

#[cfg(test)]
mod tests;
