//! Hosts of URIs: which of them are IP addresses, and which are this machine.

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

/// Parses a host that is an IP address.
///
/// Accepts IPv6 in brackets and the short IPv4 forms that resolvers accept, such as `127.1`. An
/// IPv4-mapped IPv6 address becomes the IPv4 address.
pub(super) fn ip_address(host: &str) -> Option<IpAddr> {
    let unbracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host = unbracketed.unwrap_or(host);
    match host.parse::<IpAddr>() {
        Ok(address) => Some(address.to_canonical()),
        Err(_) => short_ipv4(host).map(IpAddr::V4),
    }
}

/// Whether the host is this machine: a loopback address, `localhost` or a name below it.
pub(crate) fn is_loopback(host: &str) -> bool {
    is_localhost(host) || ip_address(host).is_some_and(|address| address.is_loopback())
}

/// Whether the host is `localhost` or a name below it (RFC 6761).
pub(super) fn is_localhost(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    host.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case("localhost"))
}

/// Parses one to three decimal numbers, the last of which fills the remaining bytes.
fn short_ipv4(host: &str) -> Option<Ipv4Addr> {
    let (leading, last) = host.rsplit_once('.').unwrap_or(("", host));
    let mut address = 0;
    let mut bits = 32;
    for byte in leading.split('.').filter(|_| !leading.is_empty()) {
        if bits == 16 {
            return None;
        }
        bits -= 8;
        address |= u32::from(decimal::<u8>(byte)?) << bits;
    }
    let last: u32 = decimal(last)?;
    let fits = last.checked_shr(bits).unwrap_or_default() == 0;
    fits.then(|| Ipv4Addr::from(address | last))
}

/// Parses digits only. Rejects a leading zero, because some resolvers take it for octal.
fn decimal<T: FromStr>(digits: &str) -> Option<T> {
    let is_decimal = digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_octal = digits.len() > 1 && digits.starts_with('0');
    if is_decimal && !is_octal { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_hosts() {
        for host in [
            "localhost",
            "LocalHost.",
            "chime.localhost",
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "127.255.255.254",
            "127.65535",
            "2130706433",
            "[::1]",
            "::1",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
    }

    #[test]
    fn other_hosts() {
        for host in [
            "",
            ".",
            "localhost.example",
            "notlocalhost",
            "127.0.0.1.example",
            "128.1",
            "10.127.1",
            "127.",
            "127..1",
            "127.+1",
            "127.01",
            "0127.1",
            "127.16777216",
            "127.0.65536",
            "4294967296",
            "1.2.3.4.5",
            "[::ffff:10.0.0.1]",
            "[::2]",
            "::1]",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn short_addresses_fill_the_last_bytes() {
        for (host, address) in
            [("10.1", "10.0.0.1"), ("10.1.515", "10.1.2.3"), ("167837955", "10.1.1.3")]
        {
            assert_eq!(ip_address(host), address.parse().ok(), "{host}");
        }
    }
}
