//! A small seed with fixed ids, for tests and examples.
//!
//! One AWS account with two Chime accounts: *Example Corp*, an Enterprise account with the domain
//! `example.com`, three users, a bot, a room and a message in it, and a message in a conversation;
//! and *Lakeside Support*, an empty Team account. The AWS account has two phone numbers and a
//! meeting.

use chime_model::chime::{
    Account, AccountType, Bot, EventsConfiguration, Member, PhoneNumber, PhoneNumberAssociation,
    PhoneNumberAssociationName, RegistrationStatus, Room, RoomMembership, RoomMembershipRole, User,
};
use chime_model::timestamp;
use time::OffsetDateTime;

use crate::{AwsAccount, ConversationMessage, Meeting, Organisation, RoomMessage, Seed};

pub use crate::engine::credential::{ACCESS_KEY_ID, AWS_ACCOUNT_ID, CALLER_ARN, SECRET_ACCESS_KEY};

/// *Example Corp*, an `EnterpriseLWA` account.
pub const ENTERPRISE_ACCOUNT_ID: &str = "c2d7a9f4-18b3-4e6a-8f21-5d90b7e3a612";
/// The domain that *Example Corp* has claimed.
pub const DOMAIN: &str = "example.com";
/// *Lakeside Support*, a Team account.
pub const TEAM_ACCOUNT_ID: &str = "0b6f3c1e-52a7-4d0f-9a35-7c1f2e9b8d40";

/// Ana Ferreira, `ana@example.com`, registered; in no room.
pub const ANA_ID: &str = "5e1a7c90-3b42-4f8d-a6c7-91d2e4f0b358";
/// Bo Lindqvist, `bo@example.com`, registered; in the room with the role `Member`.
pub const BO_ID: &str = "a94f06d2-7e15-4c3b-b8d9-20f6c5e1a773";
/// Cleo Marsh, `cleo@example.com`, suspended; in no room.
pub const CLEO_ID: &str = "3d8c5f17-9a60-4b2e-8174-c6f0a1d3e925";

/// The bot *oncall*, `oncall-chimebot@example.com`, with an events configuration; in no room.
pub const BOT_ID: &str = "1d5b9e3f-a274-4c08-8e61-f9c0d7b2a435";

/// The room *Incident bridge* of *Example Corp*.
pub const ROOM_ID: &str = "7f3d2b18-c6e4-4a90-9d57-e1b8a2c40f6d";
/// A message in that room.
pub const ROOM_MESSAGE_ID: &str = "b2c94a70-5d1e-4f36-9b08-37e6d1f5a8c2";
/// A conversation in *Example Corp*.
pub const CONVERSATION_ID: &str = "e81f6d29-0c4b-47a5-b3d6-94a2c7e05f1b";
/// A message in that conversation.
pub const CONVERSATION_MESSAGE_ID: &str = "40d7e5b3-8f62-4a19-a1c4-6be9035d2f78";

/// The phone number of Ana Ferreira.
pub const ANA_NUMBER: &str = "+12065550100";
/// A phone number that no user has.
pub const UNASSIGNED_NUMBER: &str = "+12065550101";

/// A meeting that `CreateMeetingDialOut` can call phones into.
pub const MEETING_ID: &str = "d9b1e7a2-4c58-4f03-8e6b-2a7f50c3d814";
/// The join token of one attendee of that meeting.
pub const JOIN_TOKEN: &str = "bG9jYWwtY2hpbWU";

/// The sample as a seed.
#[must_use]
pub fn seed() -> Seed {
    Seed {
        organisations: vec![enterprise(), team()],
        aws_accounts: vec![aws_account()],
        ..Seed::default()
    }
}

