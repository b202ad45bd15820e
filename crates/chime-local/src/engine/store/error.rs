//! Errors of saving and reading the state.

use std::{fmt, io};

use chime_model::{Exception, ServiceError};

use crate::engine::document::InvalidDocument;
use crate::engine::rows::Unreadable;

/// An error of saving or reading the state.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// No snapshot has the name.
    NoSnapshot,
    /// Another Chime has the file open. Only one can use a file at a time.
    InUse,
    /// The file is not a state file, is damaged, or was written by an incompatible version.
    Unreadable(String),
    /// The seed or the configuration is invalid.
    Invalid(InvalidDocument),
    /// The file could not be read or written. A change that could not be saved is undone.
    Io(io::Error),
}

impl StoreError {
    /// The message with its cause, for those who cannot ask for the source.
    pub(crate) fn with_cause(&self) -> String {
        match self {
            Self::Io(cause) => format!("{self}: {cause}"),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSnapshot => f.write_str("no snapshot has this name"),
            Self::InUse => f.write_str("another Chime has the state file open"),
            Self::Unreadable(why) => write!(f, "not a readable state file: {why}"),
            Self::Invalid(error) => error.fmt(f),
            Self::Io(_) => f.write_str("the state file cannot be read or written"),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<InvalidDocument> for StoreError {
    fn from(error: InvalidDocument) -> Self {
        Self::Invalid(error)
    }
}

impl From<Unreadable> for StoreError {
    fn from(error: Unreadable) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Io(error.into())
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        Self::from(&error)
    }
}

impl From<&StoreError> for ServiceError {
    fn from(error: &StoreError) -> Self {
        let message = format!("The change could not be saved: {}", error.with_cause());
        Self::new(Exception::ServiceFailure, message)
    }
}
