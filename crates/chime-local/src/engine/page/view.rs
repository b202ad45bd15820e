//! What the page shows of the state: all that it knows of how that is kept.
//!
//! Of no list it takes more than a page can show, so that a large state does not hold up the calls
//! of others. What opens meetings or speaks for a bot is left out: PINs and tokens.

use chime_model::chime::{AccountId, AwsAccountId, PhoneNumberAssociationName, RoomId};
use chime_model::{SensitiveString, timestamp};
use time::OffsetDateTime;

use super::html::{Cell, Listing};
use super::target;
use crate::Answered;
use crate::chime::inventory::NumberRecord;
use crate::chime::record::{AccountRecord, RoomRecord};
use crate::chime::state::State;

/// How many rows of a list are shown.
const ROWS: usize = 100;

pub(super) fn accounts(state: &State) -> Listing {
    let records = || state.tenants.values().flat_map(|tenant| tenant.accounts().values());
    let row = |record: &AccountRecord| {
        let account = &record.account;
        let (owner, id) = (account.aws_account_id.as_str(), account.account_id.as_str());
        vec![
            Cell::link(account.name.as_str(), target(&[("aws", owner), ("account", id)])),
            id.into(),
            owner.into(),
            name(account.account_type.as_ref().map(|kind| kind.as_str())),
            name(account.account_status.as_ref().map(|status| status.as_str())),
            record.domains.join(", ").into(),
            record.users.len().to_string().into(),
            record.rooms().len().to_string().into(),
            record.bots.len().to_string().into(),
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
        total: state.tenants.values().map(|tenant| tenant.accounts().len()).sum(),
    }
}

pub(super) fn numbers(state: &State) -> Listing {
    let tenants = || state.tenants.ids().zip(state.tenants.values());
    let tables = || tenants().map(|(owner, tenant)| (owner, tenant.inventory.numbers()));
    let rows =
        tables().flat_map(|(owner, numbers)| numbers.values().map(move |number| (owner, number)));
    let row = |(owner, record): (&AwsAccountId, &NumberRecord)| {
        let number = &record.number;
        vec![
            text(number.e164_phone_number.as_ref()),
            owner.as_str().into(),
            name(number.r#type.as_ref().map(|kind| kind.as_str())),
            name(number.product_type.as_ref().map(|product| product.as_str())),
            name(number.status.as_ref().map(|status| status.as_str())),
            name(record.associated(&PhoneNumberAssociationName::UserId)),
            text(number.calling_name.as_ref()),
        ]
    };
    Listing {
        heads: &["Number", "AWS account", "Type", "Product", "Status", "User", "Calling name"],
        rows: rows.take(ROWS).map(row).collect(),
        total: tables().map(|(_, numbers)| numbers.len()).sum(),
    }
}

pub(super) fn account<'a>(state: &'a State, owner: &str, id: &str) -> Option<&'a AccountRecord> {
    state.tenants.get(&AwsAccountId::from(owner))?.accounts().get(&AccountId::from(id))
}

pub(super) fn room<'a>(record: &'a AccountRecord, id: &str) -> Option<&'a RoomRecord> {
    record.rooms().get(&RoomId::from(id))
}

pub(super) fn room_name(record: &RoomRecord) -> &str {
    record.room.name.as_ref().map_or("", SensitiveString::expose)
}

pub(super) fn users(record: &AccountRecord) -> Listing {
    let rows = record.users.values().take(ROWS).map(|user| {
        let status = user.user_registration_status.as_ref();
        vec![
            text(user.display_name.as_ref()),
            text(user.primary_email.as_ref()),
            user.user_id.as_str().into(),
            name(user.license_type.as_ref().map(|license| license.as_str())),
            name(user.user_type.as_ref().map(|kind| kind.as_str())),
            name(status.map(|status| status.as_str())),
            text(user.primary_provisioned_number.as_ref()),
            record.memberships_of(&(&user.user_id).into()).to_string().into(),
        ]
    });
    Listing {
        heads: &["Name", "Email", "User", "License", "Type", "Status", "Number", "Rooms"],
        rows: rows.collect(),
        total: record.users.len(),
    }
}

pub(super) fn rooms(record: &AccountRecord) -> Listing {
    let account = &record.account;
    let (owner, id) = (account.aws_account_id.as_str(), account.account_id.as_str());
    let rows = record.rooms().values().take(ROWS).map(|record| {
        let room = record.room.room_id.as_ref().map_or("", |id| id.as_str());
        let detail = target(&[("aws", owner), ("account", id), ("room", room)]);
        vec![
            Cell::link(room_name(record), detail),
            room.into(),
            record.members.len().to_string().into(),
            name(record.room.created_by.as_deref()),
            at(record.room.created_timestamp),
        ]
    });
    Listing {
        heads: &["Name", "Room", "Members", "Created by", "Created"],
        rows: rows.collect(),
        total: record.rooms().len(),
    }
}

pub(super) fn bots(record: &AccountRecord) -> Listing {
    let rows = record.bots.values().take(ROWS).map(|bot| {
        let disabled = bot.disabled == Some(true);
        vec![
            text(bot.display_name.as_ref()),
            text(bot.bot_email.as_ref()),
            name(bot.bot_id.as_ref().map(|id| id.as_str())),
            if disabled { "disabled" } else { "enabled" }.into(),
        ]
    });
    let total = record.bots.len();
    Listing { heads: &["Name", "Email", "Bot", "Status"], rows: rows.collect(), total }
}

pub(super) fn members(record: &RoomRecord) -> Listing {
    let rows = record.members.values().take(ROWS).map(|membership| {
        let member = membership.member.clone().unwrap_or_default();
        vec![
            text(member.full_name.as_ref()),
            text(member.email.as_ref()),
            name(member.member_id.as_ref().map(|id| id.as_str())),
            name(member.member_type.as_ref().map(|kind| kind.as_str())),
            name(membership.role.as_ref().map(|role| role.as_str())),
            at(membership.updated_timestamp),
        ]
    });
    Listing {
        heads: &["Name", "Email", "Member", "Type", "Role", "Updated"],
        rows: rows.collect(),
        total: record.members.len(),
    }
}

pub(super) fn requests(requests: &[Answered]) -> Listing {
    let rows = requests.iter().take(ROWS).map(|answered| {
        vec![
            at(Some(answered.time)),
            name(answered.operation),
            answered.status.map_or_else(|| "cut".into(), |status| status.to_string().into()),
            name(answered.exception.as_deref()),
            format!("{:.1} ms", answered.duration.as_secs_f64() * 1000.0).into(),
            name(answered.arn.as_deref()),
        ]
    });
    Listing {
        heads: &["Time", "Operation", "Status", "Exception", "Took", "Caller"],
        rows: rows.collect(),
        total: requests.len(),
    }
}

fn text(text: Option<&SensitiveString>) -> Cell {
    text.map_or("", SensitiveString::expose).into()
}

fn name(name: Option<&str>) -> Cell {
    name.unwrap_or_default().into()
}

fn at(time: Option<OffsetDateTime>) -> Cell {
    time.and_then(timestamp::format).unwrap_or_default().into()
}
