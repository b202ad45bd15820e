//! Opens connections: over TCP or a transport of the caller, and with TLS for `https`.

use std::future::{Future, ready};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use hyper_rustls::HttpsConnector;
use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tower::{Service, ServiceExt, service_fn};

use super::Roots;
use super::proxy::ProxyRules;
use super::stream::Stream;
use super::tcp::Tcp;
use super::tls::with_alpn;
use crate::{BoxError, Config};

type Connecting<T = Stream> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// The connector of hyper's client.
#[derive(Clone)]
pub(super) struct Connector(Arc<Shared>);

struct Shared {
    /// Connects to a host, without TLS.
    transport: Box<dyn Fn(Uri) -> Connecting + Send + Sync>,
    timeout: Option<Duration>,
    roots: Roots,
    /// Built at first use, because reading the certificates takes milliseconds.
    tls: OnceLock<Arc<ClientConfig>>,
}

impl Connector {
    /// Connects over TCP.
    pub(super) fn tcp(config: &Config, proxies: Option<Arc<ProxyRules>>) -> Self {
        let tcp = Tcp::new(config, proxies);
        Self::new(config, Box::new(move |uri| Box::pin(tcp.clone().connect(uri))))
    }

    /// Connects over a transport of the caller.
    pub(super) fn custom<C>(config: &Config, connector: C) -> Self
    where
        C: Service<Uri, Error: Into<BoxError>, Future: Send> + Clone + Send + Sync + 'static,
        C::Response: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let transport = move |uri| -> Connecting {
            let connecting = connector.clone().oneshot(uri);
            Box::pin(async move { connecting.await.map(Stream::new).map_err(Into::into) })
        };
        Self::new(config, Box::new(transport))
    }

    fn new(config: &Config, transport: Box<dyn Fn(Uri) -> Connecting + Send + Sync>) -> Self {
        let tls = config.tls.clone().map(with_alpn);
        Self(Arc::new(Shared {
            transport,
            timeout: config.connect_timeout,
            roots: config.roots.clone(),
            tls: tls.map(OnceLock::from).unwrap_or_default(),
        }))
    }
}

impl Shared {
    async fn connect(&self, uri: Uri) -> Result<Stream, BoxError> {
        let tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => Some(self.tls()?),
            Some(scheme) if *scheme == Scheme::HTTP => None,
            _ => return Err("the request URL must start with http:// or https://".into()),
        };
        let connecting = (self.transport)(uri.clone());
        let stream = within(self.timeout, "connecting", connecting).await?;
        let Some(tls) = tls else { return Ok(stream) };
        let mut stream = Some(stream);
        let connected = service_fn(move |_: Uri| {
            ready(stream.take().ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected)))
        });
        let handshake = HttpsConnector::from((connected, tls)).call(uri);
        Ok(within(self.timeout, "the TLS handshake", handshake).await?.into())
    }

    fn tls(&self) -> io::Result<Arc<ClientConfig>> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls.clone());
        }
        let tls = with_alpn(Arc::new(self.roots.client_config()?));
        Ok(self.tls.get_or_init(|| tls).clone())
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = BoxError;
    type Future = Connecting;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // Each connection waits for its own clone of the transport.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Connecting {
        let shared = self.0.clone();
        Box::pin(async move { shared.connect(uri).await })
    }
}

/// Limits the time of one step of connecting.
async fn within<T>(
    limit: Option<Duration>,
    step: &str,
    connecting: Connecting<T>,
) -> Result<T, BoxError> {
    let Some(limit) = limit else { return connecting.await };
    timeout(limit, connecting).await.unwrap_or_else(|_| {
        let message = format!("{step} took longer than the connect timeout of {limit:?}");
        Err(io::Error::new(io::ErrorKind::TimedOut, message).into())
    })
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tokio::io::duplex;

    use super::*;

    async fn error(url: &'static str, config: &Config, hangs: bool) -> String {
        let transport = service_fn(move |_: Uri| async move {
            if hangs {
                std::future::pending::<()>().await;
            }
            let (ours, theirs) = duplex(64 * 1024);
            tokio::spawn(async move {
                let _silent = theirs;
                std::future::pending::<()>().await;
            });
            Ok::<_, Infallible>(ours)
        });
        let connector = Connector::custom(config, transport);
        connector.oneshot(Uri::from_static(url)).await.err().unwrap().to_string()
    }

    #[tokio::test(start_paused = true)]
    async fn each_step_has_the_connect_timeout() {
        let mut config = Config::default();
        config.connect_timeout = Some(Duration::from_secs(2));
        config.tls = Some(Arc::new(tls_without_roots()));
        for url in ["http://a.example", "https://a.example"] {
            let expected = "connecting took longer than the connect timeout of 2s";
            assert_eq!(error(url, &config, true).await, expected);
        }
        let expected = "the TLS handshake took longer than the connect timeout of 2s";
        assert_eq!(error("https://a.example", &config, false).await, expected);
    }

    #[tokio::test]
    async fn other_schemes_are_refused() {
        let expected = "the request URL must start with http:// or https://";
        assert_eq!(error("ftp://a.example", &Config::default(), false).await, expected);
    }

    fn tls_without_roots() -> ClientConfig {
        ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth()
    }
}
