//! One exchange: waits for a connection, sends a request and reads the response.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::uri::Authority;
use http::{Request, Response, StatusCode};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};

use super::receive::Receiving;
use crate::call::Call;
use crate::error::is_refusing_status;
use crate::retry::{is_transient_status, is_unsent};
use crate::{BoxError, CallOptions, Error, ErrorKind};

/// The state of an exchange. Dropping it ends the exchange.
pub(super) struct Exchange {
    call: Option<Call>,
    host: Option<Authority>,
    connect_timeout: Option<Duration>,
    connection: CaptureConnection,
    /// Whether the request was passed to a connection.
    is_sent: bool,
    end: End,
}

/// The end of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// No end yet, dropped, or failed after the request was sent.
    Open,
    /// The same, but the head of the response refuses the request.
    Refusing,
    /// A response that refuses the request, or an error before it was sent.
    Refused,
    /// Any other response.
    Response,
}

impl Exchange {
    pub(super) fn begin<B>(request: &mut Request<B>) -> Self {
        let extensions = request.extensions();
        let call = Call::of(extensions).cloned();
        let connect_timeout =
            CallOptions::of(extensions).and_then(|options| options.connect_timeout);
        call.as_ref().inspect(|call| call.mark_unsent());
        Self {
            call,
            host: request.uri().authority().cloned(),
            connect_timeout,
            connection: capture_connection(request),
            is_sent: false,
            end: End::Open,
        }
    }

    /// Checks whether the request has been passed to a connection.
    fn check_sent(&mut self) {
        if !self.is_sent && self.connection.connection_metadata().is_some() {
            self.is_sent = true;
            self.call.as_ref().inspect(|call| call.mark_sent());
        }
    }

    /// Returns whether the deadline has passed before the request was sent. Hyper would still send it as
    /// soon as there is a connection.
    fn is_too_late(&self) -> bool {
        let in_time = |call: &Call| call.has_time_after(Duration::ZERO);
        !self.is_sent && !self.call.as_ref().is_none_or(in_time)
    }

