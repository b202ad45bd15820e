//! The HTTP server of a local Chime.

pub(crate) mod access;
mod background;
mod connections;
pub(crate) mod cors;
pub(crate) mod exchange;
mod progress;
pub(crate) mod slots;
mod waiting;

use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chime_model::Service;
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::time::{MissedTickBehavior, interval, timeout};

use self::access::Connection;
use self::connections::Connections;
use self::exchange::Session;
use self::slots::{ConnectionSlot, Slots};
use self::waiting::Waiting;
use crate::engine::control::guard::is_loopback;
use crate::engine::core::Engine;
use crate::engine::world::World;

pub use self::background::Listening;

/// How often to close idle connections, and to apply what has become due in case no request does.
const TICK: Duration = Duration::from_secs(1);

impl<W: World> Engine<W> {
    /// Serves HTTP/1.1 without TLS until `shutdown` completes. Then requests in progress have `grace`
    /// to finish, all connections are closed, and events that wait to be reordered are sent.
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
        grace: Duration,
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
        let slots = self.slots();
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
                accepted = accept(&listener, slots) => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) if is_out_of_resources(&error) => {
                        connections.make_room().await;
                        continue;
                    }
                    Err(error) => break Err(error),
                },
            };
            // Each response is one small write, so Nagle's algorithm would only delay it.
            let _ = stream.set_nodelay(true);
            let is_reserved = slot.is_reserved;
            let session = Session {
                engine: self.clone(),
                slots: Arc::clone(slots),
                connection: Connection { peer, listener: address.ip(), service, is_reserved },
                waiting: Arc::new(Waiting::new(is_reserved)),
            };
            connections.serve(session, stream, slot);
        };
        drop(listener);
        let _ = timeout(grace, connections.shutdown()).await;
        self.send_waiting_events();
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
            Err(error) if is_of_peer(&error) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether an error of `accept` concerns one connection only, which its peer has closed.
fn is_of_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}

/// Whether `accept` failed because the system lacks file descriptors or memory.
fn is_out_of_resources(error: &io::Error) -> bool {
    const ENOMEM: i32 = 12;
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    const ENOBUFS: i32 = if cfg!(target_os = "linux") { 105 } else { 55 };
    matches!(error.raw_os_error(), Some(ENOMEM | ENFILE | EMFILE | ENOBUFS))
}

#[cfg(test)]
mod limit_tests;
#[cfg(test)]
mod surface_tests;
#[cfg(test)]
mod tests;
