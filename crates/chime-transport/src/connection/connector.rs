//! Makes connections: direct or through a proxy, plain or over TLS.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower::Service;

use super::Roots;
use super::proxy::tunnel;
use crate::{BoxError, Config};

type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// Adds TLS to what [`Dial`] connects to, where the scheme asks for it.
#[derive(Clone)]
pub(super) struct Connector {
    dial: Dial,
    /// For the way to the host, and as long again for TLS.
    limit: Option<Duration>,
    roots: Roots,
    /// Made at the first use: reading the certificates takes milliseconds.
    tls: Arc<OnceLock<HttpsConnector<Dial>>>,
}

impl Connector {
    pub(super) fn new(config: &Config) -> Self {
        let mut direct = HttpConnector::new();
        direct.enforce_http(false);
        direct.set_connect_timeout(config.connect_timeout);
        direct.set_nodelay(true);
        let (limit, roots) = (config.connect_timeout, config.roots.clone());
        let dial = Dial { direct, limit, proxies: Arc::new(config.proxies.matcher()) };
        Self { dial, limit, roots, tls: Arc::default() }
    }

    fn tls(&self) -> io::Result<HttpsConnector<Dial>> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls.clone());
        }
        let builder = HttpsConnectorBuilder::new().with_tls_config(self.roots.tls()?).https_only();
        let tls = builder.enable_all_versions().wrap_connector(self.dial.clone());
        Ok(self.tls.get_or_init(|| tls).clone())
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
            Ok(mut tls) => within(self.limit.map(|limit| limit.saturating_mul(2)), tls.call(uri)),
            Err(error) => Box::pin(async move { Err(error.into()) }),
        }
    }
}

/// Ends what takes longer.
fn within<T: Send + 'static>(
    limit: Option<Duration>,
    connecting: impl Future<Output = Result<T, BoxError>> + Send + 'static,
) -> Connecting<T> {
    let Some(limit) = limit else { return Box::pin(connecting) };
    Box::pin(async move {
        timeout(limit, connecting).await.unwrap_or_else(|_| {
            Err(io::Error::new(io::ErrorKind::TimedOut, format!("not within {limit:?}")).into())
        })
    })
}

/// Opens the way to a host.
#[derive(Clone)]
pub(super) struct Dial {
    direct: HttpConnector,
    limit: Option<Duration>,
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
            Ok(Some(mut tunnel)) => {
                let connecting = tunnel.call(with_port(uri));
                within(self.limit, async move { Ok(connecting.await?) })
            }
            Ok(None) => {
                let connecting = self.direct.call(uri);
                within(self.limit, async move { Ok(connecting.await?) })
            }
            Err(error) => Box::pin(async move { Err(error.into()) }),
        }
    }
}

/// A tunnel takes a missing port for that of TLS.
fn with_port(uri: Uri) -> Uri {
    let host = uri.host().filter(|_| uri.scheme() == Some(&Scheme::HTTP) && uri.port().is_none());
    host.and_then(|host| Uri::try_from(format!("http://{host}:80/")).ok()).unwrap_or(uri)
}
