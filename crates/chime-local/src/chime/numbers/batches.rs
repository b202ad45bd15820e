//! Operations on batches of phone numbers. Items succeed or fail independently.

use chime_model::chime::*;

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::chime::numbers::{delete, update};
use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, require_items};

handlers! {
    Chime: batch_update_phone_number, batch_delete_phone_number
}

fn batch_update_phone_number(
    call: &mut Call<'_>,
    request: BatchUpdatePhoneNumberRequest,
) -> Result<BatchUpdatePhoneNumberResponse> {
    let items = request.update_phone_number_request_items;
    require_items(&items, "UpdatePhoneNumberRequestItems")?;
    let errors: Vec<PhoneNumberError> = call.each(
        items,
        |item| item.phone_number_id.clone(),
        |call, item| update(call, item).map(drop),
    );
    Ok(BatchUpdatePhoneNumberResponse::default().phone_number_errors(errors))
}

/// Errors have the ids in the form of the request.
fn batch_delete_phone_number(
    call: &mut Call<'_>,
    request: BatchDeletePhoneNumberRequest,
) -> Result<BatchDeletePhoneNumberResponse> {
    require_items(&request.phone_number_ids, "PhoneNumberIds")?;
    let errors: Vec<PhoneNumberError> =
        call.each(request.phone_number_ids, Clone::clone, |call, id| delete(call, &id));
    Ok(BatchDeletePhoneNumberResponse::default().phone_number_errors(errors))
}

#[cfg(test)]
mod tests;
