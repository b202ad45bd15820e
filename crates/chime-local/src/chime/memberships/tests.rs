//! Tests of the operations on room memberships.

use chime_model::chime::{Account, AccountType, ErrorCode, Member, Room};
use serde_json::json;

use super::*;
use crate::sample::*;
use crate::testing::{Bench, refused};
use crate::{ChimeRules, Config, Organisation};

const E: &str = ENTERPRISE_ACCOUNT_ID;

fn add(bench: &Bench, member: &str) -> Result<RoomMembership> {
    let request = CreateRoomMembershipRequest::new(E, ROOM_ID, member);
    bench.ask(create_room_membership, request).map(|response| response.room_membership.unwrap())
}

fn update(bench: &Bench, member: &str, role: Option<RoomMembershipRole>) -> Result<RoomMembership> {
    let mut request = UpdateRoomMembershipRequest::new(E, ROOM_ID, member);
    request.role = role;
    bench.ask(update_room_membership, request).map(|response| response.room_membership.unwrap())
}

fn batch(bench: &Bench, members: &[&str]) -> Vec<(MemberId, ErrorCode)> {
    let items = members.iter().map(|member| MembershipItem::default().member_id(*member));
    let request = BatchCreateRoomMembershipRequest::new(E, ROOM_ID, items);
    let errors = bench.ask(batch_create_room_membership, request).unwrap().errors.unwrap();
    errors.into_iter().map(|e| (e.member_id.unwrap(), e.error_code.unwrap())).collect()
}

fn members(bench: &Bench) -> Vec<String> {
    let request = ListRoomMembershipsRequest::new(E, ROOM_ID);
    let response = bench.ask(list_room_memberships, request).unwrap();
    response.room_memberships.unwrap().into_iter().map(id).collect()
}

fn id(membership: RoomMembership) -> String {
    membership.member.unwrap().member_id.unwrap().into()
}

