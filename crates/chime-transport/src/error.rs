//! The error of a call.

use std::error::Error as StdError;
use std::fmt;

use http::uri::Authority;
use hyper_util::client::legacy;

use crate::retry::{Attempts, stage};

/// The error type of the layers inside the retry layer.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// The error of a call that has no response.
///
/// `Display` describes only this level; [`source`](StdError::source) returns the cause.
pub struct Error(Box<Parts>);

struct Parts {
    kind: ErrorKind,
    attempts: Option<Attempts>,
    host: Option<Authority>,
    source: BoxError,
}

/// The stage at which an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request could not be signed or addressed. It was not sent.
    Request,
    /// The deadline would have passed before the next rate-limit slot. The request was not sent.
    RateLimited,
    /// No connection was established, or the server rejected the request before processing it. The
    /// service did not act.
    Connect,
    /// The connection failed before the response was complete. The service may have acted.
    Exchange,
    /// The response exceeds [`max_response_size`](crate::Config::max_response_size). The service
    /// may have acted; a retry would get the same response.
    TooLarge,
    /// An attempt exceeded [`attempt_timeout`](crate::Config::attempt_timeout). The service may
    /// have acted if the request was sent.
    AttemptTimeout,
    /// The call exceeded [`operation_timeout`](crate::Config::operation_timeout). The service may
    /// have acted if a request was sent.
    OperationTimeout,
}

impl ErrorKind {
    /// Returns whether the service may have acted on an attempt that failed at this stage.
    /// [`Error::may_have_acted`] is more precise.
    #[must_use]
    pub fn may_have_acted(self) -> bool {
        !matches!(self, Self::Request | Self::RateLimited | Self::Connect)
    }

    pub(crate) fn is_transient(self) -> bool {
        !matches!(self, Self::Request | Self::RateLimited | Self::TooLarge)
    }
}

impl Error {
    /// Creates an error for a stage. A service inside the retry layer reports with it whether the
    /// request was sent. Any other error type counts as [`ErrorKind::Exchange`], unless a cause in its
    /// chain is a refused or failed connection.
    pub fn new(kind: ErrorKind, source: impl Into<BoxError>) -> Self {
        Self(Box::new(Parts { kind, attempts: None, host: None, source: source.into() }))
    }

    pub(crate) fn with_host(mut self, host: Option<Authority>) -> Self {
        self.0.host = host;
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: Attempts) -> Self {
        self.0.attempts = Some(attempts);
        self
    }

    /// Converts the error of a layer or service.
    pub(crate) fn from_boxed(error: BoxError) -> Self {
        match error.downcast::<Self>() {
            Ok(error) => *error,
            Err(source) => Self::new(stage(&source), source),
        }
    }

    /// Returns the stage at which the last attempt failed.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns whether the service may have acted on the request, in this attempt or an earlier one.
    #[must_use]
    pub fn may_have_acted(&self) -> bool {
        match &self.0.attempts {
            Some(attempts) => attempts.may_have_acted,
            None => self.kind().may_have_acted(),
        }
    }

    /// Returns how many attempts were made and why there was no further one. `None` without the
    /// [retry layer](crate::retry).
    #[must_use]
    pub fn attempts(&self) -> Option<Attempts> {
        self.0.attempts
    }

    /// Returns the host that did not respond, if known.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.0.host.as_ref().map(Authority::host)
    }
}

impl From<BoxError> for Error {
    fn from(error: BoxError) -> Self {
        Self::from_boxed(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind() {
            ErrorKind::Request => "the request could not be signed or addressed",
            ErrorKind::RateLimited => "the deadline would pass before the next rate-limit slot",
            ErrorKind::Connect => "could not connect",
            ErrorKind::Exchange => "the connection failed before the response was complete",
            ErrorKind::TooLarge => "the response exceeds the size limit (max_response_size)",
            ErrorKind::AttemptTimeout => "the attempt timed out",
            ErrorKind::OperationTimeout => "the call timed out",
        })?;
        if let Some(host) = &self.0.host {
            let to = if self.kind() == ErrorKind::Connect { " to" } else { ":" };
            write!(f, "{to} {}", without_user_info(host))?;
        }
        let Some(attempts) = self.attempts() else { return Ok(()) };
        if !attempts.may_have_acted && self.kind() != ErrorKind::Connect {
            f.write_str(if attempts.last_status.is_some() {
                "; the service did not act"
            } else {
                "; nothing was sent"
            })?;
        }
        if attempts.made > 0 && attempts.are_notable() {
            write!(f, " ({attempts})")?;
        }
        match attempts.last_status {
            Some(status) => write!(f, " (the last response was HTTP {status})"),
            None => Ok(()),
        }
    }
}

/// Returns the host and port of an authority, since a user name and password must not be shown.
fn without_user_info(authority: &Authority) -> &str {
    authority.as_str().rsplit('@').next().unwrap_or_default()
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("attempts", &self.0.attempts)
            .field("host", &self.0.host.as_ref().map(without_user_info))
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source: &(dyn StdError + 'static) = self.0.source.as_ref();
        // The error of hyper's client says no more than the kind.
        let cause = source.downcast_ref::<legacy::Error>().and_then(StdError::source);
        Some(cause.unwrap_or(source))
    }
}
