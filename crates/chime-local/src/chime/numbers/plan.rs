//! Which phone numbers there are: a stock of fictional ones, the same every time.
//!
//! Numbers come in blocks of a hundred that share all digits but the last two. Every area code of
//! the US has the block `+1<area>55501xx`, every toll-free prefix but 800 has `+1<prefix>55501xx`,
//! and most other countries have the blocks of [`COUNTRIES`]: those that their regulators keep for
//! fiction, or else ones that look like it.
//!
//! `+1` is the US, whatever the area code. That a number is one of Canada or of Puerto Rico, only a
//! seed can tell, and so there are none of theirs but in seeds.

use chime_model::chime::{PhoneNumberProductType, PhoneNumberType};

/// How many numbers a block has.
pub(crate) const BLOCK: u64 = 100;

pub(crate) const US: &str = "US";

/// What comes between the area code and the last two digits in the US.
const FICTION: &str = "55501";

/// The toll-free prefixes of the US.
const TOLL_FREE: [&str; 7] = ["800", "833", "844", "855", "866", "877", "888"];

/// A prefix that can be asked for and whose pool was always empty.
const EMPTY_POOL: &str = "800";

/// A country that has numbers.
pub(crate) struct Country {
    pub(crate) code: &'static str,
    /// What its numbers begin with.
    prefix: &'static str,
    /// Its blocks; the US have one for each area code.
    local: &'static [&'static str],
    toll_free: &'static [&'static str],
}

/// All countries. Of those that share `+1`, the US are the last.
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
    /// The country that a number belongs to if nobody says otherwise, if it is one of ours.
    pub(crate) fn of(number: &str) -> Option<&'static Self> {
        COUNTRIES.iter().rfind(|country| number.starts_with(country.prefix))
    }

    pub(crate) fn by_code(code: &str) -> Option<&'static Self> {
        COUNTRIES.iter().find(|country| country.code == code)
    }

    /// The types of its numbers.
    pub(crate) fn types(&self) -> Vec<PhoneNumberType> {
        let mut types = vec![PhoneNumberType::Local];
        if self.code == US || !self.toll_free.is_empty() {
            types.push(PhoneNumberType::TollFree);
        }
        types
    }

    /// The blocks of a country other than the US.
    pub(crate) fn blocks(&self, of: &PhoneNumberType) -> Vec<String> {
        let toll_free = *of == PhoneNumberType::TollFree;
        let blocks = if toll_free { self.toll_free } else { self.local };
        blocks.iter().map(ToString::to_string).collect()
    }
}

/// The area codes of the US in a state, and of them those of a city; capitals do not matter.
pub(crate) fn area_codes<'a>(
    state: &'a str,
    city: Option<&'a str>,
) -> impl Iterator<Item = &'static str> + 'a {
    let there = move |(in_state, name, _): &&(&str, &str, &str)| {
        in_state.eq_ignore_ascii_case(state)
            && city.is_none_or(|city| name.eq_ignore_ascii_case(city))
    };
    PLACES.iter().filter(there).map(|(_, _, code)| *code)
}

/// The block of an area code of the US; none if it is no area code there.
pub(crate) fn block_of_area(code: &str) -> Option<String> {
    let is_code = matches!(code.as_bytes(), [b'2'..=b'9', b'0'..=b'9', b'0'..=b'9']);
    // What ends so is a service, such as 911.
    let taken = code.ends_with("11") || TOLL_FREE.contains(&code);
    (is_code && !taken).then(|| format!("+1{code}{FICTION}"))
}

/// The block of a toll-free prefix of the US.
pub(crate) fn block_of_prefix(prefix: &str) -> Option<String> {
    let known = TOLL_FREE.contains(&prefix) && prefix != EMPTY_POOL;
    known.then(|| format!("+1{prefix}{FICTION}"))
}

/// Whether there is such a number, in E.164 form, for anyone to order.
pub(crate) fn in_stock(number: &str) -> bool {
    let Some(block) = number.len().checked_sub(2).and_then(|end| number.get(..end)) else {
        return false;
    };
    let of_us = || {
        let code = block.strip_prefix("+1")?.strip_suffix(FICTION)?;
        block_of_area(code).or_else(|| block_of_prefix(code))
    };
    let elsewhere = COUNTRIES.iter().flat_map(|country| [country.local, country.toll_free]);
    elsewhere.flatten().any(|other| *other == block) || of_us().is_some()
}

/// The type of a number in E.164 form. Outside the US, only what is in stock is known to be
/// toll-free.
pub(crate) fn type_of(number: &str) -> PhoneNumberType {
    let of_us = number.strip_prefix("+1").and_then(|rest| rest.get(..3));
    let elsewhere = COUNTRIES.iter().flat_map(|country| country.toll_free);
    let toll_free = of_us.is_some_and(|prefix| TOLL_FREE.contains(&prefix))
        || elsewhere.into_iter().any(|block| number.starts_with(block));
    if toll_free { PhoneNumberType::TollFree } else { PhoneNumberType::Local }
}

/// The country, if it is one of ours, and the type that follow from a number in E.164 form.
pub(crate) fn kind_of(number: &str) -> (Option<String>, PhoneNumberType) {
    (Country::of(number).map(|country| country.code.to_owned()), type_of(number))
}

/// What keeps a number of that country and type from being of that product type, if anything does.
pub(crate) fn misfit(
    country: Option<&str>,
    of: Option<&PhoneNumberType>,
    product_type: &PhoneNumberProductType,
) -> Option<&'static str> {
    if country != Some(US) && *product_type != PhoneNumberProductType::SipMediaApplicationDialIn {
        return Some("a number outside the US can be of type SipMediaApplicationDialIn only");
    }
    let business = *product_type == PhoneNumberProductType::BusinessCalling;
    (business && of == Some(&PhoneNumberType::TollFree))
        .then_some("a toll-free number cannot be of type BusinessCalling")
}

#[cfg(test)]
mod tests;
