//! Tests of the operations on single phone numbers.

use serde_json::{Value, json};
use time::Duration;

use super::*;
use crate::sample::*;
use crate::testing::{Bench, refused};
use crate::{AwsAccount, ChimeRules, Config};

fn target(number: &str) -> String {
    format!("/phone-numbers/{}", number.replace('+', "%2B"))
}

fn get(bench: &Bench, number: &str) -> Value {
    bench.send("GET", &target(number), "").json()["PhoneNumber"].clone()
}

fn update(bench: &Bench, number: &str, body: &str) -> (u16, Value) {
    let answer = bench.send("POST", &target(number), body);
    (answer.status(), answer.json())
}

fn rename(bench: &Bench, name: &str) -> u16 {
    update(bench, UNASSIGNED_NUMBER, &format!(r#"{{"CallingName":"{name}"}}"#)).0
}

fn with(numbers: Vec<PhoneNumber>) -> Bench {
    let bench = Bench::new(Config::default());
    let account = AwsAccount { phone_numbers: numbers, ..AwsAccount::new(AWS_ACCOUNT_ID) };
    bench.chime.seed(account).unwrap();
    bench
}

fn number(number: &str) -> PhoneNumber {
    PhoneNumber::default().e164_phone_number(number)
}

fn list(bench: &Bench, query: &str) -> Vec<String> {
    let answer = bench.send("GET", &format!("/phone-numbers?{query}"), "").json();
    let numbers = answer["PhoneNumbers"].as_array().unwrap().iter();
    numbers.map(|number| number["E164PhoneNumber"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_assigned_number_looks_as_published() {
    let bench = Bench::sample();
    let of_user = format!("/phone-numbers?filter-name=UserId&filter-value={ANA_ID}");
    let since = "2025-02-10T09:07:44.316Z";
    let association =
        |name, value| json!({"AssociatedTimestamp": since, "Name": name, "Value": value});
    let expected = json!({
        "Associations":
            [association("AccountId", ENTERPRISE_ACCOUNT_ID), association("UserId", ANA_ID)],
        "CallingName": null, "CallingNameStatus": "Unassigned",
        "Capabilities": {
            "InboundCall": true, "InboundMMS": true, "InboundSMS": true,
            "OutboundCall": true, "OutboundMMS": true, "OutboundSMS": true,
        },
        "Country": "US", "CreatedTimestamp": "2025-02-10T09:02:11.640Z",
        "DeletionTimestamp": null, "E164PhoneNumber": ANA_NUMBER,
        "PhoneNumberId": "%2B12065550100", "ProductType": "BusinessCalling",
        "Status": "Assigned", "Type": "Local", "UpdatedTimestamp": since,
    });
    assert_eq!(
        bench.send("GET", &of_user, "").json(),
        json!({"NextToken": null, "PhoneNumbers": [expected]})
    );
    assert_eq!(get(&bench, ANA_NUMBER), expected);
}

#[test]
fn a_number_is_found_by_all_forms_of_its_id() {
    let bench = Bench::sample();
    for spelling in ["%2B12065550101", "%252B12065550101", "12065550101"] {
        let found = bench.send("GET", &format!("/phone-numbers/{spelling}"), "");
        assert_eq!(found.json()["PhoneNumber"]["PhoneNumberId"], "%2B12065550101", "{spelling}");
    }
    for unknown in ["%2B12065550199", "%25252B12065550101", "nothing", "%2B"] {
        let answer = bench.send("GET", &format!("/phone-numbers/{unknown}"), "");
        assert_eq!((answer.status(), answer.exception()), (404, "NotFoundException"), "{unknown}");
    }
}

#[test]
fn all_filters_of_a_list_must_match() {
    let bench = Bench::sample();
    bench
        .chime
        .seed(AwsAccount {
            phone_numbers: vec![number("+18885550100"), number("+442079460100")],
            ..AwsAccount::new(AWS_ACCOUNT_ID)
        })
        .unwrap();
    assert_eq!(bench.send("DELETE", &target(UNASSIGNED_NUMBER), "").status(), 204);
    assert_eq!(list(&bench, ""), [ANA_NUMBER, UNASSIGNED_NUMBER, "+18885550100", "+442079460100"]);
    assert_eq!(list(&bench, "status=Assigned"), [ANA_NUMBER]);
    assert_eq!(list(&bench, "status=DeleteInProgress"), [UNASSIGNED_NUMBER]);
    assert_eq!(list(&bench, "product-type=VoiceConnector"), ["+18885550100"]);
    assert_eq!(list(&bench, "status=Unassigned&product-type=BusinessCalling"), [""; 0]);
    let account = format!("filter-name=AccountId&filter-value={ENTERPRISE_ACCOUNT_ID}");
    assert_eq!(list(&bench, &account), [ANA_NUMBER]);
    assert_eq!(list(&bench, &format!("{account}&status=Assigned")), [ANA_NUMBER]);
    assert_eq!(list(&bench, &format!("{account}&status=Unassigned")), [""; 0]);
    assert_eq!(list(&bench, &format!("filter-name=UserId&filter-value={BO_ID}")), [""; 0]);
    assert_eq!(list(&bench, &format!("filter-name=SipRuleId&filter-value={ANA_ID}")), [""; 0]);
    for query in [
        "filter-name=UserId",
        "filter-value=u",
        "filter-name=Name&filter-value=u",
        "status=assigned",
        "product-type=Other",
        "max-results=0",
        "max-results=100",
        "next-token=x",
    ] {
        let answer = bench.send("GET", &format!("/phone-numbers?{query}"), "");
        assert_eq!((answer.status(), answer.exception()), (400, "BadRequestException"), "{query}");
    }
}

#[test]
fn a_number_is_found_by_each_of_its_associations() {
    let rule = |value: &str| {
        let name = PhoneNumberAssociationName::SipRuleId;
        PhoneNumberAssociation::default().name(name).value(value)
    };
    let bench = with(vec![number("+12065550102").associations([rule("a"), rule("b")])]);
    for (value, count) in [("a", 1), ("b", 1), ("c", 0)] {
        let query = format!("filter-name=SipRuleId&filter-value={value}");
        assert_eq!(list(&bench, &query).len(), count, "{value}");
    }
}

#[test]
fn page_tokens_stay_valid_when_items_are_added_or_removed() {
    let numbers: Vec<String> = (0..5).map(|i| format!("+1206555010{i}")).collect();
    let bench = with(numbers[..4].iter().map(|one| number(one)).collect());
    let page = |token: Option<String>| {
        let mut request = ListPhoneNumbersRequest::new().max_results(2);
        request.next_token = token;
        let response = bench.ask(list_phone_numbers, request).unwrap();
        let found = response.phone_numbers.unwrap().into_iter();
        let found: Vec<String> =
            found.map(|one| one.e164_phone_number.unwrap().expose().to_owned()).collect();
        (found, response.next_token)
    };
    let (found, token) = page(None);
    assert_eq!(found, numbers[..2]);
    // Remove a number of the first page and one of the second, and add one.
    for gone in [&numbers[1], &numbers[2]] {
        assert_eq!(bench.send("DELETE", &target(gone), "").status(), 204);
    }
    bench.clock.advance(Duration::days(7));
    bench
        .chime
        .seed(AwsAccount {
            phone_numbers: vec![number(&numbers[4])],
            ..AwsAccount::new(AWS_ACCOUNT_ID)
        })
        .unwrap();
    let (found, next) = page(token.clone());
    assert_eq!((found, next), (numbers[3..].to_vec(), None));

    let other = ListPhoneNumbersRequest::new()
        .status(PhoneNumberStatus::Unassigned)
        .next_token(token.unwrap());
    assert_eq!(refused(bench.ask(list_phone_numbers, other)).0, 400);
}

#[test]
fn the_rules_set_the_default_page_size() {
    let bench =
        Bench::with_rules(ChimeRules { phone_number_page_size: 1, ..ChimeRules::default() });
    assert_eq!(list(&bench, ""), [ANA_NUMBER]);
    assert_eq!(list(&bench, "max-results=2").len(), 2);
}

#[test]
fn the_product_type_of_an_unassigned_number_can_be_changed() {
    let bench = Bench::sample();
    let body = r#"{"ProductType":"VoiceConnector"}"#;
    let (status, answer) = update(&bench, UNASSIGNED_NUMBER, body);
    assert_eq!((status, &answer["PhoneNumber"]["ProductType"]), (200, &json!("VoiceConnector")));
    assert_eq!(answer["PhoneNumber"]["UpdatedTimestamp"], "2025-03-05T12:00:00.000Z");
    assert_eq!(get(&bench, UNASSIGNED_NUMBER), answer["PhoneNumber"]);
    let (status, answer) = update(&bench, ANA_NUMBER, body);
    assert_eq!((status, &answer["Code"]), (400, &json!("BadRequest")));
    assert_eq!(update(&bench, "+12065550199", body).0, 404);
}

#[test]
fn exactly_one_member_can_be_changed() {
    let bench = Bench::sample();
    let before = get(&bench, UNASSIGNED_NUMBER);
    for body in [
        "{}",
        "",
        r#"{"ProductType":"VoiceConnector","CallingName":"Lake"}"#,
        r#"{"ProductType":"Other"}"#,
        r#"{"CallingName":"x"}"#,
        r#"{"CallingName":"Lake & Co"}"#,
        r#"{"CallingName":"Sixteen letters!"}"#,
        r#"{"CallingName":7}"#,
    ] {
        let (status, answer) = update(&bench, UNASSIGNED_NUMBER, body);
        assert_eq!((status, &answer["Code"]), (400, &json!("BadRequest")), "{body}");
        assert!(!answer.to_string().contains("Lake"), "{answer}");
    }
    assert_eq!(get(&bench, UNASSIGNED_NUMBER), before);
    // The request is validated before the number is looked up.
    assert_eq!(update(&bench, "+12065550199", "{}").0, 400);
}

#[test]
fn a_number_can_have_only_some_product_types() {
    let bench = with(vec![number("+18885550100"), number("+442079460100")]);
    for (number, product_type, status) in [
        ("+18885550100", "BusinessCalling", 400),
        ("+18885550100", "SipMediaApplicationDialIn", 200),
        ("+442079460100", "BusinessCalling", 400),
        ("+442079460100", "VoiceConnector", 400),
        ("+442079460100", "SipMediaApplicationDialIn", 200),
    ] {
        let body = format!(r#"{{"ProductType":"{product_type}"}}"#);
        assert_eq!(update(&bench, number, &body).0, status, "{number} {product_type}");
    }
}

#[test]
fn a_calling_name_takes_effect_after_a_while() {
    let bench = Bench::sample();
    let name =
        |number: &Value| (number["CallingName"].clone(), number["CallingNameStatus"].clone());
    let (status, answer) = update(&bench, UNASSIGNED_NUMBER, r#"{"CallingName":"Lake 7"}"#);
    assert_eq!(status, 200);
    assert_eq!(name(&answer["PhoneNumber"]), (json!(null), json!("UpdateInProgress")));
    assert_eq!(rename(&bench, "Sea"), 409);
    assert_eq!(rename(&bench, ""), 409);
    // A change of the product type must not delay the name.
    bench.clock.advance(Duration::seconds(4));
    assert_eq!(update(&bench, UNASSIGNED_NUMBER, r#"{"ProductType":"VoiceConnector"}"#).0, 200);
    assert_eq!(name(&get(&bench, UNASSIGNED_NUMBER)), (json!(null), json!("UpdateInProgress")));
    bench.clock.advance(Duration::hours(72));
    let number = get(&bench, UNASSIGNED_NUMBER);
    assert_eq!(name(&number), (json!("Lake 7"), json!("UpdateSucceeded")));
    assert_eq!(number["UpdatedTimestamp"], "2025-03-05T12:00:05.000Z");

    // The old name stays until the new one takes effect.
    assert_eq!(rename(&bench, "Sea"), 200);
    assert_eq!(name(&get(&bench, UNASSIGNED_NUMBER)), (json!("Lake 7"), json!("UpdateInProgress")));
    bench.clock.advance(Duration::seconds(5));
    assert_eq!(name(&get(&bench, UNASSIGNED_NUMBER)), (json!("Sea"), json!("UpdateSucceeded")));
    assert_eq!(rename(&bench, ""), 200);
    assert_eq!(name(&get(&bench, UNASSIGNED_NUMBER)), (json!(null), json!("Unassigned")));
    // The calling name of an assigned number can be changed, too.
    assert_eq!(update(&bench, ANA_NUMBER, r#"{"CallingName":"Ana"}"#).0, 200);
}

#[test]
fn the_rules_set_duration_and_visibility_of_pending_names() {
    let rules =
        ChimeRules { calling_name_seconds: 60, pending_name_shows: true, ..ChimeRules::default() };
    let bench = Bench::with_rules(rules);
    let (_, answer) = update(&bench, UNASSIGNED_NUMBER, r#"{"CallingName":"Lake"}"#);
    assert_eq!(answer["PhoneNumber"]["CallingName"], "Lake");
    assert_eq!(answer["PhoneNumber"]["CallingNameStatus"], "UpdateInProgress");
    let listed = bench.send("GET", "/phone-numbers?status=Unassigned", "").json();
    assert_eq!(listed["PhoneNumbers"][0]["CallingName"], "Lake");
    bench.clock.advance(Duration::seconds(59));
    assert_eq!(get(&bench, UNASSIGNED_NUMBER)["CallingNameStatus"], "UpdateInProgress");
    bench.clock.advance(Duration::seconds(1));
    assert_eq!(get(&bench, UNASSIGNED_NUMBER)["CallingNameStatus"], "UpdateSucceeded");
}

#[test]
fn a_deleted_number_can_be_restored_for_seven_days() {
    let bench = Bench::sample();
    let before = get(&bench, UNASSIGNED_NUMBER);
    let restore = format!("{}?operation=restore", target(UNASSIGNED_NUMBER));
    assert_eq!(bench.send("POST", &restore, "").exception(), "BadRequestException");

    let deleted = bench.send("DELETE", &target(UNASSIGNED_NUMBER), "");
    assert_eq!((deleted.status(), deleted.0.body().len()), (204, 0));
    let number = get(&bench, UNASSIGNED_NUMBER);
    assert_eq!(number["Status"], "DeleteInProgress");
    assert_eq!(number["DeletionTimestamp"], "2025-03-05T12:00:00.000Z");
    assert_eq!(number["UpdatedTimestamp"], "2025-03-05T12:00:00.000Z");
    // In the deletion queue, a number can only be restored.
    assert_eq!(bench.send("DELETE", &target(UNASSIGNED_NUMBER), "").status(), 400);
    assert_eq!(rename(&bench, "Lake"), 400);
    assert_eq!(update(&bench, UNASSIGNED_NUMBER, r#"{"ProductType":"VoiceConnector"}"#).0, 400);

    bench.clock.advance(Duration::days(7) - Duration::seconds(1));
    let restored = bench.send("POST", &restore, "");
    assert_eq!(restored.status(), 200);
    let mut expected = before;
    expected["UpdatedTimestamp"] = json!("2025-03-12T11:59:59.000Z");
    assert_eq!(restored.json(), json!({"PhoneNumber": expected}));

    assert_eq!(bench.send("DELETE", &target(UNASSIGNED_NUMBER), "").status(), 204);
    bench.clock.advance(Duration::days(7));
    for (method, target) in [("GET", target(UNASSIGNED_NUMBER)), ("POST", restore)] {
        let answer = bench.send(method, &target, "");
        assert_eq!((answer.status(), answer.exception()), (404, "NotFoundException"));
    }
    assert_eq!(list(&bench, ""), [ANA_NUMBER]);
    // After its release the number can be ordered again.
    let order = format!(
        r#"{{"ProductType":"BusinessCalling","E164PhoneNumbers":["{UNASSIGNED_NUMBER}"]}}"#
    );
    assert_eq!(bench.send("POST", "/phone-number-orders", &order).status(), 201);
    assert_eq!(get(&bench, UNASSIGNED_NUMBER)["Status"], "AcquireInProgress");
    assert_eq!(bench.send("DELETE", &target(UNASSIGNED_NUMBER), "").status(), 400);
    assert_eq!(rename(&bench, "Lake"), 400);
}

#[test]
fn only_an_unassigned_number_can_be_deleted() {
    let bench = Bench::sample();
    let answer = bench.send("DELETE", &target(ANA_NUMBER), "");
    assert_eq!((answer.status(), answer.exception()), (400, "BadRequestException"));
    assert_eq!(bench.send("DELETE", &target("+12065550199"), "").status(), 404);
    let missing = format!("{}?operation=restore", target("+12065550199"));
    assert_eq!(bench.send("POST", &missing, "").status(), 404);
    let failed = number("+12065550102").status(PhoneNumberStatus::AcquireFailed);
    let bench = with(vec![failed]);
    assert_eq!(bench.send("DELETE", &target("+12065550102"), "").status(), 400);
}

#[test]
fn a_number_can_be_restored_only_within_the_limit() {
    let rules = ChimeRules { phone_numbers_per_aws_account: 2, ..ChimeRules::default() };
    let bench = Bench::with_rules(rules);
    assert_eq!(bench.send("DELETE", &target(UNASSIGNED_NUMBER), "").status(), 204);
    let order = r#"{"ProductType":"BusinessCalling","E164PhoneNumbers":["+12065550199"]}"#;
    assert_eq!(bench.send("POST", "/phone-number-orders", order).status(), 201);
    let restore = format!("{}?operation=restore", target(UNASSIGNED_NUMBER));
    let answer = bench.send("POST", &restore, "");
    assert_eq!((answer.status(), answer.exception()), (400, "ResourceLimitExceededException"));
    bench.clock.advance(Duration::seconds(1));
    assert_eq!(bench.send("DELETE", &target("+12065550199"), "").status(), 204);
    assert_eq!(bench.send("POST", &restore, "").status(), 200);
}
