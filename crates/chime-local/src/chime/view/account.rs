//! An account, its users and its rooms on the page.

use chime_model::SensitiveString;
use chime_model::chime::{GetAccountResponse, GetRoomResponse, GetUserResponse, User};

use super::numbers;
use crate::chime::inventory::NumberRecord;
use crate::chime::record::{AccountRow, RoomRow};
use crate::chime::tenant::Tenant;
use crate::engine::view::{Cell, HIDDEN, Listing, Page, target};

/// An account of an AWS account.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) row: &'a AccountRow,
}

/// The display name of a user, or else the email address or the id.
fn name_of(user: &User) -> &str {
    let names = [&user.display_name, &user.primary_email];
    let mut names = names.into_iter().flatten().map(SensitiveString::expose);
    names.find(|name| !name.is_empty()).unwrap_or(user.user_id.as_str())
}

fn room_name(room: &RoomRow) -> &str {
    room.name.as_ref().map_or("", SensitiveString::expose)
}

impl<'a> Place<'a> {
    /// The AWS account.
    pub(super) fn owner(&self) -> &'a str {
        self.row.account.aws_account_id.as_str()
    }

    pub(super) fn id(&self) -> &'a str {
        self.row.account.account_id.as_str()
    }

    /// A link to the account, or to a part of it.
    pub(super) fn target(&self, part: &[(&str, &str)]) -> String {
        target(&[&[("aws", self.owner()), ("account", self.id())], part].concat())
    }

    /// A link to the account by its name.
    pub(super) fn link(&self) -> Cell {
        Cell::link(&self.row.account.name, self.target(&[]))
    }

    /// The name, the id and the email address of a user.
    pub(super) fn user_cells(&self, user: &User) -> [Cell; 3] {
        let id = user.user_id.as_str();
        let name = Cell::link(name_of(user), self.target(&[("user", id)]));
        [name, Cell::id(id), Cell::text(user.primary_email.as_ref())]
    }

    /// The number of a user.
    pub(super) fn number_of(&self, user: &User) -> Option<&'a NumberRecord> {
        self.tenant.inventory.number_of(&self.row.account.account_id, &user.user_id)
    }

    /// The name and the id of a room.
    pub(super) fn room_cells(&self, room: &RoomRow) -> [Cell; 2] {
        let id = room.room_id.as_ref().map_or("", |id| id.as_str());
        [Cell::link(room_name(room), self.target(&[("room", id)])), Cell::id(id)]
    }

    /// Shows the account.
    pub(super) fn show(&self, page: &mut Page<'_>) {
        let account = &self.row.account;
        page.title("Accounts", &[], &account.name);
        page.facts(&[
            ("Account id", Cell::id(self.id())),
            ("AWS account", self.owner().into()),
            ("Type", Cell::name(account.account_type.as_ref().map(|kind| kind.as_str()))),
            ("Status", Cell::name(account.account_status.as_ref().map(|status| status.as_str()))),
            ("Domains", self.row.domains.join(", ").into()),
            ("Created", Cell::time(account.created_timestamp)),
        ]);
        page.list("Users", self.users());
        let rooms = &self.row.below.rooms();
        page.list("Rooms", self.rooms(rooms.len(), rooms.rows().map(|(_, room)| room)));
        page.list("Bots", self.bots());
        page.response(&GetAccountResponse::default().account(account.clone()));
    }

    /// Shows a user.
    pub(super) fn show_user(&self, user: &User, page: &mut Page<'_>) {
        page.title("Accounts", &[(&self.row.account.name, &self.target(&[]))], name_of(user));
        let status = user.user_registration_status.as_ref();
        page.facts(&[
            ("User id", Cell::id(user.user_id.as_str())),
            ("Email", Cell::text(user.primary_email.as_ref())),
            ("License", Cell::name(user.license_type.as_ref().map(|license| license.as_str()))),
            ("Type", Cell::name(user.user_type.as_ref().map(|kind| kind.as_str()))),
            ("Status", Cell::name(status.map(|status| status.as_str()))),
            ("Registered", Cell::time(user.registered_on)),
        ]);
        let (below, member) = (&self.row.below, (&user.user_id).into());
        let rooms = below.rooms_of(&member, None).map(|(_, room)| room);
        page.list("Rooms", self.rooms(below.memberships_of(&member), rooms));
        page.list("Phone numbers", numbers::of_user(*self, user));
        let mut user = self.tenant.shown(user);
        user.personal_pin = user.personal_pin.map(|_| HIDDEN.into());
        page.response(&GetUserResponse::default().user(user));
    }

    /// Shows a room.
    pub(super) fn show_room(&self, room: &RoomRow, page: &mut Page<'_>) {
        page.title("Accounts", &[(&self.row.account.name, &self.target(&[]))], room_name(room));
        page.facts(&[
            ("Room id", Cell::id(room.room_id.as_ref().map_or("", |id| id.as_str()))),
            ("Created by", Cell::name(room.created_by.as_deref())),
            ("Created", Cell::time(room.created_timestamp)),
            ("Messages", room.below.messages.len().to_string().into()),
        ]);
        page.list("Members", self.members(room));
        page.response(&GetRoomResponse::default().room(room.value.clone()));
    }

    fn users(&self) -> Listing<impl Iterator<Item = Vec<Cell>>> {
        let below = &self.row.below;
        let rows = below.users.values().map(|user| {
            let status = user.user_registration_status.as_ref();
            let number = self.number_of(user);
            let [name, id, email] = self.user_cells(user);
            vec![
                name,
                email,
                id,
                Cell::name(user.license_type.as_ref().map(|license| license.as_str())),
                Cell::name(user.user_type.as_ref().map(|kind| kind.as_str())),
                Cell::name(status.map(|status| status.as_str())),
                Cell::text(number.and_then(|record| record.number.e164_phone_number.as_ref())),
                below.memberships_of(&(&user.user_id).into()).to_string().into(),
            ]
        });
        let heads = &["Name", "Email", "Id", "License", "Type", "Status", "Number", "Rooms"];
        Listing { heads, total: below.users.len(), rows }
    }

    fn rooms<'r>(
        &self,
        total: usize,
        rooms: impl Iterator<Item = &'r RoomRow>,
    ) -> Listing<impl Iterator<Item = Vec<Cell>>> {
        let rows = rooms.map(|room| {
            let [name, id] = self.room_cells(room);
            vec![
                name,
                id,
                room.below.members.len().to_string().into(),
                Cell::name(room.created_by.as_deref()),
                Cell::time(room.created_timestamp),
            ]
        });
        Listing { heads: &["Name", "Id", "Members", "Created by", "Created"], total, rows }
    }

    fn bots(&self) -> Listing<impl Iterator<Item = Vec<Cell>>> {
        let bots = &self.row.below.bots;
        let rows = bots.values().map(|bot| {
            let disabled = bot.disabled == Some(true);
            vec![
                Cell::text(bot.display_name.as_ref()),
                Cell::text(bot.bot_email.as_ref()),
                Cell::id(bot.bot_id.as_ref().map_or("", |id| id.as_str())),
                if disabled { "disabled" } else { "enabled" }.into(),
            ]
        });
        Listing { heads: &["Name", "Email", "Id", "Status"], total: bots.len(), rows }
    }

    fn members(&self, room: &RoomRow) -> Listing<impl Iterator<Item = Vec<Cell>>> {
        let members = &room.below.members;
        let rows = members.rows().map(|(id, membership)| {
            let member = membership.member.clone().unwrap_or_default();
            let user = self.row.below.users.get(&id.as_str().into());
            let name = match user {
                Some(user) => {
                    let [name, ..] = self.user_cells(user);
                    name
                }
                None => Cell::text(member.full_name.as_ref()),
            };
            vec![
                name,
                Cell::text(member.email.as_ref()),
                Cell::id(id.as_str()),
                Cell::name(member.member_type.as_ref().map(|kind| kind.as_str())),
                Cell::name(membership.role.as_ref().map(|role| role.as_str())),
                Cell::time(membership.updated_timestamp),
            ]
        });
        let heads = &["Name", "Email", "Id", "Type", "Role", "Updated"];
        Listing { heads, total: members.len(), rows }
    }
}
