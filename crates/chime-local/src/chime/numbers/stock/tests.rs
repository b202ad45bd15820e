//! Tests of the search for numbers and of the supported countries.

use chime_model::chime::CreatePhoneNumberOrderRequest;
use serde_json::json;

use super::*;
use crate::sample::*;
use crate::testing::{Bench, other_caller, refused};
use crate::{ChimeRules, Config, Credential, Seed};

fn search(
    bench: &Bench,
    request: SearchAvailablePhoneNumbersRequest,
) -> (Vec<String>, Option<String>) {
    let response = bench.ask(search_available_phone_numbers, request).unwrap();
    let numbers = response.e164_phone_numbers.unwrap().into_iter();
    (numbers.map(|number| number.expose().to_owned()).collect(), response.next_token)
}

fn new() -> SearchAvailablePhoneNumbersRequest {
    SearchAvailablePhoneNumbersRequest::new()
}

/// The numbers of all pages of a search.
fn page_by_page(bench: &Bench, request: &SearchAvailablePhoneNumbersRequest) -> Vec<String> {
    let (mut all, mut token) = search(bench, request.clone());
    while let Some(next) = token {
        let (numbers, after) = search(bench, request.clone().next_token(next));
        all.extend(numbers);
        token = after;
    }
    all
}

fn order(bench: &Bench, number: &str) {
    let body = format!(r#"{{"ProductType":"BusinessCalling","E164PhoneNumbers":["{number}"]}}"#);
    assert_eq!(bench.send("POST", "/phone-number-orders", &body).status(), 201);
}

#[test]
fn a_search_of_an_area_code_looks_as_published() {
    let bench = Bench::new(Config::default());
    let found = bench.send("GET", "/search?type=phone-numbers&area-code=206", "");
    assert_eq!(found.status(), 200);
    // The published page has 1,522 bytes, because it has no null token.
    assert_eq!(found.0.body().len(), 1_522 + r#""NextToken":null,"#.len());
    let found = found.json();
    assert_eq!(found["E164PhoneNumbers"].as_array().unwrap().len(), 100);
    assert_eq!(found["E164PhoneNumbers"][7], "+12065550107");
    assert_eq!(found["NextToken"], json!(null));
}

#[test]
fn all_filters_of_a_search_must_match() {
    let bench = Bench::new(Config::default());
    let first = |request: SearchAvailablePhoneNumbersRequest| {
        let (numbers, token) = search(&bench, request.max_results(500));
        assert_eq!(token, None);
        (numbers.first().cloned().unwrap_or_default(), numbers.len())
    };
    let some = |number: &str, count: usize| (number.to_owned(), count);
    assert_eq!(first(new().area_code("425")), some("+14255550100", 100));
    assert_eq!(first(new().state("WA")), some("+12065550100", 300));
    assert_eq!(first(new().state("wa").city("tacoma")), some("+12535550100", 100));
    assert_eq!(first(new().state("WA").area_code("509")), some("+15095550100", 100));
    assert_eq!(first(new().toll_free_prefix("888")), some("+18885550100", 100));
    assert_eq!(first(new().country("US").area_code("206")), some("+12065550100", 100));
    let local = PhoneNumberType::Local;
    assert_eq!(first(new().area_code("206").phone_number_type(local)).1, 100);
    let toll_free = PhoneNumberType::TollFree;
    assert_eq!(first(new().toll_free_prefix("833").phone_number_type(toll_free)).1, 100);
    let abroad = |country: &str, of| new().country(country).phone_number_type(of);
    assert_eq!(first(abroad("GB", PhoneNumberType::Local)), some("+442079460100", 100));
    assert_eq!(first(abroad("GB", PhoneNumberType::TollFree)), some("+448081570100", 100));

    for nothing in [
        new().area_code("206").state("OR"),
        new().state("WA").city("Portland"),
        new().state("ZZ"),
        new().area_code("999x"),
        new().area_code("911"),
        new().area_code("888"),
        new().toll_free_prefix("800"),
        new().toll_free_prefix("888").phone_number_type(PhoneNumberType::Local),
        new().area_code("206").phone_number_type(PhoneNumberType::TollFree),
        new().area_code("206").toll_free_prefix("888"),
        abroad("SE", PhoneNumberType::TollFree),
        abroad("FR", PhoneNumberType::Local),
    ] {
        assert_eq!(first(nothing.clone()).1, 0, "{nothing:?}");
    }
}

#[test]
fn unsupported_searches_are_refused() {
    let bench = Bench::new(Config::default());
    for query in [
        "",
        "&country=US",
        "&phone-number-type=TollFree",
        "&city=Seattle",
        "&city=Seattle&area-code=206",
        "&country=GB",
        "&country=GB&phone-number-type=Local&state=WA",
        "&country=GB&phone-number-type=Local&area-code=20",
        "&country=GB&phone-number-type=Local&toll-free-prefix=888",
        "&country=gb&phone-number-type=Local",
        "&toll-free-prefix=801",
        "&area-code=206&phone-number-type=Mobile",
        "&area-code=206&max-results=0",
        "&area-code=206&max-results=501",
        "&area-code=206&next-token=x",
    ] {
        let answer = bench.send("GET", &format!("/search?type=phone-numbers{query}"), "");
        assert_eq!((answer.status(), answer.exception()), (400, "BadRequestException"), "{query}");
    }
}

#[test]
fn owned_numbers_are_left_out() {
    let other = other_caller();
    let credentials = vec![Credential::default(), other.clone()];
    let bench = Bench::new(Config { credentials, ..Config::sample() });
    let found = |by: &Credential| {
        let target = "/search?type=phone-numbers&area-code=206";
        bench.send_as(by, "GET", target, "").json()["E164PhoneNumbers"].as_array().unwrap().clone()
    };
    assert_eq!(found(&bench.caller), found(&other));
    assert_eq!(found(&other).len(), 98);
    for number in [ANA_NUMBER, UNASSIGNED_NUMBER] {
        assert!(!found(&other).contains(&json!(number)));
    }
    order(&bench, "+12065550142");
    assert!(!found(&other).contains(&json!("+12065550142")));
}

#[test]
fn page_tokens_stay_valid_after_orders() {
    let bench = Bench::new(Config::default());
    let page = |token: Option<String>| {
        let mut request = new().area_code("253").max_results(3);
        request.next_token = token;
        search(&bench, request)
    };
    let (numbers, token) = page(None);
    assert_eq!(numbers, ["+12535550100", "+12535550101", "+12535550102"]);
    for number in ["+12535550101", "+12535550102", "+12535550104"] {
        order(&bench, number);
    }
    let (numbers, token) = page(token);
    assert_eq!(numbers, ["+12535550103", "+12535550105", "+12535550106"]);
    assert!(token.is_some());

    let foreign = new().area_code("206").max_results(3).next_token(token.unwrap());
    assert_eq!(refused(bench.ask(search_available_phone_numbers, foreign)).0, 400);
}

#[test]
fn pages_cover_all_blocks() {
    let bench = Bench::new(Config::default());
    let (all, _) = search(&bench, new().state("TX").max_results(500));
    assert_eq!(all.len(), 300);
    assert!(all.is_sorted());
    for size in [70, 100, 299, 300] {
        assert_eq!(page_by_page(&bench, &new().state("TX").max_results(size)), all, "{size}");
    }
}

#[test]
fn supported_countries_depend_on_the_product_type() {
    let bench = Bench::new(Config::default());
    let list = |product_type: &str| {
        let target = format!("/phone-number-countries?product-type={product_type}");
        bench.send("GET", &target, "")
    };
    let us = |types: &[&str]| json!({"CountryCode": "US", "SupportedPhoneNumberTypes": types});
    assert_eq!(list("BusinessCalling").json(), json!({"PhoneNumberCountries": [us(&["Local"])]}));
    assert_eq!(
        list("VoiceConnector").json(),
        json!({"PhoneNumberCountries": [us(&["Local", "TollFree"])]})
    );
    let all = list("SipMediaApplicationDialIn").json();
    let all = all["PhoneNumberCountries"].as_array().unwrap();
    let codes: Vec<&str> = all.iter().map(|one| one["CountryCode"].as_str().unwrap()).collect();
    assert_eq!(codes.join(" "), "AT AU CA CH DE DK FI GB IE IT KR NG NZ PR SE US");
    assert_eq!(all[7]["SupportedPhoneNumberTypes"], json!(["Local", "TollFree"]));
    for wrong in ["", "businesscalling", "None"] {
        let answer = list(wrong);
        assert_eq!((answer.status(), answer.exception()), (400, "BadRequestException"), "{wrong}");
    }
    assert_eq!(bench.send("GET", "/phone-number-countries", "").status(), 400);
}

#[test]
fn numbers_of_supported_countries_can_be_found_and_ordered() {
    let bench = Bench::new(Config::default());
    let dial_in = PhoneNumberProductType::SipMediaApplicationDialIn;
    let request = ListSupportedPhoneNumberCountriesRequest::new(dial_in.clone());
    let countries = bench.ask(list_supported_phone_number_countries, request).unwrap();
    let mut numbers = Vec::new();
    for country in countries.phone_number_countries.unwrap() {
        let code = country.country_code.unwrap();
        for of in country.supported_phone_number_types.unwrap() {
            // Only seeds have numbers of other countries with +1.
            if code != US && code != "CA" && code != "PR" {
                let request = new().country(&*code).phone_number_type(of).max_results(1);
                numbers.extend(search(&bench, request).0);
            }
        }
    }
    assert_eq!(numbers.len(), 15);
    let order = CreatePhoneNumberOrderRequest::new(dial_in, numbers.iter().map(String::as_str));
    let body = serde_json::to_string(&order).unwrap();
    let id = bench.send("POST", "/phone-number-orders", &body).json()["PhoneNumberOrder"]
        ["PhoneNumberOrderId"]
        .clone();
    bench.clock.advance(time::Duration::seconds(1));
    let target = format!("/phone-number-orders/{}", id.as_str().unwrap());
    assert_eq!(bench.send("GET", &target, "").json()["PhoneNumberOrder"]["Status"], "Successful");
}

/// An emulator with a seed of numbers in stock.
fn seeded(rules: ChimeRules) -> Bench {
    let seed = Seed::parse(
        r#"{
            "PhoneStock": [
                {"E164PhoneNumber": "+14255550277", "City": "Bellevue", "State": "WA"},
                {"E164PhoneNumber": "12065550123", "City": "Kent", "State": "WA"},
                {"E164PhoneNumber": "+18005550177"},
                {"E164PhoneNumber": "+14165550177", "Country": "CA"},
                {"E164PhoneNumber": "+33123456789", "Country": "FR", "Type": "TollFree"}
            ],
            "SupportedCountries": [{"ProductType": "VoiceConnector", "PhoneNumberCountries":
                [{"CountryCode": "FR", "SupportedPhoneNumberTypes": ["TollFree"]}]}]
        }"#,
    );
    Bench::new(Config { seed: seed.unwrap(), rules: rules.into(), ..Config::default() })
}

#[test]
fn seeded_numbers_are_found_by_their_members() {
    let bench = seeded(ChimeRules { fictional_phone_stock: false, ..ChimeRules::default() });
    let found = |request| search(&bench, request).0.join(" ");
    assert_eq!(found(new().state("wa")), "+14255550277 +12065550123");
    assert_eq!(found(new().state("WA").city("bellevue")), "+14255550277");
    assert_eq!(found(new().area_code("206")), "+12065550123");
    assert_eq!(found(new().area_code("206").city("Bellevue").state("WA")), "");
    assert_eq!(found(new().toll_free_prefix("800")), "+18005550177");
    assert_eq!(found(new().area_code("800")), "");
    let abroad = |country: &str, of| new().country(country).phone_number_type(of);
    assert_eq!(found(abroad("CA", PhoneNumberType::Local)), "+14165550177");
    assert_eq!(found(abroad("FR", PhoneNumberType::TollFree)), "+33123456789");
    for nothing in [
        new().area_code("416"),
        new().area_code("42"),
        new().area_code("4255"),
        new().area_code(""),
        abroad("GB", PhoneNumberType::Local),
    ] {
        assert_eq!(found(nothing.clone()), "", "{nothing:?}");
    }
    // A number that is not in stock cannot be ordered either.
    order(&bench, "+12065550123");
    order(&bench, "+12065550124");
    assert_eq!(found(new().area_code("206")), "");
    assert_eq!(bench.chime.export().aws_accounts[0].phone_numbers.len(), 1);
}

#[test]
fn seeded_numbers_come_after_fictional_ones_without_duplicates() {
    let bench = seeded(ChimeRules::default());
    let all = page_by_page(&bench, &new().state("WA").max_results(120));
    assert_eq!(all.len(), 301);
    assert_eq!(all[299..], ["+14255550277", "+12065550123"]);
    // The seed moves a fictional number from Seattle to Kent.
    let in_kent = |city: &str| {
        let (numbers, _) = search(&bench, new().state("WA").city(city).max_results(500));
        numbers.contains(&"+12065550123".to_owned())
    };
    assert!(in_kent("Kent") && !in_kent("Seattle"));
}

#[test]
fn a_seed_can_set_the_supported_countries() {
    let bench = seeded(ChimeRules::default());
    let list = |product_type: &str| {
        let target = format!("/phone-number-countries?product-type={product_type}");
        bench.send("GET", &target, "").json()["PhoneNumberCountries"].clone()
    };
    let france = json!({"CountryCode": "FR", "SupportedPhoneNumberTypes": ["TollFree"]});
    assert_eq!(list("VoiceConnector"), json!([france]));
    assert_eq!(list("BusinessCalling")[0]["CountryCode"], "US");
}

#[test]
fn the_stock_is_in_snapshots_and_exports() {
    let bench = seeded(ChimeRules::default());
    let before = bench.export();
    assert_eq!(before["PhoneStock"][0]["Type"], "Local");
    assert_eq!(before["SupportedCountries"].as_array().unwrap().len(), 1);
    bench.chime.take_snapshot("before").unwrap();
    let more = r#"{"PhoneStock": [{"E164PhoneNumber": "+14255550277", "State": "OR"}]}"#;
    bench.chime.seed(Seed::parse(more).unwrap()).unwrap();
    assert_eq!(bench.export()["PhoneStock"].as_array().unwrap().len(), 5);
    assert_eq!(bench.export()["PhoneStock"][4]["State"], "OR");
    bench.chime.restore_snapshot("before").unwrap();
    assert_eq!(bench.export(), before);
    assert_eq!(bench.copy().export(), before);
}
