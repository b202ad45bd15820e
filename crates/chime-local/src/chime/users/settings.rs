//! What users may do with their phone numbers.

use chime_model::chime::*;

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::engine::dispatch::handlers;
use crate::engine::errors::Result;

handlers! {
    Chime: get_user_settings, update_user_settings
}

fn get_user_settings(
    call: &mut Call<'_>,
    request: GetUserSettingsRequest,
) -> Result<GetUserSettingsResponse> {
    let within = &call.tenant.account(&request.account_id)?.below;
    within.user(&request.user_id)?;
    let settings = within.user_settings.get(&request.user_id).map(|row| row.value.clone());
    let nothing = || UserSettings::new(TelephonySettings::new(false, false, false));
    Ok(GetUserSettingsResponse::default().user_settings(settings.unwrap_or_else(nothing)))
}

/// Sets what a user may do, with or without a number to do it with.
fn update_user_settings(call: &mut Call<'_>, request: UpdateUserSettingsRequest) -> Result<()> {
    let within = call.tenant.within_mut(&request.account_id)?;
    within.user(&request.user_id)?;
    within.user_settings.insert(request.user_id, request.user_settings);
    Ok(())
}

#[cfg(test)]
mod tests;
