//! Endpoints: the address of a service and the scope of its signatures.
//!
//! Position in the stack: outside the signing layer, which signs the address.

mod partition;
mod resolve;

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{HOST, HeaderValue};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Uri};
use tower::{Layer, Service};

use crate::CallOptions;
use crate::headers::set;
use crate::http_client::is_loopback;
use crate::sign::SigningScope;

pub(crate) use resolve::resolve;
pub use resolve::{EndpointError, EndpointParams};

/// The address of a service, and the scope of signatures for it. Clones are cheap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Arc<Parts>);

#[derive(Debug, PartialEq, Eq)]
struct Parts {
    scheme: Scheme,
    authority: Authority,
    /// The `host` header of requests, so that it is not formatted for each of them.
    host: HeaderValue,
    /// The prefix of every path, without a trailing slash.
    prefix: String,
    scope: SigningScope,
}

impl Endpoint {
    /// Creates the endpoint at `url`. The path of `url` is prepended to that of every request.
    ///
    /// # Errors
    /// If `url` is not an `http` or `https` URL, has a query, a user name or a password, or is `http` and
    /// its host is not a loopback address.
    pub fn new(
        url: &str,
        signing_region: impl Into<Arc<str>>,
        signing_name: impl Into<Arc<str>>,
    ) -> Result<Self, InvalidUrl> {
        let endpoint = Self::with_plain_http(url, signing_region, signing_name)?;
        match endpoint.0.scheme == Scheme::HTTP && !is_loopback(endpoint.host()) {
            true => Err(InvalidUrl::PlainHttp),
            false => Ok(endpoint),
        }
    }

    /// Creates the endpoint at `url`, which may be plain `http` to any host. Everybody on the network can
    /// then read the requests, which contain sensitive data.
    ///
    /// # Errors
    /// If `url` is not an `http` or `https` URL, or has a query, a user name or a password.
    pub fn with_plain_http(
        url: &str,
        signing_region: impl Into<Arc<str>>,
        signing_name: impl Into<Arc<str>>,
    ) -> Result<Self, InvalidUrl> {
        let parse = || {
            let uri = url.parse::<Uri>().ok().filter(|uri| uri.query().is_none())?;
            let scheme = uri.scheme().filter(|s| [Scheme::HTTP, Scheme::HTTPS].contains(s))?;
            // Proxies may change the host to lower case, which is signed.
            let host = host_and_port(uri.authority()?, scheme)?.to_ascii_lowercase();
            let (authority, host) = (host.parse().ok()?, host.parse().ok()?);
            Some((scheme.clone(), authority, host, uri.path().trim_end_matches('/').to_owned()))
        };
        let (scheme, authority, host, prefix) = parse().ok_or(InvalidUrl::Malformed)?;
        let scope = SigningScope::new(signing_region, signing_name);
        Ok(Self(Arc::new(Parts { scheme, authority, host, prefix, scope })))
    }

    /// Returns the scope of signatures for this endpoint.
    #[must_use]
    pub fn scope(&self) -> &SigningScope {
        &self.0.scope
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.0.authority
    }

    /// Returns the host.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.authority.host()
    }

    /// Returns the port, or `None` if it is the default of the scheme.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.0.authority.port_u16()
    }

    /// Returns the URI of a path and query at this endpoint.
    ///
    /// # Errors
    /// If the path is too long together with that of the endpoint.
    pub fn locate(&self, uri: &Uri) -> Result<Uri, http::Error> {
        let Parts { scheme, authority, prefix, .. } = &*self.0;
        let path = match uri.path_and_query() {
            Some(path) if prefix.is_empty() => path.clone(),
            Some(path) => PathAndQuery::try_from(format!("{prefix}{path}"))?,
            None => PathAndQuery::try_from(format!("{prefix}/"))?,
        };
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(scheme.clone());
        parts.authority = Some(authority.clone());
        parts.path_and_query = Some(path);
        Ok(Uri::from_parts(parts)?)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { scheme, authority, prefix, .. } = &*self.0;
        write!(f, "{scheme}://{authority}{prefix}")
    }
}

/// Returns `host[:port]` without the default port of the scheme, as it is sent and signed. `None` if the
/// authority has user info or an invalid port.
pub(crate) fn host_and_port(authority: &Authority, scheme: &Scheme) -> Option<String> {
    let host = Some(authority.host()).filter(|host| !host.is_empty())?;
    let usual = if *scheme == Scheme::HTTP { 80 } else { 443 };
    // User info, which would appear in logs and errors, stands before the host.
    let port = match authority.as_str().strip_prefix(host)? {
        "" | ":" => usual,
        rest => {
            rest.strip_prefix(':').filter(|port| !port.starts_with('+'))?.parse::<u16>().ok()?
        }
    };
    Some(if port == usual { host.to_owned() } else { format!("{host}:{port}") })
}

/// The reason why a URL cannot be an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidUrl {
    /// It is not an `http` or `https` URL, or has a query, a user name or a password.
    Malformed,
    /// It is plain `http`, and the host is not a loopback address.
    PlainHttp,
}

impl fmt::Display for InvalidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => {
                "the endpoint URL must be an http or https URL without query, user name and password"
            }
            Self::PlainHttp => {
                "the endpoint URL must use https unless the host is a loopback address, or plain \
                 http is allowed explicitly"
            }
        })
    }
}

impl std::error::Error for InvalidUrl {}

/// Addresses every request to the endpoint of its [options](CallOptions::endpoint), or else to that of
/// the layer: in its URI and its `host` header.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use chime_transport::endpoint::{Endpoint, EndpointLayer};
/// use tower::{ServiceBuilder, ServiceExt};
///
/// let endpoint = Endpoint::new("http://127.0.0.1:8080/chime", "us-east-1", "chime").unwrap();
/// let service = ServiceBuilder::new().layer(EndpointLayer::new(endpoint)).service_fn(
///     |request: http::Request<()>| async move { Ok::<_, std::io::Error>(request.uri().clone()) },
/// );
/// let request = http::Request::get("/accounts?name=a").body(()).unwrap();
/// let uri = service.oneshot(request).await.unwrap();
/// assert_eq!(uri, "http://127.0.0.1:8080/chime/accounts?name=a");
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct EndpointLayer(Endpoint);

impl EndpointLayer {
    /// Creates a layer that addresses requests to `default` unless their options name another endpoint.
    #[must_use]
    pub fn new(default: Endpoint) -> Self {
        Self(default)
    }
}

impl<S> Layer<S> for EndpointLayer {
    type Service = Addressed<S>;

    fn layer(&self, inner: S) -> Addressed<S> {
        Addressed { inner, default: self.0.clone() }
    }
}

/// The service of an [`EndpointLayer`].
#[derive(Clone, Debug)]
pub struct Addressed<S> {
    inner: S,
    default: Endpoint,
}

impl<S, B> Service<Request<B>> for Addressed<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        let options = CallOptions::of(request.extensions());
        let endpoint = options.and_then(|options| options.endpoint.as_ref());
        let endpoint = endpoint.unwrap_or(&self.default);
        if let Ok(uri) = endpoint.locate(request.uri()) {
            // Replaces the header of a forwarded request.
            let host = endpoint.0.host.clone();
            *request.uri_mut() = uri;
            set(request.headers_mut(), HOST, host);
        } else {
            // A path that is too long gets no address. Signing then reports the error.
            let bare = request.uri().path_and_query().cloned().map(Uri::from);
            *request.uri_mut() = bare.unwrap_or_default();
            request.headers_mut().remove(HOST);
        }
        self.inner.call(request)
    }
}

#[cfg(test)]
mod tests;
