//! Tests of phone number orders and their completion.

use chime_model::chime::PhoneNumberProductType;
use serde_json::{Value, json};
use time::Duration;

use super::*;
use crate::sample::*;
use crate::testing::{Bench, other_caller, refused};
use crate::{AwsAccount, ChimeRules, Config, Credential, Seed, StockNumber};

const BUSINESS: PhoneNumberProductType = PhoneNumberProductType::BusinessCalling;

fn order(bench: &Bench, numbers: &[&str]) -> Result<PhoneNumberOrder> {
    let request = CreatePhoneNumberOrderRequest::new(BUSINESS, numbers.iter().copied());
    bench
        .ask(create_phone_number_order, request)
        .map(|response| response.phone_number_order.unwrap())
}

fn place(bench: &Bench, numbers: &[&str]) -> PhoneNumberOrderId {
    order(bench, numbers).unwrap().phone_number_order_id.unwrap()
}

fn get(bench: &Bench, id: &PhoneNumberOrderId) -> PhoneNumberOrder {
    let response = bench.ask(get_phone_number_order, GetPhoneNumberOrderRequest::new(id)).unwrap();
    response.phone_number_order.unwrap()
}

/// The status of an order and of its numbers.
fn states(bench: &Bench, id: &PhoneNumberOrderId) -> (String, Vec<String>) {
    let order = get(bench, id);
    let numbers = order.ordered_phone_numbers.unwrap().into_iter();
    (
        order.status.unwrap().to_string(),
        numbers.map(|number| number.status.unwrap().to_string()).collect(),
    )
}

fn number(bench: &Bench, number: &str) -> Value {
    bench.send("GET", &format!("/phone-numbers/{}", number.replace('+', "%2B")), "").json()
        ["PhoneNumber"]
        .clone()
}

fn empty(rules: ChimeRules) -> Bench {
    Bench::new(Config { rules: rules.into(), ..Config::default() })
}

#[test]
fn an_order_looks_as_published_and_completes_after_a_while() {
    let rules = ChimeRules { failing_numbers: vec!["12535550124".into()], ..ChimeRules::default() };
    let bench = empty(rules);
    let body =
        r#"{"E164PhoneNumbers":["+12535550123","12535550124"],"ProductType":"BusinessCalling"}"#;
    let made = bench.send("POST", "/phone-number-orders", body);
    assert_eq!(made.status(), 201);
    let made = made.json();
    let id = made["PhoneNumberOrder"]["PhoneNumberOrderId"].as_str().unwrap().to_owned();
    let ordered = |first: &str, second: &str| {
        json!([
            {"E164PhoneNumber": "+12535550123", "Status": first},
            {"E164PhoneNumber": "+12535550124", "Status": second},
        ])
    };
    let mut expected = json!({"PhoneNumberOrder": {
        "CreatedTimestamp": "2025-03-05T12:00:00.000Z",
        "OrderedPhoneNumbers": ordered("Processing", "Processing"), "PhoneNumberOrderId": id,
        "ProductType": "BusinessCalling", "Status": "Processing",
        "UpdatedTimestamp": "2025-03-05T12:00:00.000Z",
    }});
    assert_eq!(made, expected);
    let target = format!("/phone-number-orders/{id}");
    assert_eq!(bench.send("GET", &target, "").json(), expected);
    assert_eq!(number(&bench, "+12535550123")["Status"], "AcquireInProgress");

    // The timestamps are those of the completion, one second after the order.
    bench.clock.advance(Duration::seconds(10));
    let order = &mut expected["PhoneNumberOrder"];
    order["OrderedPhoneNumbers"] = ordered("Acquired", "Failed");
    order["Status"] = json!("Partial");
    order["UpdatedTimestamp"] = json!("2025-03-05T12:00:01.000Z");
    assert_eq!(bench.send("GET", &target, "").json(), expected);
    assert_eq!(
        number(&bench, "+12535550123"),
        json!({
            "Associations": [], "CallingName": null, "CallingNameStatus": "Unassigned",
            "Capabilities": {
                "InboundCall": true, "InboundMMS": true, "InboundSMS": true,
                "OutboundCall": true, "OutboundMMS": true, "OutboundSMS": true,
            },
            "Country": "US", "CreatedTimestamp": "2025-03-05T12:00:00.000Z",
            "DeletionTimestamp": null, "E164PhoneNumber": "+12535550123",
            "PhoneNumberId": "%2B12535550123", "ProductType": "BusinessCalling",
            "Status": "Unassigned", "Type": "Local",
            "UpdatedTimestamp": "2025-03-05T12:00:01.000Z",
        })
    );
    assert_eq!(number(&bench, "+12535550124"), Value::Null);
}

