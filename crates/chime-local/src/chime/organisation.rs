//! Chime accounts and their resources in seeds.

use chime_model::SensitiveString;
use chime_model::chime::*;
use time::OffsetDateTime;

use crate::chime::Chime;
use crate::chime::complete;
use crate::chime::documents::{ConversationMessage, RoomMessage, SettingsOfUser};
use crate::chime::memberships::profile::Profile;
use crate::chime::numbers;
use crate::chime::record::{AccountRecord, AccountRow, AccountTables};
use crate::chime::tenant::{Tenant, domain_of, is};
use crate::engine::credential::AWS_ACCOUNT_PATTERN;
use crate::engine::document::{ID, document};
use crate::engine::seeding::{Seeding, TWICE};

/// The problem with the id of a room that does not exist.
const NO_ROOM: &str = "must be the id of one of the Rooms";

document! {
    /// A Chime account with its resources, including those that no operation can create, such as an
    /// Enterprise account with claimed domains or a message. Only Enterprise accounts can have
    /// domains, retention settings, rooms, bots and messages.
    ///
    /// Unset members of the items get the values that the service would give them. The account is
    /// an active Team account with the licenses Basic and Pro. Users are registered and have a PIN.
    /// Bots are enabled and have a security token. Rooms and bots have a generated id, members have
    /// the role `Member`, and timestamps are the current time.
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
    pub struct Organisation {
        /// The account. Its id must not be blank, and its AWS account must have 12 digits.
        required account("Account"): Account,
        /// The claimed domains. A domain belongs to the organisation that was added last.
        list domains("Domains"): String = ID,
        /// The account settings. Default: all off.
        default settings("Settings"): AccountSettings,
        /// The retention settings. Default: messages are kept for ever.
        optional retention_settings("RetentionSettings"): RetentionSettings,
        /// The time at which expired messages are deleted. Default: in 30 days if retention is on,
        /// otherwise unset.
        time initiate_deletion_timestamp("InitiateDeletionTimestamp"),
        /// Users. A user with `registered_on` gets no generated PIN, because users that
        /// `CreateUser` created have none. `primary_provisioned_number` assigns a number of the AWS
        /// account to the user, and adds the number if necessary.
        list users("Users"): User,
        /// Settings of those users. Default: calls and messages are off.
        list user_settings("UserSettings"): SettingsOfUser,
        /// Bots. The default email address is made from the name and the first domain.
        list bots("Bots"): Bot,
        /// Events configurations of those bots, identified by `bot_id`.
        list events_configurations("EventsConfigurations"): EventsConfiguration,
        /// Rooms.
        list rooms("Rooms"): Room,
        /// Memberships of those rooms, identified by `room_id` and `member.member_id`. Other
        /// members default to those of the user or bot.
        list memberships("Memberships"): RoomMembership,
        /// Messages in those rooms.
        list room_messages("RoomMessages"): RoomMessage,
        /// Messages in conversations.
        list conversation_messages("ConversationMessages"): ConversationMessage,
    }
}

impl Chime {
    /// Releases a domain, as an administrator does in the console: registered users with an email
    /// address in it are suspended. Returns whether an account had claimed it.
    pub(crate) fn release(&mut self, domain: &str) -> bool {
        let domain = domain.to_lowercase();
        let Some(owner) = self.domains.first(&domain).cloned() else { return false };
        self.domains.remove(&domain, &owner);
        for tenant in self.tenants.each_below_mut(|row| row.below.accounts().contains(&owner)) {
            let Ok(record) = tenant.account_mut(&owner) else { continue };
            record.domains.retain(|claimed| *claimed != domain);
            let Ok(within) = tenant.within_mut(&owner) else { continue };
            let there = |user: &&User| {
                let address = user.primary_email.as_ref().map(SensitiveString::expose);
                is(user, &RegistrationStatus::Registered)
                    && address.is_some_and(|address| domain_of(address) == domain)
            };
            let users = within.users.values().filter(there).map(|user| user.user_id.clone());
            for user in users.collect::<Vec<UserId>>() {
                if let Some(user) = within.users.get_mut(&user) {
                    user.user_registration_status = Some(RegistrationStatus::Suspended);
                }
            }
        }
        true
    }

