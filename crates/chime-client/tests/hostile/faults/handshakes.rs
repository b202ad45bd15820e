//! The server's side of TLS handshakes.

use std::io;
use std::sync::{Arc, OnceLock};

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, copy, sink};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::server::TlsStream;

use super::script::{Connect, Protocol};
use crate::certificates::{expire, tls, trusting};

pub(crate) struct Handshakes {
    http1: TlsAcceptor,
    http2: TlsAcceptor,
    wrong_name: TlsAcceptor,
    expired: TlsAcceptor,
    unknown_issuer: TlsAcceptor,
    client: ClientConfig,
}

impl Handshakes {
    /// The acceptors of this process. Generating the certificates takes milliseconds.
    pub(crate) fn get() -> &'static Self {
        static HANDSHAKES: OnceLock<Handshakes> = OnceLock::new();
        HANDSHAKES.get_or_init(|| {
            let (http1, first) = tls(|_| (), &[]);
            let (http2, second) = tls(|_| (), &["h2"]);
            let elsewhere = || rcgen::SanType::DnsName("elsewhere.invalid".try_into().unwrap());
            let (wrong_name, third) =
                tls(|params| params.subject_alt_names = vec![elsewhere()], &[]);
            let (expired, fourth) = tls(expire, &[]);
            let (unknown_issuer, _) = tls(|_| (), &[]);
            let client = trusting(&[first, second, third, fourth]);
            Self { http1, http2, wrong_name, expired, unknown_issuer, client }
        })
    }

    /// The TLS settings of a new client, which trusts all certificates but the one of the unknown
    /// issuer. A client that reads the system's certificates takes milliseconds to start.
    pub(super) fn client(&self) -> Arc<ClientConfig> {
        let mut client = self.client.clone();
        // Scripts must not share sessions.
        client.resumption = Resumption::in_memory_sessions(8);
        Arc::new(client)
    }

    /// Makes the handshake of a connection; `None` if there is none.
    pub(super) async fn accept(
        &self,
        connect: Connect,
        protocol: Protocol,
        mut stream: DuplexStream,
    ) -> io::Result<Option<TlsStream<DuplexStream>>> {
        let acceptor = match connect {
            Connect::WrongName => &self.wrong_name,
            Connect::ExpiredCertificate => &self.expired,
            Connect::UnknownIssuer => &self.unknown_issuer,
            Connect::PlainText => {
                stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?;
                return Ok(None);
            }
            Connect::HandshakeStalls => {
                stream.read_u8().await?;
                // Until the client closes the connection.
                copy(&mut stream, &mut sink()).await?;
                return Ok(None);
            }
            _ if protocol == Protocol::Http2 => &self.http2,
            _ => &self.http1,
        };
        acceptor.accept(stream).await.map(Some)
    }
}
