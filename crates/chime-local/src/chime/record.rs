//! What one Chime account has: its users, its bots, its rooms, who is in them and what was said.

use std::collections::{BTreeSet, HashMap};

use chime_model::chime::{
    Account, AccountSettings, AccountType, Bot, BotId, ConversationId, EventsConfiguration,
    GetRetentionSettingsResponse, MemberId, MessageId, Room, RoomId, RoomMembership, User, UserId,
    UserSettings,
};
use chime_model::{SensitiveString, ServiceError};
use serde::{Deserialize, Serialize};

use crate::chime::organisation::{ConversationMessage, RoomMessage};
use crate::engine::refusal::{forbidden, not_found};
use crate::engine::rows::{Record, Rows};
use crate::engine::table::Table;

/// An account and what belongs to it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AccountRecord {
    pub(crate) account: Account,
    /// The claimed domains, in lower case.
    pub(crate) domains: Vec<String>,
    /// What was set; the rest is off.
    pub(crate) settings: AccountSettings,
    /// How long messages are kept, as far as it was set, with the time that follows from it.
    pub(crate) retention: GetRetentionSettingsResponse,
    /// Come and go through the tenant, which knows their addresses.
    #[serde(skip)]
    pub(crate) users: Table<UserId, User>,
    /// Of the users for whom they were set.
    #[serde(skip)]
    pub(crate) user_settings: Table<UserId, UserSettings>,
    #[serde(skip)]
    pub(crate) bots: Table<BotId, Bot>,
    /// Of the bots that have one.
    #[serde(skip)]
    pub(crate) events_configurations: Table<BotId, EventsConfiguration>,
    /// What was answered to `CreateRoom` with each token, to be answered again.
    #[serde(skip)]
    pub(crate) created_rooms: Table<SensitiveString, Room>,
    #[serde(skip)]
    pub(crate) conversation_messages: Table<(ConversationId, MessageId), ConversationMessage>,
    #[serde(skip)]
    rooms: Table<RoomId, RoomRecord>,
    /// The positions of the rooms that each member is in.
    #[serde(skip)]
    rooms_of: HashMap<MemberId, BTreeSet<u64>>,
}

/// A room, who is in it and what was said in it.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct RoomRecord {
    pub(crate) room: Room,
    #[serde(skip)]
    pub(crate) members: Table<MemberId, RoomMembership>,
    #[serde(skip)]
    pub(crate) messages: Table<MessageId, RoomMessage>,
}

impl AccountRecord {
    pub(crate) fn new(account: Account) -> Self {
        Self {
            account,
            domains: Vec::new(),
            settings: AccountSettings::default(),
            retention: GetRetentionSettingsResponse::default(),
            users: Table::default(),
            user_settings: Table::default(),
            bots: Table::default(),
            events_configurations: Table::default(),
            created_rooms: Table::default(),
            conversation_messages: Table::default(),
            rooms: Table::default(),
            rooms_of: HashMap::new(),
        }
    }

    pub(crate) fn is_a(&self, account_type: AccountType) -> bool {
        self.account.account_type == Some(account_type)
    }

    pub(crate) fn require_enterprise(&self) -> Result<(), ServiceError> {
        if self.is_a(AccountType::Team) { Err(self.is_not("an Enterprise")) } else { Ok(()) }
    }

    /// The error that this is not that kind of account, in the words of the service.
    pub(crate) fn is_not(&self, kind: &str) -> ServiceError {
        let Account { aws_account_id, account_id, .. } = &self.account;
        forbidden(format!(
            "Chime Account provided is not {kind} Chime Account\
             [AWS Account ID: {aws_account_id}][Chime Account ID: {account_id}]"
        ))
    }

    pub(crate) fn user(&self, id: &UserId) -> Result<&User, ServiceError> {
        self.users.get(id).ok_or_else(|| not_found("User"))
    }

    pub(crate) fn user_mut(&mut self, id: &UserId) -> Result<&mut User, ServiceError> {
        self.users.get_mut(id).ok_or_else(|| not_found("User"))
    }

    pub(crate) fn bot(&self, id: &BotId) -> Result<&Bot, ServiceError> {
        self.bots.get(id).ok_or_else(|| not_found("Bot"))
    }

    pub(crate) fn bot_mut(&mut self, id: &BotId) -> Result<&mut Bot, ServiceError> {
        self.bots.get_mut(id).ok_or_else(|| not_found("Bot"))
    }

    pub(crate) fn rooms(&self) -> &Table<RoomId, RoomRecord> {
        &self.rooms
    }

    pub(crate) fn room(&self, id: &RoomId) -> Result<&RoomRecord, ServiceError> {
        self.rooms.get(id).ok_or_else(|| not_found("Room"))
    }

    pub(crate) fn room_mut(&mut self, id: &RoomId) -> Result<&mut RoomRecord, ServiceError> {
        self.rooms.get_mut(id).ok_or_else(|| not_found("Room"))
    }

    pub(crate) fn add_room(&mut self, id: RoomId, room: Room) {
        let (members, messages) = (Table::default(), Table::default());
        self.rooms.insert(id, RoomRecord { room, members, messages });
    }

    /// Removes a room with its memberships and messages.
    pub(crate) fn remove_room(&mut self, id: &RoomId) {
        let Some(position) = self.rooms.position(id) else { return };
        let Some(record) = self.rooms.remove(id) else { return };
        for member in record.members.values().filter_map(member_id) {
            self.forget(member, position);
        }
    }

