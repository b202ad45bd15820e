//! The one error of the client.

use std::error::Error as StdError;
use std::fmt;

use chime_model::{OperationInfo, ServiceError, Violations};
use chime_transport::Attempts;
use chime_wire::Undecodable;

use crate::{ConfigError, TransportError, TransportErrorKind, hints};

/// The error of a call.
///
/// `Display` shows the operation and this error alone; [`source`](StdError::source) leads to its causes.
/// Neither shows a value of the request.
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
    /// The settings do not allow calls to this service, such as a region in which it does not exist.
    /// Nothing was sent.
    Config(ConfigError),
    /// The service returned an error.
    Service(ServiceError),
    /// No response was received.
    Transport(TransportError),
    /// The response is a success that could not be decoded.
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

    /// The idempotency token that the client generated for the call. A new call with the same token has
    /// no second effect. `None` if the request had one of its own, or the operation has none.
    #[must_use]
    pub fn idempotency_token(&self) -> Option<&str> {
        self.0.idempotency_token.as_deref()
    }

    /// The operation that was called: its name, its service, and what else the table knows of it.
    #[must_use]
    pub fn operation(&self) -> &'static OperationInfo {
        self.0.info
    }

    /// The kind of the error.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Returns the kind without a copy.
    #[must_use]
    pub fn into_kind(self) -> ErrorKind {
        self.0.kind
    }

    /// How many attempts were made and why there was no further one. `None` if the first attempt got
    /// the response, and where the client is not built on our stack.
    #[must_use]
    pub fn attempts(&self) -> Option<Attempts> {
        self.0.attempts
    }

    /// Whether the service may have acted on the request. Check the state of the resource then, before the
    /// call is made again. `false` is certain: nothing was sent, or the service refused every attempt.
    #[must_use]
    pub fn may_have_acted(&self) -> bool {
        match self.kind() {
            ErrorKind::Invalid(_) | ErrorKind::Config(_) => false,
            ErrorKind::Undecodable(_) => true,
            ErrorKind::Transport(error) => error.may_have_acted(),
            ErrorKind::Service(error) => match self.attempts() {
                Some(attempts) => attempts.may_have_acted,
                // Another stack does not tell. 4xx and 503 are refusals, except for a request that
                // arrived too slowly.
                None => {
                    let slow = error.exception.as_str().starts_with("RequestTimeout");
                    slow || !matches!(error.status, 400..=407 | 409..=499 | 503)
                }
            },
        }
    }

    /// The error that the service returned, if it did.
    #[must_use]
    pub fn service(&self) -> Option<&ServiceError> {
        match self.kind() {
            ErrorKind::Service(error) => Some(error),
            _ => None,
        }
    }

    /// The id that the service gave the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self.kind() {
            ErrorKind::Service(error) => error.request_id.as_deref(),
            ErrorKind::Undecodable(error) => error.request_id.as_deref(),
            _ => None,
        }
    }

    /// What to check, for errors with a known cause.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        if let ErrorKind::Transport(error) = self.kind() {
            return unknown_host(error);
        }
        hints::after(self.0.info, self.service()?)
    }
}

/// The endpoint rules of AWS name hosts that may not exist.
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
            // It shows the attempts itself.
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
