//! User settings: the calls and messages that users are allowed to make and receive.

use chime_model::chime::*;

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::chime::documents::SettingsOfUser;
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
    let telephony = within.user_settings.get(&request.user_id).map(|row| row.telephony.clone());
    let telephony = telephony.unwrap_or_else(|| TelephonySettings::new(false, false, false));
    Ok(GetUserSettingsResponse::default().user_settings(UserSettings::new(telephony)))
}

/// Replaces the settings of a user, who need not have a phone number.
fn update_user_settings(call: &mut Call<'_>, request: UpdateUserSettingsRequest) -> Result<()> {
    let UpdateUserSettingsRequest { account_id, user_id, user_settings, .. } = request;
    let within = call.tenant.within_mut(&account_id)?;
    within.user(&user_id)?;
    let settings = SettingsOfUser::new(&user_id, user_settings.telephony);
    within.user_settings.insert(user_id, settings);
    Ok(())
}

#[cfg(test)]
mod tests;
