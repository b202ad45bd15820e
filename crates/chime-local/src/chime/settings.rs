//! Settings of AWS accounts.

use chime_model::chime::*;
use time::Duration;

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request};

/// The minimum time between two changes of the default calling name.
const NAME_TIME: Duration = Duration::days(7);

handlers! {
    Chime: get_phone_number_settings, update_phone_number_settings, get_global_settings,
    update_global_settings
}

fn get_phone_number_settings(
    call: &mut Call<'_>,
    _: GetPhoneNumberSettingsRequest,
) -> Result<GetPhoneNumberSettingsResponse> {
    Ok(call.tenant.number_settings())
}

/// Changes the default calling name. It takes effect at once, although carriers can take days.
fn update_phone_number_settings(
    call: &mut Call<'_>,
    request: UpdatePhoneNumberSettingsRequest,
) -> Result<()> {
    let changed = call.tenant.number_settings().calling_name_updated_timestamp;
    let too_soon = changed.is_some_and(|then| call.now - then < NAME_TIME);
    if too_soon && call.rules.default_calling_name_rests {
        return Err(bad_request("CallingName: can be changed only once in seven days"));
    }
    let mut settings =
        GetPhoneNumberSettingsResponse::default().calling_name_updated_timestamp(call.now);
    settings.calling_name = Some(request.calling_name).filter(|name| !name.expose().is_empty());
    call.tenant.number_settings.insert((), settings);
    Ok(())
}

fn get_global_settings(
    call: &mut Call<'_>,
    _: GetGlobalSettingsRequest,
) -> Result<GetGlobalSettingsResponse> {
    let mut settings = call.tenant.global_settings();
    settings.business_calling.get_or_insert_default();
    settings.voice_connector.get_or_insert_default();
    Ok(settings)
}

/// Updates the settings that are set. One without a bucket turns logging off.
fn update_global_settings(call: &mut Call<'_>, request: UpdateGlobalSettingsRequest) -> Result<()> {
    let mut settings = call.tenant.global_settings();
    let UpdateGlobalSettingsRequest { business_calling, voice_connector, .. } = request;
    if let Some(mut given) = business_calling {
        given.cdr_bucket.take_if(|bucket| bucket.is_empty());
        settings.business_calling = Some(given);
    }
    if let Some(mut given) = voice_connector {
        given.cdr_bucket.take_if(|bucket| bucket.is_empty());
        settings.voice_connector = Some(given);
    }
    call.tenant.global_settings.insert((), settings);
    Ok(())
}

#[cfg(test)]
mod tests;
