//! Numbers that nobody has yet, and the countries that have some.

use chime_model::chime::*;

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::chime::numbers::plan::{self, BLOCK, COUNTRIES, Country, US};
use crate::chime::phone_stock::StockNumber;
use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request};

/// Not documented, but the size of the published sample.
const PAGE_SIZE: usize = 100;

handlers! {
    Chime: search_available_phone_numbers, list_supported_phone_number_countries
}

/// What comes after the fictional numbers of any search: the first number of the seeds.
const SEEDED: u64 = 1 << 32;

/// Searches the stock, the fictional numbers first; what any AWS account owns is left out. All that
/// is given must hold at once, so that an area code in the wrong state finds nothing.
fn search_available_phone_numbers(
    call: &mut Call<'_>,
    request: SearchAvailablePhoneNumbersRequest,
) -> Result<SearchAvailablePhoneNumbersResponse> {
    require_searchable(&request)?;
    let blocks = if call.rules.fictional_phone_stock { blocks(&request) } else { Vec::new() };
    let list = call.list(&request, PAGE_SIZE)?;

    // The position of a number in the whole stock of the search: it stays, whoever gets the number.
    // Beside it stands the number, if it is one of those that are searched for.
    let after = list.after();
    let fictional = (0..).zip(&blocks).flat_map(|(i, block)| {
        (0..BLOCK).map(move |last| (i * BLOCK + last, Some(format!("{block}{last:02}"))))
    });
    let fictional = fictional
        .filter(|(position, _)| after.is_none_or(|after| *position > after))
        .map(|(position, number)| (position, number.filter(|number| !is_seeded(call, number))));
    let seeded = call.phone_stock.numbers.after(after.and_then(|after| after.checked_sub(SEEDED)));
    let seeded = seeded.map(|(position, number)| {
        let found = finds(&request, number).then(|| number.e164_phone_number.expose().to_owned());
        (SEEDED + position, found)
    });
    let is_free = |number: &Option<String>| {
        let id = number.as_ref().and_then(|number| PhoneNumberId::from_e164(number).ok());
        id.is_some_and(|id| !call.owned_numbers.contains(&id))
    };
    let number = |number: Option<String>| number.unwrap_or_default().into();
    Ok(list.page_of(fictional.chain(seeded), is_free, number))
}

/// Whether a fictional number is one that a seed says more of.
fn is_seeded(call: &Call<'_>, number: &str) -> bool {
    PhoneNumberId::from_e164(number).is_ok_and(|id| call.phone_stock.numbers.contains(&id))
}

/// Whether a search finds a number of the seeds.
fn finds(request: &SearchAvailablePhoneNumbersRequest, number: &StockNumber) -> bool {
    let e164 = number.e164_phone_number.expose();
    let of = |wanted: &PhoneNumberType| number.r#type.as_ref() == Some(wanted);
    let begins = |code: &String| e164.strip_prefix("+1").is_some_and(|rest| rest.starts_with(code));
    let is_in = |place: &Option<String>, wanted: &Option<String>| {
        wanted.as_ref().is_none_or(|wanted| {
            place.as_ref().is_some_and(|place| place.eq_ignore_ascii_case(wanted))
        })
    };
    let SearchAvailablePhoneNumbersRequest { area_code, toll_free_prefix, .. } = request;
    number.country.as_deref() == Some(request.country.as_deref().unwrap_or(US))
        && request.phone_number_type.as_ref().is_none_or(of)
        && area_code.as_ref().is_none_or(|code| of(&PhoneNumberType::Local) && begins(code))
        && toll_free_prefix
            .as_ref()
            .is_none_or(|prefix| of(&PhoneNumberType::TollFree) && begins(prefix))
        && is_in(&number.city, &request.city)
        && is_in(&number.state, &request.state)
}

/// Not everything can be asked: what the US are searched by, other countries are not.
fn require_searchable(request: &SearchAvailablePhoneNumbersRequest) -> Result<()> {
    let SearchAvailablePhoneNumbersRequest { area_code, city, state, toll_free_prefix, .. } =
        request;
    let of_us = [area_code, city, state, toll_free_prefix].into_iter().any(Option::is_some);
    let in_us = request.country.as_deref().unwrap_or(US) == US;
    match (in_us, of_us) {
        (false, true) => {
            Err(bad_request("AreaCode, City, State, TollFreePrefix: are for the US only"))
        }
        (false, false) if request.phone_number_type.is_none() => {
            Err(bad_request("PhoneNumberType: is required outside the US"))
        }
        (true, false) => {
            Err(bad_request("AreaCode, City, State, TollFreePrefix: one must be given"))
        }
        _ if city.is_some() && state.is_none() => Err(bad_request("City: needs a State")),
        _ => Ok(()),
    }
}

/// The blocks of fictional numbers that a search is for.
fn blocks(request: &SearchAvailablePhoneNumbersRequest) -> Vec<String> {
    match (request.country.as_deref().unwrap_or(US), &request.phone_number_type) {
        (US, _) => us_blocks(request),
        (code, Some(of)) => Country::by_code(code).map_or_else(Vec::new, |there| there.blocks(of)),
        (_, None) => Vec::new(),
    }
}

fn us_blocks(request: &SearchAvailablePhoneNumbersRequest) -> Vec<String> {
    let wanted = |of| request.phone_number_type.as_ref().is_none_or(|wanted| *wanted == of);
    let area_code = request.area_code.as_deref();
    match (area_code, request.state.as_deref(), request.toll_free_prefix.as_deref()) {
        (None, None, Some(prefix)) if wanted(PhoneNumberType::TollFree) => {
            plan::block_of_prefix(prefix).into_iter().collect()
        }
        (Some(code), None, None) if wanted(PhoneNumberType::Local) => {
            plan::block_of_area(code).into_iter().collect()
        }
        (_, Some(state), None) if wanted(PhoneNumberType::Local) => {
            plan::area_codes(state, request.city.as_deref())
                .filter(|code| area_code.is_none_or(|wanted| wanted == *code))
                .filter_map(plan::block_of_area)
                .collect()
        }
        // No number is both local and toll-free.
        _ => Vec::new(),
    }
}

/// Lists where numbers of a product type can be ordered. Not documented: it is what a seed says, or
/// else follows from which numbers an order can have.
fn list_supported_phone_number_countries(
    call: &mut Call<'_>,
    request: ListSupportedPhoneNumberCountriesRequest,
) -> Result<ListSupportedPhoneNumberCountriesResponse> {
    let seeded = call.phone_stock.countries.get(&request.product_type);
    let countries = seeded.map(|seeded| seeded.phone_number_countries.clone());
    let countries = countries.unwrap_or_else(|| supported(&request.product_type));
    Ok(ListSupportedPhoneNumberCountriesResponse::default().phone_number_countries(countries))
}

/// The countries where there are numbers of a product type.
fn supported(product_type: &PhoneNumberProductType) -> Vec<PhoneNumberCountry> {
    let dial_in = *product_type == PhoneNumberProductType::SipMediaApplicationDialIn;
    let business = *product_type == PhoneNumberProductType::BusinessCalling;
    let countries = COUNTRIES.iter().filter(|country| dial_in || country.code == US);
    let countries = countries.map(|country| {
        let mut types = country.types();
        types.retain(|of| !business || *of == PhoneNumberType::Local);
        PhoneNumberCountry::default().country_code(country.code).supported_phone_number_types(types)
    });
    countries.collect()
}

#[cfg(test)]
mod tests;
