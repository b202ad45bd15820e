//! The connection: pooled HTTP/1.1 and HTTP/2 over TLS, with whole messages in and out.
//!
//! Position in the stack: the bottom. Anything else that answers an `http::Request<Bytes>` with an
//! `http::Response<Bytes>` can stand in its place.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::uri::Scheme;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::client::legacy::{Client, Error as LegacyError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower::Service;

use crate::{BoxError, Config, ErrorKind};

/// Connections to any host, kept open for the next request. Clones share them.
#[derive(Clone)]
pub struct Connection(Arc<Inner>);

struct Inner {
    connector: HttpConnector,
    max_response_size: usize,
    plain: HttpClient<HttpConnector>,
    /// Made at the first use: reading the system's certificates takes milliseconds.
    tls: OnceLock<Result<HttpClient<Https>, io::ErrorKind>>,
}

type HttpClient<C> = Client<C, Full<Bytes>>;
type Https = HttpsConnector<HttpConnector>;

impl Connection {
    /// No connection yet; they are made when they are needed.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_connect_timeout(config.connect_timeout);
        connector.set_nodelay(true);
        Self(Arc::new(Inner {
            plain: client(connector.clone()),
            connector,
            max_response_size: config.max_response_size,
            tls: OnceLock::new(),
        }))
    }
}

fn client<C: Connect + Clone>(connector: C) -> HttpClient<C> {
    Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector)
}

impl Inner {
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ConnectionError> {
        let request = request.map(Full::new);
        let response = if request.uri().scheme() == Some(&Scheme::HTTP) {
            self.plain.request(request).await
        } else {
            self.tls()?.request(request).await
        };
        let response = response.map_err(ConnectionError::Request)?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, self.max_response_size).collect().await;
        Ok(Response::from_parts(parts, body.map_err(ConnectionError::Body)?.to_bytes()))
    }

    fn tls(&self) -> Result<&HttpClient<Https>, ConnectionError> {
        let make = || {
            let builder = HttpsConnectorBuilder::new().with_native_roots();
            let builder = builder.map_err(|error| error.kind())?;
            let https = builder.https_only().enable_all_versions();
            Ok(client(https.wrap_connector(self.connector.clone())))
        };
        self.tls.get_or_init(make).as_ref().map_err(|kind| ConnectionError::Roots(*kind))
    }
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
        Box::pin(async move { Ok(inner.exchange(request).await?) })
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
    /// The system's certificates could not be read.
    Roots(io::ErrorKind),
    /// The request was not sent, or no response came.
    Request(LegacyError),
    /// The body of the response broke off or was too large.
    Body(BoxError),
}

impl ConnectionError {
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::Roots(_) => ErrorKind::Connect,
            Self::Request(error) if error.is_connect() => ErrorKind::Connect,
            _ => ErrorKind::Exchange,
        }
    }
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Roots(kind) => write!(f, "the system's certificates cannot be read: {kind}"),
            Self::Request(_) => f.write_str("no response came"),
            Self::Body(_) => f.write_str("the body of the response did not come whole"),
        }
    }
}

impl std::error::Error for ConnectionError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Roots(_) => None,
            Self::Request(error) => Some(error),
            Self::Body(error) => Some(error.as_ref()),
        }
    }
}
