//! Why a request has no response.

use std::error::Error as StdError;
use std::fmt;

use tower::timeout::error::Elapsed;

use crate::retry::{Attempts, Progress, Stop, may_have_acted, stage};

/// What services of the stack fail with before the failure reaches its edge.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// A request that has no response, after everything that could be tried.
///
/// `Display` tells this level only; [`source`](StdError::source) has the rest.
#[derive(Debug)]
pub struct Error {
    pub(crate) kind: ErrorKind,
    /// Whether it is certain that the service did not act, though the kind leaves that open.
    pub(crate) unsent: bool,
    pub(crate) attempts: Option<Attempts>,
    pub(crate) source: BoxError,
}

/// What stage an attempt failed at, which tells whether the service may have acted on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request could not be signed or addressed: it was never sent.
    Request,
    /// The request would have had to wait for its turn, in the send rate or for one of those under
    /// way to end, longer than the call may take: it was never sent.
    Pacing,
    /// No connection was made: the request was never sent.
    Connect,
    /// The connection broke, or the response could not be read: the service may have acted.
    Exchange,
    /// The response was larger than allowed: the service may have acted, and would say as much
    /// again.
    TooLarge,
    /// One attempt took too long: the service may have acted, unless the time was over before there
    /// were credentials and a connection.
    AttemptTimeout,
    /// The whole call took too long: the service may have acted, unless nothing was sent yet.
    OperationTimeout,
}

impl ErrorKind {
    /// Whether the service may have acted on an attempt that failed at this stage. Of an error that
    /// there is, ask [`Error::may_have_acted`]: it knows more.
    #[must_use]
    pub fn may_have_acted(self) -> bool {
        !matches!(self, Self::Request | Self::Pacing | Self::Connect)
    }
}

impl Error {
    /// A failure at this stage: how a connection of somebody else's says whether the request was
    /// sent. An error of any other type counts as [`ErrorKind::Exchange`].
    pub fn new(kind: ErrorKind, source: impl Into<BoxError>) -> Self {
        Self { kind, unsent: false, attempts: None, source: source.into() }
    }

    /// A time that is over, for a call that is this far.
    pub(crate) fn elapsed(kind: ErrorKind, progress: &Progress) -> Self {
        let unsent = progress.is_unsent();
        let attempts = Attempts { may_have_acted: !unsent, ..progress.ended(Stop::Deadline) };
        Self { unsent, attempts: Some(attempts), ..Self::new(kind, Elapsed::new()) }
    }

    /// What stage it failed at, on the last attempt.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the service may have acted on the request: on this attempt or on an earlier one.
    #[must_use]
    pub fn may_have_acted(&self) -> bool {
        let now = self.kind.may_have_acted() && !self.unsent;
        now || self.attempts.is_some_and(|attempts| attempts.may_have_acted)
    }

    /// How many attempts were made and why no further one. Without retries around it `None`, unless a
    /// deadline has something to tell.
    #[must_use]
    pub fn attempts(&self) -> Option<Attempts> {
        self.attempts
    }
}

/// The typed form of an error of the stack, or of any other service in its place.
impl From<BoxError> for Error {
    fn from(error: BoxError) -> Self {
        match error.downcast::<Self>() {
            Ok(error) => *error,
            Err(source) => Self {
                unsent: !may_have_acted::<()>(Err(&source)),
                ..Self::new(stage(&source), source)
            },
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let made = self.attempts.map_or(0, |attempts| attempts.made);
        let again = made > 0 || self.may_have_acted();
        f.write_str(match self.kind {
            ErrorKind::Request => "the request could not be prepared",
            ErrorKind::Pacing if again => {
                "its turn to be sent again would have come after the end of its time"
            }
            ErrorKind::Pacing => {
                "nothing was sent: its turn would have come after the end of its time"
            }
            ErrorKind::Connect => "no connection could be made",
            ErrorKind::Exchange => "the connection broke before the whole answer was there",
            ErrorKind::TooLarge => "the answer is larger than allowed",
            ErrorKind::AttemptTimeout if self.unsent => {
                "its time was over before the service could act on it"
            }
            ErrorKind::AttemptTimeout => "the service did not answer in time",
            ErrorKind::OperationTimeout => "the call did not end in its time",
        })?;
        let Some(attempts) = self.attempts else { return Ok(()) };
        // A call that was never sent says why already.
        if made > 0 && attempts.are_notable() {
            write!(f, " ({attempts})")?;
        }
        match attempts.last_status {
            Some(status) => write!(f, " (the last answer was HTTP {status})"),
            None => Ok(()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}
