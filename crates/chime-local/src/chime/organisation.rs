//! What is put in place without an operation.

mod complete;
mod items;

use chime_model::SensitiveString;
use chime_model::chime::{
    Account, AccountId, AccountSettings, Bot, EventsConfiguration, RegistrationStatus,
    RetentionSettings, Room, RoomMembership, User, UserId, UserSettings,
};
use chime_model::timestamp::Iso8601;
use serde::{Deserialize, Serialize};
use serde_with::As;
use time::OffsetDateTime;

use crate::Seed;
use crate::chime::record::AccountRecord;
use crate::chime::state::{State, domain_of, is};

pub use items::{ConversationMessage, RoomMessage, SettingsOfUser};

/// An account with all that belongs to it: for what no operation can make, such as an Enterprise
/// account with claimed domains or a registered user. Domains, retention,
/// rooms, bots and messages are for Enterprise accounts only.
///
/// What the items leave open is filled in with what the service would have: the account is an
/// active Team account with the licenses Basic and Pro, users register now and get a PIN with that,
/// bots are at work and have a secret, rooms have an id, members are plain members, and everything
/// is as of now.
///
/// ```
/// use chime_local::{LocalChime, Organisation, sample};
/// use chime_model::chime::{Account, AccountType, User};
///
/// let account = Account::new(sample::AWS_ACCOUNT_ID, "an-account", "Harbour Office")
///     .account_type(AccountType::EnterpriseLwa);
/// let chime = LocalChime::sample();
/// chime.seed(Organisation {
///     domains: vec!["harbour.example".to_owned()],
///     users: vec![User::new("a-user").primary_email("ines@harbour.example")],
///     ..Organisation::new(account)
/// })?;
/// # Ok::<_, chime_local::StoreError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Organisation {
    /// The account; its AWS account is who can see it.
    pub account: Account,
    /// The domains that it has claimed. A domain belongs to the organisation that was added last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// What is set for its meetings.
    #[serde(default)]
    pub settings: AccountSettings,
    /// How long it keeps messages, if that was ever set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_settings: Option<RetentionSettings>,
    /// When messages beyond their retention are deleted for good. With retention on and no time
    /// given, it is in 30 days.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "As::<Option<Iso8601>>")]
    pub initiate_deletion_timestamp: Option<OffsetDateTime>,
    /// The users. One with a time of registration has a PIN only if it is given, as one that
    /// `CreateUser` made has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<User>,
    /// The settings of those users for whom they were set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub user_settings: Vec<SettingsOfUser>,
    /// The bots. One without an address gets it from its name, in the first domain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bots: Vec<Bot>,
    /// The events configurations of those bots, by `bot_id`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events_configurations: Vec<EventsConfiguration>,
    /// The rooms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<Room>,
    /// The memberships in those rooms, by `room_id` and `member.member_id`. What they leave open of
    /// a user or a bot of the account is filled in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memberships: Vec<RoomMembership>,
    /// The messages in those rooms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub room_messages: Vec<RoomMessage>,
    /// The messages in conversations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conversation_messages: Vec<ConversationMessage>,
}

impl Organisation {
    /// An account with nothing in it.
    #[must_use]
    pub fn new(account: Account) -> Self {
        Self {
            account,
            domains: Vec::new(),
            settings: AccountSettings::default(),
            retention_settings: None,
            initiate_deletion_timestamp: None,
            users: Vec::new(),
            user_settings: Vec::new(),
            bots: Vec::new(),
            events_configurations: Vec::new(),
            rooms: Vec::new(),
            memberships: Vec::new(),
            room_messages: Vec::new(),
            conversation_messages: Vec::new(),
        }
    }
}

impl From<Organisation> for Seed {
    fn from(organisation: Organisation) -> Self {
        Self { organisations: vec![organisation], ..Self::default() }
    }
}

