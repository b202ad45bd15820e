//! Phone number orders. `Inventory::settle` completes them.

use chime_model::chime::*;

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::chime::numbers::{complete, plan};
use crate::engine::dispatch::handlers;
use crate::engine::errors::{
    Result, bad_request, not_found, require_items, resource_limit_exceeded,
};

handlers! {
    Chime: create_phone_number_order, get_phone_number_order, list_phone_number_orders
}

/// Creates an order. Available numbers are reserved at once; the others fail when the order
/// completes. A duplicate number in the request fails, too.
fn create_phone_number_order(
    call: &mut Call<'_>,
    request: CreatePhoneNumberOrderRequest,
) -> Result<CreatePhoneNumberOrderResponse> {
    let CreatePhoneNumberOrderRequest { product_type, e164_phone_numbers, .. } = request;
    require_items(&e164_phone_numbers, "E164PhoneNumbers")?;
    let mut ordered = Vec::new();
    for (i, number) in e164_phone_numbers.iter().enumerate() {
        let member = format!("E164PhoneNumbers[{i}]");
        let id = PhoneNumberId::from_e164(number.expose())
            .map_err(|invalid| bad_request(format!("{member}: {invalid}")))?;
        let (country, of) = call.phone_stock.kind_of(&id);
        let fits = plan::fits(country.as_deref(), of.as_ref(), &product_type);
        fits.map_err(|misfit| bad_request(format!("{member}: {misfit}")))?;
        ordered.push(OrderedPhoneNumber::default().set_e164_phone_number(id.to_e164()));
        if call.owned_numbers.contains(&id) || !is_available(call, &id) {
            continue;
        }
        let number = PhoneNumber::default()
            .phone_number_id(&id)
            .set_country(country)
            .set_type(of)
            .product_type(product_type.clone())
            .status(PhoneNumberStatus::AcquireInProgress);
        if let Some((id, record)) = complete::number(number, None, call.now) {
            call.owned_numbers.insert(id.clone(), ());
            call.tenant.inventory.numbers.insert(id, record);
        }
    }
    let limit = call.rules.phone_numbers_per_aws_account;
    if call.tenant.inventory.in_use() > limit {
        let message = format!("The AWS account would exceed its limit of {limit} phone numbers");
        return Err(resource_limit_exceeded(message));
    }

    let id = PhoneNumberOrderId::from(call.ids.guid());
    let order = PhoneNumberOrder::default()
        .product_type(product_type)
        .status(PhoneNumberOrderStatus::Processing)
        .ordered_phone_numbers(ordered);
    let order = complete::order(order, id.clone(), call.now);
    call.tenant.inventory.orders.insert(id, order.clone());
    Ok(CreatePhoneNumberOrderResponse::default().phone_number_order(order))
}

fn is_available(call: &Call<'_>, id: &PhoneNumberId) -> bool {
    let mut failing = call.rules.failing_numbers.iter();
    let fails = failing.any(|failing| failing.to_e164() == id.to_e164());
    !fails && call.phone_stock.has(id, call.rules)
}

fn get_phone_number_order(
    call: &mut Call<'_>,
    request: GetPhoneNumberOrderRequest,
) -> Result<GetPhoneNumberOrderResponse> {
    let order = call.tenant.inventory.orders.get(&request.phone_number_order_id);
    let order = order.ok_or_else(|| not_found("Phone number order"))?;
    Ok(GetPhoneNumberOrderResponse::default().phone_number_order(order.value.clone()))
}

/// Lists all orders, including completed ones.
fn list_phone_number_orders(
    call: &mut Call<'_>,
    request: ListPhoneNumberOrdersRequest,
) -> Result<ListPhoneNumberOrdersResponse> {
    let list = call.list(&request, call.rules.phone_number_page_size)?;
    let orders = call.tenant.inventory.orders.after(list.after());
    Ok(list.page(orders, |order| order.value.clone()))
}

#[cfg(test)]
mod tests;
