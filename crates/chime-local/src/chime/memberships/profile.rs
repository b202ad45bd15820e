//! Users and bots as members of rooms.

use chime_model::chime::*;

use crate::chime::record::AccountTables;
use crate::chime::rules::ChimeRules;
use crate::chime::tenant::is;
use crate::engine::errors::{Result, bad_request};

/// The `Member` of a user or a bot; `None` if the account has neither of that id.
pub(crate) fn member_of(
    account: &Account,
    within: &AccountTables,
    id: &MemberId,
) -> Option<Member> {
    let (kind, email, name) = if let Some(user) = within.users.get(&UserId::from(id.as_str())) {
        (MemberType::User, &user.primary_email, &user.display_name)
    } else {
        let bot = within.bots.get(&BotId::from(id.as_str()))?;
        (MemberType::Bot, &bot.bot_email, &bot.display_name)
    };
    let member = Member::default().member_id(id).member_type(kind).account_id(&account.account_id);
    Some(member.set_email(email.clone()).set_full_name(name.clone()))
}

/// Checks that a member can be added to a room: users must not be suspended, bots must not be
/// disabled and cannot be administrators.
pub(super) fn require_can_join(
    rules: &ChimeRules,
    within: &AccountTables,
    id: &MemberId,
    role: Option<&RoomMembershipRole>,
) -> Result<()> {
    if let Some(user) = within.users.get(&UserId::from(id.as_str())) {
        return if is(user, &RegistrationStatus::Suspended) {
            Err(bad_request("A suspended user cannot be added to a room"))
        } else {
            Ok(())
        };
    }
    let id = BotId::from(id.as_str());
    let Some(bot) = within.bots.get(&id) else { return Ok(()) };
    if role == Some(&RoomMembershipRole::Administrator) {
        return Err(bad_request("Role: must be Member for a bot"));
    }
    if rules.stopped_bots_cannot_join && bot.disabled == Some(true) {
        return Err(bad_request("A disabled bot cannot be added to a room"));
    }
    if rules.bots_need_events_configuration && !within.events_configurations.contains(&id) {
        return Err(bad_request("A bot without an events configuration cannot be added to a room"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
