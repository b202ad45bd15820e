//! Tests of seeds: read, checked, put in place, exported.

use chime_model::chime::{Account, AccountType, User};
use serde_json::{Value, json};

use super::*;
use crate::faults::{CutPoint, Fault, Faults};
use crate::testing::Bench;
use crate::{Config, StoreError, sample};

fn problems(document: &Value) -> Vec<String> {
    match Seed::parse(&document.to_string()) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems().to_vec(),
    }
}

fn account() -> Value {
    json!({"AwsAccountId": "111122223333", "AccountId": "a", "Name": "A"})
}

/// The present state, as text.
fn exported(bench: &Bench) -> String {
    serde_json::to_string_pretty(&bench.chime.export()).unwrap()
}

#[test]
fn what_is_wrong_is_told_with_its_path_and_without_its_value() {
    let organisation = |more: Value| {
        let mut organisation = json!({"Account": account()});
        organisation.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"Organisations": [organisation]})
    };
    let user = |id: &str, email: &str| json!({"UserId": id, "PrimaryEmail": email});
    let path = |rest: &str| format!("Organisations[0].{rest}");
    for (document, expected) in [
        (
            json!({"Organizations": []}),
            "Organizations: is not a member that this structure has".to_owned(),
        ),
        (json!({"Organisations": [{}]}), path("Account: is required")),
        (organisation(json!({"Domains": [7]})), path("Domains[0]: must be a string")),
        (organisation(json!({"Users": [{}]})), path("Users[0].UserId: is required")),
        (
            organisation(json!({"Users": [user("u", "a@b.c"), user("u", "d@e.f")]})),
            path("Users[1].UserId: is there already"),
        ),
        (
            organisation(json!({"Users": [user("u", "a@b.c"), user("v", "A@b.c")]})),
            path("Users[1].PrimaryEmail: belongs to another user"),
        ),
        (
            organisation(json!({"UserSettings": [{"UserId": "u", "Telephony":
                {"InboundCalling": true, "OutboundCalling": true, "SMS": true}}]})),
            path("UserSettings[0].UserId: no user has this id"),
        ),
        (
            organisation(json!({"Rooms": [{"RoomId": "r"}], "Memberships":
                [{"RoomId": "r", "Member": {"MemberId": "u"}}]})),
            path("Memberships[0].Member.MemberId: no user or bot has this id"),
        ),
        (
            organisation(json!({"Memberships":
                [{"RoomId": "r", "Member": {"MemberId": "u", "MemberType": "Webhook"}}]})),
            path("Memberships[0].RoomId: no room has this id"),
        ),
        (
            organisation(json!({"RoomMessages": [{"RoomId": "r", "MessageId": "m"}]})),
            path("RoomMessages[0].RoomId: no room has this id"),
        ),
        (
            organisation(json!({"EventsConfigurations": [{"BotId": "b"}]})),
            path("EventsConfigurations[0].BotId: no bot has this id"),
        ),
        (
            json!({"AwsAccounts": [{"AwsAccountId": "1"}]}),
            "AwsAccounts[0].AwsAccountId: must match `[0-9]{12}`".to_owned(),
        ),
        (
            json!({"AwsAccounts": [{"AwsAccountId": "111122223333", "PhoneNumbers":
                [{"E164PhoneNumber": "+12065550100"}, {"PhoneNumberId": "%2B12065550100"}]}]}),
            "AwsAccounts[0].PhoneNumbers[1]: is owned already".to_owned(),
        ),
        (
            json!({"Credentials": [{"AccessKeyId": "A", "SecretAccessKey": 123_456,
                "AwsAccountId": "111122223333", "Arn": "arn"}]}),
            "Credentials[0].SecretAccessKey: must be a string".to_owned(),
        ),
    ] {
        assert_eq!(problems(&document), [expected], "{document}");
    }
    let all = problems(&organisation(json!({"Users": [{}], "Bots": 1})));
    assert_eq!(all.len(), 2, "{all:?}");
}

#[test]
fn what_is_no_document_is_told_with_its_place() {
    let error = Seed::parse("{\"Organisations\": [\n  \"secret").unwrap_err().to_string();
    assert!(error.contains("line 2") && !error.contains("secret"), "{error}");
}

#[cfg(feature = "yaml")]
#[test]
fn yaml_will_do() {
    let text = "
Organisations:
- Account: {AwsAccountId: '111122223333', AccountId: a, Name: A, AccountType: EnterpriseLWA}
  Domains: [harbour.example]
  Users:
  - UserId: u
    PrimaryEmail: ines@harbour.example
";
    let seed = Seed::parse(text).unwrap();
    assert_eq!(seed.organisations[0].users[0].user_id.as_str(), "u");
    let error = Seed::parse("Organisations:\n- Acount: 1\n").unwrap_err().to_string();
    assert!(error.starts_with("Organisations[0].Acount: is not a member"), "{error}");
    let error = Seed::parse("a: [\n").unwrap_err().to_string();
    assert!(error.starts_with("it is no YAML: line "), "{error}");
}

