//! Tests of the settings of accounts.

use serde_json::{Value, json};

use crate::sample::*;
use crate::testing::Bench;

fn target(account: &str) -> String {
    format!("/accounts/{account}/settings")
}

fn settings(bench: &Bench, account: &str) -> Value {
    bench.send("GET", &target(account), "").json()["AccountSettings"].clone()
}

fn update(bench: &Bench, account: &str, settings: &str) -> u16 {
    let body = format!(r#"{{"AccountSettings":{settings}}}"#);
    bench.send("PUT", &target(account), &body).status()
}

#[test]
fn all_settings_are_off_by_default() {
    let bench = Bench::sample();
    for account in [ENTERPRISE_ACCOUNT_ID, TEAM_ACCOUNT_ID] {
        let answer = bench.send("GET", &target(account), "");
        assert_eq!(answer.status(), 200);
        let off = json!({"DisableRemoteControl": false, "EnableDialOut": false});
        assert_eq!(answer.json(), json!({"AccountSettings": off}));
    }
}

#[test]
fn an_update_changes_only_the_given_members() {
    let bench = Bench::sample();
    let t = TEAM_ACCOUNT_ID;
    assert_eq!(update(&bench, t, r#"{"DisableRemoteControl":true}"#), 204);
    assert_eq!(update(&bench, t, r#"{"EnableDialOut":true}"#), 204);
    assert_eq!(update(&bench, t, "{}"), 204);
    let on = json!({"DisableRemoteControl": true, "EnableDialOut": true});
    assert_eq!(settings(&bench, t), on);
    assert_eq!(update(&bench, t, r#"{"DisableRemoteControl":false}"#), 204);
    let mixed = json!({"DisableRemoteControl": false, "EnableDialOut": true});
    assert_eq!(settings(&bench, t), mixed);
    let off = json!({"DisableRemoteControl": false, "EnableDialOut": false});
    assert_eq!(settings(&bench, ENTERPRISE_ACCOUNT_ID), off);
}

#[test]
fn account_and_settings_are_required() {
    let bench = Bench::sample();
    let unknown = bench.send("GET", &target("missing"), "");
    assert_eq!((unknown.status(), unknown.exception()), (404, "NotFoundException"));
    assert_eq!(update(&bench, "missing", "{}"), 404);
    let nothing = bench.send("PUT", &target(TEAM_ACCOUNT_ID), "{}");
    assert_eq!((nothing.status(), nothing.exception()), (400, "BadRequestException"));
    assert_eq!(update(&bench, TEAM_ACCOUNT_ID, r#"{"EnableDialOut":"yes"}"#), 400);
}