#[test]
fn the_rules_set_the_duration_of_an_order() {
    let bench = empty(ChimeRules { order_seconds: 60, ..ChimeRules::default() });
    let id = place(&bench, &["+12535550123"]);
    bench.clock.advance(Duration::seconds(59));
    assert_eq!(states(&bench, &id), ("Processing".into(), vec!["Processing".into()]));
    bench.clock.advance(Duration::seconds(1));
    assert_eq!(states(&bench, &id), ("Successful".into(), vec!["Acquired".into()]));

    let bench = empty(ChimeRules { order_seconds: 0, ..ChimeRules::default() });
    let made = order(&bench, &["+12535550123"]).unwrap();
    assert_eq!(made.status, Some(PhoneNumberOrderStatus::Processing));
    assert_eq!(states(&bench, &made.phone_number_order_id.unwrap()).0, "Successful");
}

#[test]
fn an_order_without_available_numbers_fails() {
    let bench = empty(ChimeRules {
        failing_numbers: vec!["%2B12535550123".into()],
        ..ChimeRules::default()
    });
    let id = place(&bench, &["+12535550123", "+12535559999"]);
    let target = "/search?type=phone-numbers&area-code=253";
    assert!(bench.send("GET", target, "").json().to_string().contains("+12535550123"));
    bench.clock.advance(Duration::seconds(1));
    assert_eq!(states(&bench, &id), ("Failed".into(), vec!["Failed".into(), "Failed".into()]));
    assert_eq!(bench.send("GET", "/phone-numbers", "").json()["PhoneNumbers"], json!([]));
}

#[test]
fn a_number_can_be_acquired_once() {
    let bench = Bench::sample();
    let ids = [
        place(&bench, &["+12535550123", "12535550123", UNASSIGNED_NUMBER]),
        place(&bench, &["+12535550123", "+12535550125"]),
    ];
    bench.clock.advance(Duration::seconds(1));
    let third = place(&bench, &["+12535550123"]);
    bench.clock.advance(Duration::seconds(1));
    let states = |id| states(&bench, id);
    assert_eq!(states(&ids[0]).1, ["Acquired", "Failed", "Failed"]);
    assert_eq!(states(&ids[1]).1, ["Failed", "Acquired"]);
    assert_eq!(states(&third), ("Failed".into(), vec!["Failed".into()]));
    assert_eq!(number(&bench, UNASSIGNED_NUMBER)["CreatedTimestamp"], "2025-02-10T09:02:11.640Z");
}

#[test]
fn a_number_of_another_aws_account_can_be_ordered_after_its_release() {
    let other = other_caller();
    let demo = Credential::default();
    let credentials = vec![other, demo.clone()];
    let bench = Bench::new(Config { credentials, ..Config::sample() });
    let buy = || {
        let id = place(&bench, &[UNASSIGNED_NUMBER]);
        bench.clock.advance(Duration::seconds(1));
        states(&bench, &id).0
    };
    assert_eq!(buy(), "Failed");
    let own = format!("/phone-numbers/{}", UNASSIGNED_NUMBER.replace('+', "%2B"));
    assert_eq!(bench.send("GET", &own, "").status(), 404);
    assert_eq!(bench.send_as(&demo, "DELETE", &own, "").status(), 204);
    bench.clock.advance(Duration::days(7) - Duration::seconds(2));
    assert_eq!(buy(), "Failed");
    // The release must not need a call of the first AWS account.
    bench.clock.advance(Duration::seconds(1));
    assert_eq!(buy(), "Successful");
    assert_eq!(bench.send_as(&demo, "GET", &own, "").status(), 404);
    assert_eq!(bench.send("GET", &own, "").status(), 200);
}

