//! Account settings.

use chime_model::chime::*;

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::engine::dispatch::handlers;
use crate::engine::errors::Result;

handlers! {
    Chime: get_account_settings, update_account_settings
}

fn get_account_settings(
    call: &mut Call<'_>,
    request: GetAccountSettingsRequest,
) -> Result<GetAccountSettingsResponse> {
    let mut settings = call.tenant.account(&request.account_id)?.settings.clone();
    settings.disable_remote_control.get_or_insert(false);
    settings.enable_dial_out.get_or_insert(false);
    Ok(GetAccountSettingsResponse::default().account_settings(settings))
}

/// Updates the settings that are set.
fn update_account_settings(
    call: &mut Call<'_>,
    request: UpdateAccountSettingsRequest,
) -> Result<()> {
    let settings = &mut call.tenant.account_mut(&request.account_id)?.settings;
    let AccountSettings { disable_remote_control, enable_dial_out, .. } = request.account_settings;
    settings.disable_remote_control = disable_remote_control.or(settings.disable_remote_control);
    settings.enable_dial_out = enable_dial_out.or(settings.enable_dial_out);
    Ok(())
}

#[cfg(test)]
mod tests;
