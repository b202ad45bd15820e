//! Errors of the API.

use chime_model::{Exception, SensitiveString, ServiceError, Violation, Violations};

use crate::engine::violations::listed;

/// The result of a handler.
pub(crate) type Result<T, E = ServiceError> = std::result::Result<T, E>;

/// The message with which AWS refuses a request without a reason.
pub(crate) const CATCH_ALL: &str = "Service received a bad request";
/// The message with which AWS reports a conflict without a reason.
pub(crate) const CONFLICT: &str = "Request could not be completed due to a conflict";

pub(crate) fn bad_request(message: impl Into<String>) -> ServiceError {
    ServiceError::new(Exception::BadRequest, message)
}

/// The error for violated constraints, in the words of `chime-model` rather than of AWS.
pub(crate) fn invalid(violations: &Violations) -> ServiceError {
    bad_request(listed(violations, Violation::to_string))
}

pub(crate) fn forbidden(message: impl Into<String>) -> ServiceError {
    ServiceError::new(Exception::Forbidden, message)
}

pub(crate) fn not_found(what: &str) -> ServiceError {
    ServiceError::new(Exception::NotFound, format!("{what} not found"))
}

pub(crate) fn conflict(message: impl Into<String>) -> ServiceError {
    ServiceError::new(Exception::Conflict, message)
}

/// The error for a limit in services that have no [`resource_limit_exceeded`].
pub(crate) fn limit_exceeded(message: impl Into<String>) -> ServiceError {
    ServiceError::new(Exception::LimitExceeded, message)
}

pub(crate) fn resource_limit_exceeded(message: impl Into<String>) -> ServiceError {
    ServiceError::new(Exception::ResourceLimitExceeded, message)
}

pub(crate) fn unprocessable(message: impl Into<String>) -> ServiceError {
    ServiceError::new(Exception::UnprocessableEntity, message)
}

/// An error that all AWS services have in common. API descriptions do not list it.
pub(crate) fn common(name: &str, status: u16, message: impl Into<String>) -> ServiceError {
    ServiceError::new(Exception::from(name), message).with_status(status)
}

/// Checks that `owner` can have one more of `items`, such as rooms.
pub(crate) fn require_below_limit(
    count: usize,
    limit: usize,
    owner: &str,
    items: &str,
) -> Result<()> {
    if count < limit {
        return Ok(());
    }
    Err(resource_limit_exceeded(format!("{owner} has reached its limit of {limit} {items}")))
}

/// Checks that a text is not blank, which the API descriptions do not require.
pub(crate) fn require_not_blank(text: &SensitiveString, member: &str) -> Result<()> {
    let is_blank = text.expose().trim().is_empty();
    if is_blank { Err(bad_request(format!("{member}: must not be blank"))) } else { Ok(()) }
}

/// Checks that a batch is not empty, which the API descriptions do not require.
pub(crate) fn require_items<T>(items: &[T], member: &str) -> Result<()> {
    if items.is_empty() { Err(bad_request(format!("{member}: must not be empty"))) } else { Ok(()) }
}
