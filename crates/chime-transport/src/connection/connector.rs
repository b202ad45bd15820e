//! Makes connections, plain and over TLS, and reads the system's certificates only for the latter.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use http::Uri;
use http::uri::Scheme;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower::Service;

use crate::{BoxError, Config};

#[derive(Clone)]
pub(super) struct Connector {
    http: HttpConnector,
    /// Made at the first use: reading the certificates takes milliseconds.
    tls: Arc<OnceLock<Result<HttpsConnector<HttpConnector>, io::ErrorKind>>>,
}

impl Connector {
    pub(super) fn new(config: &Config) -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_connect_timeout(config.connect_timeout);
        http.set_nodelay(true);
        Self { http, tls: Arc::default() }
    }

    fn tls(&self) -> io::Result<HttpsConnector<HttpConnector>> {
        let make = || {
            let builder = HttpsConnectorBuilder::new().with_native_roots();
            let builder = builder.map_err(|error| error.kind())?;
            Ok(builder.https_only().enable_all_versions().wrap_connector(self.http.clone()))
        };
        self.tls
            .get_or_init(make)
            .clone()
            .map_err(|kind| io::Error::new(kind, "the system's certificates cannot be read"))
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // Both connectors always are.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        if uri.scheme() == Some(&Scheme::HTTP) {
            let connecting = self.http.call(uri);
            return Box::pin(async move { Ok(MaybeHttpsStream::Http(connecting.await?)) });
        }
        match self.tls() {
            Ok(mut tls) => tls.call(uri),
            Err(error) => Box::pin(async move { Err(error.into()) }),
        }
    }
}
