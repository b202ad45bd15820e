//! Structures of seeds and tables that the API does not have.

use chime_model::chime::*;
use chime_model::{Pattern, SensitiveString, Shape, TextShape};

use crate::engine::document::{GUID, ID, document, matching};

static E164_PATTERN: Pattern = Pattern::new(r"\+?[1-9]\d{1,14}");
pub(super) const E164: Shape = matching(&E164_PATTERN, true);
static NEW_NAME_PATTERN: Pattern = Pattern::new("[a-zA-Z0-9 ]{2,15}");
pub(super) const NEW_NAME: Shape = matching(&NEW_NAME_PATTERN, true);
static JOIN_TOKEN_PATTERN: Pattern = Pattern::new("[a-zA-Z0-9+/]+");
pub(super) const JOIN_TOKEN: Shape = Shape::Text(TextShape {
    min: Some(2),
    max: Some(2048),
    pattern: Some(&JOIN_TOKEN_PATTERN),
    sensitive: true,
});

document! {
    /// The settings of a user.
    #[derive(PartialEq, Eq)]
    pub struct SettingsOfUser {
        /// The user.
        required user_id("UserId"): UserId = ID,
        /// The calls and messages that the user is allowed to make and receive.
        required telephony("Telephony"): TelephonySettings,
    }
}

document! {
    /// A message in a room. It has no content, because the API does not return any.
    #[derive(PartialEq, Eq)]
    pub struct RoomMessage {
        /// The room.
        required room_id("RoomId"): RoomId = ID,
        /// The message, unique within its room.
        required message_id("MessageId"): MessageId = ID,
        /// Whether it is redacted. Default: false.
        default redacted("Redacted"): bool = Shape::Boolean,
    }
}

document! {
    /// A message in a conversation. The conversation exists because of it.
    #[derive(PartialEq, Eq)]
    pub struct ConversationMessage {
        /// The conversation.
        required conversation_id("ConversationId"): ConversationId = ID,
        /// The message, unique within its conversation.
        required message_id("MessageId"): MessageId = ID,
        /// Whether it is redacted. Default: false.
        default redacted("Redacted"): bool = Shape::Boolean,
    }
}

document! {
    /// A meeting of Amazon Chime, for `CreateMeetingDialOut`.
    #[derive(PartialEq, Eq)]
    pub struct Meeting {
        /// The id of the meeting, a GUID.
        required meeting_id("MeetingId"): MeetingId = GUID,
        /// The join tokens of its attendees, each of 2 to 2,048 letters, digits, `+` and `/`.
        list join_tokens("JoinTokens"): SensitiveString = JOIN_TOKEN,
    }
}

document! {
    /// A pending calling name of a number, which still has another calling name or none.
    #[derive(PartialEq, Eq)]
    pub struct CallingNameChange {
        /// The number. It must be listed in `PhoneNumbers` of the same AWS account in the same
        /// seed.
        required e164_phone_number("E164PhoneNumber"): SensitiveString = E164,
        /// The pending name: 2 to 15 letters, digits and spaces.
        required calling_name("CallingName"): SensitiveString = NEW_NAME,
        /// The time of the request that changed the name. Default: the last update of the number.
        time since("Since"),
    }
}
