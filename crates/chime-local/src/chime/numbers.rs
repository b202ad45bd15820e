//! Phone numbers: one at a time here, many at once in `batches`, before anyone has them in `stock`
//! and `orders`. Who of the users has one is the matter of `users::numbers`.

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
use crate::engine::errors::{Result, bad_request, conflict, limit_exceeded};

handlers! {
    Chime: list_phone_numbers, get_phone_number, update_phone_number, delete_phone_number,
    restore_phone_number; with batches, orders, stock
}

/// Lists numbers by status, by product type and by what they are associated with, all at once. The
/// deletion queue is included.
fn list_phone_numbers(
    call: &mut Call<'_>,
    request: ListPhoneNumbersRequest,
) -> Result<ListPhoneNumbersResponse> {
    let ListPhoneNumbersRequest { status, product_type, filter_name, filter_value, .. } = &request;
    if filter_name.is_some() != filter_value.is_some() {
        return Err(bad_request("FilterName, FilterValue: one needs the other"));
    }
    let list = call.list(&request, call.rules.phone_number_page_size)?;
    let inventory = &call.tenant.inventory;
    let matches = |record: &&NumberRecord| {
        (status.is_none() || record.number.status == *status)
            && (product_type.is_none() || record.number.product_type == *product_type)
    };
    let shown = |record: &NumberRecord| record.shown(call.rules);
    Ok(match filter_name.as_ref().zip(filter_value.as_deref()) {
        Some((name, value)) => {
            list.page_of(inventory.associated(name, value, list.after()), matches, shown)
        }
        None => {
            let rows = inventory.numbers().after(list.after());
            list.page_of(rows.map(|(at, row)| (at, &row.value)), matches, shown)
        }
    })
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
    let mut change = UpdatePhoneNumberRequestItem::new(request.phone_number_id);
    change.product_type = request.product_type;
    change.calling_name = request.calling_name;
    let id = update(call, change)?;
    Ok(UpdatePhoneNumberResponse::default().phone_number(shown(call, &id)?))
}

/// Changes the one thing that is given.
fn update(call: &mut Call<'_>, change: UpdatePhoneNumberRequestItem) -> Result<PhoneNumberId> {
    let UpdatePhoneNumberRequestItem { phone_number_id, product_type, calling_name, .. } = change;
    if product_type.is_some() == calling_name.is_some() {
        return Err(bad_request("ProductType, CallingName: exactly one must be given"));
    }
    let id = canonical(&phone_number_id)?;
    if let Some(product_type) = product_type {
        set_product_type(call, &id, product_type)?;
    }
    if let Some(name) = calling_name {
        set_calling_name(call, &id, name)?;
    }
    Ok(id)
}

fn set_product_type(
    call: &mut Call<'_>,
    id: &PhoneNumberId,
    product_type: PhoneNumberProductType,
) -> Result<()> {
    let record = call.tenant.inventory.number(id)?;
    let PhoneNumber { country, r#type: of, .. } = &record.number;
    require_fit(country.as_deref(), of.as_ref(), &product_type, "ProductType")?;
    if !record.is(&PhoneNumberStatus::Unassigned) {
        return Err(bad_request("ProductType: only that of an unassigned number can change"));
    }
    call.tenant.inventory.change(id, |record| {
        record.number.product_type = Some(product_type);
        record.number.updated_timestamp = Some(call.now);
    });
    Ok(())
}

/// Not every number can be of every product type.
fn require_fit(
    country: Option<&str>,
    of: Option<&PhoneNumberType>,
    product_type: &PhoneNumberProductType,
    member: &str,
) -> Result<()> {
    let misfit = plan::misfit(country, of, product_type);
    misfit.map_or(Ok(()), |misfit| Err(bad_request(format!("{member}: {misfit}"))))
}

/// Sends a name on its way to the carriers; none clears it at once.
fn set_calling_name(call: &mut Call<'_>, id: &PhoneNumberId, name: SensitiveString) -> Result<()> {
    let record = call.tenant.inventory.number(id)?;
    if !record.is(&PhoneNumberStatus::Unassigned) && !record.is(&PhoneNumberStatus::Assigned) {
        return Err(bad_request("CallingName: cannot change while the number comes or goes"));
    }
    if record.number.calling_name_status == Some(CallingNameStatus::UpdateInProgress) {
        return Err(conflict());
    }
    let since = call.now;
    call.tenant.inventory.change(id, |record| {
        record.number.updated_timestamp = Some(since);
        if name.expose().is_empty() {
            record.number.calling_name = None;
            record.number.calling_name_status = Some(CallingNameStatus::Unassigned);
        } else {
            record.number.calling_name_status = Some(CallingNameStatus::UpdateInProgress);
            record.name_change = Some(NameChange { name, since });
        }
    });
    Ok(())
}

fn delete_phone_number(call: &mut Call<'_>, request: DeletePhoneNumberRequest) -> Result<()> {
    delete(call, &request.phone_number_id)
}

/// Puts a number into the deletion queue. Nobody may have it, and it must not be on its way.
fn delete(call: &mut Call<'_>, id: &PhoneNumberId) -> Result<()> {
    use PhoneNumberStatus as Status;

    let id = &canonical(id)?;
    let record = call.tenant.inventory.number(id)?;
    if record.is(&Status::Assigned) || !record.associations().is_empty() {
        return Err(bad_request("A number must be disassociated before it can be deleted"));
    }
    let on_its_way =
        [Status::AcquireInProgress, Status::ReleaseInProgress, Status::DeleteInProgress];
    if on_its_way.iter().any(|status| record.is(status)) {
        return Err(bad_request("The number is being acquired or deleted already"));
    }
    call.tenant.inventory.change(id, |record| {
        record.move_to(Status::DeleteInProgress, call.now);
        record.number.deletion_timestamp = Some(call.now);
    });
    Ok(())
}

/// Takes a number out of the deletion queue.
fn restore_phone_number(
    call: &mut Call<'_>,
    request: RestorePhoneNumberRequest,
) -> Result<RestorePhoneNumberResponse> {
    let id = canonical(&request.phone_number_id)?;
    let inventory = &mut call.tenant.inventory;
    if !inventory.number(&id)?.is(&PhoneNumberStatus::DeleteInProgress) {
        return Err(bad_request("Only a deleted number can be restored"));
    }
    if inventory.in_use() >= call.rules.phone_numbers_per_aws_account {
        return Err(limit_exceeded("The AWS account has as many numbers as it can have"));
    }
    inventory.change(&id, |record| {
        record.move_to(PhoneNumberStatus::Unassigned, call.now);
        record.number.deletion_timestamp = None;
    });
    Ok(RestorePhoneNumberResponse::default().phone_number(shown(call, &id)?))
}

#[cfg(test)]
mod tests;
