//! How a hostile server shakes hands.

use std::io;
use std::sync::OnceLock;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, copy, sink};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::script::Way;
use crate::certificates::{expire, tls};

pub(crate) struct Handshakes {
    good: TlsAcceptor,
    wrong_name: TlsAcceptor,
    expired: TlsAcceptor,
    stranger: TlsAcceptor,
    /// What the client believes: all but the stranger's.
    pub(crate) pem: String,
}

impl Handshakes {
    /// Made once: it takes some milliseconds.
    pub(crate) fn get() -> &'static Self {
        static HANDSHAKES: OnceLock<Handshakes> = OnceLock::new();
        HANDSHAKES.get_or_init(|| {
            let (good, first) = tls(|_| (), &[]);
            let elsewhere = || rcgen::SanType::DnsName("elsewhere.invalid".try_into().unwrap());
            let (wrong_name, second) =
                tls(|params| params.subject_alt_names = vec![elsewhere()], &[]);
            let (expired, third) = tls(expire, &[]);
            let (stranger, _) = tls(|_| (), &[]);
            Self { good, wrong_name, expired, stranger, pem: first + &second + &third }
        })
    }

    /// Shakes hands in this way; `None` if it is none.
    pub(super) async fn accept(
        &self,
        way: Way,
        mut stream: DuplexStream,
    ) -> io::Result<Option<TlsStream<DuplexStream>>> {
        let acceptor = match way {
            Way::WrongName => &self.wrong_name,
            Way::Expired => &self.expired,
            Way::Stranger => &self.stranger,
            Way::NoTls => {
                stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?;
                return Ok(None);
            }
            Way::HalfTls => {
                stream.read_u8().await?;
                // Until the client hangs up.
                copy(&mut stream, &mut sink()).await?;
                return Ok(None);
            }
            _ => &self.good,
        };
        acceptor.accept(stream).await.map(Some)
    }
}
