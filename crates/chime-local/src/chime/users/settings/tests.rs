//! Tests of the settings of users.

use serde_json::{Value, json};

use crate::sample::*;
use crate::testing::{Answer, Bench};

fn target(account: &str, user: &str) -> String {
    format!("/accounts/{account}/users/{user}/settings")
}

fn get(bench: &Bench, user: &str) -> Value {
    let answer = bench.send("GET", &target(ENTERPRISE_ACCOUNT_ID, user), "");
    assert_eq!(answer.status(), 200);
    answer.json()
}

fn put(bench: &Bench, user: &str, telephony: &Value) -> Answer {
    let body = json!({"UserSettings": {"Telephony": telephony}}).to_string();
    bench.send("PUT", &target(ENTERPRISE_ACCOUNT_ID, user), &body)
}

fn telephony(inbound: bool, outbound: bool, sms: bool) -> Value {
    json!({"InboundCalling": inbound, "OutboundCalling": outbound, "SMS": sms})
}

#[test]
fn settings_are_off_by_default_and_the_last_update_applies() {
    let bench = Bench::sample();
    let answered = |telephony: Value| json!({"UserSettings": {"Telephony": telephony}});
    assert_eq!(get(&bench, ANA_ID), answered(telephony(false, false, false)));
    for settings in [telephony(true, false, true), telephony(false, true, false)] {
        assert_eq!(put(&bench, ANA_ID, &settings).status(), 204);
        assert_eq!(get(&bench, ANA_ID), answered(settings));
    }
    assert_eq!(get(&bench, BO_ID), answered(telephony(false, false, false)));
}

#[test]
fn all_three_settings_are_required() {
    let bench = Bench::sample();
    let refused = put(&bench, ANA_ID, &json!({"InboundCalling": true, "OutboundCalling": true}));
    assert_eq!((refused.status(), refused.exception()), (400, "BadRequestException"));
    assert_eq!(refused.json()["Message"], "UserSettings.Telephony.SMS: is required");
}

#[test]
fn an_existing_user_is_required() {
    let bench = Bench::sample();
    let body = json!({"UserSettings": {"Telephony": telephony(true, true, true)}}).to_string();
    for target in [
        target(ENTERPRISE_ACCOUNT_ID, "nobody"),
        target(TEAM_ACCOUNT_ID, ANA_ID),
        target("missing", ANA_ID),
    ] {
        for (method, body) in [("GET", ""), ("PUT", body.as_str())] {
            let refused = bench.send(method, &target, body);
            assert_eq!((refused.status(), refused.exception()), (404, "NotFoundException"));
        }
    }
}

#[test]
fn a_suspended_user_keeps_the_settings() {
    let bench = Bench::sample();
    let settings = telephony(true, true, false);
    put(&bench, BO_ID, &settings);
    bench.suspend(ENTERPRISE_ACCOUNT_ID, BO_ID);
    assert_eq!(get(&bench, BO_ID)["UserSettings"]["Telephony"], settings);
}
