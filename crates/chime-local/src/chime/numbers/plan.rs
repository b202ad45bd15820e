//! The fixed stock of fictional phone numbers.
//!
//! Numbers come in blocks of a hundred that differ in the last two digits. Every area code of the
//! US has the block `+1<area>55501xx`, every toll-free prefix except 800 has `+1<prefix>55501xx`,
//! and most other countries have the blocks of [`COUNTRIES`]: those that their regulators reserve
//! for fiction, or similar ones.
//!
//! `+1` is always the US, whatever the area code. Only a seed can add numbers of Canada or Puerto
//! Rico.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chime_model::chime::{PhoneNumberProductType, PhoneNumberType};

use crate::chime::phone_stock::StockNumber;

/// The number of phone numbers in a block.
pub(crate) const BLOCK_SIZE: u64 = 100;

pub(crate) const US: &str = "US";

/// The digits between the area code and the last two digits of fictional numbers in the US.
const FICTION: &str = "55501";

/// The toll-free prefixes of the US.
const TOLL_FREE: [&str; 7] = ["800", "833", "844", "855", "866", "877", "888"];

/// A prefix that is valid in a search but has no available numbers.
const EMPTY_POOL: &str = "800";

/// A country with phone numbers.
pub(crate) struct Country {
    pub(crate) code: &'static str,
    /// The prefix of its numbers.
    prefix: &'static str,
    /// Its blocks. The US has one for each area code instead.
    local: &'static [&'static str],
    toll_free: &'static [&'static str],
}

/// All countries. Of those with the prefix `+1`, the US must be the last.
pub(crate) static COUNTRIES: [Country; 16] = [
    country("AT", "+43", &["+43155501"], &[]),
    country("AU", "+61", &["+612555001"], &["+6118001604"]),
    country("CA", "+1", &[], &[]),
    country("CH", "+41", &["+414455501"], &[]),
    country("DE", "+49", &["+4930231251"], &[]),
    country("DK", "+45", &["+45555501"], &[]),
    country("FI", "+358", &["+358955501"], &[]),
    country("GB", "+44", &["+4420794601"], &["+4480815701"]),
    country("IE", "+353", &["+3532091001"], &[]),
    country("IT", "+39", &["+3906555501"], &[]),
    country("KR", "+82", &["+82255501"], &[]),
    country("NG", "+234", &["+234155501"], &[]),
    country("NZ", "+64", &["+64955501"], &[]),
    country("PR", "+1", &[], &[]),
    country("SE", "+46", &["+468465004"], &[]),
    country(US, "+1", &[], &[]),
];

const fn country(
    code: &'static str,
    prefix: &'static str,
    local: &'static [&'static str],
    toll_free: &'static [&'static str],
) -> Country {
    Country { code, prefix, local, toll_free }
}

/// The cities of the US that can be searched for: state, city, area code.
const PLACES: [(&str, &str, &str); 25] = [
    ("AZ", "Phoenix", "602"),
    ("CA", "Los Angeles", "213"),
    ("CA", "San Diego", "619"),
    ("CA", "San Francisco", "415"),
    ("CO", "Denver", "303"),
    ("DC", "Washington", "202"),
    ("FL", "Miami", "305"),
    ("GA", "Atlanta", "404"),
    ("IL", "Chicago", "312"),
    ("MA", "Boston", "617"),
    ("MI", "Detroit", "313"),
    ("MN", "Minneapolis", "612"),
    ("NV", "Las Vegas", "702"),
    ("NY", "Buffalo", "716"),
    ("NY", "New York", "212"),
    ("OR", "Portland", "503"),
    ("PA", "Philadelphia", "215"),
    ("TX", "Austin", "512"),
    ("TX", "Dallas", "214"),
    ("TX", "Houston", "713"),
    ("UT", "Salt Lake City", "801"),
    ("VA", "Arlington", "703"),
    ("WA", "Seattle", "206"),
    ("WA", "Spokane", "509"),
    ("WA", "Tacoma", "253"),
];

impl Country {
    /// The types of its numbers.
    pub(crate) fn types(&self) -> Vec<PhoneNumberType> {
        let mut types = vec![PhoneNumberType::Local];
        if self.code == US || !self.toll_free.is_empty() {
            types.push(PhoneNumberType::TollFree);
        }
        types
    }
}

/// All blocks by their digits. Each is described like a number in stock.
pub(crate) static BLOCKS: LazyLock<BTreeMap<String, StockNumber>> = LazyLock::new(|| {
    let codes = (200..1_000).map(|code: u32| code.to_string());
    // Codes such as 911 are service codes.
    let codes = codes.filter(|code| !code.ends_with("11") && code != EMPTY_POOL);
    let of_us = codes.map(|code| format!("+1{code}{FICTION}"));
    let elsewhere = COUNTRIES.iter().flat_map(|country| [country.local, country.toll_free]);
    let all = of_us.chain(elsewhere.flatten().map(ToString::to_string));
    all.map(|digits| (digits.clone(), block(digits))).collect()
});

fn block(digits: String) -> StockNumber {
    let (country, of) = kind_of(&digits);
    let place = PLACES.iter().find(|(_, _, code)| us_code(&digits) == Some(*code));
    StockNumber {
        country,
        r#type: Some(of),
        city: place.map(|(_, city, _)| (*city).to_owned()),
        state: place.map(|(state, _, _)| (*state).to_owned()),
        ..StockNumber::new(digits)
    }
}

/// Whether a number in E.164 form is in the stock of fictional numbers.
pub(crate) fn in_stock(number: &str) -> bool {
    let block = number.len().checked_sub(2).and_then(|end| number.get(..end));
    block.is_some_and(|block| BLOCKS.contains_key(block))
}

/// The area code or toll-free prefix of a number that starts with `+1`.
pub(crate) fn us_code(number: &str) -> Option<&str> {
    number.strip_prefix("+1")?.get(..3)
}

/// The country and the type of a number in E.164 form. The country is `None` if no country has the
/// prefix. Outside the US, only numbers in stock are known to be toll-free.
pub(crate) fn kind_of(number: &str) -> (Option<String>, PhoneNumberType) {
    let country = COUNTRIES.iter().rfind(|country| number.starts_with(country.prefix));
    let mut toll_free = country.into_iter().flat_map(|country| country.toll_free);
    let is_toll_free = us_code(number).is_some_and(|code| TOLL_FREE.contains(&code))
        || toll_free.any(|block| number.starts_with(block));
    let of = if is_toll_free { PhoneNumberType::TollFree } else { PhoneNumberType::Local };
    (country.map(|country| country.code.to_owned()), of)
}

/// Checks that a number of a country and type can have a product type.
///
/// # Errors
/// The reason why it cannot.
pub(crate) fn fits(
    country: Option<&str>,
    of: Option<&PhoneNumberType>,
    product_type: &PhoneNumberProductType,
) -> Result<(), &'static str> {
    use PhoneNumberProductType::{BusinessCalling, SipMediaApplicationDialIn};

    if country != Some(US) && *product_type != SipMediaApplicationDialIn {
        return Err("a number outside the US can only have the type SipMediaApplicationDialIn");
    }
    if of == Some(&PhoneNumberType::TollFree) && *product_type == BusinessCalling {
        return Err("a toll-free number cannot have the type BusinessCalling");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
