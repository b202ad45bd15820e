//! A server that runs on a background thread.

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use chime_model::SensitiveString;
use tokio::runtime;
use tokio::sync::oneshot;

use crate::engine::core::Engine;
use crate::engine::world::World;

/// A handle to a [`LocalChime`](crate::LocalChime) that listens on a port. Dropping it stops the
/// server and closes all connections.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    control_token: SensitiveString,
    /// Dropped to stop the server.
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<io::Result<()>>>,
}

impl<W: World> Engine<W> {
    /// Listens in the background until the returned handle is dropped.
    ///
    /// The server runs on a thread of its own, so the caller may block and needs no async runtime.
    ///
    /// # Errors
    /// Returns an error if the address is not available, or if the system cannot start a thread or
    /// generate the control token.
    pub(crate) fn listen(&self, address: impl ToSocketAddrs) -> io::Result<Listening> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let control_token = self.control_token().get()?.clone();
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let engine = self.clone();
        let serve = async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            let stopped = async { drop(stopped.await) };
            engine.serve(listener, None, Duration::ZERO, stopped).await
        };
        let server = Builder::new().name("local-chime".to_owned());
        let server = server.spawn(move || runtime.block_on(serve))?;
        Ok(Listening { address, control_token, stop: Some(stop), server: Some(server) })
    }
}

impl Listening {
    /// The address that the server listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL for clients, such as `http://127.0.0.1:49152`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The token for the control endpoint, which requests send as `Authorization: Bearer TOKEN`.
    #[must_use]
    pub fn control_token(&self) -> &str {
        self.control_token.expose()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(server) = self.server.take() {
            // The server has stopped, with or without an error.
            let _ = server.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use crate::LocalChime;

    use super::*;

    #[test]
    fn the_server_stops_when_the_handle_is_dropped() {
        let listening = LocalChime::sample().listen("127.0.0.1:0").unwrap();
        let address = listening.address();
        let mut open = TcpStream::connect(address).unwrap();
        let other = LocalChime::sample().listen(address);
        assert_eq!(other.unwrap_err().kind(), io::ErrorKind::AddrInUse);
        drop(listening);
        assert!(TcpStream::connect(address).is_err());
        assert!(matches!(open.read(&mut [0]), Ok(0) | Err(_)), "the connection is still open");
    }

    #[tokio::test]
    async fn a_caller_may_block() {
        let listening = LocalChime::sample().listen("127.0.0.1:0").unwrap();
        let mut stream = TcpStream::connect(listening.address()).unwrap();
        stream.write_all(b"GET /accounts HTTP/1.0\r\nhost: x\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains("MissingAuthenticationTokenException"), "{answer}");
    }

    #[test]
    fn two_chimes_share_no_state() {
        let (one, other) = (LocalChime::sample(), LocalChime::sample());
        let before = serde_json::to_value(other.export()).unwrap();
        let account = chime_model::chime::Account::new("111122223333", "another", "Another");
        one.seed(crate::Organisation::new(account)).unwrap();
        one.clock().freeze();
        one.take_snapshot("one").unwrap();
        let fault = crate::engine::faults::Fault::default();
        one.set_faults(crate::Faults { faults: vec![fault], ..Default::default() }).unwrap();
        assert_ne!(serde_json::to_value(one.export()).unwrap(), before);
        assert_eq!(serde_json::to_value(other.export()).unwrap(), before);
        assert!(matches!(other.clock().mode(), crate::ClockMode::Running { .. }));
        assert_eq!(other.snapshots().unwrap(), [""; 0]);
        assert_eq!(other.faults(), crate::Faults::default());
    }
}