    /// How many rooms a member is in.
    pub(crate) fn memberships_of(&self, member: &MemberId) -> usize {
        self.rooms_of.get(member).map_or(0, BTreeSet::len)
    }

    /// The rooms behind a position that a member is in.
    pub(crate) fn rooms_of(
        &self,
        member: &MemberId,
        after: Option<u64>,
    ) -> impl Iterator<Item = (u64, &RoomRecord)> {
        let start = after.map_or(0, |after| after.saturating_add(1));
        let positions = self.rooms_of.get(member).into_iter();
        positions
            .flat_map(move |positions| positions.range(start..))
            .filter_map(|position| Some((*position, self.rooms.at(*position)?)))
    }

    pub(crate) fn join(&mut self, room: &RoomId, member: MemberId, membership: RoomMembership) {
        let Some(position) = self.rooms.position(room) else { return };
        if let Some(record) = self.rooms.get_mut(room) {
            self.rooms_of.entry(member.clone()).or_default().insert(position);
            record.members.insert(member, membership);
        }
    }

    /// Takes a member out of a room; `None` if it was not in it.
    pub(crate) fn leave(&mut self, room: &RoomId, member: &MemberId) -> Option<RoomMembership> {
        let position = self.rooms.position(room)?;
        let membership = self.rooms.get_mut(room)?.members.remove(member)?;
        self.forget(member, position);
        Some(membership)
    }

    /// Takes a member out of all rooms.
    pub(crate) fn leave_all(&mut self, member: &MemberId) {
        let rooms: Vec<RoomId> = self
            .rooms_of(member, None)
            .filter_map(|(_, record)| record.room.room_id.clone())
            .collect();
        for room in rooms {
            self.leave(&room, member);
        }
    }

    fn forget(&mut self, member: &MemberId, position: u64) {
        if let Some(positions) = self.rooms_of.get_mut(member) {
            positions.remove(&position);
            if positions.is_empty() {
                self.rooms_of.remove(member);
            }
        }
    }
}

impl RoomRecord {
    pub(crate) fn member(&self, id: &MemberId) -> Result<&RoomMembership, ServiceError> {
        self.members.get(id).ok_or_else(|| not_found("Member"))
    }

    pub(crate) fn member_mut(
        &mut self,
        id: &MemberId,
    ) -> Result<&mut RoomMembership, ServiceError> {
        self.members.get_mut(id).ok_or_else(|| not_found("Member"))
    }
}

impl Record for AccountRecord {
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Rows)> {
        vec![
            ("users", &mut self.users),
            ("user-settings", &mut self.user_settings),
            ("bots", &mut self.bots),
            ("events-configurations", &mut self.events_configurations),
            ("created-rooms", &mut self.created_rooms),
            ("conversation-messages", &mut self.conversation_messages),
            ("rooms", &mut self.rooms),
        ]
    }

    fn reindex(&mut self) {
        for (position, record) in self.rooms.after(None) {
            for member in record.members.values().filter_map(member_id) {
                self.rooms_of.entry(member.clone()).or_default().insert(position);
            }
        }
    }
}

impl Record for RoomRecord {
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Rows)> {
        vec![("members", &mut self.members), ("messages", &mut self.messages)]
    }
}

impl Record for Bot {}
impl Record for ConversationMessage {}
impl Record for EventsConfiguration {}
impl Record for Room {}
impl Record for RoomMembership {}
impl Record for RoomMessage {}
impl Record for User {}
impl Record for UserSettings {}

fn member_id(membership: &RoomMembership) -> Option<&MemberId> {
    membership.member.as_ref()?.member_id.as_ref()
}

#[cfg(test)]
mod tests {
    use chime_model::chime::Member;

    use super::*;

    fn record() -> AccountRecord {
        let mut record = AccountRecord::new(Account::new("111122223333", "a", "a"));
        for room in ["r", "s"] {
            record.add_room(room.into(), Room::default().room_id(room));
            for member in ["u", "v"] {
                let membership =
                    RoomMembership::default().member(Member::default().member_id(member));
                record.join(&room.into(), member.into(), membership);
            }
        }
        record
    }

    fn rooms_of(record: &AccountRecord, member: &str, after: Option<u64>) -> Vec<String> {
        let member = member.into();
        let rooms = record.rooms_of(&member, after);
        rooms.filter_map(|(_, record)| record.room.room_id.clone()).map(String::from).collect()
    }

    #[test]
    fn the_index_follows_who_joins_and_leaves() {
        let mut record = record();
        assert_eq!(rooms_of(&record, "u", None), ["r", "s"]);
        assert_eq!(rooms_of(&record, "u", Some(0)), ["s"]);
        assert!(record.leave(&"r".into(), &"u".into()).is_some());
        assert!(record.leave(&"r".into(), &"u".into()).is_none());
        assert_eq!(rooms_of(&record, "u", None), ["s"]);
        record.leave_all(&"v".into());
        assert_eq!(record.memberships_of(&"v".into()), 0);
        assert_eq!(record.room(&"s".into()).unwrap().members.len(), 1);
    }

    #[test]
    fn a_removed_room_takes_its_memberships_along() {
        let mut record = record();
        record.remove_room(&"r".into());
        assert_eq!(rooms_of(&record, "u", None), ["s"]);
        record.remove_room(&"s".into());
        assert!(record.rooms_of.is_empty());
    }
}
