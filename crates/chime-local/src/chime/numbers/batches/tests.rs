//! Tests of the operations on batches of phone numbers.

use serde_json::{Value, json};

use crate::sample::*;
use crate::testing::Bench;

fn update(bench: &Bench, items: &str) -> (u16, Value) {
    let body = format!(r#"{{"UpdatePhoneNumberRequestItems":[{items}]}}"#);
    let answer = bench.send("POST", "/phone-numbers?operation=batch-update", &body);
    (answer.status(), answer.json())
}

fn delete(bench: &Bench, ids: &str) -> (u16, Value) {
    let body = format!(r#"{{"PhoneNumberIds":[{ids}]}}"#);
    let answer = bench.send("POST", "/phone-numbers?operation=batch-delete", &body);
    (answer.status(), answer.json())
}

fn codes(answer: &Value) -> Vec<(&str, &str)> {
    let errors = answer["PhoneNumberErrors"].as_array().unwrap().iter();
    errors
        .map(|error| {
            (error["PhoneNumberId"].as_str().unwrap(), error["ErrorCode"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn updates_of_a_batch_fail_independently() {
    let bench = Bench::sample();
    let items = [
        r#"{"PhoneNumberId":"%2B12065550101","CallingName":"Lake"}"#,
        r#"{"PhoneNumberId":"+12065550101","CallingName":"Sea"}"#,
        r#"{"PhoneNumberId":"12065550101","ProductType":"VoiceConnector","CallingName":"Sea"}"#,
        r#"{"PhoneNumberId":"12065550100","ProductType":"VoiceConnector"}"#,
        r#"{"PhoneNumberId":"%2B12065550101"}"#,
        r#"{"PhoneNumberId":"nothing","CallingName":"Sea"}"#,
        r#"{"PhoneNumberId":"+12065550101","ProductType":"VoiceConnector"}"#,
    ];
    let (status, answer) = update(&bench, &items.join(","));
    assert_eq!(status, 200);
    assert_eq!(
        codes(&answer),
        [
            ("+12065550101", "Conflict"),
            ("12065550101", "BadRequest"),
            ("12065550100", "BadRequest"),
            ("%2B12065550101", "BadRequest"),
            ("nothing", "NotFound"),
        ]
    );
    let number = bench.send("GET", "/phone-numbers/12065550101", "").json();
    assert_eq!(number["PhoneNumber"]["ProductType"], "VoiceConnector");
    assert_eq!(number["PhoneNumber"]["CallingNameStatus"], "UpdateInProgress");
}

#[test]
fn deletions_of_a_batch_fail_independently() {
    let bench = Bench::sample();
    let ids = r#""%2B12065550101","+12065550100","12065550101","+12065550199""#;
    let (status, answer) = delete(&bench, ids);
    assert_eq!(status, 200);
    assert_eq!(
        answer["PhoneNumberErrors"][0],
        json!({
            "ErrorCode": "BadRequest",
            "ErrorMessage": "A number must be disassociated before it can be deleted",
            "PhoneNumberId": "+12065550100",
        })
    );
    assert_eq!(
        codes(&answer),
        [
            ("+12065550100", "BadRequest"),
            ("12065550101", "BadRequest"),
            ("+12065550199", "NotFound"),
        ]
    );
    let left = bench.send("GET", "/phone-numbers?status=DeleteInProgress", "").json();
    assert_eq!(left["PhoneNumbers"][0]["E164PhoneNumber"], UNASSIGNED_NUMBER);
}

#[test]
fn a_batch_without_errors_has_an_empty_list() {
    let bench = Bench::sample();
    let none = json!({"PhoneNumberErrors": []});
    let item = r#"{"PhoneNumberId":"%2B12065550101","CallingName":""}"#;
    assert_eq!(update(&bench, item), (200, none.clone()));
    let body = r#"{"PhoneNumberIds":["%2B12065550101"]}"#;
    let deleted = bench.send("POST", "/phone-numbers?operation=batch-delete", body);
    assert_eq!(deleted.json(), none);
    assert_eq!(deleted.0.body().len(), 24);
}

#[test]
fn a_batch_is_refused_as_a_whole_only_if_it_is_invalid() {
    let bench = Bench::sample();
    for items in [
        "",
        r#"{"CallingName":"Lake"}"#,
        r#"{"PhoneNumberId":" ","CallingName":"Lake"}"#,
        r#"{"PhoneNumberId":"+12065550101","CallingName":"x"}"#,
        r#"{"PhoneNumberId":"+12065550101","ProductType":"Other"}"#,
    ] {
        assert_eq!(update(&bench, items).0, 400, "{items}");
    }
    for ids in ["", "7"] {
        assert_eq!(delete(&bench, ids).0, 400, "{ids}");
    }
    assert_eq!(delete(&bench, r#""""#).1["PhoneNumberErrors"][0]["ErrorCode"], "NotFound");
    for operation in ["batch-update", "batch-delete"] {
        let target = format!("/phone-numbers?operation={operation}");
        assert_eq!(bench.send("POST", &target, "{}").status(), 400);
    }
    assert_eq!(bench.send("POST", "/phone-numbers", "{}").status(), 404);
}
