//! An open connection as a single type for the client of hyper.

use hyper::rt::{Read, Write};
use hyper::upgrade::Upgraded;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use hyper_util::rt::tokio::WithHyperIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// A connection over TCP, TLS or a transport of the caller.
///
/// It is boxed because hyper moves it into several futures. An enum would have the size of a TLS session,
/// more than a kilobyte, for plain connections too.
pub(super) type Stream = Box<dyn Io>;

pub(super) trait Io: Read + Write + Send + Unpin {
    fn info(&self) -> Connected {
        Connected::new()
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        self.info()
    }
}

/// A connection to the host without TLS.
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for TokioIo<T> {}

/// A connection to a proxy that reads the requests. Hyper writes the whole URI into the request line.
impl Io for WithHyperIo<TcpStream> {
    fn info(&self) -> Connected {
        Connected::new().proxy(true)
    }
}

/// A tunnel to the host through a proxy.
impl Io for Upgraded {}

/// A connection to the host with TLS.
impl Io for MaybeHttpsStream<Stream> {
    fn info(&self) -> Connected {
        self.connected()
    }
}