#[test]
fn only_some_product_types_can_be_ordered_for_a_number() {
    let bench = empty(ChimeRules::default());
    for (product_type, number, status) in [
        ("BusinessCalling", "+18885550100", 400),
        ("VoiceConnector", "+18885550100", 201),
        ("SipMediaApplicationDialIn", "+18885550101", 201),
        ("BusinessCalling", "+442079460100", 400),
        ("VoiceConnector", "+442079460100", 400),
        ("SipMediaApplicationDialIn", "+442079460100", 201),
        ("Other", "+12535550123", 400),
        ("BusinessCalling", "+0", 400),
        ("BusinessCalling", "abc", 400),
    ] {
        let body = format!(r#"{{"ProductType":"{product_type}","E164PhoneNumbers":["{number}"]}}"#);
        let answer = bench.send("POST", "/phone-number-orders", &body);
        assert_eq!(answer.status(), status, "{body}");
        assert!(!answer.json().to_string().contains(number) || status == 201, "{body}");
    }
    for body in [
        r#"{"ProductType":"BusinessCalling","E164PhoneNumbers":[]}"#,
        r#"{"ProductType":"BusinessCalling"}"#,
        r#"{"E164PhoneNumbers":["+12535550123"]}"#,
        r#"{"ProductType":"BusinessCalling","E164PhoneNumbers":["+12535550123","+18885550100"]}"#,
    ] {
        let answer = bench.send("POST", "/phone-number-orders", body);
        assert_eq!((answer.status(), answer.exception()), (400, "BadRequestException"), "{body}");
    }
    let orders = bench.send("GET", "/phone-number-orders", "").json();
    assert_eq!(orders["PhoneNumberOrders"].as_array().unwrap().len(), 3);
    bench.clock.advance(Duration::seconds(1));
    assert_eq!(number(&bench, "+18885550100")["Type"], "TollFree");
    assert_eq!(number(&bench, "+442079460100")["Country"], "GB");
}

#[test]
fn the_number_of_phone_numbers_of_an_aws_account_is_limited() {
    let bench =
        Bench::with_rules(ChimeRules { phone_numbers_per_aws_account: 4, ..ChimeRules::default() });
    let limit = (400, "ResourceLimitExceededException".to_owned());
    let three = ["+12535550123", "+12535550124", "+12535550125"];
    assert_eq!(refused(order(&bench, &three)), limit);
    assert_eq!(
        bench.send("GET", "/phone-number-orders", "").json()["PhoneNumberOrders"],
        json!([])
    );
    // A duplicate counts once.
    place(&bench, &["+12535550123", "+12535550124", "12535550123"]);
    assert_eq!(refused(order(&bench, &["+12535550125"])), limit);
    // Numbers that are not available do not count.
    place(&bench, &["+12535550123", "+12535559999"]);
    // Deleted numbers do not count.
    let own = format!("/phone-numbers/{}", UNASSIGNED_NUMBER.replace('+', "%2B"));
    assert_eq!(bench.send("DELETE", &own, "").status(), 204);
    place(&bench, &["+12535550125"]);
    // The default limit is 25.
    let bench = empty(ChimeRules::default());
    let numbers: Vec<String> = (0..26).map(|i| format!("+125355501{i:02}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    assert_eq!(refused(order(&bench, &numbers)), limit);
    place(&bench, &numbers[1..]);
}

#[test]
fn the_id_of_an_order_must_be_a_guid() {
    let bench = empty(ChimeRules::default());
    for (id, status) in [("not-a-guid", 400), ("e6a0c4b2-93d7-4158-ab6f-0d7e2c91f583", 404)] {
        let answer = bench.send("GET", &format!("/phone-number-orders/{id}"), "");
        assert_eq!(answer.status(), status);
    }
}

#[test]
fn page_tokens_stay_valid_when_orders_are_added() {
    let bench = empty(ChimeRules { phone_number_page_size: 2, ..ChimeRules::default() });
    let ids: Vec<PhoneNumberOrderId> =
        (0..3).map(|i| place(&bench, &[&format!("+1253555010{i}")])).collect();
    let page = |request: ListPhoneNumberOrdersRequest| {
        let response = bench.ask(list_phone_number_orders, request).unwrap();
        let orders = response.phone_number_orders.unwrap().into_iter();
        let ids: Vec<_> = orders.map(|order| order.phone_number_order_id.unwrap()).collect();
        (ids, response.next_token)
    };
    let (first, token) = page(ListPhoneNumberOrdersRequest::new());
    assert_eq!(first, ids[..2]);
    let fourth = place(&bench, &["+12535550109"]);
    bench.clock.advance(Duration::seconds(1));
    let (second, token) = page(ListPhoneNumberOrdersRequest::new().next_token(token.unwrap()));
    assert_eq!((second, token), (vec![ids[2].clone(), fourth], None));
    assert_eq!(page(ListPhoneNumberOrdersRequest::new().max_results(99)).0.len(), 4);
    for query in ["max-results=0", "max-results=100", "next-token=x"] {
        let answer = bench.send("GET", &format!("/phone-number-orders?{query}"), "");
        assert_eq!(answer.status(), 400, "{query}");
    }
    let bench = empty(ChimeRules::default());
    assert_eq!(
        bench.send("GET", "/phone-number-orders", "").json(),
        json!({"NextToken": null, "PhoneNumberOrders": []})
    );
}

#[test]
fn a_seeded_order_completes() {
    let number = |status| PhoneNumber::default().e164_phone_number("+441234567890").status(status);
    let id = "e6a0c4b2-93d7-4158-ab6f-0d7e2c91f583";
    let item = |number: &str| OrderedPhoneNumber::default().e164_phone_number(number);
    let order = PhoneNumberOrder::default()
        .phone_number_order_id(id)
        .status(PhoneNumberOrderStatus::Processing)
        .ordered_phone_numbers([
            item("+441234567890"),
            item("+12535550123"),
            item("+12535550124").status(OrderedPhoneNumberStatus::Acquired),
        ]);
    let bench = empty(ChimeRules::default());
    bench
        .chime
        .seed(AwsAccount {
            phone_numbers: vec![number(PhoneNumberStatus::AcquireInProgress)],
            phone_number_orders: vec![order],
            ..AwsAccount::new(AWS_ACCOUNT_ID)
        })
        .unwrap();
    let states = || states(&bench, &id.into());
    let processing = || "Processing".to_owned();
    assert_eq!(states(), (processing(), vec![processing(), processing(), "Acquired".into()]));
    bench.clock.advance(Duration::seconds(1));
    let ended = ["Acquired", "Failed", "Acquired"].map(str::to_owned).to_vec();
    assert_eq!(states(), ("Partial".into(), ended));
}

#[test]
fn the_country_of_a_seeded_number_decides_its_product_types() {
    use PhoneNumberProductType::{BusinessCalling, SipMediaApplicationDialIn};

    const CANADIAN: &str = "+14165550177";
    let stock = StockNumber { country: Some("CA".to_owned()), ..StockNumber::new(CANADIAN) };
    let seed = Seed { phone_stock: vec![stock], ..Seed::default() };
    let bench = Bench::new(Config { seed, ..Config::default() });
    let order = |product_type, number: &str| {
        let request = CreatePhoneNumberOrderRequest::new(product_type, [number]);
        bench.ask(create_phone_number_order, request)
    };
    assert_eq!(refused(order(BusinessCalling, CANADIAN)).0, 400);
    order(SipMediaApplicationDialIn, CANADIAN).unwrap();
    // Without a seed, a number with this area code is one of the US.
    order(BusinessCalling, "+14165550178").unwrap();
    bench.clock.advance(Duration::seconds(1));
    for (number, country, product_type, status) in [
        (CANADIAN, "CA", "BusinessCalling", 400),
        ("+14165550178", "US", "SipMediaApplicationDialIn", 200),
    ] {
        let target = format!("/phone-numbers/{}", &number[1..]);
        assert_eq!(bench.send("GET", &target, "").json()["PhoneNumber"]["Country"], country);
        let body = format!(r#"{{"ProductType":"{product_type}"}}"#);
        assert_eq!(bench.send("POST", &target, &body).status(), status, "{number}");
    }
}
