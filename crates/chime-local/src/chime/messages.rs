//! Messages, which the API can only redact.

use chime_model::chime::{RedactConversationMessageRequest, RedactRoomMessageRequest};

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, not_found};

handlers! {
    Chime: redact_room_message, redact_conversation_message
}

/// Redacts a message of a room. Redacting it again is not an error.
fn redact_room_message(call: &mut Call<'_>, request: RedactRoomMessageRequest) -> Result<()> {
    let within = call.tenant.enterprise_mut(&request.account_id)?;
    let messages = &mut within.within_room_mut(&request.room_id)?.messages;
    redact(messages.get_mut(&request.message_id).map(|message| &mut message.redacted))
}

/// Redacts a message of a conversation. A conversation exists only by its messages.
fn redact_conversation_message(
    call: &mut Call<'_>,
    request: RedactConversationMessageRequest,
) -> Result<()> {
    let messages = &mut call.tenant.enterprise_mut(&request.account_id)?.conversation_messages;
    let message = messages.get_mut(&(request.conversation_id, request.message_id));
    redact(message.map(|message| &mut message.redacted))
}

fn redact(message: Option<&mut bool>) -> Result<()> {
    *message.ok_or_else(|| not_found("Message"))? = true;
    Ok(())
}

#[cfg(test)]
mod tests;
