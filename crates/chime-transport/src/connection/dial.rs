//! The way to a host: over TCP, directly or through a proxy, or one of the caller's.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use http::uri::Scheme;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::Matcher;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tower::Service;

use super::proxy::tunnel;
use crate::{BoxError, Config};

/// The open way to a host.
pub(super) type Stream = Box<dyn Io>;

pub(super) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

pub(super) fn boxed(stream: impl Io + 'static) -> Stream {
    Box::new(stream)
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

/// Over TCP, through the proxy of the host if it has one.
#[derive(Clone)]
pub(super) struct Tcp {
    direct: HttpConnector,
    proxies: Arc<Matcher>,
}

impl Tcp {
    pub(super) fn new(config: &Config) -> Self {
        let mut direct = HttpConnector::new();
        direct.enforce_http(false);
        // Of several addresses each has its share.
        direct.set_connect_timeout(config.connect_timeout);
        direct.set_nodelay(true);
        Self { direct, proxies: Arc::new(config.proxies.matcher()) }
    }
}

impl Service<Uri> for Tcp {
    type Response = TcpStream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<TcpStream, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // Both connectors always are.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        match tunnel(&self.proxies, &uri, &self.direct) {
            Ok(Some(mut tunnel)) => {
                let connecting = tunnel.call(with_port(uri));
                Box::pin(async move { Ok(connecting.await?.into_inner()) })
            }
            Ok(None) => {
                let connecting = self.direct.call(uri);
                Box::pin(async move { Ok(connecting.await?.into_inner()) })
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
