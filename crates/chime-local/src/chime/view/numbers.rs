//! Phone numbers and their orders on the page.

use chime_model::SensitiveString;
use chime_model::chime::{
    OrderedPhoneNumber, PhoneNumber, PhoneNumberOrder, PhoneNumberOrderStatus as OrderStatus, User,
};

use super::account::Place;
use crate::chime::Chime;
use crate::chime::inventory::NumberRecord;
use crate::chime::tenant::Tenant;
use crate::engine::view::{Cell, Listing};

const HEADS: &[&str] =
    &["Number", "User", "Status", "Type", "Product", "Calling name", "AWS account"];

pub(super) fn all(chime: &Chime) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let rows = tenants(chime).flat_map(|(owner, tenant)| {
        tenant.inventory.numbers.values().map(move |record| number(owner, tenant, record))
    });
    let total = tenants(chime).map(|(_, tenant)| tenant.inventory.numbers.len()).sum();
    Listing { heads: HEADS, total, rows }
}

/// The number of a user.
pub(super) fn of_user(place: Place<'_>, user: &User) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let found = place.number_of(user);
    let rows = found.into_iter().map(move |record| number(place.owner(), place.tenant, record));
    Listing { heads: HEADS, total: usize::from(found.is_some()), rows }
}

fn number(owner: &str, tenant: &Tenant, record: &NumberRecord) -> Vec<Cell> {
    let number: &PhoneNumber = &record.number;
    vec![
        Cell::id(number.e164_phone_number.as_ref().map_or("", |number| number.expose())),
        user_of(tenant, record).unwrap_or_else(|| "".into()),
        Cell::name(number.status.as_ref().map(|status| status.as_str())),
        Cell::name(number.r#type.as_ref().map(|kind| kind.as_str())),
        Cell::name(number.product_type.as_ref().map(|product| product.as_str())),
        Cell::text(number.calling_name.as_ref()),
        owner.into(),
    ]
}

/// A link to the user of a number.
fn user_of(tenant: &Tenant, record: &NumberRecord) -> Option<Cell> {
    let (account, user) = record.user()?;
    let row = tenant.accounts().get(&account)?;
    let place = Place { tenant, row };
    let [name, ..] = place.user_cells(row.below.users.get(&user)?);
    Some(name)
}

/// The orders of all AWS accounts, the newest of each first.
pub(super) fn orders(chime: &Chime) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let rows = tenants(chime).flat_map(|(owner, tenant)| {
        tenant.inventory.orders.values().rev().map(move |order| order_cells(owner, order))
    });
    let heads = &["Id", "Status", "Product", "Numbers", "Created", "Updated", "AWS account"];
    let total = tenants(chime).map(|(_, tenant)| tenant.inventory.orders.len()).sum();
    Listing { heads, total, rows }
}

fn order_cells(owner: &str, order: &PhoneNumberOrder) -> Vec<Cell> {
    let status = match &order.status {
        Some(OrderStatus::Failed) => Cell::failure(OrderStatus::Failed.as_str()),
        status => Cell::name(status.as_ref().map(|status| status.as_str())),
    };
    let numbers = order.ordered_phone_numbers.iter().flatten().map(ordered);
    vec![
        Cell::id(order.phone_number_order_id.as_ref().map_or("", |id| id.as_str())),
        status,
        Cell::name(order.product_type.as_ref().map(|product| product.as_str())),
        numbers.collect::<Vec<_>>().join(", ").into(),
        Cell::time(order.created_timestamp),
        Cell::time(order.updated_timestamp),
        owner.into(),
    ]
}

/// An ordered number, and what became of it.
fn ordered(item: &OrderedPhoneNumber) -> String {
    let number = item.e164_phone_number.as_ref().map_or("", SensitiveString::expose);
    format!("{number} {}", item.status.as_ref().map_or("", |status| status.as_str()))
}

/// The AWS accounts with their ids.
fn tenants(chime: &Chime) -> impl Iterator<Item = (&str, &Tenant)> {
    chime.tenants.rows().map(|(owner, row)| (owner.as_str(), &row.below))
}
