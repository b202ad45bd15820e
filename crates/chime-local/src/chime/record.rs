//! A Chime account and its resources.

use chime_model::SensitiveString;
use chime_model::chime::*;
use serde::{Deserialize, Serialize};

use crate::chime::documents::{ConversationMessage, RoomMessage, SettingsOfUser};
use crate::engine::errors::{Result, forbidden, not_found};
use crate::engine::index::Index;
use crate::engine::rows::tables;
use crate::engine::table::{Row, Table};

/// An account with its settings.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AccountRecord {
    pub(crate) account: Account,
    /// The claimed domains, in lower case.
    pub(crate) domains: Vec<String>,
    /// The account settings. Unset ones are off.
    pub(crate) settings: AccountSettings,
    /// The retention settings, and the time of deletion that they imply.
    pub(crate) retention: GetRetentionSettingsResponse,
}

/// An account with its resources.
pub(crate) type AccountRow = Row<AccountRecord, AccountTables>;

/// A room with its members and messages.
pub(crate) type RoomRow = Row<Room, RoomTables>;

tables! {
    /// The resources of an account.
    pub(crate) struct AccountTables indexed by AccountTables::index {
        /// Must be added and removed by [`Tenant`](super::tenant::Tenant), which indexes their
        /// email addresses.
        pub(crate) users: Table<UserId, User> = "users",
        /// Settings that differ from the default.
        pub(crate) user_settings: Table<UserId, SettingsOfUser> = "user-settings",
        pub(crate) bots: Table<BotId, Bot> = "bots",
        pub(crate) events_configurations: Table<BotId, EventsConfiguration> = "events-configurations",
        /// The output of `CreateRoom` by client request token, to be returned again until the token
        /// expires.
        pub(crate) created_rooms: Table<SensitiveString, Room> = "created-rooms",
        pub(crate) conversation_messages:
            Table<(ConversationId, MessageId), ConversationMessage> = "conversation-messages",
        rooms: Table<RoomId, Room, RoomTables> = "rooms",
        /// The positions of the rooms that each member is in.
        rooms_of: Index<MemberId, u64> = index,
    }
}

tables! {
    /// The memberships and messages of a room.
    pub(crate) struct RoomTables {
        pub(crate) members: Table<MemberId, RoomMembership> = "members",
        pub(crate) messages: Table<MessageId, RoomMessage> = "messages",
    }
}

impl AccountRecord {
    pub(crate) fn new(account: Account) -> Self {
        Self {
            account,
            domains: Vec::new(),
            settings: AccountSettings::default(),
            retention: GetRetentionSettingsResponse::default(),
        }
    }

    pub(crate) fn is_a(&self, account_type: AccountType) -> bool {
        self.account.account_type == Some(account_type)
    }

    pub(crate) fn require_enterprise(&self) -> Result<()> {
        if self.is_a(AccountType::Team) { Err(self.is_not("an Enterprise")) } else { Ok(()) }
    }

    /// The error of the service for an account of another type.
    pub(crate) fn is_not(&self, kind: &str) -> chime_model::ServiceError {
        let Account { aws_account_id, account_id, .. } = &self.account;
        forbidden(format!(
            "Chime Account provided is not {kind} Chime Account\
             [AWS Account ID: {aws_account_id}][Chime Account ID: {account_id}]"
        ))
    }
}

impl AccountTables {
    pub(crate) fn user(&self, id: &UserId) -> Result<&User> {
        self.users.get(id).map(|user| &user.value).ok_or_else(|| not_found("User"))
    }

    pub(crate) fn user_mut(&mut self, id: &UserId) -> Result<&mut User> {
        self.users.get_mut(id).ok_or_else(|| not_found("User"))
    }

    pub(crate) fn bot(&self, id: &BotId) -> Result<&Bot> {
        self.bots.get(id).map(|bot| &bot.value).ok_or_else(|| not_found("Bot"))
    }

    pub(crate) fn bot_mut(&mut self, id: &BotId) -> Result<&mut Bot> {
        self.bots.get_mut(id).ok_or_else(|| not_found("Bot"))
    }

    pub(crate) fn rooms(&self) -> &Table<RoomId, Room, RoomTables> {
        &self.rooms
    }

    pub(crate) fn room(&self, id: &RoomId) -> Result<&RoomRow> {
        self.rooms.get(id).ok_or_else(|| not_found("Room"))
    }