impl State {
    /// Takes a domain, in lower case, from the organisation that has it. That suspends its users
    /// there.
    pub(crate) fn release(&mut self, domain: &str) {
        let Some(owner) = self.domains.remove(domain) else { return };
        for tenant in self.tenants.visit_those(|tenant| tenant.accounts().contains(&owner)) {
            if let Ok(record) = tenant.account_mut(&owner) {
                record.domains.retain(|claimed| claimed != domain);
                let there = |user: &&User| {
                    let address = user.primary_email.as_ref().map(SensitiveString::expose);
                    is(user, &RegistrationStatus::Registered)
                        && address.is_some_and(|address| domain_of(address) == domain)
                };
                let users = record.users.values().filter(there);
                let ids: Vec<UserId> = users.map(|user| user.user_id.clone()).collect();
                for user in ids {
                    if let Ok(user) = record.user_mut(&user) {
                        user.user_registration_status = Some(RegistrationStatus::Suspended);
                    }
                }
            }
        }
    }

    /// Removes an account with all that it has, its domains included, from the AWS account that has
    /// it.
    fn remove_account(&mut self, id: &AccountId, now: OffsetDateTime) {
        for tenant in self.tenants.visit_those(|tenant| tenant.accounts().contains(id)) {
            let removed = tenant.remove_account(id, now);
            for domain in removed.into_iter().flat_map(|record| record.domains) {
                self.domains.remove(&domain);
            }
        }
    }

    /// Adds an organisation. What belongs to something that is not there is left out. An account of
    /// the same id makes way.
    pub(crate) fn add(&mut self, organisation: Organisation, now: OffsetDateTime) {
        let account = complete::account(organisation.account, now);
        let id = account.account_id.clone();
        self.remove_account(&id, now);
        let claimed: Vec<String> =
            organisation.domains.iter().map(|domain| domain.to_lowercase()).collect();
        claimed.iter().for_each(|domain| self.release(domain));

        let Self { ids, tenants, domains, .. } = self;
        let tenant = tenants.visit(&account.aws_account_id);
        let mut record = AccountRecord::new(account.clone());
        record.domains = claimed;
        domains.extend(record.domains.iter().map(|domain| (domain.clone(), id.clone())));
        record.settings = organisation.settings;
        record.retention = complete::retention(
            organisation.retention_settings,
            organisation.initiate_deletion_timestamp,
            now,
        );
        tenant.add_account(record);
        for user in organisation.users {
            tenant.add_user(&id, complete::user(user, &account, now, ids), now);
        }
        let Ok(record) = tenant.account_mut(&id) else { return };
        for SettingsOfUser { user_id, telephony } in organisation.user_settings {
            if record.users.contains(&user_id) {
                record.user_settings.insert(user_id, UserSettings::new(telephony));
            }
        }
        for bot in organisation.bots {
            let bot_id = bot.bot_id.clone().unwrap_or_else(|| ids.guid().into());
            let bot = complete::bot(bot, &bot_id, record, now, ids);
            record.bots.insert(bot_id, bot);
        }
        for configuration in organisation.events_configurations {
            let Some(bot_id) = configuration.bot_id.clone() else { continue };
            if record.bots.contains(&bot_id) {
                record.events_configurations.insert(bot_id, configuration);
            }
        }
        for room in organisation.rooms {
            let room_id = room.room_id.clone().unwrap_or_else(|| ids.guid().into());
            let room = complete::room(room, &room_id, &account, now);
            record.add_room(room_id, room);
        }
        for membership in organisation.memberships {
            let completed = complete::membership(membership, record, now);
            if let Some((room_id, member_id, membership)) = completed {
                record.join(&room_id, member_id, membership);
            }
        }
        for message in organisation.room_messages {
            if let Ok(room) = record.room_mut(&message.room_id) {
                room.messages.insert(message.message_id.clone(), message);
            }
        }
        for message in organisation.conversation_messages {
            let id = (message.conversation_id.clone(), message.message_id.clone());
            record.conversation_messages.insert(id, message);
        }
    }
}

#[cfg(test)]
mod tests;
