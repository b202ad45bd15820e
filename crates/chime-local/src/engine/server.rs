//! The HTTP server of a local Chime.

pub(crate) mod access;
mod background;
mod connections;
pub(crate) mod cors;
pub(crate) mod exchange;
mod progress;
mod slots;
mod waiting;

use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chime_model::Service;
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use self::access::Connection;
use self::connections::Connections;
use self::exchange::Session;
use self::slots::{ConnectionSlot, Slots};
use self::waiting::Waiting;
use crate::engine::control::guard::is_loopback;
use crate::engine::core::Engine;
use crate::engine::world::World;

pub use self::background::Listening;

/// How long requests in progress may take after the server was told to stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);
/// How often to close idle connections, and to apply what has become due in case no request does.
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
        let mut connections = Connections::new();
        let mut shutdown = pin!(shutdown);
        let mut ticks = interval(TICK);
        // The checks of idle connections count ticks, which must not come all at once after a pause.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let outcome = loop {
            let (stream, peer, slot) = select! {
                () = &mut shutdown => break Ok(()),
                _ = ticks.tick() => {
                    self.tick();
                    connections.close_idle();
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
            let session = Session {
                engine: self.clone(),
                slots: Arc::clone(&slots),
                connection: Connection { peer, listener: address.ip(), service, is_reserved },
                waiting: Arc::new(Waiting::new(is_reserved)),
            };
            connections.serve(session, stream, slot);
        };
        drop(listener);
        let _ = timeout(SHUTDOWN_TIMEOUT, connections.shutdown()).await;
        outcome
    }
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
