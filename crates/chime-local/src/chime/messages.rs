//! Messages, of which the API can do one thing: take one from everybody's view.

use chime_model::ServiceError;
use chime_model::chime::{RedactConversationMessageRequest, RedactRoomMessageRequest};

use crate::chime::call::Call;
use crate::engine::dispatch::Handlers;
use crate::engine::refusal::not_found;

pub(crate) fn register(handlers: &mut Handlers) {
    handlers.on(redact_room_message);
    handlers.on(redact_conversation_message);
}

/// Redacts a message. That it is redacted already is no error.
fn redact_room_message(
    call: &mut Call<'_>,
    request: RedactRoomMessageRequest,
) -> Result<(), ServiceError> {
    let RedactRoomMessageRequest { account_id, room_id, message_id, .. } = request;
    let missing = || not_found("Message");
    let messages = &call.tenant.enterprise(&account_id)?.room(&room_id)?.messages;
    messages.get(&message_id).ok_or_else(missing)?;
    let messages = &mut call.tenant.account_mut(&account_id)?.room_mut(&room_id)?.messages;
    messages.get_mut(&message_id).ok_or_else(missing)?.redacted = true;
    Ok(())
}

/// The same in a conversation. There is no conversation apart from its messages.
fn redact_conversation_message(
    call: &mut Call<'_>,
    request: RedactConversationMessageRequest,
) -> Result<(), ServiceError> {
    let RedactConversationMessageRequest { account_id, conversation_id, message_id, .. } = request;
    let id = (conversation_id, message_id);
    let missing = || not_found("Message");
    let messages = &call.tenant.enterprise(&account_id)?.conversation_messages;
    messages.get(&id).ok_or_else(missing)?;
    let messages = &mut call.tenant.account_mut(&account_id)?.conversation_messages;
    messages.get_mut(&id).ok_or_else(missing)?.redacted = true;
    Ok(())
}

#[cfg(test)]
mod tests;
