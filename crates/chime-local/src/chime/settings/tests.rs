//! Tests of the settings of an AWS account.

use chime_model::chime::BusinessCallingSettings;
use serde_json::{Value, json};

use super::*;
use crate::sample::*;
use crate::testing::{Bench, other_caller, refused};
use crate::{AwsAccount, ChimeRules, Config, Credential};

fn rename(bench: &Bench, name: &str) -> Result<()> {
    bench.ask(update_phone_number_settings, UpdatePhoneNumberSettingsRequest::new(name))
}

fn names(bench: &Bench) -> Value {
    bench.send("GET", "/settings/phone-number", "").json()
}

fn buckets(bench: &Bench) -> Value {
    bench.send("GET", "/settings", "").json()
}

#[test]
fn the_default_calling_name_looks_as_published() {
    let bench = Bench::sample();
    assert_eq!(names(&bench), json!({"CallingName": null, "CallingNameUpdatedTimestamp": null}));
    let put = bench.send("PUT", "/settings/phone-number", r#"{"CallingName":"Example Corp"}"#);
    assert_eq!((put.status(), put.0.body().len()), (204, 0));
    let updated = "2025-03-05T12:00:00.000Z";
    assert_eq!(
        names(&bench),
        json!({"CallingName": "Example Corp", "CallingNameUpdatedTimestamp": updated})
    );
    for body in ["{}", r#"{"CallingName":"x"}"#, r#"{"CallingName":"No dots."}"#] {
        let answer = bench.send("PUT", "/settings/phone-number", body);
        assert_eq!((answer.status(), answer.exception()), (400, "BadRequestException"), "{body}");
    }
}

#[test]
fn the_default_calling_name_can_be_changed_once_in_seven_days() {
    let bench = Bench::sample();
    rename(&bench, "First").unwrap();
    bench.clock.advance(Duration::days(7) - Duration::seconds(1));
    assert_eq!(refused(rename(&bench, "Second")), (400, "BadRequestException".to_owned()));
    assert_eq!(refused(rename(&bench, "")).0, 400);
    assert_eq!(names(&bench)["CallingName"], "First");
    bench.clock.advance(Duration::seconds(1));
    rename(&bench, "").unwrap();
    let updated = "2025-03-12T12:00:00.000Z";
    assert_eq!(names(&bench), json!({"CallingName": null, "CallingNameUpdatedTimestamp": updated}));

    let rules = ChimeRules { default_calling_name_rests: false, ..ChimeRules::default() };
    let bench = Bench::with_rules(rules);
    rename(&bench, "First").unwrap();
    rename(&bench, "Second").unwrap();
    assert_eq!(names(&bench)["CallingName"], "Second");
}

#[test]
fn buckets_for_call_records_can_be_set_and_cleared() {
    let bench = Bench::sample();
    let both = |business: Value, connector: Value| {
        json!({
            "BusinessCalling": {"CdrBucket": business},
            "VoiceConnector": {"CdrBucket": connector},
        })
    };
    let put = |body: &str| {
        let answer = bench.send("PUT", "/settings", body);
        assert_eq!((answer.status(), answer.0.body().len()), (204, 0));
        buckets(&bench)
    };
    let null = || json!(null);
    assert_eq!(buckets(&bench), both(null(), null()));
    assert_eq!(put(r#"{"BusinessCalling":{"CdrBucket":"b"}}"#), both(json!("b"), null()));
    assert_eq!(put(r#"{"VoiceConnector":{"CdrBucket":"v"}}"#), both(json!("b"), json!("v")));
    assert_eq!(put("{}"), both(json!("b"), json!("v")));
    assert_eq!(put(r#"{"BusinessCalling":{}}"#), both(null(), json!("v")));
    assert_eq!(put(r#"{"VoiceConnector":{"CdrBucket":""}}"#), both(null(), null()));
    let again = r#"{"BusinessCalling":{"CdrBucket":"c"},"VoiceConnector":{"CdrBucket":"w"}}"#;
    assert_eq!(put(again), both(json!("c"), json!("w")));
    assert_eq!(put(r#"{"VoiceConnector":{"CdrBucket":null}}"#), both(json!("c"), null()));
    let wrong = bench.send("PUT", "/settings", r#"{"BusinessCalling":{"CdrBucket":7}}"#);
    assert_eq!(wrong.status(), 400);
}

#[test]
fn settings_belong_to_one_aws_account_and_can_be_seeded() {
    let other = other_caller();
    let credentials = vec![Credential::default(), other.clone()];
    let bench = Bench::new(Config { credentials, ..Config::default() });
    let bucket = BusinessCallingSettings::default().cdr_bucket("b");
    bench
        .chime
        .seed(AwsAccount {
            phone_number_settings: Some(
                GetPhoneNumberSettingsResponse::default()
                    .calling_name("Lake")
                    .calling_name_updated_timestamp(bench.clock.now()),
            ),
            global_settings: Some(GetGlobalSettingsResponse::default().business_calling(bucket)),
            ..AwsAccount::new(AWS_ACCOUNT_ID)
        })
        .unwrap();
    bench.chime.seed(AwsAccount::new(AWS_ACCOUNT_ID)).unwrap();
    assert_eq!(names(&bench)["CallingName"], "Lake");
    assert_eq!(buckets(&bench)["BusinessCalling"]["CdrBucket"], "b");
    assert_eq!(refused(rename(&bench, "Sea")).0, 400);
    let theirs = bench.send_as(&other, "GET", "/settings/phone-number", "").json();
    assert_eq!(theirs["CallingName"], json!(null));
}
