//! Opens connections: TCP or a transport of the caller, a tunnel through a proxy, and TLS.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;
use std::{fmt, io};

use http::Uri;
use http::uri::Scheme;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use hyper_util::rt::tokio::WithHyperIo;
use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tower::{Service, ServiceExt, service_fn};

use super::Roots;
use super::no_proxy::is_localhost;
use super::proxy::{ProxyRules, port};
use super::stream::Stream;
use super::tls::with_alpn;
use super::tunnel::tunnel;
use crate::{BoxError, Config};

/// The connector of hyper's client.
#[derive(Clone)]
pub(super) struct Connector(Arc<Shared>);

type Connecting = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

struct Shared {
    /// Connects to a host, without TLS.
    connect: Box<dyn Fn(Uri) -> Connecting + Send + Sync>,
    timeout: Option<Duration>,
    roots: Roots,
    /// Built at first use, since reading the certificates takes milliseconds.
    tls: OnceLock<Arc<ClientConfig>>,
}

impl Connector {
    /// Connects over TCP.
    pub(super) fn tcp(config: &Config, proxies: Option<Arc<ProxyRules>>) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        // Hyper divides the timeout among the addresses of a host, so that a dead one does not use up the
        // attempt: retries start with the same address. With eight addresses, each has 0.4 s. The timeout is
        // a little longer than our own, so that the error is ours, which names the setting.
        let longer = |timeout: Duration| timeout.saturating_add(Duration::from_millis(2));
        tcp.set_connect_timeout(config.connect_timeout.map(longer));
        tcp.set_nodelay(true);
        Self::new(config, move |uri| Box::pin(connect_tcp(tcp.clone(), proxies.clone(), uri)))
    }

    /// Connects over a transport of the caller.
    pub(super) fn custom<C>(config: &Config, connector: C) -> Self
    where
        C: Service<Uri, Error: Into<BoxError>, Future: Send> + Clone + Send + Sync + 'static,
        C::Response: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        Self::new(config, move |uri| {
            let stream = connector.clone().oneshot(uri);
            Box::pin(async { Ok(Box::new(TokioIo::new(stream.await.map_err(Into::into)?)) as _) })
        })
    }

    fn new(config: &Config, connect: impl Fn(Uri) -> Connecting + Send + Sync + 'static) -> Self {
        let tls = config.tls.clone().map(with_alpn);
        Self(Arc::new(Shared {
            connect: Box::new(connect),
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
        let stream = within(self.timeout, "connecting", (self.connect)(uri.clone())).await?;
        let Some(tls) = tls else { return Ok(stream) };
        let mut stream = Some(stream);
        let connected = service_fn(move |_: Uri| {
            ready(stream.take().ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected)))
        });
        let handshake = HttpsConnector::from((connected, tls)).call(uri);
        Ok(Box::new(within(self.timeout, "the TLS handshake", handshake).await?))
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
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let shared = self.0.clone();
        Box::pin(async move { shared.connect(uri).await })
    }
}

/// Connects to the host of `uri`, to its proxy, or to the host in a tunnel through the proxy.
async fn connect_tcp(
    mut tcp: HttpConnector,
    proxies: Option<Arc<ProxyRules>>,
    uri: Uri,
) -> Result<Stream, BoxError> {
    let proxies = proxies.as_deref();
    let Some(proxy) = proxies.map(|rules| rules.proxy_for(&uri)).transpose()?.flatten() else {
        return Ok(Box::new(tcp.call(resolvable(uri)?).await?));
    };
    let failed = |source| ProxyError { proxy: proxy.uri.clone(), source };
    let stream = tcp.call(proxy.uri.clone()).await.map_err(|error| failed(error.into()))?;
    if uri.scheme() == Some(&Scheme::HTTP) {
        return Ok(Box::new(WithHyperIo::new(stream.into_inner())));
    }
    let host = uri.host().unwrap_or_default();
    // Boxed, so that direct connections do not reserve memory for it.
    let tunnel = Box::pin(tunnel(Box::new(stream), host, port(&uri), proxy.authorization.as_ref()));
    Ok(Box::new(tunnel.await.map_err(failed)?))
}

/// The error of a connection through a proxy. It names the proxy, since other errors name the endpoint.
#[derive(Debug)]
struct ProxyError {
    /// Without user name and password.
    proxy: Uri,
    source: BoxError,
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not connect through the proxy {}", self.proxy)
    }
}

impl std::error::Error for ProxyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.source.as_ref())
    }
}

/// Replaces a name below `localhost` by `localhost`. Such names count as loopback, so DNS must not
/// resolve them.
fn resolvable(uri: Uri) -> Result<Uri, http::uri::InvalidUri> {
    match uri.host() {
        Some(host) if is_localhost(host) => format!("http://localhost:{}/", port(&uri)).parse(),
        _ => Ok(uri),
    }
}

/// Applies the connect timeout to one step.
async fn within<T, E: Into<BoxError>>(
    limit: Option<Duration>,
    step: &str,
    connecting: impl Future<Output = Result<T, E>>,
) -> Result<T, BoxError> {
    let Some(limit) = limit else { return connecting.await.map_err(Into::into) };
    let Ok(connected) = timeout(limit, connecting).await else {
        let message = format!("{step} took longer than the connect timeout of {limit:?}");
        return Err(io::Error::new(io::ErrorKind::TimedOut, message).into());
    };
    connected.map_err(Into::into)
}

#[cfg(test)]
mod tests {
    use tokio::io::{DuplexStream, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn connecting_and_the_handshake_each_have_the_connect_timeout() {
        let mut config = Config::default();
        config.connect_timeout = Some(Duration::from_secs(2));
        config.tls = Some(Arc::new(super::super::tls::tests::without_roots()));
        let hangs = service_fn(|_| std::future::pending::<io::Result<DuplexStream>>());
        let (ours, _silent) = duplex(64 * 1024);
        let ours = Arc::new(std::sync::Mutex::new(Some(ours)));
        let connects = service_fn(move |_| {
            let stream = ours.lock().unwrap().take();
            std::future::ready(stream.ok_or("connected twice"))
        });
        let hangs = Connector::custom(&config, hangs);
        let connects = Connector::custom(&config, connects);
        for (connector, url, expected) in [
            (&hangs, "http://a.example", "connecting took longer than the connect timeout of 2s"),
            (&connects, "https://a.example", "the TLS handshake took longer than the connect"),
            (&connects, "ftp://a.example", "the request URL must start with http:// or https://"),
        ] {
            let error = connector.clone().oneshot(Uri::from_static(url)).await.err().unwrap();
            assert!(error.to_string().starts_with(expected), "{error}");
        }
    }

    #[test]
    fn names_below_localhost_are_not_looked_up() {
        for (uri, expected) in [
            ("http://chime.localhost", "http://localhost:80/"),
            ("https://a.b.LOCALHOST.:8443/", "http://localhost:8443/"),
            ("https://localhost.example/", "https://localhost.example/"),
        ] {
            assert_eq!(resolvable(Uri::from_static(uri)).unwrap(), expected);
        }
    }
}
