//! The HTTP server of a local Chime.

pub(crate) mod access;
mod background;
pub(crate) mod cors;
pub(crate) mod exchange;
mod slots;
mod write_timeout;

use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chime_model::Service;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, timeout};

use self::access::Connection;
use self::exchange::{MAX_HEAD, respond};
use self::slots::{ConnectionSlot, Slots};
use self::write_timeout::WriteTimeout;
use crate::engine::control::is_loopback;
use crate::engine::core::Engine;
use crate::engine::world::World;

pub use self::background::Listening;

/// How long the head of a request may take. This is also the idle timeout of a connection.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// The same for a connection that is reserved for the control endpoint.
const RESERVED_HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a client may leave a response unread.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests in progress may take after the server was told to stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);
/// How often to apply what has become due, in case no request does.
const TICK: Duration = Duration::from_secs(1);
/// How long to wait after a temporary error of `accept`.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

impl<W: World> Engine<W> {
    /// Serves HTTP/1.1 without TLS until `shutdown` completes. Then requests in progress have five
    /// seconds to finish, and all connections are closed.
    ///
    /// For callers on the same machine it also serves the control endpoint and the page.
    ///
    /// # Errors
    /// Returns an error if the listener fails permanently, if the system cannot generate the control
    /// token, or if `service` is not one of the engine's. Errors of single connections and temporary
    /// errors of `accept` are not returned.
    pub(crate) async fn serve(
        self,
        listener: TcpListener,
        service: Option<&Service>,
        shutdown: impl Future<Output = ()>,
    ) -> io::Result<()> {
        self.control_token().get()?;
        let address = listener.local_addr()?;
        let number = |service| {
            let unknown =
                || io::Error::new(io::ErrorKind::InvalidInput, "the service is not served");
            self.routes().number(service).ok_or_else(unknown)
        };
        let service = service.map(number).transpose()?;
        let slots = Arc::new(Slots::default());
        let graceful = GracefulShutdown::new();
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        let mut ticks = interval(TICK);
        let outcome = loop {
            while connections.try_join_next().is_some() {}
            let (stream, peer, slot) = select! {
                () = &mut shutdown => break Ok(()),
                _ = ticks.tick() => {
                    self.tick();
                    continue;
                }
                accepted = accept(&listener, &slots) => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => break Err(error),
                },
            };
            // Each response is one small write, so Nagle's algorithm would only delay it.
            let _ = stream.set_nodelay(true);
            let is_reserved = slot.is_reserved;
            let ends = Connection { peer, listener: address.ip(), service, is_reserved };
            let connection = connection(self.clone(), Arc::clone(&slots), ends, stream);
            let connection = graceful.watch(connection);
            connections.spawn(async move {
                // Errors of one connection concern its client only.
                let _ = connection.await;
                drop(slot);
            });
        };
        drop(listener);
        let _ = timeout(SHUTDOWN_TIMEOUT, graceful.shutdown()).await;
        outcome
    }
}

/// Serves one connection until it ends.
fn connection<W: World>(
    engine: Engine<W>,
    slots: Arc<Slots>,
    ends: Connection,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> impl GracefulConnection<Error = hyper::Error> + Send {
    let service =
        service_fn(move |request| respond(engine.clone(), Arc::clone(&slots), ends, request));
    let header_timeout = if ends.is_reserved { RESERVED_HEADER_TIMEOUT } else { HEADER_TIMEOUT };
    // hyper accepts up to 100 headers, and responds with 431 to more.
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_buf_size(MAX_HEAD)
        // Copying a small head and body to one buffer is faster than a vectored write.
        .writev(false)
        .serve_connection(TokioIo::new(WriteTimeout::new(stream, WRITE_TIMEOUT)), service)
}

/// Waits for the next connection that gets a slot. Those that get none are closed.
async fn accept(
    listener: &TcpListener,
    slots: &Slots,
) -> io::Result<(TcpStream, IpAddr, ConnectionSlot)> {
    loop {
        slots.free().await;
        match listener.accept().await {
            Ok((stream, peer)) => {
                if let Some(slot) = slots.connection(is_loopback(peer.ip())) {
                    return Ok((stream, peer.ip(), slot));
                }
            }
            Err(error) if is_temporary(&error) => sleep(ACCEPT_PAUSE).await,
            Err(error) => return Err(error),
        }
    }
}

/// Whether `accept` can be called again after an error: the peer closed the connection, or the
/// system is out of file descriptors or memory.
fn is_temporary(error: &io::Error) -> bool {
    const ENOMEM: i32 = 12;
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    const ENOBUFS: i32 = if cfg!(target_os = "linux") { 105 } else { 55 };
    let kind = error.kind();
    matches!(error.raw_os_error(), Some(ENOMEM | ENFILE | EMFILE | ENOBUFS))
        || kind == io::ErrorKind::ConnectionAborted
        || kind == io::ErrorKind::ConnectionReset
        || kind == io::ErrorKind::Interrupted
}

#[cfg(test)]
mod limit_tests;
#[cfg(test)]
mod surface_tests;
#[cfg(test)]
mod tests;
