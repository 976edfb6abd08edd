//! Where a request came from.

pub use wardline_event::address::is_public;

use crate::AuditEvent;

/// One address of a request, as `sourceIPs` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'a> {
    /// Its place in `sourceIPs`, from 0.
    pub index: usize,
    /// The address.
    pub address: &'a str,
    /// Whether it is that of the API server's peer. Any other comes from `X-Forwarded-For` or
    /// `X-Real-Ip`: a proxy has added it, or the client has made it up.
    pub is_peer: bool,
}

impl Source<'_> {
    /// Where it stands in the event, as evidence writes it: `sourceIPs[0]`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("sourceIPs[{}]", self.index)
    }
}

/// The addresses of a request, what can be trusted most first: the peer, then the entry that
/// the peer has added, and so on to the one that whoever asked could choose freely.
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

/// The public address that a request came from: of those that are public the one that can be
/// trusted most, and none if all are inside.
#[must_use]
pub fn public_source(event: AuditEvent<'_>) -> Option<Source<'_>> {
    sources(event).find(|source| is_public(source.address))
}

/// The network that an address is counted in where hosts move within one: the first 16 bits
/// of an IPv4 address, the first 32 of an IPv6 one (what a provider is commonly given, RFC
/// 6177). A text that is no address is its own network.
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
    fn networks_are_coarse() {
        assert_eq!(network("203.0.113.66"), "203.0.0.0/16");
        assert_eq!(network("::ffff:203.0.113.66"), "203.0.0.0/16");
        assert_eq!(network("2001:db8:1::1"), "2001:db8::/32");
        assert_eq!(network("nonsense"), "nonsense");
    }
}
