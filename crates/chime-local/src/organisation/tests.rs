//! Tests of what is put in place, and of the sample.

use chime_model::chime::Member;
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
fn the_sample_is_what_it_says() {
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
}

#[test]
fn the_default_is_empty() {
    let bench = Bench::new(Config::default());
    assert_eq!(get(&bench, "/accounts"), json!({"Accounts": [], "NextToken": null}));
}

#[test]
fn what_is_left_open_is_filled_in() {
    let bench = Bench::new(Config::default());
    bench.chime.add(Organisation {
        users: vec![User::new("u").primary_email("u@example.org")],
        rooms: vec![Room::default().name("made up"), Room::default().room_id("r")],
        memberships: vec![
            RoomMembership::default().room_id("r").member(Member::default().member_id("u")),
            RoomMembership::default().room_id("none").member(Member::default().member_id("u")),
            RoomMembership::default(),
        ],
        ..Organisation::new(
            Account::new(AWS_ACCOUNT_ID, "a", "a").account_type(AccountType::EnterpriseLwa),
        )
    });
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
fn an_account_of_the_same_id_makes_way_and_its_domains_are_free() {
    let bench = Bench::sample();
    let account = Account::new(AWS_ACCOUNT_ID, ENTERPRISE_ACCOUNT_ID, "New")
        .account_type(AccountType::EnterpriseLwa);
    bench.chime.add(Organisation::new(account));
    let base = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}");
    assert_eq!(get(&bench, &format!("{base}/users"))["Users"], json!([]));
    assert_eq!(get(&bench, &format!("{base}/rooms"))["Rooms"], json!([]));
    let target = format!("/accounts/{TEAM_ACCOUNT_ID}/users?operation=add");
    let invited = bench.send("POST", &target, r#"{"UserEmailList":["ana@example.com"]}"#).json();
    assert_eq!(invited["Invites"][0]["Status"], "Pending");
}
