//! The cost of a call in states of different sizes.

use std::time::Instant;

use bytes::Bytes;
use chime_local::{ChimeRules, Config, LocalChime, Organisation, sample};
use chime_model::chime::{
    Account, AccountType, CreateRoomMembershipRequest, DeleteRoomMembershipRequest, GetRoomRequest,
    GetUserRequest, ListRoomMembershipsRequest, ListRoomMembershipsResponse, ListRoomsRequest,
    ListUsersRequest, Member, Room, RoomMembership, UpdateRoomMembershipRequest, User,
};
use http::Request;
use tokio::runtime::Builder;
use tower::ServiceExt;

use crate::load::signed;

/// Numbers of rooms and users. Each user is a member of each room, but the last user not of the first room.
const SIZES: [(usize, usize); 4] = [(10, 100), (100, 100), (100, 1_000), (1_000, 1_000)];
const CALLS: u32 = 2_000;
const ACCOUNT: &str = "an-account";

/// Prints the cost of each call with states of growing size.
pub(crate) fn grow() {
    let mut lines: Vec<(&str, Vec<f64>)> = Vec::new();
    for (rooms, users) in SIZES {
        let chime = chime(rooms, users);
        for (i, (name, cost)) in costs(&chime, rooms, users).into_iter().enumerate() {
            match lines.get_mut(i) {
                Some((_, costs)) => costs.push(cost),
                None => lines.push((name, vec![cost])),
            }
        }
    }
    print!("{:<32}", "µs per call, by memberships");
    SIZES.iter().for_each(|(rooms, users)| print!(" {:>10}", rooms * users));
    println!();
    for (name, costs) in lines {
        print!("{name:<32}");
        costs.iter().for_each(|cost| print!(" {cost:>10.1}"));
        println!();
    }
}

/// Creates an emulator with a million memberships.
pub(crate) fn largest() -> LocalChime {
    chime(1_000, 1_000)
}

/// A request for one of its rooms.
pub(crate) fn get_room() -> GetRoomRequest {
    GetRoomRequest::new(ACCOUNT, room(500))
}

/// A request for as many members of the room as the sample room has.
pub(crate) fn list_memberships() -> ListRoomMembershipsRequest {
    ListRoomMembershipsRequest::new(ACCOUNT, room(500)).max_results(1)
}

fn room(i: usize) -> String {
    format!("room-{i}")
}

fn user(i: usize) -> String {
    format!("user-{i}")
}

fn chime(rooms: usize, users: usize) -> LocalChime {
    let account = Account::new(sample::AWS_ACCOUNT_ID, ACCOUNT, "Large")
        .account_type(AccountType::EnterpriseLwa);
    let mut organisation = Organisation::new(account);
    let email = |i| format!("{}@example.com", user(i));
    organisation.users = (0..users).map(|i| User::new(user(i)).primary_email(email(i))).collect();
    organisation.rooms = (0..rooms).map(|i| Room::default().room_id(room(i)).name("A")).collect();
    organisation.memberships = (0..rooms * users)
        .filter(|i| *i != users - 1)
        .map(|i| {
            let member = Member::default().member_id(user(i % users));
            RoomMembership::default().room_id(room(i / users)).member(member)
        })
        .collect();
    let rules = ChimeRules { memberships_per_room: usize::MAX, ..ChimeRules::default() };
    LocalChime::new(Config { seed: organisation.into(), rules: rules.into(), ..Config::default() })
        .unwrap()
}

/// Measures the cost of each call, in microseconds.
fn costs(chime: &LocalChime, rooms: usize, users: usize) -> Vec<(&'static str, f64)> {
    let list = ListRoomMembershipsRequest::new(ACCOUNT, room(rooms - 1)).max_results(50);
    let page = call(chime, &signed(list.clone()));
    let page: ListRoomMembershipsResponse = serde_json::from_slice(&page).unwrap();
    let (first, last) = (room(0), user(users - 1));
    let member = || (ACCOUNT, first.as_str(), last.as_str());
    let create = CreateRoomMembershipRequest::new(member().0, member().1, member().2);
    let update = UpdateRoomMembershipRequest::new(ACCOUNT, room(rooms - 1), user(0))
        .role(chime_model::chime::RoomMembershipRole::Administrator);
    let delete = DeleteRoomMembershipRequest::new(member().0, member().1, member().2);
    let cases: [(&str, Vec<Request<Bytes>>); 8] = [
        ("GetRoom", vec![signed(GetRoomRequest::new(ACCOUNT, room(rooms / 2)))]),
        ("GetUser", vec![signed(GetUserRequest::new(ACCOUNT, user(users / 2)))]),
        ("UpdateRoomMembership", vec![signed(update)]),
        ("Create, DeleteRoomMembership", vec![signed(create), signed(delete)]),
        ("ListRoomMemberships, page of 50", vec![signed(list.clone())]),
        ("…, its second page", vec![signed(list.next_token(page.next_token.unwrap_or_default()))]),
        (
            "ListRooms of a member, 10",
            vec![signed(ListRoomsRequest::new(ACCOUNT).member_id(user(0)).max_results(1))],
        ),
        (
            "ListUsers by address",
            vec![signed(ListUsersRequest::new(ACCOUNT).user_email("user-7@example.com"))],
        ),
    ];
    cases.into_iter().map(|(name, requests)| (name, cost(chime, &requests))).collect()
}

fn cost(chime: &LocalChime, requests: &[Request<Bytes>]) -> f64 {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let start = Instant::now();
        for _ in 0..CALLS {
            for request in requests {
                let response = chime.clone().oneshot(request.clone()).await.unwrap();
                assert!(response.status().is_success(), "{response:?}");
            }
        }
        let calls = CALLS * u32::try_from(requests.len()).unwrap();
        start.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
    })
}

fn call(chime: &LocalChime, request: &Request<Bytes>) -> Bytes {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(chime.clone().oneshot(request.clone())).unwrap().into_body()
}
