//! Reads the body of a response into memory, and reports premature ends.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Response, StatusCode, Version, response};
use http_body::Body as _;
use hyper::body::Incoming;

use crate::{BoxError, ErrorKind, error_code};

/// A response whose body is being received.
pub(super) struct Receiving {
    pub(super) parts: response::Parts,
    body: Incoming,
    /// The maximum length of the body.
    limit: usize,
    /// The first chunk, which is the whole body of most responses.
    first: Bytes,
    rest: Vec<u8>,
}

impl Receiving {
    pub(super) fn new(response: Response<Incoming>, limit: usize) -> Self {
        let (parts, body) = response.into_parts();
        Self { parts, body, limit, first: Bytes::new(), rest: Vec::new() }
    }

    /// Receives the whole body. Fails if it is too long or incomplete.
    pub(super) fn poll_body(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), (ErrorKind, BoxError)>> {
        while let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(cx)) {
            let frame = frame.map_err(|error| (ErrorKind::Exchange, error.into()))?;
            // Trailers are ignored.
            let Ok(data) = frame.into_data() else { continue };
            if data.len() > self.limit - self.first.len() - self.rest.len() {
                let error = format!("the body is longer than {} bytes", self.limit);
                return Poll::Ready(Err((ErrorKind::TooLarge, error.into())));
            }
            match self.first.is_empty() {
                true => self.first = data,
                false => self.rest.extend_from_slice(&data),
            }
        }
        // Hyper itself reports incomplete HTTP/1.1 bodies. It ends a body without an error if an HTTP/2
        // stream is reset or its connection is shut down with `NO_ERROR`.
        if self.parts.version == Version::HTTP_2 && !self.body.is_end_stream() {
            let error = "the server closed the stream before the response was complete";
            return Poll::Ready(Err((ErrorKind::Exchange, error.into())));
        }
        Poll::Ready(Ok(()))
    }

    /// Returns what was received of the body.
    pub(super) fn take_body(&mut self) -> Bytes {
        match self.rest.is_empty() {
            true => std::mem::take(&mut self.first),
            false => [&self.first[..], &self.rest].concat().into(),
        }
    }

    /// Returns whether the response says what it means without its body: the status and headers of an
    /// error decide about a retry, but those of a client error only with a code.
    pub(super) fn is_clear(&self) -> bool {
        let response::Parts { status, headers, extensions, .. } = &self.parts;
        let has_code = || error_code::find(headers, extensions).is_some();
        let needs_code = status.is_client_error() && *status != StatusCode::TOO_MANY_REQUESTS;
        !status.is_success() && (!needs_code || has_code())
    }
}
