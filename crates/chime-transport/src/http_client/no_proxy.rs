//! `NO_PROXY`: the hosts that are reached without a proxy.

use std::net::IpAddr;

use super::host::ip_address;

/// A parsed [`Proxies::no_proxy`](super::Proxies::no_proxy).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoProxy(Vec<Entry>);

#[derive(Debug, PartialEq, Eq)]
struct Entry {
    hosts: Hosts,
    /// `None` matches every port.
    port: Option<u16>,
}

#[derive(Debug, PartialEq, Eq)]
enum Hosts {
    Any,
    /// Addresses that share this many leading bits with this address.
    Network(IpAddr, u32),
    /// A domain and all names below it.
    Domain(String),
}

impl NoProxy {
    pub(super) fn new(list: &str) -> Self {
        let entries = list.split(|c: char| c == ',' || c.is_whitespace());
        Self(entries.filter(|entry| !entry.is_empty()).map(Entry::new).collect())
    }

    pub(super) fn contains(&self, host: &str, port: u16) -> bool {
        let address = ip_address(host);
        let host = host.strip_suffix('.').unwrap_or(host);
        self.0.iter().any(|entry| {
            entry.port.is_none_or(|expected| expected == port)
                && match (&entry.hosts, address) {
                    (Hosts::Any, _) => true,
                    (Hosts::Network(network, bits), Some(address)) => {
                        contains(*network, *bits, address)
                    }
                    (Hosts::Domain(domain), None) => is_within(host, domain),
                    _ => false,
                }
        })
    }
}

impl Entry {
    fn new(text: &str) -> Self {
        // An IPv6 address must be in brackets to have a port.
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if host.ends_with(']') || !host.contains(':') => {
                (host, port.parse().ok())
            }
            _ => (text, None),
        };
        let host = if port.is_some() { host } else { text };
        Self { hosts: Hosts::new(host), port }
    }
}

impl Hosts {
    fn new(host: &str) -> Self {
        if host == "*" {
            return Self::Any;
        }
        if let Some(network) = network(host) {
            return network;
        }
        let domain = host.strip_prefix('*').unwrap_or(host);
        let domain = domain.strip_prefix('.').unwrap_or(domain);
        Self::Domain(domain.strip_suffix('.').unwrap_or(domain).to_owned())
    }
}

/// Parses an address or a range in CIDR notation.
fn network(text: &str) -> Option<Hosts> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u32>().ok()?)),
        None => (text, None),
    };
    let address = ip_address(address)?;
    let width = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(width);
    (bits <= width).then_some(Hosts::Network(address, bits))
}

fn contains(network: IpAddr, bits: u32, address: IpAddr) -> bool {
    let (network, address, width) = match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            (network.to_bits().into(), address.to_bits().into(), 32)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => (network.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    // `checked_shr` by all 128 bits returns `None`: `::/0` contains every IPv6 address.
    (network ^ address).checked_shr(width - bits).unwrap_or_default() == 0
}

fn is_within(host: &str, domain: &str) -> bool {
    let Some(start) = host.len().checked_sub(domain.len()) else { return false };
    let Some((below, end)) = host.split_at_checked(start) else { return false };
    end.eq_ignore_ascii_case(domain)
        && !domain.is_empty()
        && (below.is_empty() || below.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(list: &str, matching: &[(&str, u16)], others: &[(&str, u16)]) {
        let no_proxy = NoProxy::new(list);
        for (host, port) in matching {
            assert!(no_proxy.contains(host, *port), "{list}: {host}:{port}");
        }
        for (host, port) in others {
            assert!(!no_proxy.contains(host, *port), "{list}: {host}:{port}");
        }
    }

    #[test]
    fn domains_match_themselves_and_what_is_below() {
        for list in ["corp.example", ".corp.example", "*.corp.example", "x, Corp.Example. ,y"] {
            check(
                list,
                &[("corp.example", 443), ("CHIME.corp.example", 80), ("a.b.corp.example.", 1)],
                &[("notcorp.example", 443), ("corp.example.org", 443), ("example", 443)],
            );
        }
    }

    #[test]
    fn a_port_limits_an_entry() {
        let name = ("chime.internal.example", 8080);
        check("chime.internal.example:8080", &[name], &[("chime.internal.example", 443)]);
        check(".internal.example:8080", &[name], &[("chime.internal.example", 80)]);
        check("10.1.2.3:8080", &[("10.1.2.3", 8080)], &[("10.1.2.3", 80), ("10.1.2.4", 8080)]);
        check("[::1]:80", &[("[::1]", 80)], &[("[::1]", 443)]);
        check("*:8080", &[name], &[("chime.internal.example", 443)]);
    }

    #[test]
    fn addresses_and_ranges() {
        check("10.1.2.3", &[("10.1.2.3", 1), ("[::ffff:10.1.2.3]", 1)], &[("10.1.2.4", 1)]);
        for list in ["::1", "[::1]"] {
            check(list, &[("[::1]", 443)], &[("[::2]", 443), ("0.0.0.1", 443)]);
        }
        check("10.0.0.0/8", &[("10.255.0.1", 1)], &[("11.0.0.1", 1), ("10.example", 1)]);
        check("10.1.2.3/32", &[("10.1.2.3", 1)], &[("10.1.2.2", 1)]);
        check("fd00::/8", &[("[fd12::1]", 1)], &[("[fe80::1]", 1), ("253.0.0.1", 1)]);
        check("0.0.0.0/0", &[("192.0.2.1", 1)], &[("[fd12::1]", 1), ("a.example", 1)]);
        check("::/0", &[("[fd12::1]", 1)], &[("192.0.2.1", 1)]);
    }

    #[test]
    fn a_star_matches_every_host() {
        check("a,*", &[("b.example", 1), ("192.0.2.1", 1), ("[::1]", 1)], &[]);
    }

    #[test]
    fn malformed_entries_match_no_host() {
        let hosts = [("a.example", 80), ("10.1.2.3", 80), ("[::1]", 80)];
        for list in ["", " ,, ", ".", "*.", "10.0.0.0/33", "::/129", "10.0.0.0/x", ":80", "a:b:c"] {
            check(list, &[], &hosts);
        }
    }
}
