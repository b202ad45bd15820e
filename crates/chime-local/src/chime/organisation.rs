//! Chime accounts and their resources in seeds.

use std::mem;

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
use crate::engine::seeding::{Seeding, TWICE, with_paths};

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
    pub(crate) fn add_organisation(
        &mut self,
        mut of: Organisation,
        path: &str,
        at: &mut Seeding<'_>,
    ) {
        let account = complete::account(of.account.clone(), at.now);
        let (id, owner) = (account.account_id.clone(), account.aws_account_id.clone());
        let is_id = AWS_ACCOUNT_PATTERN.matches(owner.as_str());
        at.problem_if(!is_id, || format!("{path}.Account.AwsAccountId"), "must be 12 digits");
        at.id(id.as_str(), || format!("{path}.Account.AccountId"));
        at.once("account", id.as_str(), || format!("{path}.Account.AccountId"), TWICE);
        if account.account_type == Some(AccountType::Team) {
            require_team(&of, path, at);
        }
        self.remove_account(&id, at.now);
        let mut record = AccountRecord::new(account);
        for (domain, path) in with_paths(mem::take(&mut of.domains), path, "Domains") {
            let domain = domain.to_lowercase();
            let problem = "belongs to another organisation";
            at.once("domain", &domain, || path, problem);
            self.release(&domain);
            self.domains.insert(domain.clone(), id.clone());
            record.domains.push(domain);
        }
        record.settings = mem::take(&mut of.settings);
        let (retention, deletion) = (of.retention_settings.take(), of.initiate_deletion_timestamp);
        record.retention = complete::retention(retention, deletion, at.now);
        let tenant = self.tenants.below_or_default(&owner);
        tenant.add_account(record.clone());
        let numbers = add_users(tenant, &record.account, &mut of, path, at);
        if let Ok(within) = tenant.within_mut(&id) {
            within.add_bots(&record, &mut of, path, at);
            within.add_rooms(&id, of, path, at);
        }
        for (user, number, path) in numbers {
            self.assign_number(&owner, (&id, &user), &number, path, at);
        }
    }

    /// Assigns a number to a seeded user. If it is not an unassigned number of the AWS account, adds it.
    fn assign_number(
        &mut self,
        owner: &AwsAccountId,
        (account, user): (&AccountId, &UserId),
        number: &SensitiveString,
        path: String,
        at: &mut Seeding<'_>,
    ) {
        let number = PhoneNumber::default()
            .e164_phone_number(number.clone())
            .product_type(PhoneNumberProductType::BusinessCalling);
        let Some((id, record)) = numbers::complete::number(number, None, at.now) else {
            at.problem(path, "must be a phone number, such as +12065550100");
            return;
        };
        at.once("number of a user", id.as_str(), || path, "belongs to another user");
        let tenant = self.tenants.get(owner);
        let found = tenant.and_then(|tenant| tenant.below.inventory.number(&id).ok());
        if !found.is_some_and(|found| found.is(&PhoneNumberStatus::Unassigned)) {
            self.add_number(owner, id.clone(), record, at.now);
        }
        let tenant = self.tenants.below_or_default(owner);
        tenant.inventory.assign(&id, account, user, at.now);
    }
}

/// Checks that a Team account has nothing but users, none of whom is suspended.
fn require_team(of: &Organisation, path: &str, at: &mut Seeding<'_>) {
    for (member, has) in [
        ("Domains", !of.domains.is_empty()),
        ("RetentionSettings", of.retention_settings.is_some()),
        ("InitiateDeletionTimestamp", of.initiate_deletion_timestamp.is_some()),
        ("Rooms", !of.rooms.is_empty()),
        ("Bots", !of.bots.is_empty()),
        ("ConversationMessages", !of.conversation_messages.is_empty()),
    ] {
        at.problem_if(has, || format!("{path}.{member}"), "is for Enterprise accounts only");
    }
    for (i, user) in of.users.iter().enumerate() {
        let path = || format!("{path}.Users[{i}].UserRegistrationStatus");
        let problem = "must not be Suspended, because a Team account removes such users";
        at.problem_if(is(user, &RegistrationStatus::Suspended), path, problem);
    }
}

