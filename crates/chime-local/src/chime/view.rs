//! What the page shows of the state of Amazon Chime.
//!
//! Of no list it takes more than a page can show, so that a large state does not hold up the calls
//! of others. What opens meetings or speaks for a bot is left out: PINs and tokens.

use chime_model::SensitiveString;
use chime_model::chime::{AccountId, AwsAccountId, PhoneNumberAssociationName, RoomId};

use crate::chime::Chime;
use crate::chime::inventory::NumberRecord;
use crate::chime::record::{AccountRow, RoomRow};
use crate::engine::view::{Cell, Listing, Page, ROWS, Shown, target};

/// Shows all accounts and numbers, one account, or one room.
pub(crate) fn view(chime: &Chime, page: &mut Page<'_>) -> Option<Shown> {
    let asked = |name| page.asked(name);
    match (asked("aws"), asked("account"), asked("room")) {
        (None, None, None) => {
            page.html.listing("Accounts", &accounts(chime));
            page.html.listing("Phone numbers", &numbers(chime));
            return Some(Shown::Overview);
        }
        (Some(owner), Some(id), None) => {
            let row = account(chime, &owner, &id)?;
            page.html.markup("<p>Account <strong>").text(&row.account.name).markup("</strong>, ");
            page.html.text(&id).markup("</p>\n");
            page.html.listing("Users", &users(row));
            page.html.listing("Rooms", &rooms(row));
            page.html.listing("Bots", &bots(row));
        }
        (Some(owner), Some(id), Some(room)) => {
            let row = account(chime, &owner, &id)?;
            let room_row = row.below.rooms().get(&RoomId::from(room.as_str()))?;
            let back = target(&[("aws", &owner), ("account", &id)]);
            page.html.markup("<p>Room <strong>").text(room_name(room_row));
            page.html.markup("</strong>, ").text(&room).markup(", of the account ");
            page.html.link(&row.account.name, &back).markup("</p>\n");
            page.html.listing("Members", &members(room_row));
        }
        _ => return None,
    }
    Some(Shown::Part)
}

fn accounts(chime: &Chime) -> Listing {
    let records = || chime.tenants.rows().flat_map(|(_, tenant)| tenant.below.accounts().rows());
    let row = |(_, record): (&AccountId, &AccountRow)| {
        let account = &record.account;
        let (owner, id) = (account.aws_account_id.as_str(), account.account_id.as_str());
        vec![
            Cell::link(account.name.as_str(), target(&[("aws", owner), ("account", id)])),
            id.into(),
            owner.into(),
            Cell::name(account.account_type.as_ref().map(|kind| kind.as_str())),
            Cell::name(account.account_status.as_ref().map(|status| status.as_str())),
            record.domains.join(", ").into(),
            record.below.users.len().to_string().into(),
            record.below.rooms().len().to_string().into(),
            record.below.bots.len().to_string().into(),
        ]
    };
    Listing {
        heads: &[
            "Name",
            "Account",
            "AWS account",
            "Type",
            "Status",
            "Domains",
            "Users",
            "Rooms",
            "Bots",
        ],
        rows: records().take(ROWS).map(row).collect(),
        total: chime.tenants.rows().map(|(_, tenant)| tenant.below.accounts().len()).sum(),
    }
}

