//! One exchange: a request waits for a connection, is sent, and its response is read.

use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::uri::Authority;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use tokio::time::sleep;

use super::complete::CompleteBody;
use crate::call::Call;
use crate::retry::{is_transient_status, is_unsent};
use crate::{BoxError, CallOptions, Error, ErrorKind};

/// What is known of an exchange. Dropping it ends the exchange.
pub(super) struct Exchange {
    call: Option<Call>,
    host: Option<Authority>,
    connect_timeout: Option<Duration>,
    connection: CaptureConnection,
    /// Whether the request was handed to a connection.
    is_sent: bool,
    /// Whether the service certainly did not act on the request.
    is_refused: bool,
}

impl Exchange {
    pub(super) fn begin<B>(request: &mut Request<B>) -> Self {
        let extensions = request.extensions();
        let call = Call::of(extensions).cloned();
        let connect_timeout =
            CallOptions::of(extensions).and_then(|options| options.connect_timeout);
        call.as_ref().inspect(|call| call.hold());
        Self {
            call,
            host: request.uri().authority().cloned(),
            connect_timeout,
            connection: capture_connection(request),
            is_sent: false,
            is_refused: false,
        }
    }

    /// Waits for the response and reads it.
    pub(super) async fn receive(
        mut self,
        response: legacy::ResponseFuture,
        max_size: usize,
    ) -> Result<Response<Bytes>, Error> {
        let response = self.head(response).await?;
        let (parts, body) = CompleteBody::of(response).into_parts();
        self.call.as_ref().inspect(|call| call.answered(parts.status.as_u16()));
        let body = Limited::new(body, max_size).collect().await;
        let body = body.map_err(|error| self.cut_off(parts.status, error))?;
        self.answered(parts.status);
        Ok(Response::from_parts(parts, body.to_bytes()))
    }

    /// Waits for the head of the response.
    async fn head(
        &mut self,
        mut response: legacy::ResponseFuture,
    ) -> Result<Response<Incoming>, Error> {
        let limit = self.connect_timeout;
        let mut timer = pin!(limit.map(sleep));
        poll_fn(|cx| {
            if self.is_too_late() {
                let why = "the deadline was reached before there was a connection";
                return Poll::Ready(Err(self.fail(ErrorKind::OperationTimeout, why)));
            }
            let polled = Pin::new(&mut response).poll(cx);
            self.look();
            if let Poll::Ready(result) = polled {
                return Poll::Ready(result.map_err(|error| self.failed(error)));
            }
            if !self.is_sent
                && let Some(timer) = timer.as_mut().as_pin_mut()
                && timer.poll(cx).is_ready()
            {
                let error = format!("no connection within {:?}", limit.unwrap_or_default());
                return Poll::Ready(Err(self.fail(ErrorKind::Connect, error)));
            }
            Poll::Pending
        })
        .await
    }

    /// Notes whether the request was handed to a connection by now.
    fn look(&mut self) {
        if !self.is_sent && self.connection.connection_metadata().is_some() {
            self.is_sent = true;
            self.call.as_ref().inspect(|call| call.release());
        }
    }

    /// Hyper sends as soon as there is a connection. From the deadline on, that is too late.
    fn is_too_late(&self) -> bool {
        let in_time = |call: &Call| call.has_time_after(Duration::ZERO);
        !self.is_sent && !self.call.as_ref().is_none_or(in_time)
    }

    fn fail(&mut self, kind: ErrorKind, source: impl Into<BoxError>) -> Error {
        let error = Error::new(kind, source).with_host(self.host.take());
        // What is left of the response may still be on its way.
        self.poison();
        self.is_refused = !kind.may_have_acted();
        error
    }

    fn failed(&mut self, error: legacy::Error) -> Error {
        let kind = match self.host {
            None => ErrorKind::Request,
            Some(_) if !self.is_sent || was_never_sent(&error) => ErrorKind::Connect,
            Some(_) => ErrorKind::Exchange,
        };
        self.fail(kind, HttpError(error.into()))
    }

    fn cut_off(&mut self, status: StatusCode, error: BoxError) -> Error {
        let kind = match error.is::<LengthLimitError>() {
            true => ErrorKind::TooLarge,
            false => ErrorKind::Exchange,
        };
        let error = self.fail(kind, error).with_status(status);
        self.is_refused |= error.is_refusal();
        error
    }

    fn answered(&mut self, status: StatusCode) {
        self.is_refused = status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT
            || status == StatusCode::SERVICE_UNAVAILABLE;
        // The next attempt should meet another machine behind the same name.
        if is_transient_status(status) {
            self.poison();
        }
    }

    /// Keeps the connection from being used again.
    fn poison(&self) {
        if let Some(connection) = self.connection.connection_metadata().as_ref() {
            connection.poison();
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let Some(call) = &self.call else { return };
        if self.is_sent && !self.is_refused {
            // Other requests may share the connection of one that its caller gave up; a connection
            // that does not respond in time is of no use to them.
            if call.is_timed_out() {
                self.poison();
            }
            call.acted();
        }
    }
}

/// Whether an error says that nobody looked at the request, though there was a connection.
fn was_never_sent(error: &legacy::Error) -> bool {
    let first: &(dyn StdError + 'static) = error;
    std::iter::successors(Some(first), |&error| error.source()).any(is_unsent)
}

/// An error of the HTTP implementation, whose type is not part of our API.
#[derive(Debug)]
struct HttpError(BoxError);

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for HttpError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}
