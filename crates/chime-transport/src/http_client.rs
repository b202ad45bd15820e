//! The HTTP client: pooled HTTP/1.1 and HTTP/2 connections over TLS, with bodies in memory.
//!
//! Position in the stack: the bottom. Any other service that takes an `http::Request` and returns an
//! `http::Response` with its body in memory can replace it.

mod connector;
mod exchange;
mod no_proxy;
mod pool;
mod proxy;
mod receive;
mod stream;
mod tls;
mod tunnel;

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderValue, PROXY_AUTHORIZATION};
use http::{Method, Request, Response, Uri, Version};
use http_body::Body as _;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::io::{AsyncRead, AsyncWrite};
use tower::Service;

use self::connector::Connector;
use self::proxy::ProxyRules;
use crate::headers::set;
use crate::{Body, BoxError, Config, Error};

pub use self::exchange::ResponseFuture;
pub(crate) use self::no_proxy::is_loopback;
pub use self::pool::Pool;
pub use self::proxy::Proxies;
pub use self::tls::Roots;

/// An HTTP client with a connection pool. Clones share the pool.
///
/// It takes requests with an absolute URI and a body that converts into [`Bytes`], such as `Bytes` or
/// [`Body`], and returns responses with a body of the same type. It ignores the HTTP version of requests.
/// The [kind](Error::kind) of an error says whether the request was sent. An error response whose status or
/// error code is clear is returned even if the connection fails in its body, with what was received.
#[derive(Clone)]
pub struct HttpClient(Arc<Inner>);

struct Inner {
    client: Client<Connector, Body>,
    proxies: Option<Arc<ProxyRules>>,
    max_response_size: usize,
    read_timeout: Option<Duration>,
}

impl HttpClient {
    /// Creates a client that connects over TCP, through the proxies of `config`. It opens connections
    /// when requests need them.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let proxies = config.proxies.rules();
        Self::over(config, Connector::tcp(config, proxies.clone()), proxies)
    }

    /// Creates a client that connects with `connector`, such as over a Unix socket, a tunnel or a pipe in
    /// memory. The client calls it with the scheme, host and port of the endpoint, and adds TLS for
    /// `https` endpoints. The proxies of `config` are not used.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use bytes::Bytes;
    /// use chime_transport::{Config, HttpClient};
    /// use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    /// use tower::ServiceExt;
    ///
    /// let connector = tower::service_fn(|_host: http::Uri| async {
    ///     let (ours, mut theirs) = duplex(1024);
    ///     tokio::spawn(async move {
    ///         theirs.read(&mut [0; 1024]).await?;
    ///         theirs.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await
    ///     });
    ///     Ok::<_, std::io::Error>(ours)
    /// });
    /// let client = HttpClient::with_connector(&Config::default(), connector);
    /// let request = http::Request::get("http://localhost/accounts").body(Bytes::new()).unwrap();
    /// assert_eq!(client.oneshot(request).await.unwrap().status(), 204);
    /// # });
    /// ```
    #[must_use]
    pub fn with_connector<C>(config: &Config, connector: C) -> Self
    where
        C: Service<Uri, Error: Into<BoxError>, Future: Send> + Clone + Send + Sync + 'static,
        C::Response: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        Self::over(config, Connector::custom(config, connector), None)
    }

    fn over(config: &Config, connector: Connector, proxies: Option<Arc<ProxyRules>>) -> Self {
        let mut builder = Client::builder(TokioExecutor::new());
        config.pool.apply(&mut builder);
        Self(Arc::new(Inner {
            client: builder.build(connector),
            proxies,
            max_response_size: config.max_response_size,
            read_timeout: config.read_timeout,
        }))
    }
}

impl<B: From<Bytes> + Into<Bytes>> Service<Request<B>> for HttpClient {
    type Response = Response<B>;
    type Error = Error;
    type Future = ResponseFuture<B>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let mut request = request.map(|body| Body::from(body.into()));
        // The version of a forwarded request is that of another connection.
        *request.version_mut() = Version::default();
        // Hyper sends no length for an empty body. Some servers refuse such a request with 411.
        if request.body().is_end_stream()
            && matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH)
        {
            set(request.headers_mut(), CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        // Only requests to `http` endpoints: for `https`, the `CONNECT` request has this header.
        let rules = self.0.proxies.as_deref();
        let authorization = rules.and_then(|rules| rules.plain_http_authorization(request.uri()));
        if let Some(value) = authorization.cloned() {
            request.headers_mut().insert(PROXY_AUTHORIZATION, value);
        }
        ResponseFuture::new(&self.0, request)
    }
}

debug_by_name!(HttpClient);

#[cfg(test)]
mod tests;
