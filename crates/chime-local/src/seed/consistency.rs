//! What the parts of a seed must be to each other.

use std::collections::HashSet;

use chime_model::chime::{AccountId, MemberId, UserId};

use super::Seed;
use crate::{AwsAccount, Organisation};

/// What does not fit together, each with its path.
pub(super) fn problems(seed: &Seed) -> Vec<String> {
    let mut found = Problems(Vec::new());
    let mut keys = Once::new("is there already");
    for (i, credential) in seed.credentials.iter().enumerate() {
        keys.see(&mut found, &credential.access_key_id, || format!("Credentials[{i}].AccessKeyId"));
    }

    let mut world = World {
        accounts: Once::new("is there already"),
        domains: Once::new("belongs to another organisation"),
        addresses: Once::new("belongs to another user"),
    };
    for (i, organisation) in seed.organisations.iter().enumerate() {
        world.check(&mut found, organisation, &format!("Organisations[{i}]"));
    }

    let (mut owners, mut numbers) = (Once::new("is there already"), Once::new("is owned already"));
    for (i, account) in seed.aws_accounts.iter().enumerate() {
        let path = format!("AwsAccounts[{i}]");
        owners.see(&mut found, &account.aws_account_id, || format!("{path}.AwsAccountId"));
        check_numbers(&mut found, &mut numbers, account, &path);
    }
    found.0
}

struct Problems(Vec<String>);

impl Problems {
    fn add(&mut self, path: &str, problem: &str) {
        self.0.push(format!("{path}: {problem}"));
    }
}

/// What may occur once, and what to say if it does not.
struct Once<T> {
    seen: HashSet<T>,
    otherwise: &'static str,
}

impl<T: Clone + Eq + std::hash::Hash> Once<T> {
    fn new(otherwise: &'static str) -> Self {
        Self { seen: HashSet::new(), otherwise }
    }

    fn see(&mut self, found: &mut Problems, value: &T, path: impl FnOnce() -> String) {
        if !self.seen.insert(value.clone()) {
            found.add(&path(), self.otherwise);
        }
    }
}

/// What organisations share.
struct World {
    accounts: Once<AccountId>,
    domains: Once<String>,
    addresses: Once<String>,
}

impl World {
    fn check(&mut self, found: &mut Problems, of: &Organisation, path: &str) {
        let aws_account_id = of.account.aws_account_id.as_str();
        if aws_account_id.len() != 12 || !aws_account_id.bytes().all(|c| c.is_ascii_digit()) {
            found.add(&format!("{path}.Account.AwsAccountId"), "must be 12 digits");
        }
        self.accounts.see(found, &of.account.account_id, || format!("{path}.Account.AccountId"));
        for (i, domain) in of.domains.iter().enumerate() {
            self.domains.see(found, &domain.to_lowercase(), || format!("{path}.Domains[{i}]"));
        }

        let mut users: Once<UserId> = Once::new("is there already");
        for (i, user) in of.users.iter().enumerate() {
            users.see(found, &user.user_id, || format!("{path}.Users[{i}].UserId"));
            let Some(email) = &user.primary_email else { continue };
            let address = email.expose().to_lowercase();
            self.addresses.see(found, &address, || format!("{path}.Users[{i}].PrimaryEmail"));
        }
        check_rooms(found, of, path);
        check_bots(found, of, path);

        let users: HashSet<&UserId> = of.users.iter().map(|user| &user.user_id).collect();
        for (i, settings) in of.user_settings.iter().enumerate() {
            if !users.contains(&settings.user_id) {
                found.add(&format!("{path}.UserSettings[{i}].UserId"), "no user has this id");
            }
        }
    }
}

fn check_rooms(found: &mut Problems, of: &Organisation, path: &str) {
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
        if room.is_none() {
            found.add(&format!("{path}.RoomId"), "no room has this id");
        }
        let member = membership.member.as_ref();
        let Some(id) = member.and_then(|member| member.member_id.as_ref()) else {
            found.add(&format!("{path}.Member.MemberId"), "is required");
            continue;
        };
        // A guest or a webhook is known by its membership alone.
        if !known.contains(id) && member.is_none_or(|member| member.member_type.is_none()) {
            found.add(&format!("{path}.Member.MemberId"), "no user or bot has this id");
        }
        memberships.see(found, &(membership.room_id.clone(), id.clone()), || path);
    }
    for (i, message) in of.room_messages.iter().enumerate() {
        if !rooms.seen.contains(&message.room_id) {
            found.add(&format!("{path}.RoomMessages[{i}].RoomId"), "no room has this id");
        }
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
        if configuration.bot_id.as_ref().is_none_or(|id| !bots.seen.contains(id)) {
            found.add(&format!("{path}.EventsConfigurations[{i}].BotId"), "no bot has this id");
        }
    }
}

fn check_numbers(found: &mut Problems, owned: &mut Once<String>, of: &AwsAccount, path: &str) {
    for (i, number) in of.phone_numbers.iter().enumerate() {
        let path = format!("{path}.PhoneNumbers[{i}]");
        let by_id = number.phone_number_id.as_ref().and_then(|id| id.to_e164());
        match number.e164_phone_number.clone().or(by_id) {
            Some(number) => {
                let number = number.expose().trim_start_matches('+').to_owned();
                owned.see(found, &number, || path);
            }
            None => found.add(&path, "E164PhoneNumber is required"),
        }
    }
    let mut meetings = Once::new("is there already");
    for (i, meeting) in of.meetings.iter().enumerate() {
        meetings.see(found, &meeting.meeting_id, || format!("{path}.Meetings[{i}].MeetingId"));
    }
}