    /// Removes an account with its resources from its AWS account.
    fn remove_account(&mut self, id: &AccountId, now: OffsetDateTime) {
        for tenant in self.tenants.each_below_mut(|row| row.below.accounts().contains(id)) {
            for domain in tenant.remove_account(id, now) {
                self.domains.remove(&domain, id);
            }
        }
    }

    /// Adds an organisation, or replaces the account of the same id.
    pub(crate) fn add_organisation(&mut self, mut of: Organisation, at: &mut Seeding<'_>) {
        let (id, owner) = (of.account.account_id.clone(), of.account.aws_account_id.clone());
        let is_id = AWS_ACCOUNT_PATTERN.matches(owner.as_str());
        at.problem_if(!is_id, "Account.AwsAccountId", "must be 12 digits");
        at.id(id.as_str(), "Account.AccountId");
        at.once("account", id.as_str(), "Account.AccountId", TWICE);
        of.account = complete::account(of.account, at.now);
        if of.account.account_type == Some(AccountType::Team) {
            require_team(&of, at);
        }
        self.remove_account(&id, at.now);
        let mut record = AccountRecord::new(of.account);
        at.each("Domains", of.domains, |at, domain| {
            let domain = domain.to_lowercase();
            at.once("domain", &domain, "", "belongs to another organisation");
            self.release(&domain);
            self.domains.insert(domain.clone(), id.clone());
            record.domains.push(domain);
        });
        record.settings = of.settings;
        let (retention, deletion) = (of.retention_settings, of.initiate_deletion_timestamp);
        record.retention = complete::retention(retention, deletion, at.now);
        self.tenants.below_or_default(&owner).add_account(record.clone());
        at.each("Users", of.users, |at, user| self.seed_user(&record.account, user, at));
        let Ok(within) = self.tenants.below_or_default(&owner).within_mut(&id) else { return };
        at.each("UserSettings", of.user_settings, |at, settings| {
            let is_there = within.users.contains(&settings.user_id);
            at.problem_if(!is_there, "UserId", "must be the id of one of the Users");
            within.user_settings.insert(settings.user_id.clone(), settings);
        });
        at.each("Bots", of.bots, |at, bot| {
            let (id, bot) = complete::bot(bot, &record, at.now, at.ids);
            at.problem_if(within.bots.contains(&id), "BotId", TWICE);
            within.bots.insert(id, bot);
        });
        at.each("EventsConfigurations", of.events_configurations, |at, configuration| {
            match configuration.bot_id.clone().filter(|id| within.bots.contains(id)) {
                Some(id) => within.events_configurations.insert(id, configuration),
                None => at.problem("BotId", "must be the id of one of the Bots"),
            }
        });
        at.each("Rooms", of.rooms, |at, room| {
            let (room_id, room) = complete::room(room, &id, at.now, at.ids);
            at.problem_if(within.room(&room_id).is_ok(), "RoomId", TWICE);
            within.add_room(room_id, room);
        });
        at.each("Memberships", of.memberships, |at, membership| {
            within.seed_membership(&id, membership, at);
        });
        at.each("RoomMessages", of.room_messages, |at, message| {
            let Ok(room) = within.within_room_mut(&message.room_id) else {
                return at.problem("RoomId", NO_ROOM);
            };
            let twice = room.messages.contains(&message.message_id);
            at.problem_if(twice, "MessageId", "must be unique within the room");
            room.messages.insert(message.message_id.clone(), message);
        });
        at.each("ConversationMessages", of.conversation_messages, |at, message| {
            let id = (message.conversation_id.clone(), message.message_id.clone());
            let twice = within.conversation_messages.contains(&id);
            at.problem_if(twice, "MessageId", "must be unique within the conversation");
            within.conversation_messages.insert(id, message);
        });
    }

