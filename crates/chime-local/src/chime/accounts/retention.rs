//! Retention settings of Enterprise accounts.

use chime_model::chime::*;
use time::{Duration, OffsetDateTime};

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::engine::dispatch::handlers;
use crate::engine::errors::Result;

/// The time between a change of the settings and the deletion of expired messages.
const GRACE: Duration = Duration::days(30);

handlers! {
    Chime: get_retention_settings, put_retention_settings
}

fn get_retention_settings(
    call: &mut Call<'_>,
    request: GetRetentionSettingsRequest,
) -> Result<GetRetentionSettingsResponse> {
    let mut retention = call.tenant.enterprise(&request.account_id)?.retention.clone();
    let settings = retention.retention_settings.get_or_insert_default();
    settings.room_retention_settings.get_or_insert_default();
    settings.conversation_retention_settings.get_or_insert_default();
    Ok(retention)
}

/// Updates the settings that are set. One without days turns retention off. The response has no
/// body despite the modelled output, because its status is 204.
fn put_retention_settings(
    call: &mut Call<'_>,
    request: PutRetentionSettingsRequest,
) -> Result<PutRetentionSettingsResponse> {
    let RetentionSettings {
        room_retention_settings: rooms,
        conversation_retention_settings: conversations,
        ..
    } = request.retention_settings;
    let record = call.tenant.account_mut(&request.account_id)?;
    record.require_enterprise()?;
    if rooms.is_some() || conversations.is_some() {
        let settings = record.retention.retention_settings.get_or_insert_default();
        settings.room_retention_settings = rooms.or(settings.room_retention_settings.take());
        settings.conversation_retention_settings =
            conversations.or(settings.conversation_retention_settings.take());
        record.retention.initiate_deletion_timestamp = deletion_after(settings, call.now);
    }
    Ok(PutRetentionSettingsResponse::default())
}

/// The time at which expired messages are deleted after a change to these settings; `None` if
/// retention is off for rooms and conversations.
pub(crate) fn deletion_after(
    settings: &RetentionSettings,
    changed: OffsetDateTime,
) -> Option<OffsetDateTime> {
    let rooms = settings.room_retention_settings.as_ref();
    let conversations = settings.conversation_retention_settings.as_ref();
    let is_on = rooms.is_some_and(|rooms| rooms.retention_days.is_some())
        || conversations.is_some_and(|conversations| conversations.retention_days.is_some());
    is_on.then(|| changed.saturating_add(GRACE))
}

#[cfg(test)]
mod tests;
