//! Tests of organisations in seeds, and of the sample.

use chime_model::chime::{AccountType, Member, RoomRetentionSettings, TelephonySettings};
use serde_json::{Value, json};

use super::*;
use crate::Config;
use crate::sample::*;
use crate::testing::Bench;

fn get(bench: &Bench, target: &str) -> Value {
    let answer = bench.send("GET", target, "");
    assert_eq!(answer.status(), 200, "{target}");
    answer.json()
}

#[test]
fn the_sample_has_the_documented_resources() {
    let bench = Bench::sample();
    let accounts = get(&bench, "/accounts");
    assert_eq!(accounts["Accounts"][0]["AccountId"], ENTERPRISE_ACCOUNT_ID);
    assert_eq!(accounts["Accounts"][0]["CreatedTimestamp"], "2025-01-20T13:58:40.112Z");
    assert_eq!(accounts["Accounts"][1]["AccountId"], TEAM_ACCOUNT_ID);
    assert_eq!(accounts["Accounts"][1]["AccountType"], "Team");

    let base = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}");
    let users = get(&bench, &format!("{base}/users"));
    for (i, id, registered, status) in [
        (0, ANA_ID, "2025-01-20T14:02:07.930Z", "Registered"),
        (1, BO_ID, "2025-01-21T08:45:51.204Z", "Registered"),
        (2, CLEO_ID, "2025-02-03T16:20:33.581Z", "Suspended"),
    ] {
        let user = &users["Users"][i];
        assert_eq!(user["UserId"], id);
        assert_eq!(user["RegisteredOn"], registered);
        assert_eq!(user["UserRegistrationStatus"], status);
    }
    let room = get(&bench, &format!("{base}/rooms/{ROOM_ID}"));
    assert_eq!(room["Room"]["Name"], "Incident bridge");
    assert_eq!(room["Room"]["UpdatedTimestamp"], "2025-03-04T10:31:09.077Z");
    let members = get(&bench, &format!("{base}/rooms/{ROOM_ID}/memberships"));
    assert_eq!(
        members["RoomMemberships"],
        json!([{
            "InvitedBy": CALLER_ARN,
            "Member": {
                "AccountId": ENTERPRISE_ACCOUNT_ID, "Email": "bo@example.com",
                "FullName": "Bo Lindqvist", "MemberId": BO_ID, "MemberType": "User",
            },
            "Role": "Member", "RoomId": ROOM_ID, "UpdatedTimestamp": "2025-03-04T10:33:40.512Z",
        }])
    );
    let bots = get(&bench, &format!("{base}/bots"));
    assert_eq!(
        bots["Bots"],
        json!([{
            "BotEmail": "oncall-chimebot@example.com", "BotId": BOT_ID, "BotType": "ChatBot",
            "CreatedTimestamp": "2025-03-04T11:20:45.806Z", "Disabled": false,
            "DisplayName": "oncall (Bot)",
            "SecurityToken": "c2FtcGxlLXRva2VuLW5vdC1hLXNlY3JldC0wMDAx",
            "UpdatedTimestamp": "2025-03-04T11:20:45.806Z", "UserId": BOT_ID,
        }])
    );
    let events = get(&bench, &format!("{base}/bots/{BOT_ID}/events-configuration"));
    assert_eq!(
        events["EventsConfiguration"]["OutboundEventsHTTPSEndpoint"],
        "https://bots.example.com/oncall"
    );
    for message in [
        format!("rooms/{ROOM_ID}/messages/{ROOM_MESSAGE_ID}"),
        format!("conversations/{CONVERSATION_ID}/messages/{CONVERSATION_MESSAGE_ID}"),
    ] {
        let redact = format!("{base}/{message}?operation=redact");
        assert_eq!(bench.send("POST", &redact, "").status(), 200);
    }
}

#[test]
fn a_chime_is_empty_by_default() {
    let bench = Bench::new(Config::default());
    assert_eq!(get(&bench, "/accounts"), json!({"Accounts": [], "NextToken": null}));
}