#[test]
fn a_member_can_be_added_once_and_looks_as_published() {
    let bench = Bench::sample();
    let target = format!("/accounts/{E}/rooms/{ROOM_ID}/memberships");
    let body = format!(r#"{{"MemberId":"{ANA_ID}"}}"#);
    let made = bench.send("POST", &target, &body);
    assert_eq!(made.status(), 201);
    assert_eq!(
        made.json(),
        json!({"RoomMembership": {
            "InvitedBy": CALLER_ARN,
            "Member": {
                "AccountId": E, "Email": "ana@example.com", "FullName": "Ana Ferreira",
                "MemberId": ANA_ID, "MemberType": "User",
            },
            "Role": "Member", "RoomId": ROOM_ID, "UpdatedTimestamp": "2025-03-05T12:00:00.000Z",
        }})
    );
    let again = bench.send("POST", &target, &body);
    assert_eq!((again.status(), again.exception()), (409, "ConflictException"));
    assert_eq!(
        again.json(),
        json!({"Code": "Conflict", "Message": "Request could not be completed due to a conflict"})
    );
}

#[test]
fn a_member_can_be_added_with_a_role() {
    let bench = Bench::sample();
    let request = CreateRoomMembershipRequest::new(E, ROOM_ID, ANA_ID);
    let request = request.role(RoomMembershipRole::Administrator);
    let membership = bench.ask(create_room_membership, request).unwrap().room_membership.unwrap();
    assert_eq!(membership.role, Some(RoomMembershipRole::Administrator));
}

#[test]
fn unknown_and_suspended_users_cannot_be_added() {
    let bench = Bench::sample();
    assert_eq!(refused(add(&bench, "nobody")), (404, "NotFoundException".to_owned()));
    assert_eq!(refused(add(&bench, CLEO_ID)), (400, "BadRequestException".to_owned()));
    let no_room = CreateRoomMembershipRequest::new(E, "nowhere", ANA_ID);
    assert_eq!(refused(bench.ask(create_room_membership, no_room)).0, 404);
    assert_eq!(members(&bench), [BO_ID]);
}

#[test]
fn the_number_of_members_of_a_room_is_limited() {
    let bench = Bench::with_rules(ChimeRules { memberships_per_room: 1, ..ChimeRules::default() });
    let limit = (400, "ResourceLimitExceededException".to_owned());
    assert_eq!(refused(add(&bench, ANA_ID)), limit);
    // An existing membership is checked before the limit.
    assert_eq!(refused(add(&bench, BO_ID)).0, 409);
    assert_eq!(batch(&bench, &[ANA_ID]), [(ANA_ID.into(), ErrorCode::ResourceLimitExceeded)]);
}

#[test]
fn the_number_of_rooms_of_a_member_is_limited() {
    let bench =
        Bench::with_rules(ChimeRules { memberships_per_profile: 1, ..ChimeRules::default() });
    let rooms = format!("/accounts/{E}/rooms");
    let room = bench.send("POST", &rooms, r#"{"Name":"Second"}"#).json()["Room"]["RoomId"].clone();
    let add = |member: &str| {
        let request = CreateRoomMembershipRequest::new(E, room.as_str().unwrap(), member);
        bench.ask(create_room_membership, request)
    };
    assert_eq!(refused(add(BO_ID)).1, "ResourceLimitExceededException");
    assert!(add(ANA_ID).is_ok());
    bench.ask(delete_room_membership, DeleteRoomMembershipRequest::new(E, ROOM_ID, BO_ID)).unwrap();
    assert!(add(BO_ID).is_ok());
}

#[test]
fn items_of_a_batch_fail_independently() {
    let bench = Bench::sample();
    assert_eq!(
        batch(&bench, &["nobody", ANA_ID, BO_ID, CLEO_ID, ANA_ID]),
        [
            ("nobody".into(), ErrorCode::NotFound),
            (BO_ID.into(), ErrorCode::Conflict),
            (CLEO_ID.into(), ErrorCode::BadRequest),
            (ANA_ID.into(), ErrorCode::Conflict),
        ]
    );
    assert_eq!(members(&bench), [BO_ID, ANA_ID]);
}

#[test]
fn a_batch_is_refused_as_a_whole_only_if_it_is_invalid() {
    let bench = Bench::sample();
    let target = format!("/accounts/{E}/rooms/{ROOM_ID}/memberships?operation=batch-create");
    let send = |items: &str| {
        bench.send("POST", &target, &format!(r#"{{"MembershipItemList":[{items}]}}"#))
    };
    let ana = format!(r#"{{"MemberId":"{ANA_ID}","Role":"Administrator"}}"#);
    let missing = send(&format!(r#"{ana},{{"Role":"Member"}}"#));
    assert_eq!(missing.status(), 400);
    assert_eq!(missing.json()["Message"], "MembershipItemList[1].MemberId: is required");
    assert_eq!(send("").status(), 400);
    assert_eq!(send(&vec![ana.as_str(); 51].join(",")).status(), 400);
    assert_eq!(members(&bench), [BO_ID]);

    let mixed = send(&format!(r#"{ana},{{"MemberId":"nobody","Role":"Member"}}"#));
    assert_eq!(mixed.status(), 201);
    let error =
        json!({"ErrorCode": "NotFound", "ErrorMessage": "Member not found", "MemberId": "nobody"});
    assert_eq!(mixed.json(), json!({"Errors": [error]}));
    let fine = send(&format!(r#"{{"MemberId":"{ANA_ID}"}}"#));
    assert_eq!(fine.json()["Errors"][0]["ErrorCode"], "Conflict");

    let nowhere = target.replace(ROOM_ID, "nowhere");
    let body = format!(r#"{{"MembershipItemList":[{ana}]}}"#);
    assert_eq!(bench.send("POST", &nowhere, &body).status(), 404);
    let team = target.replace(E, TEAM_ACCOUNT_ID);
    assert_eq!(bench.send("POST", &team, &body).status(), 403);
}

#[test]
fn a_batch_without_errors_has_an_empty_list() {
    let bench = Bench::sample();
    let target = format!("/accounts/{E}/rooms/{ROOM_ID}/memberships?operation=batch-create");
    let body = format!(r#"{{"MembershipItemList":[{{"MemberId":"{ANA_ID}"}}]}}"#);
    assert_eq!(bench.send("POST", &target, &body).0.body().as_ref(), br#"{"Errors":[]}"#);
}

#[test]
fn a_change_of_the_role_updates_the_timestamp_and_keeps_the_inviter() {
    let bench = Bench::sample();
    let before = update(&bench, BO_ID, None).unwrap();
    assert_eq!(before.role, Some(RoomMembershipRole::Member));
    assert_ne!(before.updated_timestamp, Some(bench.clock.now()));
    let after = update(&bench, BO_ID, Some(RoomMembershipRole::Administrator)).unwrap();
    assert_eq!(after.role, Some(RoomMembershipRole::Administrator));
    assert_eq!(after.updated_timestamp, Some(bench.clock.now()));
    assert_eq!(after.invited_by, before.invited_by);
    // The role of the last administrator can be changed, too.
    assert!(update(&bench, BO_ID, Some(RoomMembershipRole::Member)).is_ok());
    assert_eq!(refused(update(&bench, ANA_ID, None)), (404, "NotFoundException".to_owned()));
}

#[test]
fn only_roles_of_users_can_be_changed() {
    let account = Account::new(AWS_ACCOUNT_ID, E, "x").account_type(AccountType::EnterpriseLwa);
    let bot = Member::default().member_id("bot").member_type(MemberType::Bot);
    let bench = Bench::new(Config {
        seed: Organisation {
            rooms: vec![Room::default().room_id(ROOM_ID).name("x")],
            memberships: vec![RoomMembership::default().room_id(ROOM_ID).member(bot)],
            ..Organisation::new(account)
        }
        .into(),
        ..Config::default()
    });
    let result = update(&bench, "bot", Some(RoomMembershipRole::Administrator));
    assert_eq!(refused(result), (400, "BadRequestException".to_owned()));
    bench.ask(delete_room_membership, DeleteRoomMembershipRequest::new(E, ROOM_ID, "bot")).unwrap();
}

#[test]
fn a_membership_can_be_deleted_once() {
    let bench = Bench::sample();
    let delete = |room: &str| {
        bench.ask(delete_room_membership, DeleteRoomMembershipRequest::new(E, room, BO_ID))
    };
    delete(ROOM_ID).unwrap();
    assert_eq!(refused(delete(ROOM_ID)), (404, "NotFoundException".to_owned()));
    assert_eq!(refused(delete("nowhere")).0, 404);
    assert!(members(&bench).is_empty());
}

#[test]
fn a_suspended_user_stays_in_its_rooms() {
    let bench = Bench::sample();
    bench.suspend(E, BO_ID);
    assert_eq!(members(&bench), [BO_ID]);
}

#[test]
fn a_team_account_has_no_memberships() {
    let bench = Bench::sample();
    let t = TEAM_ACCOUNT_ID;
    let results = [
        refused(
            bench.ask(create_room_membership, CreateRoomMembershipRequest::new(t, ROOM_ID, BO_ID)),
        ),
        refused(bench.ask(list_room_memberships, ListRoomMembershipsRequest::new(t, ROOM_ID))),
        refused(
            bench.ask(update_room_membership, UpdateRoomMembershipRequest::new(t, ROOM_ID, BO_ID)),
        ),
        refused(
            bench.ask(delete_room_membership, DeleteRoomMembershipRequest::new(t, ROOM_ID, BO_ID)),
        ),
    ];
    for result in results {
        assert_eq!(result, (403, "ForbiddenException".to_owned()));
    }
}

#[test]
fn page_tokens_stay_valid_when_items_are_added_or_removed() {
    let bench = Bench::sample();
    let page = |token: Option<String>| {
        let mut request = ListRoomMembershipsRequest::new(E, ROOM_ID).max_results(1);
        request.next_token = token;
        let response = bench.ask(list_room_memberships, request).unwrap();
        let ids = response.room_memberships.unwrap().into_iter().map(id).collect::<Vec<_>>();
        (ids, response.next_token)
    };
    add(&bench, ANA_ID).unwrap();
    let (ids, token) = page(None);
    assert_eq!(ids, [BO_ID]);
    let token = token.unwrap();
    bench.ask(delete_room_membership, DeleteRoomMembershipRequest::new(E, ROOM_ID, BO_ID)).unwrap();
    add(&bench, BO_ID).unwrap();
    let (ids, next) = page(Some(token.clone()));
    assert_eq!(ids, [ANA_ID]);
    assert_eq!(page(next), (vec![BO_ID.to_owned()], None));

    let mut other = ListRoomMembershipsRequest::new(E, "other-room");
    other.next_token = Some(token);
    assert_eq!(refused(bench.ask(list_room_memberships, other)).0, 400);
}
