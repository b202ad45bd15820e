//! What an organisation can have and no structure of the API describes.

use chime_model::chime::{ConversationId, MessageId, RoomId, TelephonySettings, UserId};
use serde::{Deserialize, Serialize};

/// What a user may do with a phone number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SettingsOfUser {
    /// The user.
    pub user_id: UserId,
    /// What the user may do.
    pub telephony: TelephonySettings,
}

impl SettingsOfUser {
    /// The settings of that user.
    #[must_use]
    pub fn new(user_id: impl Into<UserId>, telephony: TelephonySettings) -> Self {
        Self { user_id: user_id.into(), telephony }
    }
}

/// That there is a message in a room. What it says does not matter: the API never shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RoomMessage {
    /// The room.
    pub room_id: RoomId,
    /// The message, unique in its room.
    pub message_id: MessageId,
    /// Whether it was taken from everybody's view.
    #[serde(default)]
    pub redacted: bool,
}

impl RoomMessage {
    /// A message that everybody in the room sees.
    #[must_use]
    pub fn new(room_id: impl Into<RoomId>, message_id: impl Into<MessageId>) -> Self {
        Self { room_id: room_id.into(), message_id: message_id.into(), redacted: false }
    }
}

/// That there is a message in a conversation, and so the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConversationMessage {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The message, unique in its conversation.
    pub message_id: MessageId,
    /// Whether it was taken from everybody's view.
    #[serde(default)]
    pub redacted: bool,
}

impl ConversationMessage {
    /// A message that everybody in the conversation sees.
    #[must_use]
    pub fn new(
        conversation_id: impl Into<ConversationId>,
        message_id: impl Into<MessageId>,
    ) -> Self {
        Self {
            conversation_id: conversation_id.into(),
            message_id: message_id.into(),
            redacted: false,
        }
    }
}
