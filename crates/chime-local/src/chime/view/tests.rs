//! Tests of the page of Amazon Chime.

use serde_json::{Value, json};

use crate::engine::view::{HIDDEN, target};
use crate::sample::*;
use crate::testing::Bench;

/// The query for an account, or for a part of it.
fn query(part: &[(&str, &str)]) -> String {
    let account = [("aws", AWS_ACCOUNT_ID), ("account", ENTERPRISE_ACCOUNT_ID)];
    target(&[&account, part].concat()).replace("/?", "")
}

/// The headings of the lists on a page.
fn lists(html: &str) -> Vec<&str> {
    html.split("<h2>").skip(1).map(|rest| rest.split(" <small>").next().unwrap()).collect()
}

#[test]
fn the_filter_of_the_overview_finds_users_and_rooms_of_all_accounts() {
    let bench = Bench::sample();
    let found = |words: &str, link: &str| {
        let html = bench.page(&format!("q={words}"));
        let link = format!("<a href=\"/?{}\">", link.replace('&', "&#38;"));
        (lists(&html).join(", "), html.contains(&link))
    };
    let cleo = found("cleo", &query(&[("user", CLEO_ID)]));
    assert_eq!(cleo, ("Users".to_owned(), true));
    assert_eq!(found("ncident+bri", &query(&[("room", ROOM_ID)])), ("Rooms".to_owned(), true));
    let ana = found("ana+ferreira", &query(&[("user", ANA_ID)]));
    assert_eq!(ana, ("Users, Phone numbers".to_owned(), true));
    // A row has its account.
    assert_eq!(found("example+corp", &query(&[])).0, "Accounts, Users, Rooms");
    assert_eq!(lists(&bench.page("list=users")), ["Users"]);
    let none = bench.page("q=nobody");
    assert_eq!(none.matches("No row matches the filter.").count(), 1);
    let all = bench.page("");
    assert!(!lists(&all).contains(&"Users") && !all.contains("Cleo"), "{all}");
}

#[test]
fn an_account_a_user_and_a_room_are_shown_as_the_api_returns_them() {
    let bench = Bench::sample();
    let account = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}");
    let get = |rest: String| bench.send("GET", &format!("{account}{rest}"), "").json();
    assert_eq!(bench.response_on_page(&query(&[])), get(String::new()));
    let room = bench.response_on_page(&query(&[("room", ROOM_ID)]));
    assert_eq!(room, get(format!("/rooms/{ROOM_ID}")));
    let mut user = get(format!("/users/{ANA_ID}"));
    let pin = user["User"]["PersonalPIN"].take();
    user["User"]["PersonalPIN"] = HIDDEN.into();
    let shown = query(&[("user", ANA_ID)]);
    assert_eq!(bench.response_on_page(&shown), user);
    assert!(!bench.page(&shown).contains(pin.as_str().unwrap()));
}

#[test]
fn orders_of_phone_numbers_are_listed_the_newest_first() {
    let bench = Bench::sample();
    let order = |number: &str| -> Value {
        let body = json!({"ProductType": "BusinessCalling", "E164PhoneNumbers": [number]});
        let answer = bench.send("POST", "/phone-number-orders", &body.to_string());
        answer.json()["PhoneNumberOrder"]["PhoneNumberOrderId"].clone()
    };
    // Nobody can order a number twice.
    let orders = [order("+12065550177"), order(ANA_NUMBER)];
    crate::testing::pass(&bench, 3600);
    let html = bench.page("list=number-orders");
    let [first, second] = orders.map(|id| html.find(id.as_str().unwrap()).unwrap());
    assert!(second < first);
    assert!(html.contains("+12065550177 Acquired") && html.contains("class=\"bad\">Failed<"));
    assert!(bench.page("").contains("<h2>Number orders <small>2</small>"));
}
