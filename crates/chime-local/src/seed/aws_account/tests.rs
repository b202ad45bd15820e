//! Tests of AWS accounts in seeds.

use chime_model::chime::{
    CallingNameStatus, PhoneNumberAssociation, PhoneNumberAssociationName, PhoneNumberOrderStatus,
    PhoneNumberStatus,
};
use serde_json::{Value, json};
use time::Duration;

use super::*;
use crate::sample::{self, *};
use crate::testing::{Bench, other_caller};
use crate::{Config, Credential, Seed};

fn add(bench: &Bench, aws_account: &str, numbers: Vec<PhoneNumber>) {
    bench
        .chime
        .seed(AwsAccount { phone_numbers: numbers, ..AwsAccount::new(aws_account) })
        .unwrap();
}

fn number(number: &str) -> PhoneNumber {
    PhoneNumber::default().e164_phone_number(number)
}

fn get(bench: &Bench, number: &str) -> Value {
    bench.send("GET", &format!("/phone-numbers/{}", number.replace('+', "%2B")), "").json()
        ["PhoneNumber"]
        .clone()
}

fn number_of_ana(bench: &Bench) -> Value {
    let target = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/users/{ANA_ID}");
    bench.send("GET", &target, "").json()["User"]["PrimaryProvisionedNumber"].clone()
}

#[test]
fn unset_members_of_a_number_get_defaults() {
    let bench = Bench::new(Config::default());
    let voice_connector = PhoneNumberAssociation::default()
        .name(PhoneNumberAssociationName::VoiceConnectorId)
        .value("v");
    add(
        &bench,
        AWS_ACCOUNT_ID,
        vec![
            number("12065550100"),
            PhoneNumber::default().phone_number_id("%2B18885550100"),
            number("+442079460100"),
            number("+33123456789").calling_name("Lake"),
            number("+12065550101").associations([voice_connector]),
            number("+12065550102").deletion_timestamp(bench.clock.now()),
            number("+12065550103").status(PhoneNumberStatus::DeleteInProgress),
        ],
    );
    let listed = bench.send("GET", "/phone-numbers", "").json();
    let listed = listed["PhoneNumbers"].as_array().unwrap();
    let column = |name: &str| listed.iter().map(|one| one[name].clone()).collect::<Vec<_>>();
    assert_eq!(column("PhoneNumberId")[..2], ["%2B12065550100", "%2B18885550100"]);
    assert_eq!(column("E164PhoneNumber")[..2], ["+12065550100", "+18885550100"]);
    assert_eq!(column("Country")[..4], [json!("US"), json!("US"), json!("GB"), json!(null)]);
    assert_eq!(column("Type")[..3], ["Local", "TollFree", "Local"]);
    assert_eq!(
        column("ProductType")[..4],
        [
            "BusinessCalling",
            "VoiceConnector",
            "SipMediaApplicationDialIn",
            "SipMediaApplicationDialIn"
        ]
    );
    assert_eq!(
        column("Status"),
        [
            "Unassigned",
            "Unassigned",
            "Unassigned",
            "Unassigned",
            "Assigned",
            "DeleteInProgress",
            "DeleteInProgress"
        ]
    );
    assert_eq!(column("CallingNameStatus")[2..4], ["Unassigned", "UpdateSucceeded"]);
    let now = json!("2025-03-05T12:00:00.000Z");
    assert!(column("CreatedTimestamp").iter().all(|time| *time == now));
    assert!(column("DeletionTimestamp")[5..].iter().all(|time| *time == now));
    assert_eq!(listed[4]["Associations"][0]["AssociatedTimestamp"], now);
    assert_eq!(bench.send("DELETE", "/phone-numbers/12065550101", "").status(), 400);
    bench.clock.advance(Duration::days(7));
    assert_eq!(get(&bench, "+12065550103"), Value::Null);
}

#[test]
fn the_country_member_of_a_number_decides_its_product_types() {
    let bench = Bench::new(Config::default());
    let (plain, canadian) = ("+14165550123", "+14165550124");
    add(&bench, AWS_ACCOUNT_ID, vec![number(plain), number(canadian).country("CA")]);
    for (of, country, product_type) in
        [(plain, "US", "BusinessCalling"), (canadian, "CA", "SipMediaApplicationDialIn")]
    {
        let number = get(&bench, of);
        assert_eq!(
            (&number["Country"], &number["ProductType"]),
            (&json!(country), &json!(product_type))
        );
        let body = r#"{"ProductType":"VoiceConnector"}"#;
        let status = bench.send("POST", &format!("/phone-numbers/{}", &of[1..]), body).status();
        assert_eq!(status, if of == plain { 200 } else { 400 });
    }
}

