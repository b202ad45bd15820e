//! Tests of the retention of messages.

use serde_json::{Value, json};

use super::*;
use crate::sample::*;
use crate::testing::{Answer, Bench};

fn target(account: &str) -> String {
    format!("/accounts/{account}/retention-settings")
}

fn get(bench: &Bench) -> Value {
    let answer = bench.send("GET", &target(ENTERPRISE_ACCOUNT_ID), "");
    assert_eq!(answer.status(), 200);
    answer.json()
}

fn put(bench: &Bench, settings: &str) -> Answer {
    let body = format!(r#"{{"RetentionSettings":{settings}}}"#);
    bench.send("PUT", &target(ENTERPRISE_ACCOUNT_ID), &body)
}

/// The response for these days in rooms and in conversations.
fn settings(rooms: Option<i32>, conversations: Option<i32>, deletion: Option<&str>) -> Value {
    json!({
        "InitiateDeletionTimestamp": deletion,
        "RetentionSettings": {
            "ConversationRetentionSettings": {"RetentionDays": conversations},
            "RoomRetentionSettings": {"RetentionDays": rooms},
        },
    })
}

#[test]
fn retention_is_off_by_default() {
    assert_eq!(get(&Bench::sample()), settings(None, None, None));
}

#[test]
fn an_update_changes_the_given_settings_and_restarts_the_grace_period() {
    let bench = Bench::sample();
    let done = put(&bench, r#"{"RoomRetentionSettings":{"RetentionDays":365}}"#);
    assert_eq!(done.status(), 204);
    assert!(done.0.body().is_empty());
    assert_eq!(get(&bench), settings(Some(365), None, Some("2025-04-04T12:00:00.000Z")));

    bench.clock.advance(Duration::days(1));
    put(&bench, r#"{"ConversationRetentionSettings":{"RetentionDays":5475}}"#);
    assert_eq!(get(&bench), settings(Some(365), Some(5475), Some("2025-04-05T12:00:00.000Z")));

    bench.clock.advance(Duration::days(1));
    assert_eq!(put(&bench, "{}").status(), 204);
    assert_eq!(get(&bench), settings(Some(365), Some(5475), Some("2025-04-05T12:00:00.000Z")));

    put(&bench, r#"{"RoomRetentionSettings":{}}"#);
    assert_eq!(get(&bench), settings(None, Some(5475), Some("2025-04-06T12:00:00.000Z")));
    put(&bench, r#"{"ConversationRetentionSettings":{"RetentionDays":null}}"#);
    assert_eq!(get(&bench), settings(None, None, None));
}

#[test]
fn retention_days_have_a_range() {
    let bench = Bench::sample();
    for days in [0, -1, 5476] {
        let body = format!(r#"{{"RoomRetentionSettings":{{"RetentionDays":{days}}}}}"#);
        let refused = put(&bench, &body);
        assert_eq!((refused.status(), refused.exception()), (400, "BadRequestException"));
    }
    let nothing = bench.send("PUT", &target(ENTERPRISE_ACCOUNT_ID), "{}");
    assert_eq!((nothing.status(), nothing.exception()), (400, "BadRequestException"));
    assert_eq!(get(&bench), settings(None, None, None));
}

#[test]
fn only_an_enterprise_account_has_retention_settings() {
    let bench = Bench::sample();
    for (account, status, exception) in
        [(TEAM_ACCOUNT_ID, 403, "ForbiddenException"), ("missing", 404, "NotFoundException")]
    {
        for (method, body) in [("GET", ""), ("PUT", r#"{"RetentionSettings":{}}"#)] {
            let refused = bench.send(method, &target(account), body);
            assert_eq!((refused.status(), refused.exception()), (status, exception));
        }
    }
}
