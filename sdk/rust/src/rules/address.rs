//! Source addresses of requests.

pub use wardline_event::address::is_public;

use crate::AuditEvent;

/// One address of a request's `sourceIPs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'a> {
    /// The index in `sourceIPs`, from 0.
    pub index: usize,
    /// The address.
    pub address: &'a str,
    /// Whether this is the address of the API server's peer. Any other comes from
    /// `X-Forwarded-For` or `X-Real-Ip`, which a proxy added or the client forged.
    pub is_peer: bool,
}

impl Source<'_> {
    /// Returns the address's field in the event, for evidence: `sourceIPs[0]`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("sourceIPs[{}]", self.index)
    }
}

/// Returns the addresses of a request, the most trustworthy first: the peer, then the entry that
/// the peer added, and so on to the one that the client could choose freely.
pub fn sources(event: AuditEvent<'_>) -> impl Iterator<Item = Source<'_>> {
    let addresses = event.source_ips();
    let last = addresses.len().saturating_sub(1);
    addresses
        .enumerate()
        .map(move |(index, address)| Source {
            index,
            address,
            is_peer: index == last,
        })
        .rev()
}

/// Returns the most trustworthy public address of a request, or none if none is public.
#[must_use]
pub fn public_source(event: AuditEvent<'_>) -> Option<Source<'_>> {
    sources(event).find(|source| is_public(source.address))
}

/// Returns the network of an address, for rules that treat a provider's addresses as one: the first
/// 16 bits of an IPv4 address, or the first 32 bits of an IPv6 address (the usual allocation of a
/// provider, RFC 6177). A text that is not an address is returned as it is.
#[must_use]
pub fn network(address: &str) -> String {
    match address
        .parse::<std::net::IpAddr>()
        .map(|address| address.to_canonical())
    {
        Ok(std::net::IpAddr::V4(address)) => {
            let [first, second, ..] = address.octets();
            format!("{first}.{second}.0.0/16")
        }
        Ok(std::net::IpAddr::V6(address)) => {
            let [first, second, ..] = address.segments();
            format!("{first:x}:{second:x}::/32")
        }
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn returns_coarse_networks() {
        assert_eq!(network("203.0.113.66"), "203.0.0.0/16");
        assert_eq!(network("::ffff:203.0.113.66"), "203.0.0.0/16");
        assert_eq!(network("2001:db8:1::1"), "2001:db8::/32");
        assert_eq!(network("nonsense"), "nonsense");
    }
}
