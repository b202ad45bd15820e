//! What the parts of an organisation must be to each other, and to other organisations.

use std::collections::HashSet;

use chime_model::chime::{AccountType, MemberId, RoomId};

use super::{Once, Problems, World};
use crate::Organisation;

impl<'a> World<'a> {
    pub(super) fn take_organisation(
        &mut self,
        found: &mut Problems,
        of: &'a Organisation,
        path: &str,
    ) {
        let (owner, account) = (&of.account.aws_account_id, &of.account.account_id);
        let digits = owner.as_str().bytes().filter(u8::is_ascii_digit).count();
        let is_id = digits == 12 && owner.as_str().len() == 12;
        found.add_if(!is_id, &format!("{path}.Account.AwsAccountId"), "must be 12 digits");
        self.accounts.see(found, account, || format!("{path}.Account.AccountId"));
        for (i, domain) in of.domains.iter().enumerate() {
            self.domains.see(found, domain.to_lowercase(), || format!("{path}.Domains[{i}]"));
        }

        let mut users = Once::new("is there already");
        for (i, user) in of.users.iter().enumerate() {
            users.see(found, &user.user_id, || format!("{path}.Users[{i}].UserId"));
            self.users.insert((owner, account, &user.user_id));
            let Some(email) = &user.primary_email else { continue };
            let address = (owner, email.expose().to_lowercase());
            self.addresses.see(found, address, || format!("{path}.Users[{i}].PrimaryEmail"));
        }
        for (i, settings) in of.user_settings.iter().enumerate() {
            let path = format!("{path}.UserSettings[{i}].UserId");
            found.add_if(!users.seen.contains(&settings.user_id), &path, "no user has this id");
        }
        if matches!(of.account.account_type, None | Some(AccountType::Team)) {
            check_team(found, of, path);
        }
        let rooms = check_rooms(found, of, path);
        check_messages(found, of, path, &rooms);
        check_bots(found, of, path);
    }
}

/// A Team account has users, and no more.
fn check_team(found: &mut Problems, of: &Organisation, path: &str) {
    for (member, has) in [
        ("Domains", !of.domains.is_empty()),
        ("RetentionSettings", of.retention_settings.is_some()),
        ("InitiateDeletionTimestamp", of.initiate_deletion_timestamp.is_some()),
        ("Rooms", !of.rooms.is_empty()),
        ("Bots", !of.bots.is_empty()),
        ("ConversationMessages", !of.conversation_messages.is_empty()),
    ] {
        found.add_if(has, &format!("{path}.{member}"), "is for Enterprise accounts only");
    }
}

fn check_rooms<'a>(found: &mut Problems, of: &'a Organisation, path: &str) -> HashSet<&'a RoomId> {
    let mut rooms = Once::new("is there already");
    for (i, room) in of.rooms.iter().enumerate() {
        if let Some(id) = &room.room_id {
            rooms.see(found, id, || format!("{path}.Rooms[{i}].RoomId"));
        }
    }

    let users = of.users.iter().map(|user| MemberId::from(&user.user_id));
    let bots = of.bots.iter().filter_map(|bot| bot.bot_id.as_ref()).map(MemberId::from);
    let known: HashSet<MemberId> = users.chain(bots).collect();
    let mut memberships = Once::new("is in the room already");
    for (i, membership) in of.memberships.iter().enumerate() {
        let path = format!("{path}.Memberships[{i}]");
        let room = membership.room_id.as_ref().filter(|id| rooms.seen.contains(*id));
        found.add_if(room.is_none(), &format!("{path}.RoomId"), "no room has this id");
        let member = membership.member.as_ref();
        let Some(id) = member.and_then(|member| member.member_id.as_ref()) else {
            found.add(&format!("{path}.Member.MemberId"), "is required");
            continue;
        };
        // A guest or a webhook is known by its membership alone.
        let unknown =
            !known.contains(id) && member.is_none_or(|member| member.member_type.is_none());
        found.add_if(unknown, &format!("{path}.Member.MemberId"), "no user or bot has this id");
        memberships.see(found, (&membership.room_id, id), || path);
    }
    rooms.seen
}

fn check_messages(found: &mut Problems, of: &Organisation, path: &str, rooms: &HashSet<&RoomId>) {
    let mut messages = Once::new("is in the room already");
    for (i, message) in of.room_messages.iter().enumerate() {
        let path = format!("{path}.RoomMessages[{i}]");
        let in_none = !rooms.contains(&message.room_id);
        found.add_if(in_none, &format!("{path}.RoomId"), "no room has this id");
        let id = (&message.room_id, &message.message_id);
        messages.see(found, id, || format!("{path}.MessageId"));
    }
    let mut messages = Once::new("is in the conversation already");
    for (i, message) in of.conversation_messages.iter().enumerate() {
        let id = (&message.conversation_id, &message.message_id);
        messages.see(found, id, || format!("{path}.ConversationMessages[{i}].MessageId"));
    }
}

fn check_bots(found: &mut Problems, of: &Organisation, path: &str) {
    let mut bots = Once::new("is there already");
    for (i, bot) in of.bots.iter().enumerate() {
        if let Some(id) = &bot.bot_id {
            bots.see(found, id, || format!("{path}.Bots[{i}].BotId"));
        }
    }
    for (i, configuration) in of.events_configurations.iter().enumerate() {
        let bot = configuration.bot_id.as_ref().filter(|id| bots.seen.contains(id));
        let path = format!("{path}.EventsConfigurations[{i}].BotId");
        found.add_if(bot.is_none(), &path, "no bot has this id");
    }
}