#[test]
fn unset_members_of_users_and_rooms_get_defaults() {
    let bench = Bench::new(Config::default());
    bench
        .chime
        .seed(Organisation {
            users: vec![User::new("u").primary_email("u@example.org")],
            rooms: vec![Room::default().name("made up"), Room::default().room_id("r")],
            memberships: vec![
                RoomMembership::default().room_id("r").member(Member::default().member_id("u")),
            ],
            ..Organisation::new(
                Account::new(AWS_ACCOUNT_ID, "a", "a").account_type(AccountType::EnterpriseLwa),
            )
        })
        .unwrap();
    let user = get(&bench, "/accounts/a/users/u")["User"].clone();
    assert_eq!(user["LicenseType"], "Pro");
    assert_eq!(user["DisplayName"], "u");
    assert_eq!(user["RegisteredOn"], "2025-03-05T12:00:00.000Z");
    assert_eq!(user["PersonalPIN"].as_str().unwrap().len(), 10);
    let rooms = get(&bench, "/accounts/a/rooms");
    assert_eq!(rooms["Rooms"][0]["RoomId"].as_str().unwrap().len(), 36);
    assert_eq!(rooms["Rooms"][1]["CreatedTimestamp"], "2025-03-05T12:00:00.000Z");
    let members = get(&bench, "/accounts/a/rooms/r/memberships");
    assert_eq!(members["RoomMemberships"].as_array().unwrap().len(), 1);
    assert_eq!(members["RoomMemberships"][0]["Role"], "Member");
    assert_eq!(members["RoomMemberships"][0]["Member"]["Email"], "u@example.org");
}

#[test]
fn unset_members_of_bots_settings_and_messages_get_defaults() {
    let bench = Bench::new(Config::default());
    let retention = |days| {
        RetentionSettings::default()
            .room_retention_settings(RoomRetentionSettings::default().retention_days(days))
    };
    let may = TelephonySettings::new(true, false, true);
    bench
        .chime
        .seed(Organisation {
            domains: vec!["example.org".to_owned()],
            settings: AccountSettings::default().enable_dial_out(true),
            retention_settings: Some(retention(9)),
            users: vec![User::new("u")],
            user_settings: vec![SettingsOfUser::new("u", may)],
            bots: vec![
                Bot::default().bot_id("b").display_name("On call (Bot)").disabled(true),
                Bot::default(),
            ],
            events_configurations: vec![
                EventsConfiguration::default().bot_id("b").lambda_function_arn("arn:of:function"),
            ],
            rooms: vec![Room::default().room_id("r")],
            memberships: vec![
                RoomMembership::default().room_id("r").member(Member::default().member_id("b")),
            ],
            room_messages: vec![RoomMessage::new("r", "m")],
            conversation_messages: vec![ConversationMessage::new("c", "m")],
            ..Organisation::new(
                Account::new(AWS_ACCOUNT_ID, "a", "a").account_type(AccountType::EnterpriseLwa),
            )
        })
        .unwrap();
    let settings = get(&bench, "/accounts/a/settings")["AccountSettings"].clone();
    assert_eq!(settings, json!({"DisableRemoteControl": false, "EnableDialOut": true}));
    let retention = get(&bench, "/accounts/a/retention-settings");
    assert_eq!(retention["RetentionSettings"]["RoomRetentionSettings"]["RetentionDays"], 9);
    assert_eq!(retention["InitiateDeletionTimestamp"], "2025-04-04T12:00:00.000Z");
    let user = get(&bench, "/accounts/a/users/u/settings")["UserSettings"].clone();
    assert_eq!(
        user["Telephony"],
        json!({"InboundCalling": true, "OutboundCalling": false, "SMS": true})
    );
    let bots = get(&bench, "/accounts/a/bots")["Bots"].clone();
    assert_eq!(bots[0]["BotEmail"], "Oncall-chimebot@example.org");
    assert_eq!(bots[0]["UserId"], "b");
    assert_eq!(bots[0]["Disabled"], true);
    assert_eq!(bots[1]["CreatedTimestamp"], "2025-03-05T12:00:00.000Z");
    assert_eq!(bots[1]["BotId"].as_str().unwrap().len(), 36);
    assert_eq!(bots[1]["SecurityToken"].as_str().unwrap().len(), 40);
    let events = get(&bench, "/accounts/a/bots/b/events-configuration");
    assert_eq!(events["EventsConfiguration"]["LambdaFunctionArn"], "arn:of:function");
    let members = get(&bench, "/accounts/a/rooms/r/memberships");
    assert_eq!(members["RoomMemberships"][0]["Member"]["MemberType"], "Bot");
    assert_eq!(members["RoomMemberships"][0]["Member"]["FullName"], "On call (Bot)");
    for (message, status) in [("rooms/r", 200), ("rooms/no-room", 404), ("conversations/c", 200)] {
        let redact = format!("/accounts/a/{message}/messages/m?operation=redact");
        assert_eq!(bench.send("POST", &redact, "").status(), status, "{message}");
    }
}

