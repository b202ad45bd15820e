//! The number of allocations per request. They are the largest cost of encoding.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use allocation_counter::measure;
use chime_model::Operation;
use chime_model::chime::{
    CreateRoomRequest, GetRoomRequest, ListRoomsRequest, RoomMembershipRole,
    UpdateRoomMembershipRequest,
};
use chime_wire::encode_request;

const ID: &str = "7f3d2b18-c6e4-4a90-9d57-e1b8a2c40f6d";

/// One buffer with its reference count for path, query, body and Content-Length; two tables of the
/// header map.
const EXPECTED: u64 = 2 + 2;

fn allocations<O: Operation>(request: &O) -> u64 {
    let mut message = None;
    let memory = measure(|| message = Some(encode_request(request).unwrap()));
    drop(message);
    memory.count_total
}

#[test]
fn a_request_takes_four_allocations() {
    let promotion =
        UpdateRoomMembershipRequest::new(ID, ID, ID).role(RoomMembershipRole::Administrator);
    assert_eq!(allocations(&promotion), EXPECTED);
    assert_eq!(allocations(&GetRoomRequest::new(ID, ID)), EXPECTED);
    let creation = CreateRoomRequest::new(ID, "A \"quoted\" name").client_request_token("token");
    assert_eq!(allocations(&creation), EXPECTED);
    // A number in the query takes another one.
    let list = ListRoomsRequest::new(ID).max_results(7).next_token("a b+c");
    assert_eq!(allocations(&list), EXPECTED + 1);
}
