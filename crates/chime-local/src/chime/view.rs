//! The state of Amazon Chime on the page.
//!
//! Secrets are left out: PINs and security tokens.

mod account;
mod numbers;

use chime_model::chime::{AccountId, AwsAccountId, RoomId, UserId};

use self::account::Place;
use crate::chime::Chime;
use crate::engine::view::{Cell, Listing, Page, Shown};

/// Shows all accounts, phone numbers and orders, one account, or one of its users or rooms.
pub(crate) fn view(chime: &Chime, page: &mut Page<'_>) -> Option<Shown> {
    let asked = |name| page.asked(name);
    let (owner, id, user, room) = (asked("aws"), asked("account"), asked("user"), asked("room"));
    if [&owner, &id, &user, &room].iter().all(|it| it.is_none()) {
        page.list("Accounts", accounts(chime));
        page.list_of_matches("Users", users(chime));
        page.list_of_matches("Rooms", rooms(chime));
        page.list("Phone numbers", numbers::all(chime));
        page.list("Number orders", numbers::orders(chime));
        return Some(Shown::Overview);
    }
    let (owner, id) = (owner?, id?);
    let tenant = &chime.tenants.get(&AwsAccountId::from(&*owner))?.below;
    let row = tenant.accounts().get(&AccountId::from(&*id))?;
    let place = Place { tenant, row };
    match (user, room) {
        (None, None) => place.show(page),
        (Some(user), None) => {
            place.show_user(row.below.users.get(&UserId::from(&*user))?, page);
        }
        (None, Some(room)) => {
            place.show_room(row.below.rooms().get(&RoomId::from(&*room))?, page);
        }
        (Some(_), Some(_)) => return None,
    }
    Some(Shown::Part)
}

/// All accounts.
fn places(chime: &Chime) -> impl Iterator<Item = Place<'_>> {
    let tenants = chime.tenants.rows().map(|(_, row)| &row.below);
    tenants.flat_map(|tenant| tenant.accounts().rows().map(|(_, row)| Place { tenant, row }))
}

fn accounts(chime: &Chime) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let row = |place: Place<'_>| {
        let Place { row, .. } = place;
        let account = &row.account;
        vec![
            place.link(),
            Cell::id(place.id()),
            Cell::name(account.account_type.as_ref().map(|kind| kind.as_str())),
            Cell::name(account.account_status.as_ref().map(|status| status.as_str())),
            row.domains.join(", ").into(),
            row.below.users.len().to_string().into(),
            row.below.rooms().len().to_string().into(),
            row.below.bots.len().to_string().into(),
            place.owner().into(),
        ]
    };
    let tenants = chime.tenants.rows().map(|(_, row)| row.below.accounts());
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
        total: tenants.map(|accounts| accounts.len()).sum(),
        rows: places(chime).map(row),
    }
}

/// The users of all accounts.
fn users(chime: &Chime) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let row = |place: Place<'_>, user| {
        let [name, id, email] = place.user_cells(user);
        vec![name, email, id, place.link(), place.owner().into()]
    };
    Listing {
        heads: &["Name", "Email", "Id", "Account", "AWS account"],
        total: places(chime).map(|place| place.row.below.users.len()).sum(),
        rows: places(chime).flat_map(move |place| {
            place.row.below.users.values().map(move |user| row(place, user))
        }),
    }
}

/// The rooms of all accounts.
fn rooms(chime: &Chime) -> Listing<impl Iterator<Item = Vec<Cell>>> {
    let row = |place: Place<'_>, room| {
        let [name, id] = place.room_cells(room);
        vec![name, id, place.link(), place.owner().into()]
    };
    Listing {
        heads: &["Name", "Id", "Account", "AWS account"],
        total: places(chime).map(|place| place.row.below.rooms().len()).sum(),
        rows: places(chime).flat_map(move |place| {
            place.row.below.rooms().rows().map(move |(_, room)| row(place, room))
        }),
    }
}

#[cfg(test)]
mod tests;
