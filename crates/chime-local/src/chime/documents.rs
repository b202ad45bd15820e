//! What seeds and tables have and no structure of the API describes.

use chime_model::chime::*;
use chime_model::timestamp::Iso8601;
use chime_model::{Pattern, SensitiveString, Shape, TextShape};
use serde_with::As;
use time::OffsetDateTime;

use crate::engine::document::{GUID, ID, TIMESTAMP, document, matching};

static E164_PATTERN: Pattern = Pattern::new(r"\+?[1-9]\d{1,14}");
pub(super) const E164: Shape = matching(&E164_PATTERN, true);
static NEW_NAME_PATTERN: Pattern = Pattern::new("[a-zA-Z0-9 ]{2,15}");
pub(super) const NEW_NAME: Shape = matching(&NEW_NAME_PATTERN, true);
static CALLING_NAME_PATTERN: Pattern = Pattern::new("^$|^[a-zA-Z0-9 ]{2,15}$");
pub(crate) const CALLING_NAME: Shape = matching(&CALLING_NAME_PATTERN, true);
static JOIN_TOKEN_PATTERN: Pattern = Pattern::new("[a-zA-Z0-9+/]+");
pub(super) const JOIN_TOKEN: Shape = Shape::Text(TextShape {
    min: Some(2),
    max: Some(2048),
    pattern: Some(&JOIN_TOKEN_PATTERN),
    sensitive: true,
});

document! {
    /// What a user may do with a phone number.
    #[derive(PartialEq, Eq)]
    pub struct SettingsOfUser {
        /// The user.
        required user_id("UserId"): UserId = ID,
        /// What the user may do.
        required telephony("Telephony"): TelephonySettings =
            Shape::Structure(TelephonySettings::SHAPE),
    }
}

document! {
    /// A message in a room. It has no content, since the API never shows any.
    #[derive(PartialEq, Eq)]
    pub struct RoomMessage {
        /// The room.
        required room_id("RoomId"): RoomId = ID,
        /// The message, unique in its room.
        required message_id("MessageId"): MessageId = ID,
        /// Whether it is redacted.
        default redacted("Redacted"): bool = Shape::Boolean,
    }
}

document! {
    /// A message in a conversation, and so the conversation.
    #[derive(PartialEq, Eq)]
    pub struct ConversationMessage {
        /// The conversation.
        required conversation_id("ConversationId"): ConversationId = ID,
        /// The message, unique in its conversation.
        required message_id("MessageId"): MessageId = ID,
        /// Whether it is redacted.
        default redacted("Redacted"): bool = Shape::Boolean,
    }
}

document! {
    /// A meeting, as far as this API knows it.
    #[derive(PartialEq, Eq)]
    pub struct Meeting {
        /// The meeting, a GUID.
        required meeting_id("MeetingId"): MeetingId = GUID,
        /// The tokens of its attendees: 2 to 2,048 letters, digits, `+` and `/` each.
        list join_tokens("JoinTokens"): SensitiveString = JOIN_TOKEN,
    }
}

document! {
    /// A calling name on its way to the carriers, while the number still has another one or none.
    #[derive(PartialEq, Eq)]
    pub struct CallingNameChange {
        /// The number, one of the same AWS account and seed.
        required e164_phone_number("E164PhoneNumber"): SensitiveString = E164,
        /// The name that it gets: 2 to 15 letters, digits and spaces.
        required calling_name("CallingName"): SensitiveString = NEW_NAME,
        /// When that was asked for; by default when the number changed last.
        #[serde(with = "As::<Option<Iso8601>>")]
        optional since("Since"): OffsetDateTime = TIMESTAMP,
    }
}

impl CallingNameChange {
    /// The id of the number; `None` if it is not valid.
    pub(crate) fn id(&self) -> Option<PhoneNumberId> {
        PhoneNumberId::from_e164(self.e164_phone_number.expose()).ok()
    }
}