#[test]
fn a_pending_calling_name_takes_effect_after_a_while() {
    let bench = Bench::new(Config::default());
    let pending =
        |number: PhoneNumber| number.calling_name_status(CallingNameStatus::UpdateInProgress);
    const RENAMED: &str = "+12065550102";
    let phone_numbers = vec![
        pending(number(ANA_NUMBER)).calling_name("Lake"),
        pending(number(UNASSIGNED_NUMBER)),
        number(RENAMED).calling_name("Before"),
    ];
    let calling_name_changes = vec![CallingNameChange {
        since: Some(bench.clock.now() + Duration::SECOND),
        ..CallingNameChange::new(RENAMED, "After")
    }];
    bench
        .chime
        .seed(AwsAccount { phone_numbers, calling_name_changes, ..AwsAccount::new(AWS_ACCOUNT_ID) })
        .unwrap();
    let name = |of: &str| {
        let number = get(&bench, of);
        (number["CallingName"].clone(), number["CallingNameStatus"].clone())
    };
    let is = |name: Value, status: &str| (name, json!(status));
    assert_eq!(name(ANA_NUMBER), is(json!(null), "UpdateInProgress"));
    assert_eq!(name(RENAMED), is(json!("Before"), "UpdateInProgress"));
    // Without a name there is no pending update.
    assert_eq!(name(UNASSIGNED_NUMBER), is(json!(null), "Unassigned"));
    bench.clock.advance(Duration::seconds(5));
    assert_eq!(name(ANA_NUMBER), is(json!("Lake"), "UpdateSucceeded"));
    assert_eq!(name(RENAMED), is(json!("Before"), "UpdateInProgress"));
    bench.clock.advance(Duration::SECOND);
    assert_eq!(name(RENAMED), is(json!("After"), "UpdateSucceeded"));
}

#[test]
fn a_number_belongs_to_the_aws_account_that_it_was_added_to_last() {
    let other = other_caller();
    let credentials = vec![Credential::default(), other.clone()];
    let bench = Bench::new(Config { credentials, ..Config::sample() });
    assert_eq!(number_of_ana(&bench), ANA_NUMBER);
    add(&bench, "444455556666", vec![number(ANA_NUMBER)]);
    assert_eq!(number_of_ana(&bench), json!(null));
    assert_eq!(get(&bench, ANA_NUMBER), Value::Null);
    let theirs = bench.send_as(&other, "GET", "/phone-numbers", "").json();
    assert_eq!(theirs["PhoneNumbers"][0]["E164PhoneNumber"], ANA_NUMBER);
    assert_eq!(theirs["PhoneNumbers"][0]["Status"], "Unassigned");
    add(&bench, AWS_ACCOUNT_ID, vec![number(ANA_NUMBER)]);
    assert_eq!(
        bench.send_as(&other, "GET", "/phone-numbers", "").json()["PhoneNumbers"],
        json!([])
    );
}

#[test]
fn a_user_has_the_number_that_was_added_last() {
    let bench = Bench::sample();
    let association =
        |name: &str, value: &str| PhoneNumberAssociation::default().name(name).value(value);
    let associations =
        [association("AccountId", ENTERPRISE_ACCOUNT_ID), association("UserId", ANA_ID)];
    add(&bench, AWS_ACCOUNT_ID, vec![number(UNASSIGNED_NUMBER).associations(associations)]);
    assert_eq!(number_of_ana(&bench), UNASSIGNED_NUMBER);
    assert_eq!(get(&bench, ANA_NUMBER)["Status"], "Unassigned");
    assert_eq!(get(&bench, ANA_NUMBER)["Associations"], json!([]));
}