    fn fail(&mut self, kind: ErrorKind, source: impl Into<BoxError>) -> Error {
        let error = Error::new(kind, source).with_host(self.host.take());
        if kind.may_have_acted() {
            // The rest of the response may still arrive on this connection.
            self.poison();
        } else {
            self.end = End::Refused;
        }
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

    /// Returns the error after the connect timeout or the read timeout.
    fn late(&mut self, read_timeout: Option<Duration>) -> Error {
        if self.is_sent {
            self.call.as_ref().inspect(|call| call.time_out());
            let limit = read_timeout.unwrap_or_default();
            return self.fail(ErrorKind::AttemptTimeout, format!("no response within {limit:?}"));
        }
        let limit = self.connect_timeout.unwrap_or_default();
        self.fail(ErrorKind::Connect, format!("no connection within {limit:?}"))
    }

    /// Notes the head of a response.
    fn begin_response(&mut self, status: StatusCode) {
        self.call.as_ref().inspect(|call| call.responded(status.as_u16()));
        if is_refusing_status(status) {
            self.end = End::Refusing;
        }
    }

    fn cut_off(&mut self, status: StatusCode, (kind, error): (ErrorKind, BoxError)) -> Error {
        self.fail(kind, error).with_status(status)
    }

    fn responded(&mut self, status: StatusCode) {
        let refuses = status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT
            || status == StatusCode::SERVICE_UNAVAILABLE;
        self.end = if refuses { End::Refused } else { End::Response };
        // A new connection may reach another machine of the service.
        if is_transient_status(status) {
            self.poison();
        }
    }

    /// Prevents further use of the connection.
    fn poison(&self) {
        if let Some(connection) = self.connection.connection_metadata().as_ref() {
            connection.poison();
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let Some(call) = &self.call else { return };
        let is_incomplete = matches!(self.end, End::Open | End::Refusing);
        if self.is_sent && is_incomplete && call.is_timed_out() {
            // After a timeout, the connection is probably dead. If the caller dropped the request, other
            // requests may still share the connection.
            self.poison();
            if self.end == End::Refusing {
                call.mark_unsent();
            }
        }
        if self.is_sent && matches!(self.end, End::Open | End::Response) {
            call.acted();
        }
    }
}

/// Returns whether an error says that the server did not process the request, although there was a
/// connection.
fn was_never_sent(error: &legacy::Error) -> bool {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = next {
        if is_unsent(error) {
            return true;
        }
        next = error.source();
    }
    false
}

pin_project! {
    /// The future of an [`HttpClient`](crate::HttpClient).
    pub struct ResponseFuture<B> {
        #[pin]
        state: State,
        exchange: Exchange,
        max_response_size: usize,
        read_timeout: Option<Duration>,
        is_reading: bool,
        // The connect timeout, then the read timeout. Boxed, since most requests have neither.
        timer: Option<Pin<Box<Sleep>>>,
        body: PhantomData<fn() -> B>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State {
        Sending { #[pin] response: legacy::ResponseFuture },
        // Boxed, so that a request without a response does not reserve memory for it.
        Receiving { receiving: Box<Receiving> },
    }
}

impl<B> ResponseFuture<B> {
    pub(super) fn new(
        exchange: Exchange,
        response: legacy::ResponseFuture,
        max_response_size: usize,
        read_timeout: Option<Duration>,
    ) -> Self {
        Self {
            state: State::Sending { response },
            timer: timer(exchange.connect_timeout),
            exchange,
            max_response_size,
            read_timeout,
            is_reading: false,
            body: PhantomData,
        }
    }
}

impl<B: From<Bytes>> Future for ResponseFuture<B> {
    type Output = Result<Response<B>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let exchange = this.exchange;
        loop {
            match this.state.as_mut().project() {
                StateProjection::Sending { response } => {
                    if exchange.is_too_late() {
                        let why = "the deadline was reached before there was a connection";
                        return Poll::Ready(Err(exchange.fail(ErrorKind::OperationTimeout, why)));
                    }
                    let polled = response.poll(cx);
                    exchange.check_sent();
                    if exchange.is_sent && !*this.is_reading {
                        *this.is_reading = true;
                        *this.timer = timer(*this.read_timeout);
                    }
                    match polled {
                        Poll::Ready(Ok(response)) => {
                            exchange.begin_response(response.status());
                            let receiving = Receiving::new(response, *this.max_response_size);
                            let receiving = Box::new(receiving);
                            this.state.set(State::Receiving { receiving });
                        }
                        Poll::Ready(Err(error)) => return Poll::Ready(Err(exchange.failed(error))),
                        Poll::Pending => {
                            ready!(expired(this.timer, cx));
                            return Poll::Ready(Err(exchange.late(*this.read_timeout)));
                        }
                    }
                }
                StateProjection::Receiving { receiving } => {
                    let Poll::Ready(body) = receiving.poll_body(cx) else {
                        ready!(expired(this.timer, cx));
                        return Poll::Ready(Err(exchange.late(*this.read_timeout)));
                    };
                    let status = receiving.parts.status;
                    return Poll::Ready(match body {
                        Ok(body) => {
                            exchange.responded(status);
                            let empty = Response::new(()).into_parts().0;
                            let parts = std::mem::replace(&mut receiving.parts, empty);
                            Ok(Response::from_parts(parts, body.into()))
                        }
                        Err(error) => Err(exchange.cut_off(status, error)),
                    });
                }
            }
        }
    }
}

fn timer(limit: Option<Duration>) -> Option<Pin<Box<Sleep>>> {
    limit.map(|limit| Box::pin(sleep(limit)))
}

/// Completes when the timer does, or never without a timer.
fn expired(timer: &mut Option<Pin<Box<Sleep>>>, cx: &mut Context<'_>) -> Poll<()> {
    timer.as_mut().map_or(Poll::Pending, |timer| timer.as_mut().poll(cx))
}

impl<B> fmt::Debug for ResponseFuture<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// An error of the HTTP implementation. Its type is not part of our API.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, HttpClient};
    use std::future::pending;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
    use tokio::time::Instant;
    use tower::ServiceExt as _;

    #[tokio::test(start_paused = true)]
    async fn the_read_timeout_counts_from_the_connection_to_the_end_of_the_response() {
        for (head, seconds) in [("", 3), ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", 3)] {
            let connector = tower::service_fn(move |_: http::Uri| async move {
                sleep(Duration::from_secs(1)).await;
                let (ours, mut theirs) = duplex(1024);
                tokio::spawn(async move {
                    assert_ne!(theirs.read(&mut [0; 1024]).await?, 0);
                    sleep(Duration::from_secs(1)).await;
                    theirs.write_all(head.as_bytes()).await?;
                    pending::<std::io::Result<()>>().await
                });
                Ok::<_, std::io::Error>(ours)
            });
            let mut config = Config::default();
            config.read_timeout = Some(Duration::from_secs(2));
            let client = HttpClient::with_connector(&config, connector);
            let start = Instant::now();
            let request = Request::get("http://localhost/").body(Bytes::new()).unwrap();
            let error = client.oneshot(request).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AttemptTimeout);
            assert_eq!(start.elapsed().as_secs(), seconds, "{head}");
        }
    }
}
