//! One exchange: waits for a connection, sends a request and receives the response.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::uri::Authority;
use http::{Request, Response, StatusCode};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use tokio::time::{Sleep, sleep};

use super::Inner;
use super::receive::Receiving;
use crate::call::Call;
use crate::retry::{is_transient_status, is_unsent};
use crate::{Body, BoxError, CallOptions, Error, ErrorKind};

/// The future of an [`HttpClient`](crate::HttpClient). Dropping it ends the exchange.
pub struct ResponseFuture<B> {
    exchange: Exchange,
    body: PhantomData<fn() -> B>,
}

impl<B> ResponseFuture<B> {
    pub(super) fn new(client: &Inner, request: Request<Body>) -> Self {
        Self { exchange: Exchange::new(client, request), body: PhantomData }
    }
}

impl<B: From<Bytes>> Future for ResponseFuture<B> {
    type Output = Result<Response<B>, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let result = ready!(self.exchange.poll(cx));
        Poll::Ready(result.map(|response| response.map(B::from)))
    }
}

impl<B> fmt::Debug for ResponseFuture<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// One exchange. It has no type parameter, so that only this crate compiles hyper's client.
struct Exchange {
    call: Option<Arc<Call>>,
    host: Option<Authority>,
    connect_timeout: Option<Duration>,
    read_timeout: Option<Duration>,
    max_response_size: usize,
    connection: CaptureConnection,
    /// Whether the request was passed to a connection.
    is_sent: bool,
    /// Whether the response is complete or a refusal, or the server did not process the request.
    is_settled: bool,
    /// The connect timeout, then the read timeout. Boxed, since most requests have neither.
    timer: Option<Pin<Box<Sleep>>>,
    response: legacy::ResponseFuture,
    /// Boxed, so that a request without a response does not reserve memory for it.
    receiving: Option<Box<Receiving>>,
}

impl Exchange {
    fn new(client: &Inner, mut request: Request<Body>) -> Self {
        let call = Call::of(request.extensions()).cloned();
        call.as_ref().inspect(|call| call.begin_exchange());
        let options = CallOptions::of(request.extensions());
        let connect_timeout = options.and_then(|options| options.connect_timeout);
        Self {
            call,
            host: request.uri().authority().cloned(),
            connect_timeout,
            read_timeout: client.read_timeout,
            max_response_size: client.max_response_size,
            connection: capture_connection(&mut request),
            is_sent: false,
            is_settled: false,
            timer: timer(connect_timeout),
            response: client.client.request(request),
            receiving: None,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Response<Bytes>, Error>> {
        if let Poll::Ready(result) = self.poll_exchange(cx) {
            return Poll::Ready(result);
        }
        let Some(timer) = &mut self.timer else { return Poll::Pending };
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Err(self.late()))
    }

    fn poll_exchange(&mut self, cx: &mut Context<'_>) -> Poll<Result<Response<Bytes>, Error>> {
        let mut receiving = match self.receiving.take() {
            Some(receiving) => receiving,
            None => {
                let response = ready!(self.poll_response(cx))?;
                let status = response.status();
                self.call.as_ref().inspect(|call| call.responded(status.as_u16()));
                // Other refusals depend on an error code in the body, which may not arrive.
                self.is_settled = matches!(status.as_u16(), 429 | 503);
                Box::new(Receiving::new(response, self.max_response_size))
            }
        };
        let Poll::Ready(body) = receiving.poll_body(cx) else {
            self.receiving = Some(receiving);
            return Poll::Pending;
        };
        if let Err((kind, error)) = body
            && !receiving.is_clear()
        {
            return Poll::Ready(Err(self.fail(kind, error)));
        }
        self.responded(receiving.parts.status);
        let body = receiving.take_body();
        Poll::Ready(Ok(Response::from_parts(receiving.parts, body)))
    }

    fn poll_response(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Response<hyper::body::Incoming>, Error>> {
        // Hyper would still send the request as soon as there is a connection.
        let in_time = |call: &Arc<Call>| call.has_time_after(Duration::ZERO);
        if !self.is_sent && !self.call.as_ref().is_none_or(in_time) {
            let why = "the deadline was reached before there was a connection";
            return Poll::Ready(Err(self.fail(ErrorKind::OperationTimeout, why)));
        }
        let polled = Pin::new(&mut self.response).poll(cx);
        if !self.is_sent && self.connection.connection_metadata().is_some() {
            self.is_sent = true;
            self.call.as_ref().inspect(|call| call.mark_sent(true));
            self.timer = timer(self.read_timeout);
        }
        polled.map_err(|error| {
            let kind = match self.host {
                None => ErrorKind::Request,
                Some(_) if !self.is_sent || is_unsent(&error) => ErrorKind::Connect,
                Some(_) => ErrorKind::Exchange,
            };
            self.fail(kind, error)
        })
    }

    fn fail(&mut self, kind: ErrorKind, source: impl Into<BoxError>) -> Error {
        if kind.may_have_acted() {
            // The rest of the response may still arrive on this connection.
            self.poison();
        } else {
            self.is_settled = true;
        }
        Error::new(kind, source).with_host(self.host.take())
    }

    /// Returns the error after the connect timeout or the read timeout.
    fn late(&mut self) -> Error {
        if self.is_sent {
            self.call.as_ref().inspect(|call| call.time_out());
            let limit = self.read_timeout.unwrap_or_default();
            return self.fail(ErrorKind::AttemptTimeout, format!("no response within {limit:?}"));
        }
        let limit = self.connect_timeout.unwrap_or_default();
        self.fail(ErrorKind::Connect, format!("no connection within {limit:?}"))
    }

    fn responded(&mut self, status: StatusCode) {
        let is_refusal = matches!(status.as_u16(), 400..=407 | 409..=499 | 503);
        self.call.as_ref().inspect(|call| call.mark_undecided(!is_refusal));
        self.is_settled = true;
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
        let Some(call) = self.call.as_ref().filter(|_| self.is_sent) else { return };
        // After a timeout, the connection is probably dead. If the caller dropped the request, other
        // requests may still share the connection.
        if call.is_timed_out() {
            self.poison();
            if self.is_settled && self.receiving.is_some() {
                call.end_attempt(true);
            }
        }
        // The retry layer judges complete responses, by their codes too.
        if !self.is_settled {
            call.end_attempt(false);
        }
    }
}

fn timer(limit: Option<Duration>) -> Option<Pin<Box<Sleep>>> {
    limit.map(|limit| Box::pin(sleep(limit)))
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
