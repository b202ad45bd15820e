//! User settings: the calls and messages that users are allowed to make and receive.

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
    let all_off = || UserSettings::new(TelephonySettings::new(false, false, false));
    Ok(GetUserSettingsResponse::default().user_settings(settings.unwrap_or_else(all_off)))
}

/// Replaces the settings of a user, who need not have a phone number.
fn update_user_settings(call: &mut Call<'_>, request: UpdateUserSettingsRequest) -> Result<()> {
    let within = call.tenant.within_mut(&request.account_id)?;
    within.user(&request.user_id)?;
    within.user_settings.insert(request.user_id, request.user_settings);
    Ok(())
}

#[cfg(test)]
mod tests;
