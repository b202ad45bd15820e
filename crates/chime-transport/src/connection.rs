//! The connection: pooled HTTP/1.1 and HTTP/2 over TLS, with whole messages in and out.
//!
//! Position in the stack: the bottom. Anything else that answers an `http::Request<Bytes>` with an
//! `http::Response<Bytes>` can stand in its place.

mod connector;
mod host;
mod no_proxy;
mod pool;
mod proxy;
mod stream;
mod tcp;
mod tls;
mod tunnel;

use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::PROXY_AUTHORIZATION;
use http::uri::Authority;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use hyper_util::client::legacy::{Client, Error as LegacyError};
use hyper_util::rt::TokioExecutor;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tower::Service;

use self::connector::Connector;
use self::proxy::ProxyRules;
use crate::retry::{Progress, is_transient};
use crate::{BoxError, Config, Error, ErrorKind};

pub(crate) use self::host::is_loopback;
pub use self::pool::Pool;
pub use self::proxy::Proxies;
pub use self::tls::Roots;

/// How long each attempt of this one call may wait for a connection. An extension of the request.
///
/// The [setting of the client](Config::connect_timeout) is the most: what connects may be of use to
/// other calls as well. It is also what holds for a connection in place of a pooled one that turned
/// out closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectTimeout(pub Duration);

/// Connections to any host, kept open for the next request. Clones share them.
#[derive(Clone)]
pub struct Connection(Arc<Inner>);

struct Inner {
    client: Client<Connector, Full<Bytes>>,
    proxies: Option<Arc<ProxyRules>>,
    max_response_size: usize,
}

impl Connection {
    /// No connection yet; they are made when they are needed.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let proxies = config.proxies.rules();
        Self::over(config, Connector::tcp(config, proxies.clone()), proxies)
    }

    /// Connects over a transport of the caller: a Unix socket, a tunnel, a pipe in memory. The
    /// connector is called with the scheme, host and port of the endpoint. TLS is added where the
    /// endpoint is `https`. The proxies of `config` are not used.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use bytes::Bytes;
    /// use chime_transport::{Config, Connection};
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
    /// let connection = Connection::with_connector(&Config::default(), connector);
    /// let request = http::Request::get("http://localhost/accounts").body(Bytes::new()).unwrap();
    /// assert_eq!(connection.oneshot(request).await.unwrap().status(), 204);
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
        }))
    }
}

impl Inner {
    async fn exchange(
        &self,
        request: Request<Bytes>,
        progress: &Progress,
    ) -> Result<Response<Bytes>, BoxError> {
        let host = request.uri().authority().cloned();
        let mut request = request.map(Full::new);
        let proxies = self.proxies.as_deref();
        if let Some(value) = proxies.and_then(|rules| rules.plain_http_authorization(request.uri()))
        {
            let value = value.clone();
            request.headers_mut().insert(PROXY_AUTHORIZATION, value);
        }
        let limit = request.extensions().get().map(|ConnectTimeout(limit)| *limit);
        progress.hold();
        let mut used = Used { connection: capture_connection(&mut request), is_fine: false };
        let mut connection = used.connection.clone();
        let mut over = pin!(over(limit, connection.wait_for_connection_metadata()));
        let mut response = pin!(self.client.request(request));
        let mut is_out = false;
        let response = poll_fn(|cx| {
            // Hyper sends as soon as there is a connection. At the deadline that is too late: a timer
            // that was due just before goes off with it.
            if !is_out && !progress.has_time_after(Duration::ZERO) {
                let error = Error::elapsed(ErrorKind::OperationTimeout, progress);
                return Poll::Ready(Err(BoxError::from(error)));
            }
            let polled = response.as_mut().poll(cx);
            if !is_out && used.connection.connection_metadata().is_some() {
                is_out = true;
                progress.release();
            }
            match polled {
                Poll::Ready(response) => Poll::Ready(Ok(response)),
                Poll::Pending => {
                    over.as_mut().poll(cx).map(|limit| Err(ConnectionError::TooLate(limit).into()))
                }
            }
        });
        let (parts, body) = match response.await? {
            Ok(response) => response.into_parts(),
            Err(error) if is_out && !is_unprocessed(&error) => {
                return Err(ConnectionError::Request(host, error).into());
            }
            Err(error) => return Err(ConnectionError::NotSent(host, error).into()),
        };
        progress.answered(parts.status.as_u16());
        let body = Limited::new(body, self.max_response_size).collect().await;
        let cut = |error| ConnectionError::Body(parts.status, error);
        let body = body.map_err(cut)?.to_bytes();
        let response = Response::from_parts(parts, body);
        used.is_fine = !is_transient(&response);
        Ok(response)
    }
}

