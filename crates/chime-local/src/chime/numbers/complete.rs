//! Sets the unset members of new and seeded phone numbers and orders to the values that the service
//! gives them.

use chime_model::chime::*;
use time::OffsetDateTime;

use crate::chime::documents::CallingNameChange;
use crate::chime::inventory::{NameChange, NumberRecord, canonical};
use crate::chime::numbers::plan;

/// The canonical id of a number; `None` if it is invalid.
pub(crate) fn id_of(number: &PhoneNumber) -> Option<PhoneNumberId> {
    let given = number.e164_phone_number.as_ref().map(|number| number.expose().into());
    canonical(&given.or_else(|| number.phone_number_id.clone())?).ok()
}

/// Completes a number; `None` if its id is invalid.
pub(crate) fn number(
    mut number: PhoneNumber,
    change: Option<CallingNameChange>,
    now: OffsetDateTime,
) -> Option<(PhoneNumberId, NumberRecord)> {
    let id = id_of(&number)?;
    let e164 = id.to_e164()?;
    let created = *number.created_timestamp.get_or_insert(now);
    let updated = *number.updated_timestamp.get_or_insert(created);
    let (country, of) = plan::kind_of(e164.expose());
    number.country = number.country.take().or(country);
    let of = number.r#type.get_or_insert(of);
    let country = number.country.as_deref();
    number.product_type.get_or_insert_with(|| product_type_of(country, of));
    number.capabilities.get_or_insert_with(everything);
    let associations = number.associations.get_or_insert_default();
    for association in &mut *associations {
        association.associated_timestamp.get_or_insert(updated);
    }
    let status = number.status.get_or_insert(match number.deletion_timestamp {
        Some(_) => PhoneNumberStatus::DeleteInProgress,
        None if associations.is_empty() => PhoneNumberStatus::Unassigned,
        None => PhoneNumberStatus::Assigned,
    });
    if *status == PhoneNumberStatus::DeleteInProgress {
        number.deletion_timestamp.get_or_insert(updated);
    }
    let name_change = name_change(&mut number, change, updated);
    number.phone_number_id = Some(id.clone());
    number.e164_phone_number = Some(e164);
    Some((id, NumberRecord { number, name_change }))
}

/// The pending calling name: that of the change, or that of the number if its status is
/// `UpdateInProgress`. Also sets the calling name and the status of the number accordingly.
fn name_change(
    number: &mut PhoneNumber,
    change: Option<CallingNameChange>,
    updated: OffsetDateTime,
) -> Option<NameChange> {
    let in_progress = number.calling_name_status == Some(CallingNameStatus::UpdateInProgress);
    // Callers send an empty name to remove it.
    number.calling_name.take_if(|name| name.expose().is_empty());
    let (name, since) = match change {
        Some(change) => (Some(change.calling_name), change.since),
        None => (number.calling_name.take_if(|_| in_progress), None),
    };
    let change = name.map(|name| NameChange { name, since: since.unwrap_or(updated) });
    let given = number.calling_name_status.take().filter(|_| !in_progress);
    number.calling_name_status = Some(match (&change, &number.calling_name) {
        (Some(_), _) => CallingNameStatus::UpdateInProgress,
        (None, Some(_)) => given.unwrap_or(CallingNameStatus::UpdateSucceeded),
        (None, None) => given.unwrap_or(CallingNameStatus::Unassigned),
    });
    change
}

/// The first product type that a number can have.
fn product_type_of(country: Option<&str>, of: &PhoneNumberType) -> PhoneNumberProductType {
    let types = [PhoneNumberProductType::BusinessCalling, PhoneNumberProductType::VoiceConnector];
    let mut types = types.into_iter();
    let fits = types.find(|product_type| plan::fits(country, Some(of), product_type).is_ok());
    fits.unwrap_or(PhoneNumberProductType::SipMediaApplicationDialIn)
}

fn everything() -> PhoneNumberCapabilities {
    PhoneNumberCapabilities::default()
        .inbound_call(true)
        .outbound_call(true)
        .inbound_sms(true)
        .outbound_sms(true)
        .inbound_mms(true)
        .outbound_mms(true)
}

pub(crate) fn order(
    mut order: PhoneNumberOrder,
    id: PhoneNumberOrderId,
    now: OffsetDateTime,
) -> PhoneNumberOrder {
    order.phone_number_order_id = Some(id);
    order.product_type.get_or_insert(PhoneNumberProductType::BusinessCalling);
    let of_numbers = match order.status.get_or_insert(PhoneNumberOrderStatus::Successful) {
        PhoneNumberOrderStatus::Processing => OrderedPhoneNumberStatus::Processing,
        PhoneNumberOrderStatus::Failed => OrderedPhoneNumberStatus::Failed,
        _ => OrderedPhoneNumberStatus::Acquired,
    };
    for number in order.ordered_phone_numbers.get_or_insert_default() {
        number.status.get_or_insert_with(|| of_numbers.clone());
    }
    let created = *order.created_timestamp.get_or_insert(now);
    order.updated_timestamp.get_or_insert(created);
    order
}
