//! Tests of the numbering plan.

use std::collections::HashSet;

use chime_model::chime::PhoneNumberId;

use super::*;

/// All blocks outside the US, and those of all cities and toll-free prefixes of the US.
fn blocks() -> Vec<String> {
    let types = [PhoneNumberType::Local, PhoneNumberType::TollFree];
    let elsewhere = COUNTRIES.iter().flat_map(|country| types.iter().map(|of| country.blocks(of)));
    let cities = PLACES.iter().filter_map(|(_, _, code)| block_of_area(code));
    let toll_free = TOLL_FREE.iter().filter_map(|prefix| block_of_prefix(prefix));
    elsewhere.flatten().chain(cities).chain(toll_free).collect()
}

#[test]
fn blocks_are_in_stock_and_do_not_overlap() {
    let blocks = blocks();
    assert_eq!(blocks.len(), 15 + PLACES.len() + TOLL_FREE.len() - 1);
    let distinct: HashSet<&String> = blocks.iter().collect();
    assert_eq!(distinct.len(), blocks.len());
    for block in &blocks {
        for last in ["00", "42", "99"] {
            let number = format!("{block}{last}");
            assert!(PhoneNumberId::from_e164(&number).is_ok(), "{number}");
            assert!(in_stock(&number), "{number}");
            assert!(!in_stock(&format!("{number}0")), "{number}0");
        }
    }
}

#[test]
fn blocks_have_the_country_and_the_type_that_list_them() {
    for country in &COUNTRIES {
        assert!(Country::by_code(country.code).is_some_and(|found| found.code == country.code));
        for of in country.types().iter().filter(|_| country.code != US) {
            let blocks = country.blocks(of);
            assert_eq!(blocks.is_empty(), country.prefix == "+1", "{}", country.code);
            for block in blocks {
                let number = format!("{block}42");
                assert_eq!(Country::of(&number).unwrap().code, country.code);
                assert_eq!(type_of(&number), *of);
            }
        }
    }
}

#[test]
fn every_city_has_an_area_code_with_a_block() {
    for (state, city, code) in PLACES {
        let found: Vec<&str> = area_codes(state, Some(city)).collect();
        assert_eq!(found, [code]);
        assert!(block_of_area(code).is_some(), "{city}");
    }
    assert_eq!(area_codes("wa", None).collect::<Vec<_>>(), ["206", "509", "253"]);
    assert_eq!(area_codes("WA", Some("PORTLAND")).count(), 0);
}

#[test]
fn an_invalid_area_code_has_no_block() {
    assert_eq!(block_of_area("425").as_deref(), Some("+142555501"));
    for code in ["", "20", "2066", "106", "20x", "911", "800", "888", "２06"] {
        assert_eq!(block_of_area(code), None, "{code}");
    }
    assert_eq!(block_of_prefix("888").as_deref(), Some("+188855501"));
    for prefix in ["800", "822", "206", ""] {
        assert_eq!(block_of_prefix(prefix), None, "{prefix}");
    }
}

#[test]
fn other_numbers_are_not_in_stock() {
    for number in ["", "+", "+1", "+12065551234", "+18005550123", "+442079460999", "12065550123"] {
        assert!(!in_stock(number), "{number}");
    }
}

#[test]
fn a_number_has_a_country_and_a_type() {
    use PhoneNumberType::{Local, TollFree};

    for (number, country, of) in [
        ("+12065551234", Some("US"), Local),
        ("+18005551234", Some("US"), TollFree),
        ("+14165551234", Some("US"), Local),
        ("+17875551234", Some("US"), Local),
        ("+442071234567", Some("GB"), Local),
        ("+448081570123", Some("GB"), TollFree),
        ("+33123456789", None, Local),
        ("+1", Some("US"), Local),
    ] {
        assert_eq!(Country::of(number).map(|country| country.code), country, "{number}");
        assert_eq!(type_of(number), of, "{number}");
    }
}

#[test]
fn a_number_can_have_only_some_product_types() {
    use PhoneNumberProductType::{BusinessCalling, SipMediaApplicationDialIn, VoiceConnector};

    for (number, business, connector) in [
        ("+12065550100", true, true),
        ("+18885550100", false, true),
        ("+442079460100", false, false),
        ("+14165550100", true, true),
        ("+33123456789", false, false),
    ] {
        let (country, of) = kind_of(number);
        let misfit = |product_type| misfit(country.as_deref(), Some(&of), product_type);
        assert_eq!(misfit(&BusinessCalling).is_none(), business, "{number}");
        assert_eq!(misfit(&VoiceConnector).is_none(), connector, "{number}");
        assert_eq!(misfit(&SipMediaApplicationDialIn), None, "{number}");
    }
}
