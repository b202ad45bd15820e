//! Which proxy stands between us and a host.

use std::{fmt, io};

use http::Uri;
use http::uri::Scheme;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;

/// Proxies by the scheme of the endpoint, in the spelling of the environment: `http://host:port`,
/// with a name and a password in front of the host if it wants them. They are asked for a tunnel
/// (`CONNECT`), and read nothing of what goes through it. One of another scheme, such as `https` or
/// `socks5`, is an error where it would be used, and so is what is no URL. A loopback address never
/// has a proxy.
///
/// The default is none at all.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For `http` endpoints: `HTTP_PROXY`.
    pub http: String,
    /// For `https` endpoints: `HTTPS_PROXY`.
    pub https: String,
    /// For both, where there is none of their own: `ALL_PROXY`.
    pub all: String,
    /// Hosts, domains and address ranges without a proxy, separated by commas: `NO_PROXY`.
    pub none: String,
}

impl Proxies {
    /// The proxies that variables name, in capitals or in small letters.
    pub(crate) fn from_vars(get: impl Fn(&str) -> Option<String>) -> Self {
        let either = |name: &str| get(name).or_else(|| get(&name.to_ascii_lowercase()));
        let variable = |name| either(name).unwrap_or_default();
        Self {
            http: variable("HTTP_PROXY"),
            https: variable("HTTPS_PROXY"),
            all: variable("ALL_PROXY"),
            none: variable("NO_PROXY"),
        }
    }

    pub(super) fn matcher(&self) -> Matcher {
        Matcher::builder()
            .http(usable(&self.http))
            .https(usable(&self.https))
            .all(usable(&self.all))
            .no(self.none.as_str())
            .build()
    }
}

/// Stands for a proxy whose URL is none: a matcher would go without.
const UNUSABLE: &str = "unusable.invalid";

fn usable(proxy: &str) -> &str {
    let ignored = || {
        let to = Uri::from_static("http://service.invalid");
        Matcher::builder().all(proxy).build().intercept(&to).is_none()
    };
    if !proxy.is_empty() && ignored() { UNUSABLE } else { proxy }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Their URLs may hold passwords.
        f.debug_struct("Proxies").field("none", &self.none).finish_non_exhaustive()
    }
}

/// The way through the proxy of a host, if it has one.
///
/// # Errors
/// If the proxy wants to be spoken to in another way than `http`: over TLS, its password must not
/// be sent without.
pub(super) fn tunnel(
    matcher: &Matcher,
    to: &Uri,
    direct: &HttpConnector,
) -> io::Result<Option<Tunnel<HttpConnector>>> {
    let is_here = to.host().is_some_and(is_loopback);
    let Some(proxy) = matcher.intercept(to).filter(|_| !is_here) else { return Ok(None) };
    // Without the text itself, which may hold a password.
    let refuse = |rule| Err(io::Error::new(io::ErrorKind::Unsupported, rule));
    if proxy.uri().host() == Some(UNUSABLE) {
        return refuse("the URL of the proxy for this endpoint is none");
    }
    if proxy.uri().scheme() != Some(&Scheme::HTTP) {
        return refuse("the URL of a proxy must begin with http://");
    }
    let tunnel = Tunnel::new(proxy.uri().clone(), direct.clone());
    Ok(Some(match proxy.basic_auth() {
        Some(auth) => tunnel.with_auth(auth.clone()),
        None => tunnel,
    }))
}

/// Whether a host is this machine, however it is written.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_proxy(proxies: &Proxies, uri: &str) -> bool {
        let direct = HttpConnector::new();
        tunnel(&proxies.matcher(), &uri.parse().unwrap(), &direct).unwrap().is_some()
    }

    #[test]
    fn a_proxy_that_is_spoken_to_in_another_way_is_refused() {
        for proxy in ["https://me:secret@p", "socks5://p", "socks4://p:1"] {
            let proxies = Proxies { all: proxy.to_owned(), ..Proxies::default() };
            let to = |uri: &'static str| {
                tunnel(&proxies.matcher(), &Uri::from_static(uri), &HttpConnector::new())
            };
            assert!(to("https://a").is_err(), "{proxy}");
            assert!(to("https://localhost").unwrap().is_none(), "{proxy}");
        }
        let bare = Proxies { all: "p:3128".to_owned(), ..Proxies::default() };
        assert!(has_proxy(&bare, "https://a"));
    }

    #[test]
    fn a_proxy_that_is_no_url_is_not_passed_by() {
        for broken in ["http://", "http://a b", "::", "http://me:secret@"] {
            let https = broken.to_owned();
            let proxies = Proxies { https, none: "near.example".to_owned(), ..Proxies::default() };
            let to = |uri: &'static str| {
                tunnel(&proxies.matcher(), &Uri::from_static(uri), &HttpConnector::new())
            };
            let error = to("https://far.example").err().unwrap().to_string();
            assert_eq!(error, "the URL of the proxy for this endpoint is none");
            for without in ["https://near.example", "http://far.example", "https://localhost"] {
                assert!(to(without).unwrap().is_none(), "{broken} {without}");
            }
        }
    }

    #[test]
    fn proxies_by_scheme_and_exceptions() {
        let vars = |name: &str| match name {
            "https_proxy" => Some("http://proxy:3128".to_owned()),
            "NO_PROXY" => Some("internal.example,10.0.0.0/8".to_owned()),
            _ => None,
        };
        let proxies = Proxies::from_vars(vars);
        assert!(has_proxy(&proxies, "https://chime.us-east-1.amazonaws.com"));
        for uri in [
            "http://chime.us-east-1.amazonaws.com",
            "https://chime.internal.example",
            "https://10.1.2.3",
            "https://127.0.0.1:8443",
            "https://localhost",
            "https://[::1]:1",
        ] {
            assert!(!has_proxy(&proxies, uri), "{uri}");
        }
        let all = Proxies { all: "http://p".to_owned(), ..Proxies::default() };
        assert!(has_proxy(&all, "http://a") && has_proxy(&all, "https://a"));
        assert!(!has_proxy(&Proxies::default(), "https://a"));
    }

    #[test]
    fn passwords_do_not_show() {
        let proxies = Proxies { all: "http://me:secret@p".to_owned(), ..Proxies::default() };
        assert!(!format!("{proxies:?}").contains("secret"));
    }
}
