//! What is put in place without an operation.

use chime_model::chime::{
    Account, AccountStatus, AccountType, License, RegistrationStatus, Room, RoomId, RoomMembership,
    RoomMembershipRole, User, UserId, UserType,
};
use time::OffsetDateTime;

use crate::accounts::supported_licenses;
use crate::ids::Ids;
use crate::memberships::member_of;
use crate::record::AccountRecord;
use crate::state::{State, is};
use crate::users::local_part;

/// An account with all that belongs to it: for what no operation can make, such as an Enterprise
/// account with claimed domains or a registered user.
///
/// What the items leave open is filled in with what the service would have: the account is an
/// active Team account with the licenses Basic and Pro, users are registered and have a PIN, rooms
/// have an id, members are plain members, and everything is as of now.
///
/// ```
/// use chime_local::{LocalChime, Organisation, sample};
/// use chime_model::chime::{Account, AccountType, User};
///
/// let account = Account::new(sample::AWS_ACCOUNT_ID, "an-account", "Harbour Office")
///     .account_type(AccountType::EnterpriseLwa);
/// let chime = LocalChime::new(Default::default());
/// chime.add(Organisation {
///     domains: vec!["harbour.example".to_owned()],
///     users: vec![User::new("a-user").primary_email("ines@harbour.example")],
///     ..Organisation::new(account)
/// });
/// ```
#[derive(Clone, Debug)]
pub struct Organisation {
    /// The account; its AWS account is who can see it.
    pub account: Account,
    /// The domains that it has claimed. A domain belongs to the organisation that was added last.
    pub domains: Vec<String>,
    /// The users.
    pub users: Vec<User>,
    /// The rooms.
    pub rooms: Vec<Room>,
    /// The memberships in those rooms, by `room_id` and `member.member_id`. What they leave open of
    /// a user of the account is filled in. One without a room or a member is left out.
    pub memberships: Vec<RoomMembership>,
}

impl Organisation {
    /// An account with nothing in it.
    #[must_use]
    pub fn new(account: Account) -> Self {
        Self {
            account,
            domains: Vec::new(),
            users: Vec::new(),
            rooms: Vec::new(),
            memberships: Vec::new(),
        }
    }
}

impl State {
    /// Adds an organisation. An account of the same id makes way.
    pub(crate) fn add(&mut self, organisation: Organisation, now: OffsetDateTime) {
        let Self { ids, tenants, domains, .. } = self;
        let Organisation { account, domains: claimed, users, rooms, memberships } = organisation;
        let account = complete_account(account, now);
        let id = account.account_id.clone();
        let tenant = tenants.entry(account.aws_account_id.clone()).or_default();

        tenant.remove_account(&id, now);
        domains.retain(|_, owner| *owner != id);
        let mut record = AccountRecord::new(account.clone());
        record.domains = claimed.iter().map(|domain| domain.to_lowercase()).collect();
        domains.extend(record.domains.iter().map(|domain| (domain.clone(), id.clone())));
        tenant.add_account(record);
        for user in users {
            tenant.add_user(&id, complete_user(user, &account, now, ids), now);
        }
        let Ok(record) = tenant.account_mut(&id) else { return };
        for room in rooms {
            let room_id = room.room_id.clone().unwrap_or_else(|| ids.guid().into());
            let room = complete_room(room, &room_id, &account, now);
            record.add_room(room_id, room);
        }
        for membership in memberships {
            add_membership(record, membership, now);
        }
    }
}

fn complete_account(mut account: Account, now: OffsetDateTime) -> Account {
    account.account_type.get_or_insert(AccountType::Team);
    account.account_status.get_or_insert(AccountStatus::Active);
    account.created_timestamp.get_or_insert(now);
    account.default_license.get_or_insert(License::Pro);
    account.supported_licenses.get_or_insert_with(supported_licenses);
    account
}

fn complete_user(mut user: User, account: &Account, now: OffsetDateTime, ids: &mut Ids) -> User {
    user.account_id = Some(account.account_id.clone());
    user.display_name = user.display_name.or_else(|| user.primary_email.as_ref().map(local_part));
    user.license_type = user.license_type.or_else(|| account.default_license.clone());
    user.user_type.get_or_insert(UserType::PrivateUser);
    user.user_registration_status.get_or_insert(RegistrationStatus::Registered);
    let alexa = user.alexa_for_business_metadata.get_or_insert_default();
    alexa.is_alexa_for_business_enabled.get_or_insert(false);
    if !is(&user, &RegistrationStatus::Unregistered) {
        user.registered_on.get_or_insert(now);
        user.personal_pin.get_or_insert_with(|| ids.pin());
    }
    user
}

fn complete_room(mut room: Room, id: &RoomId, account: &Account, now: OffsetDateTime) -> Room {
    room.room_id = Some(id.clone());
    room.account_id = Some(account.account_id.clone());
    let created = *room.created_timestamp.get_or_insert(now);
    room.updated_timestamp.get_or_insert(created);
    room
}

fn add_membership(record: &mut AccountRecord, mut membership: RoomMembership, now: OffsetDateTime) {
    let Some(room_id) = membership.room_id.clone() else { return };
    let Some(mut member) = membership.member.take() else { return };
    let Some(member_id) = member.member_id.clone() else { return };
    if let Some(user) = record.users.get(&UserId::from(member_id.as_str())) {
        let known = member_of(user);
        member.member_type = member.member_type.or(known.member_type);
        member.email = member.email.or(known.email);
        member.full_name = member.full_name.or(known.full_name);
        member.account_id = member.account_id.or(known.account_id);
    }
    membership.member = Some(member);
    membership.role.get_or_insert(RoomMembershipRole::Member);
    membership.updated_timestamp.get_or_insert(now);
    record.join(&room_id, member_id, membership);
}

#[cfg(test)]
mod tests;