    pub(crate) fn room_mut(&mut self, id: &RoomId) -> Result<&mut Room> {
        self.rooms.get_mut(id).ok_or_else(|| not_found("Room"))
    }

    /// The memberships and messages of a room, to change them.
    pub(crate) fn within_room_mut(&mut self, id: &RoomId) -> Result<&mut RoomTables> {
        self.rooms.below_mut(id).ok_or_else(|| not_found("Room"))
    }

    pub(crate) fn add_room(&mut self, id: RoomId, room: Room) {
        self.rooms.insert(id, room);
    }

    /// Removes a room with its memberships and messages.
    ///
    /// # Errors
    /// If it does not exist.
    pub(crate) fn remove_room(&mut self, id: &RoomId) -> Result<()> {
        let Self { rooms, rooms_of, .. } = self;
        let (position, room) = rooms.find(id).ok_or_else(|| not_found("Room"))?;
        for member in room.below.members.ids() {
            rooms_of.remove(member, &position);
        }
        rooms.remove(id);
        Ok(())
    }

    /// The number of rooms that a member is in.
    pub(crate) fn memberships_of(&self, member: &MemberId) -> usize {
        self.rooms_of.count(member)
    }

    /// The rooms after a position that have a member.
    pub(crate) fn rooms_of(
        &self,
        member: &MemberId,
        after: Option<u64>,
    ) -> impl Iterator<Item = (u64, &RoomRow)> {
        let positions = self.rooms_of.after(member, after);
        positions.filter_map(|position| Some((*position, self.rooms.at(*position)?)))
    }

    pub(crate) fn join(&mut self, room: &RoomId, member: MemberId, membership: RoomMembership) {
        let Some(position) = self.rooms.position(room) else { return };
        if let Some(within) = self.rooms.below_mut(room) {
            self.rooms_of.insert(member.clone(), position);
            within.members.insert(member, membership);
        }
    }

    /// Removes a member from a room.
    ///
    /// # Errors
    /// If the room does not exist or the member is not in it.
    pub(crate) fn leave(&mut self, room: &RoomId, member: &MemberId) -> Result<()> {
        let position = self.rooms.position(room).ok_or_else(|| not_found("Room"))?;
        let members = &mut self.within_room_mut(room)?.members;
        members.remove(member).ok_or_else(|| not_found("Member"))?;
        self.rooms_of.remove(member, &position);
        Ok(())
    }

    /// Removes a member from all rooms.
    pub(crate) fn leave_all(&mut self, member: &MemberId) {
        let rooms = self.rooms_of(member, None).filter_map(|(_, room)| room.room_id.clone());
        for room in rooms.collect::<Vec<RoomId>>() {
            // Never fails, because the index has only rooms with this member.
            let _ = self.leave(&room, member);
        }
    }

    fn index(&mut self) {
        let Self { rooms, rooms_of, .. } = self;
        for (position, room) in rooms.after(None) {
            room.below.members.ids().for_each(|member| rooms_of.insert(member.clone(), position));
        }
    }
}

#[cfg(test)]
mod tests {
    use chime_model::chime::Member;

    use super::*;

    fn record() -> AccountTables {
        let mut record = AccountTables::default();
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

    fn rooms_of(record: &AccountTables, member: &str, after: Option<u64>) -> Vec<String> {
        let member = member.into();
        let rooms = record.rooms_of(&member, after);
        rooms.filter_map(|(_, record)| record.room_id.clone()).map(String::from).collect()
    }

    #[test]
    fn joining_and_leaving_update_the_index() {
        let mut record = record();
        assert_eq!(rooms_of(&record, "u", None), ["r", "s"]);
        assert_eq!(rooms_of(&record, "u", Some(0)), ["s"]);
        assert!(record.leave(&"r".into(), &"u".into()).is_ok());
        assert!(record.leave(&"r".into(), &"u".into()).is_err());
        assert_eq!(rooms_of(&record, "u", None), ["s"]);
        record.leave_all(&"v".into());
        assert_eq!(record.memberships_of(&"v".into()), 0);
        assert_eq!(record.room(&"s".into()).unwrap().below.members.len(), 1);
    }

    #[test]
    fn removing_a_room_removes_its_memberships() {
        let mut record = record();
        record.remove_room(&"r".into()).unwrap();
        assert!(record.remove_room(&"r".into()).is_err());
        assert_eq!(rooms_of(&record, "u", None), ["s"]);
        record.remove_room(&"s".into()).unwrap();
        assert_eq!(record.memberships_of(&"u".into()), 0);
    }
}
