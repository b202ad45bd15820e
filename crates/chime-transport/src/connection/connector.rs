//! Makes connections: plain or over TLS, as the scheme says.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};

use super::Roots;
use super::dial::Stream;
use crate::{BoxError, Config};

type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// Adds TLS to what [`Dial`] connects to, where the scheme asks for it.
#[derive(Clone)]
pub(super) struct Connector {
    dial: Dial,
    roots: Roots,
    /// Made at the first use: reading the certificates takes milliseconds.
    tls: Arc<OnceLock<HttpsConnector<Dial>>>,
}

impl Connector {
    pub(super) fn new(config: &Config, way: BoxCloneSyncService<Uri, Stream, BoxError>) -> Self {
        let dial = Dial { way, limit: config.connect_timeout };
        Self { dial, roots: config.roots.clone(), tls: Arc::default() }
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
    type Response = MaybeHttpsStream<TokioIo<Stream>>;
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
        // As long again for TLS.
        let limit = self.dial.limit.map(|limit| limit.saturating_mul(2));
        match self.tls() {
            Ok(mut tls) => within(limit, tls.call(uri)),
            Err(error) => Box::pin(async move { Err(error.into()) }),
        }
    }
}

/// Opens the way to a host, within a limit.
#[derive(Clone)]
struct Dial {
    way: BoxCloneSyncService<Uri, Stream, BoxError>,
    limit: Option<Duration>,
}

impl Service<Uri> for Dial {
    type Response = TokioIo<Stream>;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // Each way gets a clone and waits for that.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let opening = self.way.clone().oneshot(uri);
        within(self.limit, async move { Ok(TokioIo::new(opening.await?)) })
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