/// Ends with the limit, unless there is a connection by then.
async fn over<T>(limit: Option<Duration>, connected: impl Future<Output = T>) -> Duration {
    match limit {
        Some(limit) if timeout(limit, connected).await.is_err() => limit,
        _ => pending().await,
    }
}

/// A connection during an exchange. Unless that ends well, no further one uses it: it fails, is
/// given up, or its answer says that the service is out of order, and the next attempt should meet
/// another machine behind the same name.
struct Used {
    connection: CaptureConnection,
    is_fine: bool,
}

impl Drop for Used {
    fn drop(&mut self) {
        if let (false, Some(connection)) =
            (self.is_fine, self.connection.connection_metadata().as_ref())
        {
            connection.poison();
        }
    }
}

/// Whether the other end, or our side of the connection, told that nobody has looked at the request.
fn is_unprocessed(error: &LegacyError) -> bool {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = next {
        let canceled = error.downcast_ref().is_some_and(hyper::Error::is_canceled);
        #[cfg(not(feature = "http2"))]
        let refused = false;
        #[cfg(feature = "http2")]
        let refused = error.downcast_ref().is_some_and(|error: &h2::Error| {
            let refused = error.reason() == Some(h2::Reason::REFUSED_STREAM);
            refused && error.is_remote() && error.is_reset()
        });
        if canceled || refused {
            return true;
        }
        next = error.source();
    }
    false
}

impl Service<Request<Bytes>> for Connection {
    type Response = Response<Bytes>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Bytes>, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let inner = self.0.clone();
        let progress = Progress::of(request.extensions());
        Box::pin(async move { progress.exchange(inner.exchange(request, &progress)).await })
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

/// Why an exchange over a [`Connection`] failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectionError {
    /// There was no connection to this host that the request could be sent over, or the host refused
    /// to look at it.
    NotSent(Option<Authority>, LegacyError),
    /// No response came from this host.
    Request(Option<Authority>, LegacyError),
    /// There was no connection in the time of the call's own [`ConnectTimeout`].
    TooLate(Duration),
    /// The body of the response with this status broke off or was too large.
    Body(StatusCode, BoxError),
}

impl ConnectionError {
    /// The host that was not reached, where it is known.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::NotSent(host, _) | Self::Request(host, _) => Some(host.as_ref()?.host()),
            Self::TooLate(_) | Self::Body(..) => None,
        }
    }

    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::NotSent(None, _) => ErrorKind::Request,
            Self::NotSent(..) | Self::TooLate(_) => ErrorKind::Connect,
            // In place of one that was closed.
            Self::Request(_, error) if error.is_connect() => ErrorKind::Connect,
            Self::Body(_, error) if error.is::<LengthLimitError>() => ErrorKind::TooLarge,
            _ => ErrorKind::Exchange,
        }
    }
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(Some(host), _) => write!(f, "there is no connection to {}", bare(host)),
            Self::Request(Some(host), _) => write!(f, "no response came from {}", bare(host)),
            Self::NotSent(None, _) | Self::Request(None, _) => {
                f.write_str("the request has no address")
            }
            Self::TooLate(limit) => write!(f, "there was no connection within {limit:?}"),
            Self::Body(..) => f.write_str("the body of the response did not come whole"),
        }
    }
}

/// The host and port, without a name and password that a URL may have in front of them.
fn bare(host: &Authority) -> &str {
    host.as_str().rsplit('@').next().unwrap_or_default()
}

impl StdError for ConnectionError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::NotSent(_, error) | Self::Request(_, error) => Some(error),
            Self::Body(_, error) => Some(error.as_ref()),
            Self::TooLate(_) => None,
        }
    }
}
