//! Tests of bots in rooms.

use serde_json::{Value, json};

use crate::ChimeRules;
use crate::sample::*;
use crate::testing::{Answer, Bench};

const E: &str = ENTERPRISE_ACCOUNT_ID;

fn memberships() -> String {
    format!("/accounts/{E}/rooms/{ROOM_ID}/memberships")
}

/// Creates a bot that can be added to rooms, and returns its id.
fn bot(bench: &Bench) -> String {
    let id = idle_bot(bench);
    let target = format!("/accounts/{E}/bots/{id}/events-configuration");
    let body = r#"{"OutboundEventsHTTPSEndpoint":"https://bots.example.com"}"#;
    assert_eq!(bench.send("PUT", &target, body).status(), 201);
    id
}

fn idle_bot(bench: &Bench) -> String {
    let made = bench.send("POST", &format!("/accounts/{E}/bots"), r#"{"DisplayName":"myBot"}"#);
    made.json()["Bot"]["BotId"].as_str().unwrap().to_owned()
}

fn stop(bench: &Bench, bot: &str) {
    let target = format!("/accounts/{E}/bots/{bot}");
    assert_eq!(bench.send("POST", &target, r#"{"Disabled":true}"#).status(), 200);
}

fn add(bench: &Bench, member: &str) -> Answer {
    bench.send("POST", &memberships(), &json!({"MemberId": member}).to_string())
}

/// Adds members in a batch, and returns the error codes.
fn batch(bench: &Bench, items: &Value) -> Value {
    let target = format!("{}?operation=batch-create", memberships());
    let answer = bench.send("POST", &target, &json!({"MembershipItemList": items}).to_string());
    assert_eq!(answer.status(), 201);
    let errors = answer.json()["Errors"].as_array().unwrap().clone();
    errors.into_iter().map(|error| error["ErrorCode"].clone()).collect()
}

#[test]
fn a_bot_can_be_added_once_and_looks_as_published() {
    let bench = Bench::sample();
    let bot = bot(&bench);
    let made = add(&bench, &bot);
    assert_eq!(made.status(), 201);
    assert_eq!(
        made.json(),
        json!({"RoomMembership": {
            "InvitedBy": CALLER_ARN,
            "Member": {
                "AccountId": E, "Email": "myBot-chimebot@example.com", "FullName": "myBot (Bot)",
                "MemberId": bot, "MemberType": "Bot",
            },
            "Role": "Member", "RoomId": ROOM_ID, "UpdatedTimestamp": "2025-03-05T12:00:00.000Z",
        }})
    );
    let again = add(&bench, &bot);
    assert_eq!((again.status(), again.exception()), (409, "ConflictException"));
    let rooms = bench.send("GET", &format!("/accounts/{E}/rooms?member-id={bot}"), "").json();
    assert_eq!(rooms["Rooms"][0]["RoomId"], ROOM_ID);
    let one = format!("{}/{bot}", memberships());
    let update = bench.send("POST", &one, r#"{"Role":"Administrator"}"#);
    assert_eq!((update.status(), update.exception()), (400, "BadRequestException"));
    assert_eq!(bench.send("DELETE", &one, "").status(), 204);
    let rooms = bench.send("GET", &format!("/accounts/{E}/rooms?member-id={bot}"), "").json();
    assert_eq!(rooms["Rooms"], json!([]));
}

#[test]
fn a_bot_cannot_be_an_administrator() {
    let bench = Bench::sample();
    let bot = bot(&bench);
    let body = |role: &str| json!({"MemberId": bot, "Role": role});
    let refused = bench.send("POST", &memberships(), &body("Administrator").to_string());
    assert_eq!((refused.status(), refused.exception()), (400, "BadRequestException"));
    assert_eq!(batch(&bench, &json!([body("Administrator")])), json!(["BadRequest"]));
    assert_eq!(batch(&bench, &json!([body("Member"), body("Member")])), json!(["Conflict"]));
}

#[test]
fn a_bot_needs_an_events_configuration_by_default() {
    let bench = Bench::sample();
    let bot = idle_bot(&bench);
    let refused = add(&bench, &bot);
    assert_eq!((refused.status(), refused.exception()), (400, "BadRequestException"));
    assert_eq!(batch(&bench, &json!([{"MemberId": bot}])), json!(["BadRequest"]));

    let rules = ChimeRules { bots_need_events_configuration: false, ..ChimeRules::default() };
    let bench = Bench::with_rules(rules);
    let bot = idle_bot(&bench);
    assert_eq!(add(&bench, &bot).status(), 201);
}

#[test]
fn a_disabled_bot_stays_a_member_and_cannot_be_added_by_default() {
    let bench = Bench::sample();
    let bot_in_room = bot(&bench);
    add(&bench, &bot_in_room);
    stop(&bench, &bot_in_room);
    let listed = bench.send("GET", &memberships(), "").json();
    assert_eq!(listed["RoomMemberships"][1]["Member"]["MemberId"], bot_in_room.as_str());
    let one = format!("{}/{bot_in_room}", memberships());
    assert_eq!(bench.send("DELETE", &one, "").status(), 204);
    let refused = add(&bench, &bot_in_room);
    assert_eq!((refused.status(), refused.exception()), (400, "BadRequestException"));

    let rules = ChimeRules { stopped_bots_cannot_join: false, ..ChimeRules::default() };
    let bench = Bench::with_rules(rules);
    let bot = bot(&bench);
    stop(&bench, &bot);
    assert_eq!(add(&bench, &bot).status(), 201);
}

#[test]
fn the_number_of_rooms_of_a_bot_is_limited() {
    let rules = ChimeRules { memberships_per_profile: 1, ..ChimeRules::default() };
    let bench = Bench::with_rules(rules);
    let bot = bot(&bench);
    assert_eq!(add(&bench, &bot).status(), 201);
    let rooms = format!("/accounts/{E}/rooms");
    let room = bench.send("POST", &rooms, r#"{"Name":"Second"}"#).json()["Room"]["RoomId"].clone();
    let target = format!("{rooms}/{}/memberships", room.as_str().unwrap());
    let refused = bench.send("POST", &target, &json!({"MemberId": bot}).to_string());
    assert_eq!(refused.exception(), "ResourceLimitExceededException");
}
