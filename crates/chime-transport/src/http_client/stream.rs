//! An open connection as a single type for the client of hyper.

use hyper::rt::{Read, Write};
use hyper::upgrade::Upgraded;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use hyper_util::rt::tokio::{WithHyperIo, WithTokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

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
impl Io for WithHyperIo<TlsStream<WithTokioIo<Stream>>> {
    fn info(&self) -> Connected {
        let (_, session) = self.inner().get_ref();
        match session.alpn_protocol() {
            Some(b"h2") => Connected::new().negotiated_h2(),
            _ => Connected::new(),
        }
    }
}