#[test]
fn the_number_of_a_seeded_user_is_a_number_of_the_aws_account() {
    let bench = Bench::sample();
    let seed = |organisations: &Value| {
        let seed = json!({"Organisations": organisations});
        bench.chime.seed(Seed::parse(&seed.to_string()).unwrap()).unwrap();
    };
    let is_anas = |number: &str| {
        let found = get(&bench, number);
        assert_eq!((number_of_ana(&bench), &found["Status"]), (number.into(), &"Assigned".into()));
        assert_eq!(found["Associations"][1]["Value"], ANA_ID);
    };
    // The account is replaced, and with it the association of the number.
    let mut organisations = bench.export()["Organisations"].clone();
    seed(&organisations);
    is_anas(ANA_NUMBER);
    // A number that no AWS account has is added.
    organisations[0]["Users"][0]["PrimaryProvisionedNumber"] = "+12065550177".into();
    seed(&organisations);
    is_anas("+12065550177");
    assert_eq!(get(&bench, ANA_NUMBER)["Status"], "Unassigned");
    assert_eq!(bench.copy().export(), bench.export());
    // Listing the number, for example to give it a calling name, leaves it with the user.
    let number = json!({"E164PhoneNumber": "+12065550177", "CallingName": "Ana"});
    let account = json!({"AwsAccountId": AWS_ACCOUNT_ID, "PhoneNumbers": [number]});
    let both = json!({"Organisations": organisations, "AwsAccounts": [account]});
    bench.chime.seed(Seed::parse(&both.to_string()).unwrap()).unwrap();
    is_anas("+12065550177");
    assert_eq!(get(&bench, "+12065550177")["CallingName"], "Ana");
}

#[test]
fn unset_members_of_an_order_get_defaults() {
    let bench = Bench::new(Config::default());
    let item = || chime_model::chime::OrderedPhoneNumber::default().e164_phone_number(ANA_NUMBER);
    let order = |status| PhoneNumberOrder::default().status(status).ordered_phone_numbers([item()]);
    bench
        .chime
        .seed(AwsAccount {
            phone_number_orders: vec![
                PhoneNumberOrder::default().ordered_phone_numbers([item()]),
                order(PhoneNumberOrderStatus::Failed),
                order(PhoneNumberOrderStatus::Processing),
            ],
            ..AwsAccount::new(AWS_ACCOUNT_ID)
        })
        .unwrap();
    let orders = bench.send("GET", "/phone-number-orders", "").json();
    let orders = orders["PhoneNumberOrders"].as_array().unwrap();
    let states = orders
        .iter()
        .map(|order| (order["Status"].clone(), order["OrderedPhoneNumbers"][0]["Status"].clone()));
    let expected = [("Successful", "Acquired"), ("Failed", "Failed"), ("Processing", "Processing")];
    assert_eq!(states.collect::<Vec<_>>(), expected.map(|(a, b)| (json!(a), json!(b))));
    assert_eq!(orders[0]["ProductType"], "BusinessCalling");
    assert_eq!(orders[0]["UpdatedTimestamp"], "2025-03-05T12:00:00.000Z");
    assert_eq!(orders[0]["PhoneNumberOrderId"].as_str().unwrap().len(), 36);
}

#[test]
fn responses_of_the_service_can_be_seeded() {
    let bench = Bench::sample();
    let order = r#"{"ProductType":"BusinessCalling","E164PhoneNumbers":["+12065550142"]}"#;
    assert_eq!(bench.send("POST", "/phone-number-orders", order).status(), 201);
    let mut account = json!({
        "AwsAccountId": AWS_ACCOUNT_ID,
        "PhoneNumberSettings": bench.send("GET", "/settings/phone-number", "").json(),
        "GlobalSettings": bench.send("GET", "/settings", "").json(),
        "Meetings": [{"MeetingId": MEETING_ID, "JoinTokens": [sample::JOIN_TOKEN]}],
    });
    for (member, target) in
        [("PhoneNumbers", "/phone-numbers"), ("PhoneNumberOrders", "/phone-number-orders")]
    {
        account[member] = bench.send("GET", target, "").json()[member].clone();
    }
    let account: AwsAccount = serde_json::from_value(account).unwrap();
    assert!(!format!("{account:?}").contains(sample::JOIN_TOKEN));

    let copy = Bench::new(Config {
        seed: Seed { aws_accounts: vec![account.clone()], ..crate::sample::seed() },
        ..Config::default()
    });
    for target in ["/phone-numbers", "/phone-number-orders"] {
        let there = |bench: &Bench| bench.send("GET", target, "").json();
        assert_eq!(there(&copy), there(&bench));
        bench.clock.advance(Duration::seconds(1));
        copy.clock.advance(Duration::seconds(1));
        assert_eq!(there(&copy), there(&bench));
    }
    assert_eq!(number_of_ana(&copy), ANA_NUMBER);
    let text = serde_json::to_string(&account).unwrap();
    let back: AwsAccount = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), text);
    let least: AwsAccount = serde_json::from_str(r#"{"AwsAccountId":"111122223333"}"#).unwrap();
    assert!(least.phone_numbers.is_empty() && least.meetings.is_empty());
}
