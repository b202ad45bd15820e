//! Tests of the operations on rooms.

use chime_model::chime::{Account, AccountType};
use serde_json::json;
use time::Duration;

use super::*;
use crate::sample::*;
use crate::testing::{Bench, refused};
use crate::{ChimeRules, Organisation};

fn new(name: &str) -> CreateRoomRequest {
    CreateRoomRequest::new(ENTERPRISE_ACCOUNT_ID, name)
}

fn create(bench: &Bench, request: CreateRoomRequest) -> Room {
    bench.ask(create_room, request).unwrap().room.unwrap()
}

fn list(bench: &Bench, request: ListRoomsRequest) -> (Vec<String>, Option<String>) {
    let response = bench.ask(list_rooms, request).unwrap();
    let rooms = response.rooms.unwrap().into_iter();
    (rooms.map(|room| room.name.unwrap().expose().to_owned()).collect(), response.next_token)
}

fn all() -> ListRoomsRequest {
    ListRoomsRequest::new(ENTERPRISE_ACCOUNT_ID)
}

#[test]
fn a_new_room_looks_as_published() {
    let bench = Bench::sample();
    let rooms = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/rooms");
    let made = bench.send("POST", &rooms, r#"{"ClientRequestToken":"t-1","Name":"Standup"}"#);
    assert_eq!(made.status(), 201);
    let room = &made.json()["Room"];
    assert_eq!(
        *room,
        json!({
            "AccountId": ENTERPRISE_ACCOUNT_ID, "CreatedBy": CALLER_ARN,
            "CreatedTimestamp": "2025-03-05T12:00:00.000Z", "Name": "Standup",
            "RoomId": room["RoomId"], "UpdatedTimestamp": "2025-03-05T12:00:00.000Z",
        })
    );
    let one = format!("{rooms}/{}", room["RoomId"].as_str().unwrap());
    assert_eq!(bench.send("GET", &one, "").json(), made.json());
    let members = bench.send("GET", &format!("{one}/memberships"), "");
    assert_eq!(members.json(), json!({"NextToken": null, "RoomMemberships": []}));
}

#[test]
fn a_client_request_token_creates_one_room() {
    let bench = Bench::sample();
    let first = create(&bench, new("Standup").client_request_token("t-1"));
    bench.clock.advance(Duration::seconds(9));
    assert_eq!(create(&bench, new("Standup").client_request_token("t-1")), first);
    let other_name = bench.ask(create_room, new("Retro").client_request_token("t-1"));
    assert_eq!(refused(other_name), (400, "BadRequestException".to_owned()));
    create(&bench, new("Standup").client_request_token("t-2"));
    create(&bench, new("Standup"));
    assert_eq!(list(&bench, all()).0, ["Incident bridge", "Standup", "Standup", "Standup"]);

    let room_id = first.room_id.clone().unwrap();
    bench.ask(delete_room, DeleteRoomRequest::new(ENTERPRISE_ACCOUNT_ID, room_id)).unwrap();
    assert_eq!(create(&bench, new("Standup").client_request_token("t-1")), first);
    assert_eq!(list(&bench, all()).0.len(), 3);
}

#[test]
fn a_client_request_token_belongs_to_one_account() {
    let bench = Bench::sample();
    let other =
        Account::new(AWS_ACCOUNT_ID, "other", "Other").account_type(AccountType::EnterpriseLwa);
    bench.chime.seed(Organisation::new(other)).unwrap();
    let first = create(&bench, new("Standup").client_request_token("t-1"));
    let second =
        create(&bench, CreateRoomRequest::new("other", "Retro").client_request_token("t-1"));
    assert_ne!(first.room_id, second.room_id);
}

#[test]
fn a_page_has_99_rooms_by_default() {
    let bench = Bench::sample();
    for i in 0..99 {
        create(&bench, new(&i.to_string()));
    }
    let (rooms, token) = list(&bench, all());
    assert_eq!(rooms.len(), 99);
    assert_eq!(list(&bench, all().next_token(token.unwrap())).0.len(), 1);
}

#[test]
fn the_number_of_rooms_of_an_account_is_limited() {
    let bench = Bench::with_rules(ChimeRules { rooms_per_account: 2, ..ChimeRules::default() });
    let second = create(&bench, new("Standup").client_request_token("t-1"));
    let third = bench.ask(create_room, new("Retro"));
    assert_eq!(refused(third), (400, "ResourceLimitExceededException".to_owned()));
    // A repeated client request token does not count.
    assert_eq!(create(&bench, new("Standup").client_request_token("t-1")), second);
    bench.ask(delete_room, DeleteRoomRequest::new(ENTERPRISE_ACCOUNT_ID, ROOM_ID)).unwrap();
    create(&bench, new("Retro"));
}

#[test]
fn a_room_must_have_a_name() {
    let bench = Bench::sample();
    for name in ["", " \t"] {
        assert_eq!(refused(bench.ask(create_room, new(name))).1, "BadRequestException");
        let update = UpdateRoomRequest::new(ENTERPRISE_ACCOUNT_ID, ROOM_ID).name(name);
        assert_eq!(refused(bench.ask(update_room, update)).1, "BadRequestException");
        let update = UpdateRoomRequest::new("missing", ROOM_ID).name(name);
        assert_eq!(refused(bench.ask(update_room, update)).1, "BadRequestException");
    }
}

#[test]
fn a_team_account_has_no_rooms() {
    let bench = Bench::sample();
    let rooms = format!("/accounts/{TEAM_ACCOUNT_ID}/rooms");
    let answer = bench.send("GET", &rooms, "");
    assert_eq!((answer.status(), answer.exception()), (403, "ForbiddenException"));
    let message = "Chime Account provided is not an Enterprise Chime Account[AWS Account ID: \
                   111122223333][Chime Account ID: 0b6f3c1e-52a7-4d0f-9a35-7c1f2e9b8d40]";
    assert_eq!(answer.json(), json!({"Code": "Forbidden", "Message": message}));

    let team = TEAM_ACCOUNT_ID;
    let results = [
        refused(bench.ask(create_room, CreateRoomRequest::new(team, "x"))),
        refused(bench.ask(get_room, GetRoomRequest::new(team, ROOM_ID))),
        refused(bench.ask(update_room, UpdateRoomRequest::new(team, ROOM_ID))),
        refused(bench.ask(delete_room, DeleteRoomRequest::new(team, ROOM_ID))),
    ];
    for result in results {
        assert_eq!(result.0, 403);
    }
}

#[test]
fn an_update_renames_and_changes_the_timestamp() {
    let bench = Bench::sample();
    let update = |request| bench.ask(update_room, request).unwrap().room.unwrap();
    let bridge = || UpdateRoomRequest::new(ENTERPRISE_ACCOUNT_ID, ROOM_ID);
    let before = update(bridge());
    assert_ne!(before.updated_timestamp, Some(bench.clock.now()));
    let after = update(bridge().name("War room"));
    assert_eq!(after.name, Some("War room".into()));
    assert_eq!(after.updated_timestamp, Some(bench.clock.now()));
    assert_eq!(after.created_timestamp, before.created_timestamp);
    assert_eq!(after.created_by, before.created_by);
}

#[test]
fn deleting_a_room_deletes_its_memberships() {
    let bench = Bench::sample();
    let delete = || bench.ask(delete_room, DeleteRoomRequest::new(ENTERPRISE_ACCOUNT_ID, ROOM_ID));
    assert_eq!(list(&bench, all().member_id(BO_ID)).0, ["Incident bridge"]);
    delete().unwrap();
    let not_found = (404, "NotFoundException".to_owned());
    assert_eq!(refused(delete()), not_found);
    let get = GetRoomRequest::new(ENTERPRISE_ACCOUNT_ID, ROOM_ID);
    assert_eq!(refused(bench.ask(get_room, get)), not_found);
    let update = UpdateRoomRequest::new(ENTERPRISE_ACCOUNT_ID, ROOM_ID);
    assert_eq!(refused(bench.ask(update_room, update)), not_found);
    assert!(list(&bench, all().member_id(BO_ID)).0.is_empty());
}

#[test]
fn rooms_can_be_filtered_by_member() {
    let bench = Bench::sample();
    let base = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/rooms");
    for name in ["Standup", "Retro"] {
        let room = create(&bench, new(name)).room_id.unwrap();
        let target = format!("{base}/{room}/memberships");
        let body = format!(r#"{{"MemberId":"{BO_ID}"}}"#);
        assert_eq!(bench.send("POST", &target, &body).status(), 201);
    }
    create(&bench, new("Lunch"));
    let of_bo = || all().member_id(BO_ID).max_results(2);
    let (rooms, token) = list(&bench, of_bo());
    assert_eq!(rooms, ["Incident bridge", "Standup"]);
    let token = token.unwrap();
    assert_eq!(list(&bench, of_bo().next_token(&*token)), (vec!["Retro".to_owned()], None));
    assert!(list(&bench, all().member_id(ANA_ID)).0.is_empty());
    assert!(list(&bench, all().member_id("nobody")).0.is_empty());
    let unfiltered = bench.ask(list_rooms, all().next_token(token));
    assert_eq!(refused(unfiltered), (400, "BadRequestException".to_owned()));
}

#[test]
fn page_tokens_stay_valid_when_items_are_added_or_removed() {
    let bench = Bench::with_rules(ChimeRules { room_page_size: 2, ..ChimeRules::default() });
    for name in ["b", "a"] {
        create(&bench, new(name));
    }
    let (rooms, token) = list(&bench, all().max_results(1));
    assert_eq!(rooms, ["Incident bridge"]);
    bench.ask(delete_room, DeleteRoomRequest::new(ENTERPRISE_ACCOUNT_ID, ROOM_ID)).unwrap();
    create(&bench, new("0"));
    let (rooms, token) = list(&bench, all().next_token(token.unwrap()));
    assert_eq!(rooms, ["b", "a"]);
    assert_eq!(list(&bench, all().next_token(token.unwrap())), (vec!["0".to_owned()], None));
}

#[test]
fn a_client_request_token_expires_after_a_day() {
    let bench = Bench::sample();
    let make = || {
        let body = r#"{"Name":"Standup","ClientRequestToken":"once"}"#;
        let target = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/rooms");
        bench.send("POST", &target, body).json()["Room"]["RoomId"].clone()
    };
    let first = make();
    bench.clock.advance(Duration::days(1) - Duration::SECOND);
    assert_eq!(make(), first);
    bench.clock.advance(Duration::SECOND);
    let second = make();
    assert_ne!(second, first);
    assert_eq!(make(), second);
}
