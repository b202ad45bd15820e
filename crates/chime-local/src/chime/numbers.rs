//! Operations on single phone numbers. Batches are in `batches`, available numbers in `stock`,
//! orders in `orders`, and the association with users in `users::numbers`.

mod batches;
pub(crate) mod complete;
mod orders;
pub(crate) mod plan;
mod stock;

use chime_model::SensitiveString;
use chime_model::chime::*;

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::chime::inventory::{NameChange, NumberRecord, canonical};
use crate::engine::dispatch::handlers;
use crate::engine::errors::{CONFLICT, Result, bad_request, conflict, require_below_limit};
use crate::engine::table::Row;

handlers! {
    Chime: list_phone_numbers, get_phone_number, update_phone_number, delete_phone_number,
    restore_phone_number; with batches, orders, stock
}

/// Lists numbers, including those in the deletion queue. Filters by status, product type and
/// association can be combined.
fn list_phone_numbers(
    call: &mut Call<'_>,
    request: ListPhoneNumbersRequest,
) -> Result<ListPhoneNumbersResponse> {
    let ListPhoneNumbersRequest { status, product_type, filter_name, filter_value, .. } = &request;
    if filter_name.is_some() != filter_value.is_some() {
        return Err(bad_request("FilterName, FilterValue: must be set together"));
    }
    let list = call.list(&request, call.rules.phone_number_page_size)?;
    let is_wanted =
        |found: &PhoneNumberAssociation| found.name == *filter_name && found.value == *filter_value;
    let matches = |record: &&Row<NumberRecord>| {
        (status.is_none() || record.number.status == *status)
            && (product_type.is_none() || record.number.product_type == *product_type)
            && (filter_name.is_none() || record.associations().iter().any(is_wanted))
    };
    let numbers = call.tenant.inventory.numbers.after(list.after());
    Ok(list.page_of(numbers, matches, |record| record.shown(call.rules)))
}

fn get_phone_number(
    call: &mut Call<'_>,
    request: GetPhoneNumberRequest,
) -> Result<GetPhoneNumberResponse> {
    let number = shown(call, &canonical(&request.phone_number_id)?)?;
    Ok(GetPhoneNumberResponse::default().phone_number(number))
}

fn shown(call: &Call<'_>, id: &PhoneNumberId) -> Result<PhoneNumber> {
    Ok(call.tenant.inventory.number(id)?.shown(call.rules))
}

fn update_phone_number(
    call: &mut Call<'_>,
    request: UpdatePhoneNumberRequest,
) -> Result<UpdatePhoneNumberResponse> {
    let change = UpdatePhoneNumberRequestItem::new(request.phone_number_id)
        .set_product_type(request.product_type)
        .set_calling_name(request.calling_name);
    let id = update(call, change)?;
    Ok(UpdatePhoneNumberResponse::default().phone_number(shown(call, &id)?))
}

/// Updates the product type or the calling name, exactly one of which must be set.
fn update(call: &mut Call<'_>, change: UpdatePhoneNumberRequestItem) -> Result<PhoneNumberId> {
    let id = canonical(&change.phone_number_id);
    match (change.product_type, change.calling_name) {
        (Some(product_type), None) => set_product_type(call, id?, product_type),
        (None, Some(name)) => set_calling_name(call, id?, name),
        _ => Err(bad_request("ProductType, CallingName: exactly one of them is required")),
    }
}

fn set_product_type(
    call: &mut Call<'_>,
    id: PhoneNumberId,
    product_type: PhoneNumberProductType,
) -> Result<PhoneNumberId> {
    let record = call.tenant.inventory.number(&id)?;
    let PhoneNumber { country, r#type: of, .. } = &record.number;
    let fits = plan::fits(country.as_deref(), of.as_ref(), &product_type);
    fits.map_err(|misfit| bad_request(format!("ProductType: {misfit}")))?;
    if !record.is(&PhoneNumberStatus::Unassigned) {
        return Err(bad_request("ProductType: cannot be changed unless the number is unassigned"));
    }
    call.tenant.inventory.numbers.change(&id, |record| {
        record.number.product_type = Some(product_type);
        record.number.updated_timestamp = Some(call.now);
    });
    Ok(id)
}

/// Makes a calling name pending. An empty name removes the current one at once.
fn set_calling_name(
    call: &mut Call<'_>,
    id: PhoneNumberId,
    name: SensitiveString,
) -> Result<PhoneNumberId> {
    let record = call.tenant.inventory.number(&id)?;
    if !record.is_usable() {
        return Err(bad_request("CallingName: the number must be Unassigned or Assigned"));
    }
    if record.number.calling_name_status == Some(CallingNameStatus::UpdateInProgress) {
        return Err(conflict(CONFLICT));
    }
    let since = call.now;
    call.tenant.inventory.numbers.change(&id, |record| {
        record.number.updated_timestamp = Some(since);
        if name.expose().is_empty() {
            record.number.calling_name = None;
            record.number.calling_name_status = Some(CallingNameStatus::Unassigned);
        } else {
            record.number.calling_name_status = Some(CallingNameStatus::UpdateInProgress);
            record.name_change = Some(NameChange { name, since });
        }
    });
    Ok(id)
}

fn delete_phone_number(call: &mut Call<'_>, request: DeletePhoneNumberRequest) -> Result<()> {
    delete(call, &request.phone_number_id)
}

/// Moves an unassigned number to the deletion queue.
fn delete(call: &mut Call<'_>, id: &PhoneNumberId) -> Result<()> {
    use PhoneNumberStatus as Status;

    let id = &canonical(id)?;
    let record = call.tenant.inventory.number(id)?;
    if record.is(&Status::Assigned) || !record.associations().is_empty() {
        return Err(bad_request("A number must be disassociated before it can be deleted"));
    }
    if !record.is(&Status::Unassigned) {
        return Err(bad_request("Only an unassigned number can be deleted"));
    }
    call.tenant.inventory.numbers.change(id, |record| {
        record.move_to(Status::DeleteInProgress, call.now);
        record.number.deletion_timestamp = Some(call.now);
    });
    Ok(())
}

/// Restores a number from the deletion queue.
fn restore_phone_number(
    call: &mut Call<'_>,
    request: RestorePhoneNumberRequest,
) -> Result<RestorePhoneNumberResponse> {
    let id = canonical(&request.phone_number_id)?;
    let inventory = &mut call.tenant.inventory;
    if !inventory.number(&id)?.is(&PhoneNumberStatus::DeleteInProgress) {
        return Err(bad_request("Only a deleted number can be restored"));
    }
    let limit = call.rules.phone_numbers_per_aws_account;
    require_below_limit(inventory.in_use(), limit, "The AWS account", "phone numbers")?;
    inventory.numbers.change(&id, |record| {
        record.move_to(PhoneNumberStatus::Unassigned, call.now);
        record.number.deletion_timestamp = None;
    });
    Ok(RestorePhoneNumberResponse::default().phone_number(shown(call, &id)?))
}

#[cfg(test)]
mod tests;
