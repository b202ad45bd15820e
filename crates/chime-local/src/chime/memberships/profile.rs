//! Users and bots as members of rooms.

use chime_model::chime::*;

use crate::chime::record::AccountTables;
use crate::chime::rules::ChimeRules;
use crate::chime::tenant::is;
use crate::engine::errors::{Result, bad_request};

/// Who can be a member of a room.
pub(crate) enum Profile<'a> {
    User(&'a User),
    Bot(&'a Bot),
}

impl<'a> Profile<'a> {
    /// Finds the user or the bot with an id.
    pub(crate) fn of(within: &'a AccountTables, id: &MemberId) -> Option<Self> {
        let user = within.users.get(&UserId::from(id.as_str())).map(|row| Self::User(row));
        user.or_else(|| within.bots.get(&BotId::from(id.as_str())).map(|row| Self::Bot(row)))
    }

    /// Checks that the user or bot can be added to a room: users must not be suspended, bots must not
    /// be disabled and cannot be administrators.
    pub(super) fn require_can_join(
        &self,
        rules: &ChimeRules,
        within: &AccountTables,
        role: Option<&RoomMembershipRole>,
    ) -> Result<()> {
        let has_events = |bot: &Bot| {
            bot.bot_id.as_ref().is_some_and(|id| within.events_configurations.contains(id))
        };
        let problem = match self {
            Self::User(user) if is(user, &RegistrationStatus::Suspended) => {
                "A suspended user cannot be added to a room"
            }
            Self::Bot(_) if role == Some(&RoomMembershipRole::Administrator) => {
                "Role: must be Member for a bot"
            }
            Self::Bot(bot) if rules.stopped_bots_cannot_join && bot.disabled == Some(true) => {
                "A disabled bot cannot be added to a room"
            }
            Self::Bot(bot) if rules.bots_need_events_configuration && !has_events(bot) => {
                "A bot without an events configuration cannot be added to a room"
            }
            _ => return Ok(()),
        };
        Err(bad_request(problem))
    }
}

#[cfg(test)]
mod tests;