/// Adds the users and their settings. Returns the users who have a number, with the number and its path.
fn add_users(
    tenant: &mut Tenant,
    account: &Account,
    of: &mut Organisation,
    path: &str,
    at: &mut Seeding<'_>,
) -> Vec<(UserId, SensitiveString, String)> {
    let (id, owner) = (&account.account_id, &account.aws_account_id);
    let mut numbers = Vec::new();
    for (mut user, path) in with_paths(mem::take(&mut of.users), path, "Users") {
        let twice = tenant.account(id).is_ok_and(|row| row.below.users.contains(&user.user_id));
        at.id(user.user_id.as_str(), || format!("{path}.UserId"));
        at.problem_if(twice, || format!("{path}.UserId"), TWICE);
        if let Some(email) = &user.primary_email {
            let address = format!("{owner} {}", email.expose().to_lowercase());
            let problem = "belongs to another user of this AWS account";
            at.once("address", address, || format!("{path}.PrimaryEmail"), problem);
        }
        if let Some(number) = user.primary_provisioned_number.take() {
            let path = path + ".PrimaryProvisionedNumber";
            numbers.push((user.user_id.clone(), number, path));
        }
        let user = complete::user(user, account, at.now, at.ids);
        tenant.add_user(id, user, at.now);
    }
    let Ok(within) = tenant.within_mut(id) else { return numbers };
    for (settings, path) in with_paths(mem::take(&mut of.user_settings), path, "UserSettings") {
        let is_there = within.users.contains(&settings.user_id);
        at.problem_if(!is_there, || path + ".UserId", "must be the id of one of the Users");
        within.user_settings.insert(settings.user_id.clone(), settings);
    }
    numbers
}

impl AccountTables {
    fn add_bots(
        &mut self,
        record: &AccountRecord,
        of: &mut Organisation,
        path: &str,
        at: &mut Seeding<'_>,
    ) {
        for (bot, path) in with_paths(mem::take(&mut of.bots), path, "Bots") {
            let (id, bot) = complete::bot(bot, record, at.now, at.ids);
            at.problem_if(self.bots.contains(&id), || path + ".BotId", TWICE);
            self.bots.insert(id, bot);
        }
        let configurations = mem::take(&mut of.events_configurations);
        for (configuration, path) in with_paths(configurations, path, "EventsConfigurations") {
            match configuration.bot_id.clone().filter(|id| self.bots.contains(id)) {
                Some(id) => self.events_configurations.insert(id, configuration),
                None => at.problem(path + ".BotId", "must be the id of one of the Bots"),
            }
        }
    }

    fn add_rooms(
        &mut self,
        account: &AccountId,
        of: Organisation,
        path: &str,
        at: &mut Seeding<'_>,
    ) {
        for (room, path) in with_paths(of.rooms, path, "Rooms") {
            let (id, room) = complete::room(room, account, at.now, at.ids);
            at.problem_if(self.room(&id).is_ok(), || path + ".RoomId", TWICE);
            self.add_room(id, room);
        }
        for (membership, path) in with_paths(of.memberships, path, "Memberships") {
            self.add_membership(account, membership, &path, at);
        }
        for (message, path) in with_paths(of.room_messages, path, "RoomMessages") {
            let Ok(within) = self.within_room_mut(&message.room_id) else {
                at.problem(path + ".RoomId", NO_ROOM);
                continue;
            };
            let twice = within.messages.contains(&message.message_id);
            at.problem_if(twice, || path + ".MessageId", "must be unique within the room");
            within.messages.insert(message.message_id.clone(), message);
        }
        for (message, path) in with_paths(of.conversation_messages, path, "ConversationMessages") {
            let id = (message.conversation_id.clone(), message.message_id.clone());
            let twice = self.conversation_messages.contains(&id);
            at.problem_if(twice, || path + ".MessageId", "must be unique within the conversation");
            self.conversation_messages.insert(id, message);
        }
    }

    fn add_membership(
        &mut self,
        account: &AccountId,
        membership: RoomMembership,
        path: &str,
        at: &mut Seeding<'_>,
    ) {
        let room_id = membership.room_id.clone().unwrap_or_else(|| "".into());
        let Ok(room) = self.room(&room_id) else {
            at.problem(format!("{path}.RoomId"), NO_ROOM);
            return;
        };
        let id = membership.member.as_ref().and_then(|member| member.member_id.clone());
        let Some(id) = id else {
            at.problem(format!("{path}.Member.MemberId"), "is required");
            return;
        };
        let twice = room.below.members.contains(&id);
        at.problem_if(twice, || path.to_owned(), TWICE);
        let profile = Profile::of(self, &id);
        let membership = complete::membership(membership, &id, profile, account, at.now);
        // Guests and webhooks exist only in memberships.
        let is_known = membership.member.as_ref().is_some_and(|it| it.member_type.is_some());
        let problem = "must be the id of one of the Users or Bots; for others, set MemberType";
        at.problem_if(!is_known, || format!("{path}.Member.MemberId"), problem);
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
