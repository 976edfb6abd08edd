//! Classification of source addresses, for the host's routing and for the SDK's rules.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether a text is a public address: not private (RFC 1918, RFC 4193), shared
/// (RFC 6598), link-local, loopback, or otherwise reserved (RFC 6890).
///
/// Addresses for documentation (RFC 5737, RFC 3849) count as public: tests and examples use
/// them for the internet, and no cluster uses them internally.
#[must_use]
pub fn is_public(address: &str) -> bool {
    match address
        .parse::<IpAddr>()
        .map(|address| address.to_canonical())
    {
        Ok(IpAddr::V4(address)) => is_public_v4(address),
        Ok(IpAddr::V6(address)) => is_public_v6(address),
        Err(_) => false,
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || address.is_multicast()
        || first == 0
        // Used by carriers, and by some clouds for pods (RFC 6598).
        || (first == 100 && (64..128).contains(&second))
        // Protocol assignments (RFC 6890) and benchmarks (RFC 2544).
        || (first == 192 && second == 0 && third == 0)
        || (first == 198 && (18..20).contains(&second))
        || first >= 240)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // Global unicast is 2000::/3 (RFC 4291, section 2.4).
    address.segments()[0] & 0xe000 == 0x2000
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn public_addresses_are_recognized() {
        for address in [
            "8.8.8.8",
            "203.0.113.66",
            "198.51.100.23",
            "100.63.255.255",
            "172.32.0.1",
            "2001:4860:4860::8888",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_public(address), "{address}");
        }
        for address in [
            "",
            "nonsense",
            "10.0.8.21",
            "127.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(!is_public(address), "{address}");
        }
    }
}
