//! The state of Amazon Chime on the page.
//!
//! Secrets are left out: PINs and security tokens.

mod account;

use chime_model::chime::{
    AccountId, AwsAccountId, PhoneNumber, PhoneNumberAssociationName as Association, RoomId, UserId,
};

use self::account::{Place, name_of};
use crate::chime::Chime;
use crate::chime::inventory::NumberRecord;
use crate::chime::record::AccountRow;
use crate::chime::tenant::Tenant;
use crate::engine::view::{Cell, Listing, Page, Shown};

/// Shows all accounts and phone numbers, one account, or one of its users or rooms.
pub(crate) fn view(chime: &Chime, page: &mut Page<'_>) -> Option<Shown> {
    let asked = |name| page.asked(name);
    let (owner, id, user, room) = (asked("aws"), asked("account"), asked("user"), asked("room"));
    if [&owner, &id, &user, &room].iter().all(|it| it.is_none()) {
        page.list("Accounts", accounts(chime));
        page.list("Phone numbers", numbers(chime));
        return Some(Shown::Overview);
    }
    let (owner, id) = (owner?, id?);
    let tenant = &chime.tenants.get(&AwsAccountId::from(&*owner))?.below;
    let row = tenant.accounts().get(&AccountId::from(&*id))?;
    let place = Place { owner: &owner, id: &id, row };
    match (user, room) {
        (None, None) => place.show(page),
        (Some(user), None) => {
            let user = row.below.users.get(&UserId::from(&*user))?;
            place.show_user(user, page);
            page.list("Phone numbers", numbers_of(&owner, tenant, &user.user_id));
        }
        (None, Some(room)) => {
            place.show_room(row.below.rooms().get(&RoomId::from(&*room))?, page);
        }
        (Some(_), Some(_)) => return None,
    }
    Some(Shown::Part)
}

fn accounts(chime: &Chime) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let tenants = || chime.tenants.rows().map(|(_, row)| row.below.accounts());
    let row = |(id, row): (&AccountId, &AccountRow)| {
        let account = &row.account;
        let owner = account.aws_account_id.as_str();
        let place = Place { owner, id: id.as_str(), row };
        vec![
            Cell::link(account.name.as_str(), place.target(&[])),
            Cell::id(id.as_str()),
            Cell::name(account.account_type.as_ref().map(|kind| kind.as_str())),
            Cell::name(account.account_status.as_ref().map(|status| status.as_str())),
            row.domains.join(", ").into(),
            row.below.users.len().to_string().into(),
            row.below.rooms().len().to_string().into(),
            row.below.bots.len().to_string().into(),
            owner.into(),
        ]
    };
    Listing {
        heads: &[
            "Name",
            "Id",
            "Type",
            "Status",
            "Domains",
            "Users",
            "Rooms",
            "Bots",
            "AWS account",
        ],
        total: tenants().map(|accounts| accounts.len()).sum(),
        rows: tenants().flat_map(|accounts| accounts.rows()).map(row),
    }
}

const NUMBER_HEADS: &[&str] =
    &["Number", "User", "Status", "Type", "Product", "Calling name", "AWS account"];

fn numbers(chime: &Chime) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let tenants = || chime.tenants.rows().map(|(owner, row)| (owner.as_str(), &row.below));
    let rows = tenants().flat_map(|(owner, tenant)| {
        tenant.inventory.numbers().values().map(move |record| number(owner, tenant, record))
    });
    let total = tenants().map(|(_, tenant)| tenant.inventory.numbers().len()).sum();
    Listing { heads: NUMBER_HEADS, total, rows }
}

/// The numbers of a user.
fn numbers_of(
    owner: &str,
    tenant: &Tenant,
    user: &UserId,
) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let records = || tenant.inventory.associated(&Association::UserId, user.as_str(), None);
    let rows = records().map(move |(_, record)| number(owner, tenant, record));
    Listing { heads: NUMBER_HEADS, total: records().count(), rows }
}

fn number(owner: &str, tenant: &Tenant, record: &NumberRecord) -> Vec<Cell> {
    let number: &PhoneNumber = &record.number;
    vec![
        Cell::id(number.e164_phone_number.as_ref().map_or("", |number| number.expose())),
        user_of(owner, tenant, record).unwrap_or_else(|| "".into()),
        Cell::name(number.status.as_ref().map(|status| status.as_str())),
        Cell::name(number.r#type.as_ref().map(|kind| kind.as_str())),
        Cell::name(number.product_type.as_ref().map(|product| product.as_str())),
        Cell::text(number.calling_name.as_ref()),
        owner.into(),
    ]
}

/// A link to the user of a number.
fn user_of(owner: &str, tenant: &Tenant, record: &NumberRecord) -> Option<Cell> {
    let id = record.associated(&Association::AccountId)?;
    let row = tenant.accounts().get(&AccountId::from(id))?;
    let user = row.below.users.get(&record.associated(&Association::UserId)?.into())?;
    let place = Place { owner, id, row };
    Some(Cell::link(name_of(user), place.target(&[("user", user.user_id.as_str())])))
}
