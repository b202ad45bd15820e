//! Errors of responses and of their actions.

use std::fmt;

open_enum! {
    /// The type of an error, in events and in [`ResponseError`].
    ErrorType {
        /// The response is empty or not a JSON object.
        InvalidLambdaResponse = "InvalidLambdaResponse",
        /// `SchemaVersion` is absent or not `1.0`.
        SchemaVersionMismatch = "SchemaVersionMismatch",
        /// `Actions` is not a list, or an action has no type or no parameters.
        InvalidActionsList = "InvalidActionsList",
        /// An action of an unknown type.
        UnsupportedAction = "UnsupportedAction",
        /// More than ten actions.
        TooManyActions = "TooManyActions",
        /// More than 100 transaction attributes.
        TransactionAttributesInvalidMapSize = "TransactionAttributesInvalidMapSize",
        /// Transaction attributes that are not an object, or are larger than 20 KB.
        TransactionAttributesInvalidSize = "TransactionAttributesInvalidSize",
        /// A required parameter is absent, or a text is too long.
        MissingRequiredActionParameter = "MissingRequiredActionParameter",
        /// A parameter has an invalid value, or the leg cannot run the action.
        InvalidActionParameter = "InvalidActionParameter",
        /// An audio file cannot be played.
        InvalidAudioSource = "InvalidAudioSource",
        /// No attempt collected valid digits.
        InvalidDigitsReceived = "InvalidDigitsReceived",
        /// The called party was busy, refused, or did not answer.
        CallNotAnswered = "CallNotAnswered",
        /// The application has no permission for the action.
        AccessDenied = "AccessDenied",
        /// A resource of the action does not exist.
        ResourceNotFound = "ResourceNotFound",
        /// The application has no permission for a resource of the action.
        ResourceAccessDenied = "ResourceAccessDenied",
        /// The application has no permission to write to the destination.
        NoAccessToDestination = "NoAccessToDestination",
        /// Too many actions of this type.
        ActionExecutionThrottled = "ActionExecutionThrottled",
        /// An error of the service.
        SystemException = "SystemException",
    }
}

/// The reason why an action would fail: the error of its `ACTION_FAILED` event.
///
/// It contains no values of the action, except for names of invalid SIP headers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActionError {
    /// The type of the error.
    pub error_type: ErrorType,
    /// A human-readable error message.
    pub message: String,
}

impl fmt::Display for ActionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type, self.message)
    }
}

impl std::error::Error for ActionError {}

/// The error of an invalid response.
///
/// It contains no values of the response, except for the type of an unsupported action and the names of invalid
/// SIP headers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseError {
    /// The index of the action that would fail with an `ACTION_FAILED` event. `None` if the whole
    /// response is invalid, which causes an `INVALID_LAMBDA_RESPONSE` event.
    pub action: Option<usize>,
    /// The type of the error.
    pub error_type: ErrorType,
    /// A human-readable error message.
    pub message: String,
}

impl ResponseError {
    /// Creates the error of a response that is invalid as a whole.
    pub(super) fn new(error_type: ErrorType, message: impl Into<String>) -> Self {
        Self { action: None, error_type, message: message.into() }
    }

    /// Creates the error of the action at an index.
    pub(super) fn of_action(index: usize, error: ActionError) -> Self {
        Self { action: Some(index), error_type: error.error_type, message: error.message }
    }
}

impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(index) = self.action {
            write!(f, "Actions[{index}]: ")?;
        }
        write!(f, "{}: {}", self.error_type, self.message)
    }
}

impl std::error::Error for ResponseError {}

/// The error for a value that the service would refuse. It does not contain the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidValue {
    /// A description of valid values.
    pub(super) expected: &'static str,
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid value: expected {}", self.expected)
    }
}

impl std::error::Error for InvalidValue {}
