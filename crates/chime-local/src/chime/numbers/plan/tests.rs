//! Tests of the numbering plan.

use chime_model::chime::PhoneNumberId;

use super::*;

/// The digits of the blocks that match.
fn blocks(matches: impl Fn(&StockNumber) -> bool) -> Vec<&'static str> {
    let blocks = BLOCKS.iter().filter(|(_, block)| matches(block));
    blocks.map(|(digits, _)| digits.as_str()).collect()
}

#[test]
fn all_numbers_of_blocks_are_in_stock() {
    for block in BLOCKS.keys() {
        for last in ["00", "42", "99"] {
            let number = format!("{block}{last}");
            assert!(PhoneNumberId::from_e164(&number).is_ok(), "{number}");
            assert!(in_stock(&number), "{number}");
            assert!(!in_stock(&format!("{number}0")), "{number}0");
        }
        assert!(!in_stock(block), "{block}");
    }
}

#[test]
fn countries_have_blocks_of_the_types_that_they_list() {
    use PhoneNumberType::{Local, TollFree};

    for country in &COUNTRIES {
        for of in [Local, TollFree] {
            let count = match (country.code, &of) {
                // Eight service codes and the seven toll-free prefixes are no area codes.
                (US, Local) => 800 - 8 - 7,
                (US, _) => 7 - 1,
                _ => usize::from(country.types().contains(&of) && country.prefix != "+1"),
            };
            let there = |block: &StockNumber| {
                block.country.as_deref() == Some(country.code) && block.r#type.as_ref() == Some(&of)
            };
            assert_eq!(blocks(there).len(), count, "{} {of:?}", country.code);
        }
    }
    assert_eq!(BLOCKS.len(), 785 + 6 + 15);
}

#[test]
fn a_number_has_the_country_and_the_type_of_its_block() {
    for (digits, block) in &*BLOCKS {
        assert_eq!(block.e164_phone_number.expose(), digits);
        let number = format!("{digits}42");
        assert_eq!(kind_of(&number), (block.country.clone(), block.r#type.clone().unwrap()));
    }
}

#[test]
fn every_city_has_the_block_of_its_area_code() {
    for (state, city, code) in PLACES {
        let there = |block: &StockNumber| {
            (block.state.as_deref(), block.city.as_deref()) == (Some(state), Some(city))
        };
        assert_eq!(blocks(there), [format!("+1{code}55501")]);
    }
    let in_a_city = |block: &StockNumber| block.state.is_some() || block.city.is_some();
    assert_eq!(blocks(in_a_city).len(), PLACES.len());
}

#[test]
fn an_invalid_area_code_has_no_block() {
    assert!(in_stock("+14255550142") && in_stock("+18885550142") && in_stock("+18225550142"));
    for code in ["", "20", "2066", "106", "20x", "911", "800", "1000", "２06"] {
        assert!(!in_stock(&format!("+1{code}5550142")), "{code}");
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
        assert_eq!(kind_of(number), (country.map(str::to_owned), of), "{number}");
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
        let fits = |product_type| fits(country.as_deref(), Some(&of), product_type);
        assert_eq!(fits(&BusinessCalling).is_ok(), business, "{number}");
        assert_eq!(fits(&VoiceConnector).is_ok(), connector, "{number}");
        assert_eq!(fits(&SipMediaApplicationDialIn), Ok(()), "{number}");
    }
}
