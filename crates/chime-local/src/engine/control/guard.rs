//! Refuses requests that web pages of other sites or proxies cause.
//!
//! A browser on this machine sends requests from the loopback interface like any other program. If
//! a page of another site causes one, the `Origin` header shows it, and so does `Host` if the name
//! of that site resolves to this machine (DNS rebinding). A proxy on this machine sends requests of
//! remote clients from the loopback interface. Most proxies add a header.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, Request, StatusCode};

use super::reply::Problem;
use crate::engine::text::rsplit_once;

/// Checks that a request is for this machine by name, and that neither a proxy nor a page of
/// another site sent it.
pub(crate) fn check<B>(request: &Request<B>) -> Result<(), Problem> {
    let headers = request.headers();
    let text = |name| {
        let mut values = headers.get_all(name).iter();
        let value = values.next()?.to_str().ok();
        value.filter(|_| values.next().is_none()).or(Some(""))
    };
    let host = text(HOST).unwrap_or_default();
    let authority = request.uri().authority().map_or(host, Authority::as_str);
    if !is_local(host) || !is_local(authority) {
        return Err(foreign("Host: must be localhost or a loopback address"));
    }
    check_direct(headers).map_err(foreign)?;
    match text(ORIGIN) {
        Some(origin) if origin.strip_prefix("http://") != Some(host) => {
            Err(foreign("Origin: requests from web pages of other sites are refused"))
        }
        _ => Ok(()),
    }
}

/// Checks that a request has no header that proxies add.
pub(crate) fn check_direct(headers: &HeaderMap) -> Result<(), &'static str> {
    let is_of_a_proxy = |name: &str| {
        matches!(name, "forwarded" | "via" | "x-real-ip") || name.starts_with("x-forwarded-")
    };
    if headers.keys().any(|name| is_of_a_proxy(name.as_str())) {
        return Err("a proxy forwarded this request; connect directly");
    }
    Ok(())
}

fn foreign(message: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, message)
}

/// Whether an address is a loopback address, or the IPv6 form of an IPv4 loopback address.
pub(crate) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// Whether a host, with or without a port, can only be this machine. Names below `localhost` are
/// reserved, so no DNS server of others resolves them.
pub(crate) fn is_local(host: &str) -> bool {
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let name = match rsplit_once(host, b':') {
        Some((name, port)) if is_port(port) => name,
        _ => host,
    };
    if let Some(address) = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok_and(|address| is_loopback(address.into()));
    }
    if let Ok(address) = name.parse::<Ipv4Addr>() {
        return is_loopback(address.into());
    }
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let last = rsplit_once(name, b'.').map_or(name, |(_, last)| last);
    last.eq_ignore_ascii_case("localhost") && name.bytes().all(is_of_name)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn passes(target: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::put(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(Bytes::new()).unwrap()).is_ok()
    }

    #[test]
    fn the_host_must_be_this_machine() {
        for host in [
            "localhost",
            "LocalHost:80",
            "chime.localhost:80",
            "127.0.0.1:4711",
            "127.8.9.1",
            "[::1]:80",
        ] {
            assert!(passes("/_chime/clock", &[("host", host)]), "{host}");
        }
        for host in [
            "",
            "rebound.example",
            "localhost.evil.example:80",
            "evil-localhost",
            "127.0.0.1.evil.example",
            "localhost@evil.example",
            "evil.example@localhost",
            "192.0.2.1",
            "[2001:db8::1]:80",
            "0.0.0.0:80",
            "localhost/..",
            "evil.example/localhost",
            "evil.example#.localhost",
            "[::1",
            "::1",
            "[localhost]",
            "[127.0.0.1]",
            "localhost:80:80",
        ] {
            assert!(!passes("/_chime/clock", &[("host", host)]), "{host}");
        }
        assert!(!passes("/_chime/clock", &[]));
        assert!(!passes("/_chime/clock", &[("host", "localhost"), ("host", "localhost")]));
        assert!(!passes("http://evil.example/_chime/clock", &[("host", "localhost")]));
        assert!(passes("http://localhost/_chime/clock", &[("host", "localhost")]));
    }

    #[test]
    fn a_forwarded_request_is_refused() {
        for name in ["Forwarded", "Via", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Proto"] {
            assert!(!passes("/_chime/clock", &[("host", "localhost"), (name, "x")]), "{name}");
        }
        assert!(passes("/_chime/clock", &[("host", "localhost"), ("x-other", "x")]));
    }

    #[test]
    fn the_origin_must_be_the_host() {
        let passes =
            |origin| passes("/_chime/clock", &[("host", "localhost:4711"), ("origin", origin)]);
        assert!(passes("http://localhost:4711"));
        for origin in [
            "",
            "null",
            "http://localhost",
            "http://localhost:4712",
            "https://localhost:4711",
            "http://evil.example",
            "http://evil.example:4711",
        ] {
            assert!(!passes(origin), "{origin}");
        }
    }
}
