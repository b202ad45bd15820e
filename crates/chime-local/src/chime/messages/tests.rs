//! Tests of redaction. Only the state shows it.

use crate::chime::call::Call;
use crate::engine::store::Intent;
use crate::sample::*;
use crate::testing::{Answer, Bench};

const E: &str = ENTERPRISE_ACCOUNT_ID;

fn redact(bench: &Bench, account: &str, place: &str, message: &str) -> Answer {
    let target = format!("/accounts/{account}/{place}/messages/{message}?operation=redact");
    bench.send("POST", &target, "")
}

/// Whether the sample's messages are redacted, first that of the room, then that of the
/// conversation.
fn redacted(bench: &Bench) -> (bool, bool) {
    let look = |call: &mut Call<'_>| {
        let record = call.tenant.account(&E.into()).unwrap();
        let room = record.below.room(&ROOM_ID.into()).unwrap();
        let in_room = room.below.messages.get(&ROOM_MESSAGE_ID.into()).unwrap();
        let id = (CONVERSATION_ID.into(), CONVERSATION_MESSAGE_ID.into());
        Ok((in_room.redacted, record.below.conversation_messages.get(&id).unwrap().redacted))
    };
    bench.within(Intent::Read, look).unwrap()
}

#[test]
fn a_message_can_be_redacted_again() {
    let bench = Bench::sample();
    assert_eq!(redacted(&bench), (false, false));
    for (place, message, expected) in [
        (format!("rooms/{ROOM_ID}"), ROOM_MESSAGE_ID, (true, false)),
        (format!("conversations/{CONVERSATION_ID}"), CONVERSATION_MESSAGE_ID, (true, true)),
    ] {
        for _ in 0..2 {
            let done = redact(&bench, E, &place, message);
            assert_eq!((done.status(), done.0.body().as_ref()), (200, &b"{}"[..]));
            assert_eq!(redacted(&bench), expected);
        }
    }
}

#[test]
fn a_message_is_found_only_in_its_room_or_conversation() {
    let bench = Bench::sample();
    let not_found = (404, "NotFoundException");
    for (place, message) in [
        (format!("rooms/{ROOM_ID}"), "unknown"),
        (format!("rooms/{ROOM_ID}"), CONVERSATION_MESSAGE_ID),
        ("rooms/unknown".to_owned(), ROOM_MESSAGE_ID),
        (format!("conversations/{CONVERSATION_ID}"), ROOM_MESSAGE_ID),
        ("conversations/unknown".to_owned(), CONVERSATION_MESSAGE_ID),
    ] {
        let refused = redact(&bench, E, &place, message);
        assert_eq!((refused.status(), refused.exception()), not_found, "{place}");
    }
    let unknown = redact(&bench, "missing", &format!("rooms/{ROOM_ID}"), ROOM_MESSAGE_ID);
    assert_eq!((unknown.status(), unknown.exception()), not_found);
    assert_eq!(redacted(&bench), (false, false));
}

#[test]
fn a_team_account_has_no_messages() {
    let bench = Bench::sample();
    for place in [format!("rooms/{ROOM_ID}"), format!("conversations/{CONVERSATION_ID}")] {
        let refused = redact(&bench, TEAM_ACCOUNT_ID, &place, "m");
        assert_eq!((refused.status(), refused.exception()), (403, "ForbiddenException"));
    }
}

#[test]
fn deleting_a_room_deletes_its_messages() {
    let bench = Bench::sample();
    bench.send("DELETE", &format!("/accounts/{E}/rooms/{ROOM_ID}"), "");
    assert_eq!(redact(&bench, E, &format!("rooms/{ROOM_ID}"), ROOM_MESSAGE_ID).status(), 404);
}
