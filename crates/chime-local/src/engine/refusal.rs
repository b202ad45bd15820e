//! The errors that this Chime answers with, by the service's names.

use chime_model::chime::ErrorCode;
use chime_model::{Exception, ServiceError};

/// The message of the real service for whatever it does not explain.
pub(crate) const CATCH_ALL: &str = "Service received a bad request";

pub(crate) fn bad_request(message: impl Into<String>) -> ServiceError {
    ServiceError::new(Exception::BadRequest, message)
}

pub(crate) fn forbidden(message: impl Into<String>) -> ServiceError {
    ServiceError::new(Exception::Forbidden, message)
}

pub(crate) fn not_found(what: &str) -> ServiceError {
    ServiceError::new(Exception::NotFound, format!("{what} not found"))
}

pub(crate) fn conflict() -> ServiceError {
    ServiceError::new(Exception::Conflict, "Request could not be completed due to a conflict")
}

pub(crate) fn limit_exceeded(message: impl Into<String>) -> ServiceError {
    ServiceError::new(Exception::ResourceLimitExceeded, message)
}

/// An error that all AWS services share, and that Chime's own description does not list.
pub(crate) fn common(name: &str, status: u16, message: impl Into<String>) -> ServiceError {
    ServiceError::new(Exception::from(name), message).with_status(status)
}

/// What a batch says of one item that failed.
pub(crate) fn of_item(error: ServiceError) -> (Option<ErrorCode>, Option<String>) {
    (error.code.as_deref().map(ErrorCode::from), error.message)
}
