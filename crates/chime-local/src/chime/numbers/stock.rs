//! Available phone numbers, and the countries where numbers can be ordered.

use chime_model::chime::*;

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::chime::numbers::plan::{BLOCK_SIZE, BLOCKS, COUNTRIES, US, us_code};
use crate::chime::phone_stock::StockNumber;
use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request};

/// Not documented. The published sample has this size.
const PAGE_SIZE: usize = 100;

handlers! {
    Chime: search_available_phone_numbers, list_supported_phone_number_countries
}

/// The position of the first number of the seeds, after all fictional numbers of a search.
const SEEDED: u64 = 1 << 32;

/// Searches the stock: first fictional numbers, then those of seeds. Numbers that an AWS account
/// owns are left out. All members of the request must match, so an area code in another state finds
/// nothing.
fn search_available_phone_numbers(
    call: &mut Call<'_>,
    request: SearchAvailablePhoneNumbersRequest,
) -> Result<SearchAvailablePhoneNumbersResponse> {
    require_searchable(&request)?;
    let list = call.list(&request, PAGE_SIZE)?;

    // Positions count all numbers of the search, so that page tokens stay valid when numbers are
    // ordered. `None` stands for a number that does not match.
    let after = list.after();
    let stock = &call.phone_stock.numbers;
    let blocks = BLOCKS.iter().filter(|_| call.rules.fictional_phone_stock);
    let blocks = blocks.filter(|(_, block)| finds(&request, block));
    let fictional = (0..).zip(blocks).flat_map(|(i, (block, _))| {
        (0..BLOCK_SIZE).map(move |last| (i * BLOCK_SIZE + last, format!("{block}{last:02}")))
    });
    let fictional = fictional
        .filter(|(position, _)| after.is_none_or(|after| *position > after))
        .map(|(position, number)| {
            let id = PhoneNumberId::from_e164(&number).ok();
            (position, id.filter(|id| !stock.contains(id)))
        });
    let seeded = stock.after(after.and_then(|after| after.checked_sub(SEEDED)));
    let seeded = seeded.map(|(position, number)| {
        let id = PhoneNumberId::from_e164(number.e164_phone_number.expose()).ok();
        (SEEDED + position, id.filter(|_| finds(&request, number)))
    });
    let is_free =
        |id: &Option<PhoneNumberId>| id.as_ref().is_some_and(|id| !call.owned_numbers.contains(id));
    let number = |id: Option<PhoneNumberId>| id.and_then(|id| id.to_e164()).unwrap_or_default();
    Ok(list.page_of(fictional.chain(seeded), is_free, number))
}

/// Whether a number in stock, or a block of numbers, matches a search.
fn finds(request: &SearchAvailablePhoneNumbersRequest, number: &StockNumber) -> bool {
    let e164 = number.e164_phone_number.expose();
    let of = |wanted: &PhoneNumberType| number.r#type.as_ref() == Some(wanted);
    let begins = |code: &String| us_code(e164) == Some(code);
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

/// Checks the combination of filters, which differs between the US and other countries.
fn require_searchable(request: &SearchAvailablePhoneNumbersRequest) -> Result<()> {
    let SearchAvailablePhoneNumbersRequest { area_code, city, state, toll_free_prefix, .. } =
        request;
    let of_us = [area_code, city, state, toll_free_prefix].into_iter().any(Option::is_some);
    let in_us = request.country.as_deref().unwrap_or(US) == US;
    match (in_us, of_us) {
        (false, true) => {
            Err(bad_request("AreaCode, City, State, TollFreePrefix: are supported only in the US"))
        }
        (false, false) if request.phone_number_type.is_none() => {
            Err(bad_request("PhoneNumberType: is required outside the US"))
        }
        (true, false) => {
            Err(bad_request("AreaCode, City, State, TollFreePrefix: one of them is required"))
        }
        _ if city.is_some() && state.is_none() => Err(bad_request("City: requires State")),
        _ => Ok(()),
    }
}

/// Lists the countries of a product type: those of a seed, or else those whose numbers can be
/// ordered. The list of the service is not documented.
fn list_supported_phone_number_countries(
    call: &mut Call<'_>,
    request: ListSupportedPhoneNumberCountriesRequest,
) -> Result<ListSupportedPhoneNumberCountriesResponse> {
    let seeded = call.phone_stock.countries.get(&request.product_type);
    let countries = seeded.map(|seeded| seeded.phone_number_countries.clone());
    let countries = countries.unwrap_or_else(|| supported(&request.product_type));
    Ok(ListSupportedPhoneNumberCountriesResponse::default().phone_number_countries(countries))
}

/// The countries with numbers that can be ordered for a product type.
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
