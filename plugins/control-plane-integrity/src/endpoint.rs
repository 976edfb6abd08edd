//! Whom the API server calls.

use wardline_sdk::rules::address;

/// Ends of names that are answered inside a cluster or a network: Services, RFC 6762, RFC 8375,
/// and ICANN's name for private use.
const INSIDE: [&str; 6] = [
    ".svc",
    ".cluster.local",
    ".local",
    ".localhost",
    ".home.arpa",
    ".internal",
];

/// Whether a URL leads out of the cluster: to a name that is not known to be inside, or to an
/// address of the internet.
pub fn is_outside(url: &str) -> bool {
    let host = host(url);
    if host.parse::<std::net::IpAddr>().is_ok() {
        return address::is_public(host);
    }
    !host.is_empty() && host != "localhost" && !INSIDE.iter().any(|end| host.ends_with(end))
}

/// The host of a URL (RFC 3986, section 3.2), without the brackets of IPv6.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority
        .rsplit_once('@')
        .map_or(authority, |(_, place)| place);
    match place.strip_prefix('[') {
        Some(literal) => literal.split(']').next().unwrap_or_default(),
        None => place.split(':').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_outside;

    #[test]
    fn where_a_url_leads() {
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
