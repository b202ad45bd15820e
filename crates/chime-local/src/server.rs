//! The local Chime on a port.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chime_model::ServiceError;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::LocalChime;
use crate::faults::Cut;
use crate::refusal::{bad_request, common};

/// More than the largest request of the API can have.
const MAX_BODY: usize = 1024 * 1024;
const MAX_HEADERS: usize = 64 * 1024;
const MAX_CONNECTIONS: usize = 1024;
/// For the head of a request, and so for how long a connection can lie idle.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests that are under way may take when the server stops.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);
/// How long to wait when the system has no socket to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

impl LocalChime {
    /// Answers HTTP/1.1 on a port until `shutdown` completes. Then requests under way are answered
    /// within five seconds and all connections closed. There is no TLS.
    ///
    /// # Errors
    /// If the listener fails for good. That a single connection fails, or that the system is out of
    /// sockets for a while, is no error.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let graceful = GracefulShutdown::new();
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        let outcome = loop {
            while connections.try_join_next().is_some() {}
            let (stream, slot) = select! {
                () = &mut shutdown => break Ok(()),
                accepted = accept(&listener, &slots) => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => break Err(error),
                },
            };
            // Answers are small and written at once: waiting to fill a packet only delays them.
            let _ = stream.set_nodelay(true);
            let chime = self.clone();
            let service = service_fn(move |request| respond(chime.clone(), request));
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_TIMEOUT)
                .max_buf_size(MAX_HEADERS)
                .serve_connection(TokioIo::new(stream), service);
            let connection = graceful.watch(connection);
            connections.spawn(async move {
                // A connection that breaks is the client's concern.
                let _ = connection.await;
                drop(slot);
            });
        };
        drop(listener);
        let _ = timeout(SHUTDOWN_TIMEOUT, graceful.shutdown()).await;
        outcome
    }
}

/// The next connection, as soon as there is room for one more.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.map_err(io::Error::other)?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return Ok((stream, slot)),
            Err(error) if passes(&error) => sleep(ACCEPT_PAUSE).await,
            Err(error) => return Err(error),
        }
    }
}

/// Whether accepting can go on: the peer is gone already, or the system is out of descriptors or
/// memory.
fn passes(error: &io::Error) -> bool {
    const ENOMEM: i32 = 12;
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    const ENOBUFS: i32 = 105;
    let kind = error.kind();
    matches!(error.raw_os_error(), Some(ENOMEM | ENFILE | EMFILE | ENOBUFS))
        || kind == io::ErrorKind::ConnectionAborted
        || kind == io::ErrorKind::ConnectionReset
        || kind == io::ErrorKind::Interrupted
}

/// What is answered; a [`Cut`] makes the connection end without a word.
async fn respond(
    chime: LocalChime,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Cut> {
    let (head, body) = request.into_parts();
    let response = match read(body).await {
        Ok(body) => chime.answer(&Request::from_parts(head, body)).await?,
        Err(error) => {
            // What is left of the body would be taken for the next request.
            let mut response = chime.refuse(&head.headers, &error);
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            response
        }
    };
    Ok(response.map(Full::new))
}

async fn read(body: Incoming) -> Result<Bytes, ServiceError> {
    let too_large =
        || common("RequestEntityTooLargeException", 413, "A request has no more than 1 MiB");
    if body.size_hint().lower() > MAX_BODY as u64 {
        return Err(too_large());
    }
    match timeout(BODY_TIMEOUT, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(bad_request("The body ended early")),
        Err(_) => Err(common("RequestTimeoutException", 408, "The body did not arrive in time")),
    }
}

#[cfg(test)]
mod tests;