fn numbers(chime: &Chime) -> Listing {
    let tenants = || chime.tenants.rows();
    let tables = || tenants().map(|(owner, tenant)| (owner, tenant.below.inventory.numbers()));
    let rows =
        tables().flat_map(|(owner, numbers)| numbers.values().map(move |number| (owner, number)));
    let row = |(owner, record): (&AwsAccountId, &NumberRecord)| {
        let number = &record.number;
        vec![
            Cell::text(number.e164_phone_number.as_ref()),
            owner.as_str().into(),
            Cell::name(number.r#type.as_ref().map(|kind| kind.as_str())),
            Cell::name(number.product_type.as_ref().map(|product| product.as_str())),
            Cell::name(number.status.as_ref().map(|status| status.as_str())),
            Cell::name(record.associated(&PhoneNumberAssociationName::UserId)),
            Cell::text(number.calling_name.as_ref()),
        ]
    };
    Listing {
        heads: &["Number", "AWS account", "Type", "Product", "Status", "User", "Calling name"],
        rows: rows.take(ROWS).map(row).collect(),
        total: tables().map(|(_, numbers)| numbers.len()).sum(),
    }
}

fn account<'a>(chime: &'a Chime, owner: &str, id: &str) -> Option<&'a AccountRow> {
    chime.tenants.get(&AwsAccountId::from(owner))?.below.accounts().get(&AccountId::from(id))
}

fn room_name(record: &RoomRow) -> &str {
    record.name.as_ref().map_or("", SensitiveString::expose)
}

fn users(record: &AccountRow) -> Listing {
    let rows = record.below.users.values().take(ROWS).map(|user| {
        let status = user.user_registration_status.as_ref();
        vec![
            Cell::text(user.display_name.as_ref()),
            Cell::text(user.primary_email.as_ref()),
            user.user_id.as_str().into(),
            Cell::name(user.license_type.as_ref().map(|license| license.as_str())),
            Cell::name(user.user_type.as_ref().map(|kind| kind.as_str())),
            Cell::name(status.map(|status| status.as_str())),
            Cell::text(user.primary_provisioned_number.as_ref()),
            record.below.memberships_of(&(&user.user_id).into()).to_string().into(),
        ]
    });
    Listing {
        heads: &["Name", "Email", "User", "License", "Type", "Status", "Number", "Rooms"],
        rows: rows.collect(),
        total: record.below.users.len(),
    }
}

fn rooms(record: &AccountRow) -> Listing {
    let account = &record.account;
    let (owner, id) = (account.aws_account_id.as_str(), account.account_id.as_str());
    let rows = record.below.rooms().rows().take(ROWS).map(|(_, record)| {
        let room = record.room_id.as_ref().map_or("", |id| id.as_str());
        let detail = target(&[("aws", owner), ("account", id), ("room", room)]);
        vec![
            Cell::link(room_name(record), detail),
            room.into(),
            record.below.members.len().to_string().into(),
            Cell::name(record.created_by.as_deref()),
            Cell::time(record.created_timestamp),
        ]
    });
    Listing {
        heads: &["Name", "Room", "Members", "Created by", "Created"],
        rows: rows.collect(),
        total: record.below.rooms().len(),
    }
}

fn bots(record: &AccountRow) -> Listing {
    let rows = record.below.bots.values().take(ROWS).map(|bot| {
        let disabled = bot.disabled == Some(true);
        vec![
            Cell::text(bot.display_name.as_ref()),
            Cell::text(bot.bot_email.as_ref()),
            Cell::name(bot.bot_id.as_ref().map(|id| id.as_str())),
            if disabled { "disabled" } else { "enabled" }.into(),
        ]
    });
    let total = record.below.bots.len();
    Listing { heads: &["Name", "Email", "Bot", "Status"], rows: rows.collect(), total }
}

fn members(record: &RoomRow) -> Listing {
    let rows = record.below.members.values().take(ROWS).map(|membership| {
        let member = membership.member.clone().unwrap_or_default();
        vec![
            Cell::text(member.full_name.as_ref()),
            Cell::text(member.email.as_ref()),
            Cell::name(member.member_id.as_ref().map(|id| id.as_str())),
            Cell::name(member.member_type.as_ref().map(|kind| kind.as_str())),
            Cell::name(membership.role.as_ref().map(|role| role.as_str())),
            Cell::time(membership.updated_timestamp),
        ]
    });
    Listing {
        heads: &["Name", "Email", "Member", "Type", "Role", "Updated"],
        rows: rows.collect(),
        total: record.below.members.len(),
    }
}
