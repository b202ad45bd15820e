//! A response body that reports premature ends.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Response, Version};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::BoxError;

/// The body of a response. Fails if the response is incomplete.
///
/// Hyper ends a body without an error if an HTTP/2 stream is reset or its connection is shut down with
/// `NO_ERROR`, even if the response is incomplete.
pub(super) struct CompleteBody {
    body: Incoming,
    is_http2: bool,
}

impl CompleteBody {
    pub(super) fn of(response: Response<Incoming>) -> Response<Self> {
        let is_http2 = response.version() == Version::HTTP_2;
        response.map(|body| Self { body, is_http2 })
    }
}

impl Body for CompleteBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        Poll::Ready(match frame {
            // Hyper itself reports incomplete HTTP/1.1 bodies.
            None if self.is_http2 && !self.body.is_end_stream() => {
                let error = "the server closed the stream before the response was complete";
                Some(Err(io::Error::new(io::ErrorKind::UnexpectedEof, error).into()))
            }
            frame => frame.map(|frame| frame.map_err(Into::into)),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