    /// Adds a user, and assigns the number that it has. If that is not an unassigned number of the AWS
    /// account, adds it.
    fn seed_user(&mut self, account: &Account, mut user: User, at: &mut Seeding<'_>) {
        let Account { account_id, aws_account_id: owner, .. } = account;
        let tenant = self.tenants.below_or_default(owner);
        let id = user.user_id.clone();
        let twice = tenant.account(account_id).is_ok_and(|row| row.below.users.contains(&id));
        at.id(id.as_str(), "UserId");
        at.problem_if(twice, "UserId", TWICE);
        if let Some(email) = &user.primary_email {
            let address = format!("{owner} {}", email.expose().to_lowercase());
            let problem = "belongs to another user of this AWS account";
            at.once("address", address, "PrimaryEmail", problem);
        }
        let number = user.primary_provisioned_number.take();
        tenant.add_user(account_id, complete::user(user, account, at.now, at.ids), at.now);
        let Some(number) = number else { return };
        let number = PhoneNumber::default()
            .e164_phone_number(number)
            .product_type(PhoneNumberProductType::BusinessCalling);
        let member = "PrimaryProvisionedNumber";
        let Some((number, record)) = numbers::complete::number(number, None, at.now) else {
            return at.problem(member, "must be a phone number, such as +12065550100");
        };
        at.once("number of a user", number.as_str(), member, "belongs to another user");
        let found = tenant.inventory.number(&number);
        if !found.is_ok_and(|found| found.is(&PhoneNumberStatus::Unassigned)) {
            self.add_number(owner, number.clone(), record, at.now);
        }
        let tenant = self.tenants.below_or_default(owner);
        tenant.inventory.assign(&number, account_id, &id, at.now);
    }
}

/// Checks that a Team account has nothing but users, none of whom is suspended.
fn require_team(of: &Organisation, at: &mut Seeding<'_>) {
    for (member, has) in [
        ("Domains", !of.domains.is_empty()),
        ("RetentionSettings", of.retention_settings.is_some()),
        ("InitiateDeletionTimestamp", of.initiate_deletion_timestamp.is_some()),
        ("Rooms", !of.rooms.is_empty()),
        ("Bots", !of.bots.is_empty()),
        ("ConversationMessages", !of.conversation_messages.is_empty()),
    ] {
        at.problem_if(has, member, "is for Enterprise accounts only");
    }
    at.each("Users", &of.users, |at, user| {
        let problem = "must not be Suspended, because a Team account removes such users";
        let suspended = is(user, &RegistrationStatus::Suspended);
        at.problem_if(suspended, "UserRegistrationStatus", problem);
    });
}

impl AccountTables {
    fn seed_membership(
        &mut self,
        account: &AccountId,
        membership: RoomMembership,
        at: &mut Seeding<'_>,
    ) {
        let Some(room_id) = membership.room_id.clone().filter(|id| self.room(id).is_ok()) else {
            return at.problem("RoomId", NO_ROOM);
        };
        let Some(id) = membership.member.as_ref().and_then(|member| member.member_id.clone())
        else {
            return at.problem("Member.MemberId", "is required");
        };
        let twice = self.room(&room_id).is_ok_and(|room| room.below.members.contains(&id));
        at.problem_if(twice, "", TWICE);
        let profile = Profile::of(self, &id);
        let membership = complete::membership(membership, &id, profile, account, at.now);
        // Guests and webhooks exist only in memberships.
        let is_known = membership.member.as_ref().is_some_and(|it| it.member_type.is_some());
        let problem = "must be the id of one of the Users or Bots; for others, set MemberType";
        at.problem_if(!is_known, "Member.MemberId", problem);
        self.join(&room_id, id, membership);
    }
}

impl Organisation {
    /// Exports an account.
    pub(crate) fn export(tenant: &Tenant, row: &AccountRow) -> Self {
        let AccountRecord { account, domains, settings, retention } = row.value.clone();
        let of = &row.below;
        let rooms = || of.rooms().rows().map(|(_, room)| room);
        Self {
            account,
            domains,
            settings,
            retention_settings: retention.retention_settings,
            initiate_deletion_timestamp: retention.initiate_deletion_timestamp,
            users: of.users.values().map(|user| tenant.shown(user)).collect(),
            user_settings: of.user_settings.values().cloned().collect(),
            bots: of.bots.values().cloned().collect(),
            events_configurations: of.events_configurations.values().cloned().collect(),
            rooms: of.rooms().values().cloned().collect(),
            memberships: rooms().flat_map(|room| room.below.members.values()).cloned().collect(),
            room_messages: rooms().flat_map(|room| room.below.messages.values()).cloned().collect(),
            conversation_messages: of.conversation_messages.values().cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests;
