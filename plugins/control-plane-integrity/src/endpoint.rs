//! Endpoints that the API server calls.

use wardline_sdk::rules::address;

/// Suffixes of names that resolve inside a cluster or network: Services, RFC 6762, RFC 6761,
/// RFC 8375, and ICANN's name for private use.
const INSIDE: [&str; 6] = [
    ".svc",
    ".cluster.local",
    ".local",
    ".localhost",
    ".home.arpa",
    ".internal",
];

/// Whether a URL leads out of the cluster: to a public address, or to a name without an internal
/// suffix.
pub fn is_outside(url: &str) -> bool {
    let host = host(url);
    if host.parse::<std::net::IpAddr>().is_ok() {
        return address::is_public(host);
    }
    !host.is_empty() && host != "localhost" && !INSIDE.iter().any(|suffix| host.ends_with(suffix))
}

/// Returns the host of a URL (RFC 3986, section 3.2), without the brackets of IPv6.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host_port = authority
        .rsplit_once('@')
        .map_or(authority, |(_, rest)| rest);
    match host_port.strip_prefix('[') {
        Some(literal) => literal.split(']').next().unwrap_or_default(),
        None => host_port.split(':').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_outside;

    #[test]
    fn public_hosts_are_outside() {
        for (url, outside) in [
            ("https://hooks.attacker.example/mutate", true),
            ("https://198.51.100.77/mutate", true),
            ("https://user:pass@203.0.113.9:8443", true),
            ("https://[2001:4860::1]:443/x", true),
            ("https://127.0.0.1:23443/mutate", false),
            ("https://[::1]/x", false),
            ("https://10.0.0.1/x", false),
            ("https://hook.ns.svc:443/mutate", false),
            ("https://hook.ns.svc.cluster.local/mutate", false),
            ("https://localhost/x", false),
            ("", false),
        ] {
            assert_eq!(is_outside(url), outside, "{url}");
        }
    }
}
