//! Conversations with bots of Amazon Lex: how they start and how they end.

use super::parameter::Flaw;
use crate::value::json_len;
use crate::{SensitiveMap, SensitiveString, Value};

/// The most bytes of a configuration, as JSON.
const MAX_CONFIGURATION: usize = 10 * 1_024;

open_enum! {
    /// What a bot does first.
    DialogActionType {
        /// Lets the bot decide.
        Delegate = "Delegate",
        /// Asks what the caller wants.
        ElicitIntent = "ElicitIntent",
    }
}

open_enum! {
    /// What a welcome message is written in.
    MessageContentType {
        /// Plain text.
        PlainText = "PlainText",
        /// SSML.
        Ssml = "SSML",
    }
}

open_sets!(DialogActionType, MessageContentType);

structure! {
    /// How a conversation with a bot starts.
    BotConfiguration {
        required {}
        optional {
            /// The state of the session.
            session_state: BotSessionState = "SessionState",
            /// What the bot says first, if its first action is
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
            /// What the bot does first.
            dialog_action: DialogAction = "DialogAction",
            /// What the caller wants: in results only.
            intent: Intent = "Intent",
        }
    }
}

structure! {
    /// What a bot does first.
    DialogAction {
        required {
            /// What it does.
            dialog_type: DialogActionType = "Type",
        }
        optional {}
    }
}

structure! {
    /// What a bot says first.
    WelcomeMessage {
        required {
            /// The text.
            content: SensitiveString = "Content",
            /// What the text is written in.
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
            /// The session, named by the id of the leg.
            session_id: String = "SessionId",
            /// The state of the session at the end.
            session_state: BotSessionState = "SessionState",
            /// What else the caller may have wanted, as Amazon Lex describes it.
            interpretations: Vec<Value> = "Interpretations",
        }
    }
}

structure! {
    /// What a caller wants from a bot.
    Intent {
        required {
            /// The name of the intent.
            name: String = "Name",
        }
        optional {
            /// The slots by name, as Amazon Lex describes them. One without a value is null.
            slots: SensitiveMap<Value> = "Slots",
            /// The state, such as `Fulfilled`.
            state: String = "State",
            /// Whether the caller confirmed it, such as `Confirmed`.
            confirmation_state: String = "ConfirmationState",
        }
    }
}
