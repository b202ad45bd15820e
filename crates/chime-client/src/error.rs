//! The error type of the client.

use std::error::Error as StdError;
use std::fmt;

use chime_model::{OperationInfo, ServiceError, Violations};
use chime_transport::Attempts;
use chime_wire::Undecodable;

use crate::{ConfigError, TransportError, TransportErrorKind, hints};

/// The error of a call.
///
/// `Display` shows the operation and this error; [`source`](StdError::source) returns its cause. Neither
/// shows values of the request.
pub struct Error(Box<Parts>);

struct Parts {
    info: &'static OperationInfo,
    kind: ErrorKind,
    attempts: Option<Attempts>,
    idempotency_token: Option<String>,
}

/// The kinds of errors.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request breaks rules of the API description. Nothing was sent.
    Invalid(Violations),
    /// The settings are invalid for this service, for example because it does not exist in the region.
    /// Nothing was sent.
    Config(ConfigError),
    /// The service returned an error.
    Service(ServiceError),
    /// No response was received.
    Transport(TransportError),
    /// The service responded with success, but the response could not be decoded.
    Undecodable(Undecodable),
}

impl Error {
    pub(crate) fn new(
        info: &'static OperationInfo,
        kind: ErrorKind,
        attempts: Option<Attempts>,
    ) -> Self {
        let attempts = match &kind {
            ErrorKind::Transport(error) => error.attempts(),
            _ => attempts,
        };
        Self(Box::new(Parts { info, kind, attempts, idempotency_token: None }))
    }

    pub(crate) fn with_idempotency_token(mut self, token: Option<String>) -> Self {
        self.0.idempotency_token = token;
        self
    }

    /// The idempotency token that the client generated for the call; `None` if the request had a token or
    /// the operation takes none. If the operation is [idempotent](OperationInfo::idempotent), a new call with
    /// the same token has no second effect.
    #[must_use]
    pub fn idempotency_token(&self) -> Option<&str> {
        self.0.idempotency_token.as_deref()
    }

    /// The row of the operation that was called, with its name and service.
    #[must_use]
    pub fn operation(&self) -> &'static OperationInfo {
        self.0.info
    }

    /// The kind of the error.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Converts the error into its kind.
    #[must_use]
    pub fn into_kind(self) -> ErrorKind {
        self.0.kind
    }

    /// The number of attempts, and why there was no further one. `None` if the first attempt got
    /// the response, or for a client made with [`Client::over`](crate::Client::over).
    #[must_use]
    pub fn attempts(&self) -> Option<Attempts> {
        self.0.attempts
    }

    /// Whether the service may have acted on the request. If so, check the state of the resource before you
    /// call again. If `false`, nothing was sent, or the service refused every attempt.
    #[must_use]
    pub fn may_have_acted(&self) -> bool {
        match self.kind() {
            ErrorKind::Invalid(_) | ErrorKind::Config(_) => false,
            ErrorKind::Undecodable(_) => true,
            ErrorKind::Transport(error) => error.may_have_acted(),
            ErrorKind::Service(error) => match self.attempts() {
                Some(attempts) => attempts.may_have_acted,
                // Another stack reports no attempts. 4xx and 503 are refusals, except when the service
                // timed out while it read the request.
                None => {
                    let slow = error.exception.as_str().starts_with("RequestTimeout");
                    slow || !matches!(error.status, 400..=407 | 409..=499 | 503)
                }
            },
        }
    }

    /// The error that the service returned, if the call failed with one.
    #[must_use]
    pub fn service(&self) -> Option<&ServiceError> {
        match self.kind() {
            ErrorKind::Service(error) => Some(error),
            _ => None,
        }
    }

    /// The request id that the service assigned, if a response was received.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self.kind() {
            ErrorKind::Service(error) => error.request_id.as_deref(),
            ErrorKind::Undecodable(error) => error.request_id.as_deref(),
            _ => None,
        }
    }

    /// A hint on what to check, for errors with a known cause.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        if let ErrorKind::Transport(error) = self.kind() {
            return unknown_host(error);
        }
        hints::after(self.0.info, self.service()?)
    }
}

/// Returns a hint if the host may not exist: the endpoint rules of AWS also yield such hosts.
fn unknown_host(error: &TransportError) -> Option<&'static str> {
    let host = error.host().filter(|_| error.kind() == TransportErrorKind::Connect)?;
    (host.ends_with(".api.aws") || host.contains("-fips.")).then_some(
        "the service may have no FIPS or dual-stack endpoint: check the settings that select one",
    )
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { info, kind, attempts, .. } = &*self.0;
        write!(f, "{}: ", info.name)?;
        match kind {
            ErrorKind::Invalid(violations) => write!(f, "{violations}")?,
            ErrorKind::Config(error) => write!(f, "{error}")?,
            ErrorKind::Service(error) => write!(f, "{error}")?,
            // A transport error shows the attempts itself.
            ErrorKind::Transport(error) => return write!(f, "{error}"),
            ErrorKind::Undecodable(error) => write!(f, "{error}")?,
        }
        if let Some(attempts) = attempts.filter(Attempts::are_notable) {
            write!(f, " ({attempts})")?;
        }
        match self.request_id() {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("operation", &self.0.info.name)
            .field("kind", &self.0.kind)
            .field("attempts", &self.0.attempts)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self.kind() {
            // `Display` shows the transport error itself, so its causes come next.
            ErrorKind::Transport(error) => error.source(),
            _ => None,
        }
    }
}
