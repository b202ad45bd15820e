//! Tests of `CreateMeetingDialOut`.

use serde_json::json;

use crate::Config;
use crate::sample::*;
use crate::testing::{Answer, Bench, other_caller, pass};

fn dial(bench: &Bench, meeting: &str, from: &str, to: &str, token: &str) -> Answer {
    let body = json!({"FromPhoneNumber": from, "ToPhoneNumber": to, "JoinToken": token});
    bench.send("POST", &format!("/meetings/{meeting}/dial-outs"), &body.to_string())
}

const TO: &str = "+12535550177";

#[test]
fn a_dial_out_returns_a_transaction_id() {
    let bench = Bench::sample();
    let first = dial(&bench, MEETING_ID, UNASSIGNED_NUMBER, TO, JOIN_TOKEN);
    assert_eq!(first.status(), 201);
    let first = first.json();
    assert_eq!(first["TransactionId"].as_str().unwrap().len(), 36);
    assert_eq!(first.as_object().unwrap().len(), 1);
    // Every call has its own id. Numbers can have any form.
    let second = dial(&bench, MEETING_ID, "12065550100", TO, JOIN_TOKEN);
    assert_ne!(second.json(), first);
    assert_eq!(second.status(), 201);
}

#[test]
fn invalid_dial_outs_are_refused_without_repeating_values() {
    let bench = Bench::sample();
    let forbidden = (403, "ForbiddenException");
    let malformed = (400, "BadRequestException");
    let unknown = "00000000-0000-4000-8000-000000000000";
    for (meeting, from, to, token, refusal) in [
        (unknown, UNASSIGNED_NUMBER, TO, JOIN_TOKEN, forbidden),
        (MEETING_ID, UNASSIGNED_NUMBER, TO, "anotherToken", forbidden),
        (MEETING_ID, "+12065550199", TO, JOIN_TOKEN, forbidden),
        ("no-guid", UNASSIGNED_NUMBER, TO, JOIN_TOKEN, malformed),
        (MEETING_ID, UNASSIGNED_NUMBER, TO, "no=token", malformed),
        (MEETING_ID, UNASSIGNED_NUMBER, TO, "x", malformed),
        (MEETING_ID, "nobody", TO, JOIN_TOKEN, malformed),
        (MEETING_ID, UNASSIGNED_NUMBER, "nobody", JOIN_TOKEN, malformed),
    ] {
        let answer = dial(&bench, meeting, from, to, token);
        assert_eq!((answer.status(), answer.exception()), refusal);
        let said = answer.json().to_string();
        for secret in [from, to, token] {
            assert!(!said.contains(secret) || secret == "x", "{said}");
        }
    }
    let target = format!("/meetings/{MEETING_ID}/dial-outs");
    assert_eq!(bench.send("POST", &target, "{}").status(), 400);
}

#[test]
fn a_number_that_is_ordered_or_deleted_cannot_call() {
    let bench = Bench::sample();
    let status = |from: &str| dial(&bench, MEETING_ID, from, TO, JOIN_TOKEN).status();
    assert_eq!(status(ANA_NUMBER), 201);
    let order = json!({"ProductType": "BusinessCalling", "E164PhoneNumbers": ["+12065550142"]});
    bench.send("POST", "/phone-number-orders", &order.to_string());
    assert_eq!(status("+12065550142"), 403);
    pass(&bench, 1);
    assert_eq!(status("+12065550142"), 201);
    assert_eq!(bench.send("DELETE", "/phone-numbers/%2B12065550142", "").status(), 204);
    assert_eq!(status("+12065550142"), 403);
}

#[test]
fn a_meeting_is_visible_only_to_its_aws_account() {
    let bench = Bench::new(Config { credentials: vec![other_caller()], ..Config::sample() });
    let answer = dial(&bench, MEETING_ID, UNASSIGNED_NUMBER, TO, JOIN_TOKEN);
    assert_eq!(answer.status(), 403);
}
