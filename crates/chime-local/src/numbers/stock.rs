//! Numbers that nobody has yet, and the countries that have some.

use chime_model::ServiceError;
use chime_model::chime::{
    ListSupportedPhoneNumberCountriesRequest, ListSupportedPhoneNumberCountriesResponse,
    PhoneNumberCountry, PhoneNumberId, PhoneNumberProductType, PhoneNumberType,
    SearchAvailablePhoneNumbersRequest, SearchAvailablePhoneNumbersResponse,
};

use crate::call::{Call, page_size};
use crate::dispatch::Handlers;
use crate::numbers::plan::{self, BLOCK, COUNTRIES, Country, US};
use crate::refusal::bad_request;

/// Not documented, but the size of the published sample.
const PAGE_SIZE: usize = 100;

pub(super) fn register(handlers: &mut Handlers) {
    handlers.on(search_available_phone_numbers);
    handlers.on(list_supported_phone_number_countries);
}

/// Searches the stock; what any AWS account owns is left out. All that is given must hold at once,
/// so that an area code in the wrong state finds nothing.
fn search_available_phone_numbers(
    call: &mut Call<'_>,
    request: SearchAvailablePhoneNumbersRequest,
) -> Result<SearchAvailablePhoneNumbersResponse, ServiceError> {
    let blocks = blocks(&request)?;
    let SearchAvailablePhoneNumbersRequest { area_code, city, country, state, .. } = &request;
    let filters = [
        area_code.as_deref(),
        city.as_deref(),
        country.as_deref(),
        state.as_deref(),
        request.toll_free_prefix.as_deref(),
        request.phone_number_type.as_ref().map(PhoneNumberType::as_str),
    ];
    let token = request.next_token.as_deref();
    let cursor = call.cursor::<SearchAvailablePhoneNumbersRequest>(&filters, token)?;
    let limit = page_size(request.max_results, PAGE_SIZE);

    // The position of a number in the whole stock of the search: it stays, whoever gets the number.
    let numbers = (0..).zip(&blocks).flat_map(|(i, block)| {
        (0..BLOCK).map(move |last| (i * BLOCK + last, format!("{block}{last:02}")))
    });
    let owned = |number: &str| {
        PhoneNumberId::from_e164(number).is_ok_and(|id| call.owned_numbers.contains(&id))
    };
    let free = numbers
        .filter(|(position, _)| cursor.after().is_none_or(|after| *position > after))
        .filter(|(_, number)| !owned(number));
    let page = cursor.page(free, limit);
    let mut response = SearchAvailablePhoneNumbersResponse::default()
        .e164_phone_numbers(page.items.into_iter().map(Into::into).collect::<Vec<_>>());
    response.next_token = page.next_token;
    Ok(response)
}

/// The blocks that a search is for.
fn blocks(request: &SearchAvailablePhoneNumbersRequest) -> Result<Vec<String>, ServiceError> {
    let SearchAvailablePhoneNumbersRequest { area_code, city, state, toll_free_prefix, .. } =
        request;
    let of_us = [area_code, city, state, toll_free_prefix].into_iter().any(Option::is_some);
    let country = request.country.as_deref().unwrap_or(US);
    if country != US {
        if of_us {
            return Err(bad_request("AreaCode, City, State, TollFreePrefix: are for the US only"));
        }
        let of = request.phone_number_type.as_ref();
        let of = of.ok_or_else(|| bad_request("PhoneNumberType: is required outside the US"))?;
        return Ok(Country::by_code(country).map_or_else(Vec::new, |country| country.blocks(of)));
    }
    if !of_us {
        return Err(bad_request("AreaCode, City, State, TollFreePrefix: one must be given"));
    }
    if city.is_some() && state.is_none() {
        return Err(bad_request("City: needs a State"));
    }
    Ok(us_blocks(request))
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

/// Lists where numbers of a product type can be ordered. Not documented: it follows from which
/// numbers an order can have.
fn list_supported_phone_number_countries(
    _: &mut Call<'_>,
    request: ListSupportedPhoneNumberCountriesRequest,
) -> Result<ListSupportedPhoneNumberCountriesResponse, ServiceError> {
    let dial_in = request.product_type == PhoneNumberProductType::SipMediaApplicationDialIn;
    let business = request.product_type == PhoneNumberProductType::BusinessCalling;
    let countries = COUNTRIES.iter().filter(|country| dial_in || country.code == US);
    let countries = countries.map(|country| {
        let mut types = country.types();
        types.retain(|of| !business || *of == PhoneNumberType::Local);
        PhoneNumberCountry::default().country_code(country.code).supported_phone_number_types(types)
    });
    let countries: Vec<PhoneNumberCountry> = countries.collect();
    Ok(ListSupportedPhoneNumberCountriesResponse::default().phone_number_countries(countries))
}

#[cfg(test)]
mod tests;
