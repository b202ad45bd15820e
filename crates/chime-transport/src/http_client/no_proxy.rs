//! Hosts that are reached without a proxy: loopback hosts, and those in `NO_PROXY`.

use std::net::IpAddr;

/// Returns whether the host is this machine: a loopback address (including short forms such as `127.1`),
/// `localhost` or a name below it.
pub(crate) fn is_loopback(host: &str) -> bool {
    let is_short =
        || host.starts_with("127.") && host.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    is_localhost(host) || ip_address(host).map_or_else(is_short, |address| address.is_loopback())
}

/// Returns whether the host is `localhost` or a name below it (RFC 6761).
pub(super) fn is_localhost(host: &str) -> bool {
    is_within(host, "localhost")
}

/// Returns whether an entry of `list` matches the host and port: see
/// [`Proxies::no_proxy`](super::Proxies::no_proxy).
pub(super) fn is_listed(list: &str, host: &str, port: u16) -> bool {
    let address = ip_address(host);
    list.split(|c: char| c == ',' || c.is_whitespace()).any(|entry| {
        let (pattern, only_port) = split_port(entry).unzip();
        let pattern = pattern.unwrap_or(entry);
        only_port.is_none_or(|only| only == port)
            && match (network(pattern), address) {
                _ if pattern == "*" => true,
                (Some((network, prefix)), Some(address)) => contains(network, prefix, address),
                (None, None) => {
                    let domain = pattern.strip_prefix('*').unwrap_or(pattern);
                    is_within(host, domain.strip_prefix('.').unwrap_or(domain))
                }
                _ => false,
            }
    })
}

/// Splits `host:port`. An IPv6 address must be in brackets to have a port.
fn split_port(entry: &str) -> Option<(&str, u16)> {
    let (host, port) = entry.rsplit_once(':')?;
    let has_port = host.ends_with(']') || !host.contains(':');
    Some((host, port.parse().ok().filter(|_| has_port)?))
}

/// Parses an address, or a range in CIDR notation, into an address and a prefix length.
fn network(pattern: &str) -> Option<(IpAddr, u32)> {
    let (address, prefix) = pattern.split_once('/').unzip();
    let address = ip_address(address.unwrap_or(pattern))?;
    let whole = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.map_or(Some(whole), |prefix| prefix.parse().ok());
    Some((address, prefix.filter(|prefix| *prefix <= whole)?))
}

fn contains(network: IpAddr, prefix: u32, address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros() >= prefix,
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros() >= prefix,
        _ => false,
    }
}

/// Parses an IP address, with or without brackets. Converts an IPv4-mapped IPv6 address to IPv4.
fn ip_address(host: &str) -> Option<IpAddr> {
    let unbracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    unbracketed.unwrap_or(host).parse().ok().map(|address: IpAddr| address.to_canonical())
}

/// Returns whether the host is the domain or a name below it. Ignores a trailing dot.
fn is_within(host: &str, domain: &str) -> bool {
    let [host, domain] = [host, domain].map(|name| name.strip_suffix('.').unwrap_or(name));
    let start = host.len().checked_sub(domain.len());
    let Some((below, end)) = start.and_then(|start| host.split_at_checked(start)) else {
        return false;
    };
    end.eq_ignore_ascii_case(domain)
        && !domain.is_empty()
        && (below.is_empty() || below.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_hosts() {
        let loopback = "localhost LocalHost. chime.localhost 127.0.0.1 127.1 127.255.255.254 [::1] ::1 \
                        [::ffff:127.0.0.1] [::ffff:7f00:1]";
        for host in loopback.split(' ') {
            assert!(is_loopback(host), "{host}");
        }
        let others = " . localhost.example notlocalhost 127.0.0.1.example 128.0.0.1 127.a \
                      [::ffff:10.0.0.1] [::2] ::1]";
        for host in others.split(' ') {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn entries_match_domains_addresses_and_ranges() {
        let domain = (
            "corp.example CHIME.corp.example a.b.corp.example.",
            "notcorp.example corp.example.org example",
        );
        for (list, (matching, others)) in [
            ("corp.example", domain),
            (".corp.example", domain),
            ("*.corp.example", domain),
            ("x, Corp.Example. ,y", domain),
            ("10.1.2.3", ("10.1.2.3 [::ffff:10.1.2.3]", "10.1.2.4")),
            ("10.1.2.3/32", ("10.1.2.3", "10.1.2.2")),
            ("::1", ("[::1]", "[::2] 0.0.0.1")),
            ("[::1]", ("[::1]", "[::2] 0.0.0.1")),
            ("10.0.0.0/8", ("10.255.0.1", "11.0.0.1 10.example")),
            ("fd00::/8", ("[fd12::1]", "[fe80::1] 253.0.0.1")),
            ("0.0.0.0/0", ("192.0.2.1", "[fd12::1] a.example")),
            ("::/0", ("[fd12::1]", "192.0.2.1")),
            ("a,*", ("b.example 192.0.2.1 [::1]", "")),
            ("a.example:80,[::1]:80,*:1", ("a.example [::1]", "b.example [::2]")),
            ("a.example:81,10.1.2.3:81,[::1]:81,*:81", ("", "a.example 10.1.2.3 [::1]")),
            (",. *. 10.0.0.0/33 ::/129 10.0.0.0/x :80 a:b:c", ("", "a.example 10.0.0.0 [::]")),
        ] {
            for host in matching.split_whitespace() {
                assert!(is_listed(list, host, 80), "{list}: {host}");
            }
            for host in others.split_whitespace() {
                assert!(!is_listed(list, host, 80), "{list}: {host}");
            }
        }
    }
}
