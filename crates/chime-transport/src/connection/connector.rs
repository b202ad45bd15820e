//! Makes connections: direct or through a proxy, plain or over TLS.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use http::Uri;
use http::uri::Scheme;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower::Service;

use super::Roots;
use super::proxy::tunnel;
use crate::{BoxError, Config};

/// A connector, or why there is none; errors of the system cannot be cloned.
type Tls = Result<HttpsConnector<Dial>, (io::ErrorKind, String)>;
type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// Adds TLS to what [`Dial`] connects to, where the scheme asks for it.
#[derive(Clone)]
pub(super) struct Connector {
    dial: Dial,
    roots: Roots,
    /// Made at the first use: reading the certificates takes milliseconds.
    tls: Arc<OnceLock<Tls>>,
}

impl Connector {
    pub(super) fn new(config: &Config) -> Self {
        let mut direct = HttpConnector::new();
        direct.enforce_http(false);
        direct.set_connect_timeout(config.connect_timeout);
        direct.set_nodelay(true);
        let dial = Dial { direct, proxies: Arc::new(config.proxies.matcher()) };
        Self { dial, roots: config.roots.clone(), tls: Arc::default() }
    }

    fn tls(&self) -> io::Result<HttpsConnector<Dial>> {
        let make = || {
            let tls = self.roots.tls().map_err(|error| (error.kind(), error.to_string()))?;
            let builder = HttpsConnectorBuilder::new().with_tls_config(tls).https_only();
            Ok(builder.enable_all_versions().wrap_connector(self.dial.clone()))
        };
        self.tls.get_or_init(make).clone().map_err(|(kind, error)| io::Error::new(kind, error))
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // Both connectors always are.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        if uri.scheme() == Some(&Scheme::HTTP) {
            let connecting = self.dial.call(uri);
            return Box::pin(async move { Ok(MaybeHttpsStream::Http(connecting.await?)) });
        }
        match self.tls() {
            Ok(mut tls) => tls.call(uri),
            Err(error) => Box::pin(async move { Err(error.into()) }),
        }
    }
}

/// Opens the way to a host.
#[derive(Clone)]
pub(super) struct Dial {
    direct: HttpConnector,
    proxies: Arc<Matcher>,
}

impl Service<Uri> for Dial {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        match tunnel(&self.proxies, &uri, &self.direct) {
            Some(mut tunnel) => {
                let connecting = tunnel.call(with_port(uri));
                Box::pin(async move { Ok(connecting.await?) })
            }
            None => {
                let connecting = self.direct.call(uri);
                Box::pin(async move { Ok(connecting.await?) })
            }
        }
    }
}

/// A tunnel takes a missing port for that of TLS.
fn with_port(uri: Uri) -> Uri {
    let host = uri.host().filter(|_| uri.scheme() == Some(&Scheme::HTTP) && uri.port().is_none());
    host.and_then(|host| Uri::try_from(format!("http://{host}:80/")).ok()).unwrap_or(uri)
}
