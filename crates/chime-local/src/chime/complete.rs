//! Sets the unset members of new and seeded resources to the values that the service gives them.

use chime_model::SensitiveString;
use chime_model::chime::*;
use time::OffsetDateTime;

use crate::chime::accounts::retention::deletion_after;
use crate::chime::memberships::profile::Profile;
use crate::chime::record::AccountRecord;
use crate::chime::tenant::is;
use crate::engine::ids::Ids;

pub(super) fn account(mut account: Account, now: OffsetDateTime) -> Account {
    account.account_type.get_or_insert(AccountType::Team);
    account.account_status.get_or_insert(AccountStatus::Active);
    account.created_timestamp.get_or_insert(now);
    account.default_license.get_or_insert(License::Pro);
    account.supported_licenses.get_or_insert_with(|| vec![License::Basic, License::Pro]);
    account
}

pub(super) fn user(mut user: User, account: &Account, now: OffsetDateTime, ids: &mut Ids) -> User {
    user.account_id = Some(account.account_id.clone());
    user.license_type = user.license_type.or_else(|| account.default_license.clone());
    user.user_type.get_or_insert(UserType::PrivateUser);
    user.user_registration_status.get_or_insert(RegistrationStatus::Registered);
    let alexa = user.alexa_for_business_metadata.get_or_insert_default();
    alexa.is_alexa_for_business_enabled.get_or_insert(false);
    if is(&user, &RegistrationStatus::Unregistered) {
        user.user_invitation_status.get_or_insert(InviteStatus::Pending);
        user.invited_on.get_or_insert(now);
    } else {
        user.display_name =
            user.display_name.or_else(|| user.primary_email.as_ref().map(local_part));
        // Users get a PIN when they register, but those that `CreateUser` created have none.
        if user.registered_on.is_none() {
            user.registered_on = Some(now);
            user.personal_pin.get_or_insert_with(|| pin(ids));
        }
    }
    user
}

/// Generates a personal meeting PIN of ten digits.
pub(super) fn pin(ids: &mut Ids) -> SensitiveString {
    ids.digits(10).into()
}

/// The part of an email address before the `@`, the default name of a user.
fn local_part(email: &SensitiveString) -> SensitiveString {
    let email = email.expose();
    email.rsplit_once('@').map_or(email, |(local, _)| local).into()
}

pub(super) fn retention(
    settings: Option<RetentionSettings>,
    deletion: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> GetRetentionSettingsResponse {
    let mut retention = GetRetentionSettingsResponse::default();
    retention.initiate_deletion_timestamp =
        deletion.or_else(|| deletion_after(settings.as_ref()?, now));
    retention.retention_settings = settings;
    retention
}

/// The suffix that the service appends to the name of every bot.
pub(super) const BOT_SUFFIX: &str = " (Bot)";

/// The email address of a bot, made from its name without the suffix.
pub(super) fn bot_address(name: &str, domain: &str) -> SensitiveString {
    let local: String = name.split_whitespace().collect();
    format!("{local}-chimebot@{domain}").into()
}

/// Generates the security token of a bot: 40 characters of Base64.
pub(super) fn security_token(ids: &mut Ids) -> SensitiveString {
    ids.base64(40).into()
}

/// Completes a bot, and returns its id too.
pub(super) fn bot(
    mut bot: Bot,
    record: &AccountRecord,
    now: OffsetDateTime,
    ids: &mut Ids,
) -> (BotId, Bot) {
    let id = bot.bot_id.get_or_insert_with(|| ids.guid().into()).clone();
    bot.user_id.get_or_insert_with(|| id.as_str().into());
    bot.bot_type.get_or_insert(BotType::ChatBot);
    bot.disabled.get_or_insert(false);
    bot.bot_email = bot.bot_email.or_else(|| {
        let name = bot.display_name.as_ref()?.expose();
        let name = name.strip_suffix(BOT_SUFFIX).unwrap_or(name);
        Some(bot_address(name, record.domains.first()?))
    });
    bot.security_token.get_or_insert_with(|| security_token(ids));
    let created = *bot.created_timestamp.get_or_insert(now);
    bot.updated_timestamp.get_or_insert(created);
    (id, bot)
}

/// Completes a room, and returns its id too.
pub(super) fn room(
    mut room: Room,
    account: &AccountId,
    now: OffsetDateTime,
    ids: &mut Ids,
) -> (RoomId, Room) {
    let id = room.room_id.get_or_insert_with(|| ids.guid().into()).clone();
    room.account_id = Some(account.clone());
    let created = *room.created_timestamp.get_or_insert(now);
    room.updated_timestamp.get_or_insert(created);
    (id, room)
}

/// Completes a membership. The profile is that of its member; only users and bots have one.
pub(super) fn membership(
    mut membership: RoomMembership,
    id: &MemberId,
    profile: Option<Profile<'_>>,
    account: &AccountId,
    now: OffsetDateTime,
) -> RoomMembership {
    let member = membership.member.get_or_insert_default();
    member.member_id = Some(id.clone());
    if let Some(profile) = profile {
        let (kind, email, name) = match profile {
            Profile::User(user) => (MemberType::User, &user.primary_email, &user.display_name),
            Profile::Bot(bot) => (MemberType::Bot, &bot.bot_email, &bot.display_name),
        };
        member.member_type.get_or_insert(kind);
        member.email = member.email.take().or_else(|| email.clone());
        member.full_name = member.full_name.take().or_else(|| name.clone());
        member.account_id.get_or_insert_with(|| account.clone());
    }
    membership.role.get_or_insert(RoomMembershipRole::Member);
    membership.updated_timestamp.get_or_insert(now);
    membership
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_pin_has_ten_digits() {
        let mut ids = Ids::new(7);
        for _ in 0..200 {
            let pin = pin(&mut ids);
            assert_eq!(pin.expose().len(), 10);
            assert!(pin.expose().chars().all(|c| c.is_ascii_digit()));
        }
    }

    #[test]
    fn tokens_are_base64_and_unique() {
        let mut ids = Ids::new(7);
        let tokens: Vec<SensitiveString> = (0..200).map(|_| security_token(&mut ids)).collect();
        for token in &tokens {
            let token = token.expose();
            assert_eq!(token.len(), 40);
            assert!(token.chars().all(|c| c.is_ascii_alphanumeric() || "+/".contains(c)));
        }
        assert!(tokens.iter().any(|token| token.expose().contains('/')));
        assert_eq!(tokens.iter().collect::<HashSet<_>>().len(), tokens.len());
    }
}
