//! Conversations with Amazon Lex bots: their configuration and their result.

use super::parameter::Flaw;
use crate::value::json_len;
use crate::{SensitiveMap, SensitiveString, Value};

/// The maximum size of a configuration as JSON, in bytes.
const MAX_CONFIGURATION: usize = 10 * 1_024;

open_enum! {
    /// The type of a bot's first action.
    DialogActionType {
        /// The bot decides.
        Delegate = "Delegate",
        /// The bot asks what the caller wants.
        ElicitIntent = "ElicitIntent",
    }
}

open_enum! {
    /// The format of a welcome message.
    MessageContentType {
        /// Plain text.
        PlainText = "PlainText",
        /// SSML.
        Ssml = "SSML",
    }
}

open_sets!(DialogActionType, MessageContentType);

structure! {
    /// The configuration of a conversation with a bot.
    BotConfiguration {
        required {}
        optional {
            /// The state of the session.
            session_state: BotSessionState = "SessionState",
            /// The messages that the bot says first. Only valid if its first action is
            /// [`ElicitIntent`](DialogActionType::ElicitIntent).
            welcome_messages: Vec<WelcomeMessage> = "WelcomeMessages",
        }
        check |configuration| {
            let state = configuration.session_state.as_ref();
            let action = state.and_then(|state| state.dialog_action.as_ref());
            let elicits = action.is_some_and(|it| it.dialog_type == DialogActionType::ElicitIntent);
            let has_fitting_messages = configuration.welcome_messages.is_none() || elicits;
            let value = Value::from_serialize(configuration).map_err(|_| Flaw::Value)?;
            match has_fitting_messages && json_len(&value) <= MAX_CONFIGURATION {
                true => Ok(()),
                false => Err(Flaw::Invalid("Configuration")),
            }
        }
    }
}

structure! {
    /// The state of a bot's session.
    BotSessionState {
        required {}
        optional {
            /// Attributes for the bot.
            session_attributes: SensitiveMap<String> = "SessionAttributes",
            /// The first action of the bot.
            dialog_action: DialogAction = "DialogAction",
            /// The intent of the caller. Only in results.
            intent: Intent = "Intent",
        }
    }
}

structure! {
    /// The first action of a bot.
    DialogAction {
        required {
            /// The type of the action.
            dialog_type: DialogActionType = "Type",
        }
        optional {}
    }
}

structure! {
    /// A message that a bot says first.
    WelcomeMessage {
        required {
            /// The text.
            content: SensitiveString = "Content",
            /// The format of the text.
            content_type: MessageContentType = "ContentType",
        }
        optional {}
    }
}

structure! {
    /// The result of a conversation with a bot.
    IntentResult {
        required {}
        optional {
            /// The session id, which is the id of the leg.
            session_id: String = "SessionId",
            /// The state of the session at the end.
            session_state: BotSessionState = "SessionState",
            /// Other possible interpretations of the caller's words, in the format of Amazon Lex.
            interpretations: Vec<Value> = "Interpretations",
        }
    }
}

structure! {
    /// The intent of a caller, as the bot understood it.
    Intent {
        required {
            /// The name of the intent.
            name: String = "Name",
        }
        optional {
            /// The slots by name, in the format of Amazon Lex. A slot without a value is null.
            slots: SensitiveMap<Value> = "Slots",
            /// The state, such as `Fulfilled`.
            state: String = "State",
            /// The confirmation state, such as `Confirmed`.
            confirmation_state: String = "ConfirmationState",
        }
    }
}
