//! Connections over TCP, directly or through a proxy.

use std::sync::Arc;

use http::Uri;
use http::uri::Scheme;
use hyper_util::client::legacy::connect::HttpConnector;
use tower::Service;

use super::host::is_localhost;
use super::proxy::{ProxyRules, port};
use super::stream::Stream;
use super::tunnel::tunnel;
use crate::{BoxError, Config};

#[derive(Clone)]
pub(super) struct Tcp {
    connector: HttpConnector,
    proxies: Option<Arc<ProxyRules>>,
}

impl Tcp {
    pub(super) fn new(config: &Config, proxies: Option<Arc<ProxyRules>>) -> Self {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        // Divides the time among the addresses of a host.
        connector.set_connect_timeout(config.connect_timeout);
        connector.set_nodelay(true);
        Self { connector, proxies }
    }

    /// Connects to the host of `uri`, or opens a tunnel to it. For an `http` URI with a proxy, the
    /// connection ends at the proxy.
    pub(super) async fn connect(mut self, uri: Uri) -> Result<Stream, BoxError> {
        let proxies = self.proxies.as_deref();
        let Some(proxy) = proxies.map(|rules| rules.proxy_for(&uri)).transpose()?.flatten() else {
            let stream = self.connector.call(resolvable(uri)?).await?;
            return Ok(Stream::new(stream.into_inner()));
        };
        let mut stream = self.connector.call(proxy.uri.clone()).await?.into_inner();
        if uri.scheme() == Some(&Scheme::HTTP) {
            return Ok(Stream::new(stream).proxied());
        }
        let host = uri.host().unwrap_or_default();
        // Boxed, so that direct connections do not reserve memory for it.
        Box::pin(tunnel(&mut stream, host, port(&uri), proxy.authorization.as_ref())).await?;
        Ok(Stream::new(stream))
    }
}

/// Replaces a name below `localhost` by `localhost`: it counts as loopback, so DNS must not decide
/// where it leads.
fn resolvable(uri: Uri) -> http::Result<Uri> {
    if !uri.host().is_some_and(is_localhost) {
        return Ok(uri);
    }
    let authority = format!("localhost:{}", port(&uri));
    Uri::builder().scheme("http").authority(authority).path_and_query("/").build()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use hyper_util::client::legacy::connect::Connection as _;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::Proxies;

    /// Connects through a proxy that sends `response`; returns what the proxy received, too.
    async fn through_proxy(to: &str, response: &str) -> (Result<Stream, BoxError>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://me:p@ss@{}", listener.local_addr().unwrap());
        let tcp = Tcp::new(&Config::default(), Proxies::all(url).rules());
        let connecting = tcp.connect(to.parse().unwrap());
        let serving = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(response.as_bytes()).await.unwrap();
            let mut request = [0; 1024];
            // The client sends nothing on a plain connection until there is a request.
            let length = match response {
                "" => 0,
                _ => stream.read(&mut request).await.unwrap(),
            };
            String::from_utf8(request[..length].to_vec()).unwrap()
        };
        tokio::join!(connecting, serving)
    }

    #[tokio::test]
    async fn an_https_host_is_reached_through_a_tunnel() {
        let (stream, request) =
            through_proxy("https://service.invalid", "HTTP/1.1 200 OK\r\n\r\n").await;
        assert!(!stream.unwrap().connected().is_proxied());
        assert!(request.starts_with("CONNECT service.invalid:443 HTTP/1.1\r\n"), "{request}");
        // me:p@ss
        assert!(request.contains("\r\nProxy-Authorization: Basic bWU6cEBzcw==\r\n"), "{request}");

        let refusal = "HTTP/1.1 407 me:p@ss\r\n\r\n";
        let (stream, _) = through_proxy("https://service.invalid:8443", refusal).await;
        let expected = "proxy refused the tunnel: HTTP 407 Proxy Authentication Required";
        assert_eq!(stream.err().unwrap().to_string(), expected);
    }

    #[tokio::test]
    async fn an_http_proxy_gets_the_requests_themselves() {
        let (stream, _) = through_proxy("http://service.invalid", "").await;
        assert!(stream.unwrap().connected().is_proxied());
    }

    #[tokio::test]
    async fn a_direct_connection_is_not_proxied() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let tcp = Tcp::new(&Config::default(), Proxies::all("http://unreachable.invalid").rules());
        let stream = tcp.connect(uri).await.unwrap();
        assert!(!stream.connected().is_proxied() && !stream.connected().is_negotiated_h2());
        assert!(hyper::rt::Write::is_write_vectored(&stream));
    }

    #[test]
    fn names_below_localhost_are_not_looked_up() {
        for (uri, expected) in [
            ("http://chime.localhost", "http://localhost:80/"),
            ("https://a.b.LOCALHOST.:8443/", "http://localhost:8443/"),
            ("https://localhost", "http://localhost:443/"),
            ("https://localhost.example/", "https://localhost.example/"),
        ] {
            assert_eq!(resolvable(uri.parse().unwrap()).unwrap(), expected);
        }
    }

    #[test]
    fn the_password_of_a_proxy_is_sensitive() {
        let rules = Proxies::all("http://me:secret@p").rules().unwrap();
        let uri = Uri::from_static("https://a.example");
        let proxy = rules.proxy_for(&uri).unwrap().unwrap();
        assert!(proxy.authorization.as_ref().is_some_and(HeaderValue::is_sensitive));
    }
}