#[test]
fn the_deletion_timestamp_can_be_set() {
    let bench = Bench::new(Config::default());
    let account = Account::new(AWS_ACCOUNT_ID, "a", "a").account_type(AccountType::EnterpriseLwa);
    bench
        .chime
        .seed(Organisation {
            initiate_deletion_timestamp: Some(bench.clock.now()),
            ..Organisation::new(account)
        })
        .unwrap();
    let retention = get(&bench, "/accounts/a/retention-settings");
    assert_eq!(retention["InitiateDeletionTimestamp"], "2025-03-05T12:00:00.000Z");
}

#[test]
fn structures_outside_the_api_are_in_pascal_case() {
    let message = RoomMessage { redacted: true, ..RoomMessage::new("r", "m") };
    let json = json!({"MessageId": "m", "Redacted": true, "RoomId": "r"});
    assert_eq!(serde_json::to_value(&message).unwrap(), json);
    let read: ConversationMessage =
        serde_json::from_value(json!({"ConversationId": "c", "MessageId": "m"})).unwrap();
    assert_eq!(read, ConversationMessage::new("c", "m"));
    let telephony = json!({"InboundCalling": true, "OutboundCalling": false, "SMS": true});
    let settings = SettingsOfUser::new("u", TelephonySettings::new(true, false, true));
    let json = json!({"Telephony": telephony, "UserId": "u"});
    assert_eq!(serde_json::to_value(&settings).unwrap(), json);
}

#[test]
fn replacing_an_account_removes_its_resources_and_domains() {
    let bench = Bench::sample();
    let account = Account::new(AWS_ACCOUNT_ID, ENTERPRISE_ACCOUNT_ID, "New")
        .account_type(AccountType::EnterpriseLwa);
    bench.chime.seed(Organisation::new(account)).unwrap();
    let base = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}");
    assert_eq!(get(&bench, &format!("{base}/users"))["Users"], json!([]));
    assert_eq!(get(&bench, &format!("{base}/rooms"))["Rooms"], json!([]));
    assert_eq!(get(&bench, &format!("{base}/bots"))["Bots"], json!([]));
    let target = format!("/accounts/{TEAM_ACCOUNT_ID}/users?operation=add");
    let invited = bench.send("POST", &target, r#"{"UserEmailList":["ana@example.com"]}"#).json();
    assert_eq!(invited["Invites"][0]["Status"], "Pending");
}

#[test]
fn an_account_is_replaced_across_aws_accounts() {
    let bench = Bench::sample();
    let account = Account::new("444455556666", ENTERPRISE_ACCOUNT_ID, "New")
        .account_type(AccountType::EnterpriseLwa);
    bench.chime.seed(Organisation::new(account)).unwrap();
    assert_eq!(bench.send("GET", &format!("/accounts/{ENTERPRISE_ACCOUNT_ID}"), "").status(), 404);
    let number = bench.send("GET", &format!("/phone-numbers/{}", &ANA_NUMBER[1..]), "").json();
    assert_eq!(number["PhoneNumber"]["Status"], "Unassigned");
    let seed = bench.chime.export();
    seed.validate().unwrap();
    assert!(seed.organisations.iter().all(|organisation| organisation.domains.is_empty()));
    let store = bench.chime.engine().store();
    assert!(!store.state.world.chime.domains.contains(&DOMAIN.to_owned()));
}

#[test]
fn a_domain_belongs_to_the_account_that_was_added_last() {
    let bench = Bench::sample();
    let account = Account::new(AWS_ACCOUNT_ID, "a", "a").account_type(AccountType::EnterpriseLwa);
    let domains = vec!["Example.COM".to_owned()];
    bench.chime.seed(Organisation { domains, ..Organisation::new(account) }).unwrap();
    let seed = bench.chime.export();
    seed.validate().unwrap();
    assert_eq!(seed.organisations[0].domains, [""; 0]);
    assert_eq!(seed.organisations[2].domains, ["example.com"]);
}
