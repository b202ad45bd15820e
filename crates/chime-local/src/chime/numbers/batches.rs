//! Many phone numbers at once: each item succeeds or fails by itself.

use chime_model::ServiceError;
use chime_model::chime::{
    BatchDeletePhoneNumberRequest, BatchDeletePhoneNumberResponse, BatchUpdatePhoneNumberRequest,
    BatchUpdatePhoneNumberResponse, PhoneNumberError, PhoneNumberId,
};

use crate::chime::call::{Call, require_items};
use crate::chime::numbers::{delete, update};
use crate::engine::dispatch::Handlers;
use crate::engine::refusal::of_item;

pub(super) fn register(handlers: &mut Handlers) {
    handlers.on(batch_update_phone_number);
    handlers.on(batch_delete_phone_number);
}

fn batch_update_phone_number(
    call: &mut Call<'_>,
    request: BatchUpdatePhoneNumberRequest,
) -> Result<BatchUpdatePhoneNumberResponse, ServiceError> {
    let items = request.update_phone_number_request_items;
    require_items(&items, "UpdatePhoneNumberRequestItems")?;
    let errors = items.into_iter().filter_map(|item| {
        let id = item.phone_number_id.clone();
        update(call, item).err().map(|error| number_error(id, error))
    });
    let errors: Vec<PhoneNumberError> = errors.collect();
    Ok(BatchUpdatePhoneNumberResponse::default().phone_number_errors(errors))
}

fn batch_delete_phone_number(
    call: &mut Call<'_>,
    request: BatchDeletePhoneNumberRequest,
) -> Result<BatchDeletePhoneNumberResponse, ServiceError> {
    require_items(&request.phone_number_ids, "PhoneNumberIds")?;
    let errors = request.phone_number_ids.into_iter().filter_map(|id| {
        let error = delete(call, &id).err()?;
        Some(number_error(id, error))
    });
    let errors: Vec<PhoneNumberError> = errors.collect();
    Ok(BatchDeletePhoneNumberResponse::default().phone_number_errors(errors))
}

/// The id is told as it was asked for.
fn number_error(id: PhoneNumberId, error: ServiceError) -> PhoneNumberError {
    let mut item = PhoneNumberError::default().phone_number_id(id);
    (item.error_code, item.error_message) = of_item(error);
    item
}

#[cfg(test)]
mod tests;
