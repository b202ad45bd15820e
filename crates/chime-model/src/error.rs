//! The error that the service answers with.

use std::fmt;

use crate::Exception;

/// What the service says when it refuses or fails. All operations share its exceptions, and any
/// operation may answer with any of them, listed for it or not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceError {
    /// Which exception; an unknown one keeps its name.
    pub exception: Exception,
    /// The short code in the body, such as `NotFound`, where there is one.
    pub code: Option<String>,
    /// What the service says about it.
    pub message: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// The service's name for this one exchange, to be quoted to its support.
    pub request_id: Option<String>,
}

impl ServiceError {
    /// An error with the status and the short code that belong to the exception.
    #[must_use]
    pub fn new(exception: Exception, message: impl Into<String>) -> Self {
        Self {
            status: exception.status().unwrap_or(500),
            code: exception.code().map(str::to_owned),
            message: Some(message.into()),
            exception,
            request_id: None,
        }
    }

    /// The same error with another HTTP status.
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
