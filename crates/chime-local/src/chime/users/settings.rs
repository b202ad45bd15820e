//! What users may do with their phone numbers.

use chime_model::ServiceError;
use chime_model::chime::{
    GetUserSettingsRequest, GetUserSettingsResponse, TelephonySettings, UpdateUserSettingsRequest,
    UserSettings,
};

use crate::chime::call::Call;
use crate::engine::dispatch::Handlers;

pub(super) fn register(handlers: &mut Handlers) {
    handlers.on(get_user_settings);
    handlers.on(update_user_settings);
}

fn get_user_settings(
    call: &mut Call<'_>,
    request: GetUserSettingsRequest,
) -> Result<GetUserSettingsResponse, ServiceError> {
    let record = call.tenant.account(&request.account_id)?;
    record.user(&request.user_id)?;
    let settings = record.user_settings.get(&request.user_id).cloned();
    let nothing = || UserSettings::new(TelephonySettings::new(false, false, false));
    Ok(GetUserSettingsResponse::default().user_settings(settings.unwrap_or_else(nothing)))
}

/// Sets what a user may do, with or without a number to do it with.
fn update_user_settings(
    call: &mut Call<'_>,
    request: UpdateUserSettingsRequest,
) -> Result<(), ServiceError> {
    call.tenant.account(&request.account_id)?.user(&request.user_id)?;
    let record = call.tenant.account_mut(&request.account_id)?;
    record.user_settings.insert(request.user_id, request.user_settings);
    Ok(())
}

#[cfg(test)]
mod tests;
