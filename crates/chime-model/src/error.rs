//! The error that a service returns.

use std::fmt;

use crate::Exception;

/// An error that a service returns. All operations share the exceptions, because an operation may return
/// exceptions that its description does not list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceError {
    /// The exception. An exception unknown to this version keeps its name.
    pub exception: Exception,
    /// The short code in the body, such as `NotFound`, if the body has one.
    pub code: Option<String>,
    /// The message of the service.
    pub message: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// The ARN of the resource that the error is about, if the service reports it, as Chime SDK meetings does
    /// in errors of tag operations.
    pub resource_name: Option<Box<str>>,
    /// The request id, which AWS support needs.
    pub request_id: Option<String>,
}

impl ServiceError {
    /// Creates an error with the status and the short code of the exception.
    #[must_use]
    pub fn new(exception: Exception, message: impl Into<String>) -> Self {
        Self {
            status: exception.status().unwrap_or(500),
            code: exception.code().map(str::to_owned),
            message: Some(message.into()),
            exception,
            resource_name: None,
            request_id: None,
        }
    }

    /// Sets another HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.exception)?;
        match &self.message {
            Some(message) => write!(f, ": {message}"),
            None => write!(f, " (HTTP {})", self.status),
        }
    }
}

impl std::error::Error for ServiceError {}