#[test]
fn nothing_of_a_wrong_seed_is_put_in_place() {
    let bench = Bench::sample();
    let before = exported(&bench);
    let account = Account::new("not twelve digits", "a", "A").account_type(AccountType::Team);
    let error = bench.chime.seed(Organisation::new(account.clone())).unwrap_err();
    let StoreError::Invalid(error) = error else { panic!("{error}") };
    assert_eq!(error.problems(), ["Organisations[0].Account.AwsAccountId: must be 12 digits"]);
    assert_eq!(exported(&bench), before);
    let seed = Organisation::new(account).into();
    assert!(crate::LocalChime::new(Config { seed, ..Config::default() }).is_err());
}

#[test]
fn who_is_seeded_may_call_and_is_not_exported() {
    let bench = Bench::sample();
    let stranger = crate::testing::stranger();
    assert_eq!(bench.send_as(&stranger, "GET", "/accounts", "").status(), 403);
    bench.chime.seed(Seed { credentials: vec![stranger.clone()], ..Seed::default() }).unwrap();
    assert_eq!(bench.send_as(&stranger, "GET", "/accounts", "").status(), 200);
    let exported = exported(&bench);
    assert!(!exported.contains("Credentials"), "{exported}");
    assert!(!exported.contains(stranger.secret_access_key.expose()));
}

#[test]
fn an_export_makes_the_same_again() {
    let bench = Bench::sample();
    let account = format!("/accounts/{}", sample::ENTERPRISE_ACCOUNT_ID);
    for (method, target, body) in [
        (
            "POST",
            format!("/accounts/{}/users?operation=add", sample::TEAM_ACCOUNT_ID),
            r#"{"UserEmailList":["new@lake.example"]}"#,
        ),
        ("POST", format!("{account}/rooms"), r#"{"Name":"Second"}"#),
        ("PUT", format!("{account}/settings"), r#"{"AccountSettings":{"EnableDialOut":true}}"#),
        (
            "PUT",
            format!("{account}/retention-settings"),
            r#"{"RetentionSettings":{"RoomRetentionSettings":{"RetentionDays":30}}}"#,
        ),
        (
            "PUT",
            format!("{account}/users/{}/settings", sample::ANA_ID),
            r#"{"UserSettings":{"Telephony":{"InboundCalling":true,"OutboundCalling":false,"SMS":true}}}"#,
        ),
        ("POST", format!("{account}/bots"), r#"{"DisplayName":"second"}"#),
        (
            "POST",
            "/phone-number-orders".to_owned(),
            r#"{"ProductType":"BusinessCalling","E164PhoneNumbers":["+12065550142"]}"#,
        ),
        ("POST", "/phone-numbers/%2B12065550101".to_owned(), r#"{"CallingName":"Harbour"}"#),
        ("PUT", "/settings/phone-number".to_owned(), r#"{"CallingName":"Example"}"#),
        ("PUT", "/settings".to_owned(), r#"{"BusinessCalling":{"CdrBucket":"records"}}"#),
    ] {
        let answer = bench.send(method, &target, body);
        assert!(answer.status() < 300, "{target}: {:?}", answer.0);
    }
    let text = exported(&bench);
    let again = Bench::new(Config { seed: Seed::parse(&text).unwrap(), ..Config::default() });
    assert_eq!(exported(&again), text);
    // Orders end and names change there too.
    for bench in [&bench, &again] {
        bench.clock.advance(time::Duration::seconds(5));
        assert_eq!(bench.send("GET", "/phone-numbers", "").status(), 200);
    }
    assert_eq!(exported(&again), exported(&bench));
    assert!(exported(&again).contains("UpdateSucceeded"));
}

#[test]
fn what_is_made_after_an_import_has_ids_of_its_own() {
    let made = |bench: &Bench| {
        let account = bench.send("POST", "/accounts", r#"{"Name":"Made"}"#).json();
        account["Account"]["AccountId"].as_str().unwrap().to_owned()
    };
    let bench = Bench::sample();
    let mut ids = vec![made(&bench)];
    let text = exported(&bench);
    let again = Bench::new(Config { seed: Seed::parse(&text).unwrap(), ..Config::default() });
    for _ in 0..3 {
        ids.push(made(&again));
        again.chime.seed(Seed::parse(&text).unwrap()).unwrap();
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    let listed = again.send("GET", "/accounts?name=Made", "").json();
    assert_eq!(listed["Accounts"].as_array().unwrap().len(), 4);
}

#[test]
fn a_reset_goes_back_to_the_seed() {
    let bench = Bench::sample();
    let start = exported(&bench);
    let user = User::new("u").primary_email("u@harbour.example");
    let account = Account::new(sample::AWS_ACCOUNT_ID, "a", "A");
    bench.chime.seed(Organisation { users: vec![user], ..Organisation::new(account) }).unwrap();
    assert_ne!(exported(&bench), start);
    let stranger = crate::testing::stranger();
    bench.chime.seed(Seed { credentials: vec![stranger.clone()], ..Seed::default() }).unwrap();
    let fault = Fault { cut: Some(CutPoint::Before), ..Fault::default() };
    bench.chime.set_faults(Faults { faults: vec![fault], ..Faults::default() }).unwrap();
    bench.chime.reset().unwrap();
    assert_eq!(exported(&bench), start);
    assert_eq!(bench.chime.faults(), Faults::default());
    assert_eq!(bench.send_as(&stranger, "GET", "/accounts", "").status(), 403);
}