fn aws_account() -> AwsAccount {
    use PhoneNumberAssociationName::{AccountId, UserId};

    let association = |name, value: &str| {
        let mut association = PhoneNumberAssociation::default().name(name).value(value);
        association.associated_timestamp = at("2025-02-10T09:07:44.316Z");
        association
    };
    let mut of_ana = number(ANA_NUMBER)
        .associations([association(AccountId, ENTERPRISE_ACCOUNT_ID), association(UserId, ANA_ID)]);
    of_ana.updated_timestamp = at("2025-02-10T09:07:44.316Z");
    let meeting = Meeting { meeting_id: MEETING_ID.into(), join_tokens: vec![JOIN_TOKEN.into()] };
    AwsAccount {
        phone_numbers: vec![of_ana, number(UNASSIGNED_NUMBER)],
        meetings: vec![meeting],
        ..AwsAccount::new(AWS_ACCOUNT_ID)
    }
}

fn number(number: &str) -> PhoneNumber {
    let mut number = PhoneNumber::default().e164_phone_number(number);
    number.created_timestamp = at("2025-02-10T09:02:11.640Z");
    number
}

fn enterprise() -> Organisation {
    let mut account = Account::new(AWS_ACCOUNT_ID, ENTERPRISE_ACCOUNT_ID, "Example Corp")
        .account_type(AccountType::EnterpriseLwa);
    account.created_timestamp = at("2025-01-20T13:58:40.112Z");

    let mut room = Room::default().room_id(ROOM_ID).name("Incident bridge").created_by(CALLER_ARN);
    room.created_timestamp = at("2025-03-04T10:31:09.077Z");

    let mut membership = RoomMembership::default()
        .room_id(ROOM_ID)
        .member(Member::default().member_id(BO_ID))
        .role(RoomMembershipRole::Member)
        .invited_by(CALLER_ARN);
    membership.updated_timestamp = at("2025-03-04T10:33:40.512Z");

    Organisation {
        domains: vec![DOMAIN.to_owned()],
        users: vec![
            user(ANA_ID, "ana", "Ana Ferreira", "4093817256", "2025-01-20T14:02:07.930Z"),
            user(BO_ID, "bo", "Bo Lindqvist", "0728164935", "2025-01-21T08:45:51.204Z"),
            user(CLEO_ID, "cleo", "Cleo Marsh", "6150392847", "2025-02-03T16:20:33.581Z")
                .user_registration_status(RegistrationStatus::Suspended),
        ],
        bots: vec![bot()],
        events_configurations: vec![
            EventsConfiguration::default()
                .bot_id(BOT_ID)
                .outbound_events_https_endpoint("https://bots.example.com/oncall"),
        ],
        rooms: vec![room],
        memberships: vec![membership],
        room_messages: vec![RoomMessage::new(ROOM_ID, ROOM_MESSAGE_ID)],
        conversation_messages: vec![ConversationMessage::new(
            CONVERSATION_ID,
            CONVERSATION_MESSAGE_ID,
        )],
        ..Organisation::new(account)
    }
}

fn team() -> Organisation {
    let mut account = Account::new(AWS_ACCOUNT_ID, TEAM_ACCOUNT_ID, "Lakeside Support")
        .account_type(AccountType::Team);
    account.created_timestamp = at("2025-03-04T09:15:22.418Z");
    Organisation::new(account)
}

fn bot() -> Bot {
    let mut bot = Bot::default()
        .bot_id(BOT_ID)
        .display_name("oncall (Bot)")
        .security_token("c2FtcGxlLXRva2VuLW5vdC1hLXNlY3JldC0wMDAx");
    bot.created_timestamp = at("2025-03-04T11:20:45.806Z");
    bot
}

fn user(id: &str, mailbox: &str, name: &str, pin: &str, registered: &str) -> User {
    let mut user = User::new(id)
        .primary_email(format!("{mailbox}@{DOMAIN}"))
        .display_name(name)
        .personal_pin(pin);
    user.registered_on = at(registered);
    user
}

fn at(text: &str) -> Option<OffsetDateTime> {
    timestamp::parse(text).ok()
}
