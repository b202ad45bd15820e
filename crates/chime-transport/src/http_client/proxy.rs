//! HTTP proxies: selection by endpoint, and credentials.

use std::sync::Arc;
use std::{fmt, io};

use aws_smithy_types::base64;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Uri};
use percent_encoding::percent_decode_str;

use super::no_proxy::{is_listed, is_loopback};

/// HTTP proxies by the scheme of the endpoint. Default: none.
///
/// The syntax of a proxy is that of the environment: `http://[user:password@]host[:port]`. The default
/// port is 80. The scheme may be omitted. The last `@` ends the user info; in user info, write `@` as
/// `%40`. An empty string means no proxy.
///
/// | endpoint | what the proxy receives |
/// | --- | --- |
/// | `https` | a `CONNECT` request for a tunnel, whose content it cannot read |
/// | `http` | the requests themselves, with the whole URL in the request line |
///
/// User name and password are sent to the proxy in `Proxy-Authorization` (Basic). Proxies over `https`
/// or SOCKS are not supported. A request fails if its proxy is unsupported or has an invalid URL; there
/// is no fallback to a direct connection.
///
/// Loopback hosts are always reached directly.
///
/// ```
/// use chime_transport::{Config, Proxies};
///
/// let mut config = Config::default();
/// config.proxies = Proxies::all("http://proxy.example:3128");
/// config.proxies.no_proxy = "internal.example, 10.0.0.0/8".to_owned();
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// The proxy for `http` endpoints: `HTTP_PROXY`.
    pub http: String,
    /// The proxy for `https` endpoints: `HTTPS_PROXY`.
    pub https: String,
    /// Hosts that are reached without a proxy, separated by commas or spaces: `NO_PROXY`.
    ///
    /// | entry | matches |
    /// | --- | --- |
    /// | `example.com`, `.example.com` | the domain and everything below it |
    /// | `10.1.2.3`, `::1`, `[::1]` | the address |
    /// | `10.0.0.0/8`, `fd00::/8` | every address in the range |
    /// | `*` | every host |
    ///
    /// An entry with a port, such as `example.com:8080` or `[::1]:8080`, holds for this port only.
    /// Host names are not resolved to compare them with addresses.
    pub no_proxy: String,
}

impl Proxies {
    /// Uses one proxy for `http` and `https` endpoints: `ALL_PROXY`.
    #[must_use]
    pub fn all(proxy: impl Into<String>) -> Self {
        let proxy = proxy.into();
        Self { http: proxy.clone(), https: proxy, no_proxy: String::new() }
    }

    /// Reads environment variables. A lower-case name takes precedence, and an empty variable means no
    /// proxy.
    pub(crate) fn from_vars(get: impl Fn(&str) -> Option<String>) -> Self {
        let var = |name: &str| get(name).or_else(|| get(&name.to_ascii_uppercase()));
        // A CGI server copies the request header `Proxy` into `HTTP_PROXY`, so anyone can set it.
        let is_cgi = get("REQUEST_METHOD").is_some();
        let http = if is_cgi { get("http_proxy") } else { var("http_proxy") };
        let all = var("all_proxy").unwrap_or_default();
        Self {
            http: http.unwrap_or_else(|| all.clone()),
            https: var("https_proxy").unwrap_or(all),
            no_proxy: var("no_proxy").unwrap_or_default(),
        }
    }

    /// Parses the settings. Returns `None` if there is no proxy.
    pub(super) fn rules(&self) -> Option<Arc<ProxyRules>> {
        let [http, https] = [&self.http, &self.https].map(|url| match url.trim() {
            "" => None,
            url => Some(Proxy::new(url)),
        });
        if http.is_none() && https.is_none() {
            return None;
        }
        Some(Arc::new(ProxyRules { http, https, no_proxy: self.no_proxy.clone() }))
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URLs may contain passwords.
        f.debug_struct("Proxies").field("no_proxy", &self.no_proxy).finish_non_exhaustive()
    }
}

/// Parsed [`Proxies`].
pub(super) struct ProxyRules {
    /// An error says what is wrong with the URL. It contains no part of it, which may be a password.
    http: Option<Result<Proxy, &'static str>>,
    https: Option<Result<Proxy, &'static str>>,
    no_proxy: String,
}

impl ProxyRules {
    /// Returns the proxy for a request to `uri`, or `None` for a direct connection.
    ///
    /// # Errors
    /// If the URL of that proxy is invalid or has an unsupported scheme.
    pub(super) fn proxy_for(&self, uri: &Uri) -> io::Result<Option<&Proxy>> {
        let Some(host) = uri.host() else { return Ok(None) };
        let is_https = uri.scheme() == Some(&Scheme::HTTPS);
        let (scheme, proxy) = if is_https { ("https", &self.https) } else { ("http", &self.http) };
        let Some(proxy) = proxy else { return Ok(None) };
        if is_loopback(host) || is_listed(&self.no_proxy, host, port(uri)) {
            return Ok(None);
        }
        proxy.as_ref().map(Some).map_err(|error| {
            let message = format!("the configured proxy URL for {scheme} endpoints {error}");
            io::Error::new(io::ErrorKind::InvalidInput, message)
        })
    }

    /// Returns the `Proxy-Authorization` header of a request to an `http` endpoint behind a proxy with a
    /// password. For `https` endpoints, the `CONNECT` request has it instead.
    pub(super) fn plain_http_authorization(&self, uri: &Uri) -> Option<&HeaderValue> {
        if uri.scheme() != Some(&Scheme::HTTP) {
            return None;
        }
        self.proxy_for(uri).ok()??.authorization.as_ref()
    }
}

/// A proxy that is reached over plain HTTP.
pub(super) struct Proxy {
    /// The address of the proxy: `http://host:port/`.
    pub(super) uri: Uri,
    /// The value of `Proxy-Authorization`, marked as sensitive.
    pub(super) authorization: Option<HeaderValue>,
}

const MALFORMED: &str = "is invalid: write http://[user:password@]host[:port], and percent-encode \
                         `/`, `?` and `#` in the user name and password";
const UNSUPPORTED: &str = "must start with http://: https and SOCKS proxies are not supported";

impl Proxy {
    fn new(url: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        if !scheme.eq_ignore_ascii_case("http") {
            return Err(UNSUPPORTED);
        }
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (user_info, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let host: Authority = host.parse().map_err(|_| MALFORMED)?;
        let has_invalid_port = host.as_str() != host.host() && host.port_u16().is_none();
        // Part of a password that contains one of these characters must not become the host.
        if host.host().is_empty() || has_invalid_port || path.contains('@') {
            return Err(MALFORMED);
        }
        let uri = format!("http://{host}/").parse().map_err(|_| MALFORMED)?;
        Ok(Self { uri, authorization: basic(user_info) })
    }
}

/// Returns the value of `Proxy-Authorization` for a percent-encoded `user:password`.
fn basic(user_info: &str) -> Option<HeaderValue> {
    if user_info.is_empty() {
        return None;
    }
    let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
    let mut decoded: Vec<u8> = percent_decode_str(user).collect();
    decoded.push(b':');
    decoded.extend(percent_decode_str(password));
    let mut value = HeaderValue::try_from(format!("Basic {}", base64::encode(decoded))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Returns the port of a URI, or the default port of its scheme.
pub(super) fn port(uri: &Uri) -> u16 {
    let default = if uri.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
    uri.port_u16().unwrap_or(default)
}

#[cfg(test)]
mod tests;
