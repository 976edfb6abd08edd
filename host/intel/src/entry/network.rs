//! Sets of networks, and lookups of the smallest network that contains an address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv4Subnets, Ipv6Net, Ipv6Subnets};

/// The minimum prefix length of an IPv4-mapped IPv6 network (RFC 4291, section 2.5.5.2).
const MAPPED: u8 = 96;

/// One or more consecutive addresses, as an entry names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// An address, or a network in CIDR notation (RFC 4632), and whether host bits were set and
    /// cleared.
    Network(IpNet, bool),
    /// All addresses from the first to the last.
    V4(Ipv4Addr, Ipv4Addr),
    /// All IPv6 addresses from the first to the last.
    V6(Ipv6Addr, Ipv6Addr),
}

impl Range {
    /// Returns whether the range holds more than one network of the largest size that a
    /// registry assigns: an IPv4 network of 8 bits, or an IPv6 network of 12
    /// (<https://www.iana.org/assignments/ipv6-unicast-address-assignments>).
    pub fn is_broad(&self) -> bool {
        match self {
            Self::Network(IpNet::V4(network), _) => network.prefix_len() < 8,
            Self::Network(IpNet::V6(network), _) => network.prefix_len() < 12,
            Self::V4(first, last) => last.to_bits() - first.to_bits() >= 1 << 24,
            Self::V6(first, last) => last.to_bits() - first.to_bits() >= 1 << 116,
        }
    }

    /// Parses an address, a network, or two addresses separated by `-`. IPv4-mapped IPv6
    /// addresses become IPv4.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(address) = address(text) {
            return Some(Self::Network(address.into(), false));
        }
        if let Some((first, last)) = text.split_once('-') {
            return Self::between(first, last);
        }
        let network = canonical(text.parse().ok()?);
        let whole = network.trunc();
        Some(Self::Network(whole, whole != network))
    }

    /// Returns all addresses from the first to the last, or `None` if they are invalid or out
    /// of order.
    pub fn between(first: &str, last: &str) -> Option<Self> {
        match (address(first.trim())?, address(last.trim())?) {
            (IpAddr::V4(first), IpAddr::V4(last)) if first <= last => Some(Self::V4(first, last)),
            (IpAddr::V6(first), IpAddr::V6(last)) if first <= last => Some(Self::V6(first, last)),
            _ => None,
        }
    }
}

/// Parses an address. An IPv4-mapped IPv6 address becomes IPv4.
pub fn address(text: &str) -> Option<IpAddr> {
    text.parse()
        .ok()
        .map(|address: IpAddr| address.to_canonical())
}

fn canonical(network: IpNet) -> IpNet {
    if let IpNet::V6(mapped) = network
        && let Some(address) = mapped.addr().to_ipv4_mapped()
        && let Some(length) = mapped.prefix_len().checked_sub(MAPPED)
        && let Ok(network) = Ipv4Net::new(address, length)
    {
        return network.into();
    }
    network
}

/// Networks of one family, in order.
///
/// Two networks are disjoint or one contains the other. So the last network that begins at or
/// before an address is the smallest that may contain it; the only other candidates are the
/// networks around that one.
///
/// A trie supports changes, which are not needed here: the crate `prefix-trie` takes five times
/// the memory, and ten times as long for a lookup among 250,000 networks.
#[derive(Debug)]
struct Table<A> {
    /// The first address of each network, in order; if several are equal, the largest network
    /// first.
    starts: Vec<A>,
    /// The prefix length of each network.
    lengths: Vec<u8>,
    /// The smallest network around each one: its index plus one, or zero if there is none.
    around: Vec<u32>,
}

impl<A> Default for Table<A> {
    fn default() -> Self {
        Self {
            starts: Vec::new(),
            lengths: Vec::new(),
            around: Vec::new(),
        }
    }
}

/// An address as a number.
trait Bits: Copy + Ord {
    /// Returns whether both addresses are in the same network of this prefix length.
    fn is_in(self, start: Self, length: u8) -> bool;
}

impl Bits for u32 {
    fn is_in(self, start: Self, length: u8) -> bool {
        (self ^ start).leading_zeros() >= u32::from(length)
    }
}

impl Bits for u128 {
    fn is_in(self, start: Self, length: u8) -> bool {
        (self ^ start).leading_zeros() >= u32::from(length)
    }
}

impl<A: Bits> Table<A> {
    fn new(mut networks: Vec<(A, u8)>) -> Self {
        networks.sort_unstable();
        networks.dedup();
        let mut table = Self {
            starts: Vec::with_capacity(networks.len()),
            lengths: Vec::with_capacity(networks.len()),
            around: Vec::with_capacity(networks.len()),
        };
        let mut open: Vec<(A, u8, u32)> = Vec::new();
        for ((start, length), number) in networks.into_iter().zip(1_u32..) {
            while open
                .last()
                .is_some_and(|&(outer, length, _)| !start.is_in(outer, length))
            {
                open.pop();
            }
            table.starts.push(start);
            table.lengths.push(length);
            table
                .around
                .push(open.last().map_or(0, |&(.., number)| number));
            open.push((start, length, number));
        }
        table
    }

    fn find(&self, address: A) -> Option<u8> {
        let mut number = self.starts.partition_point(|start| *start <= address);
        while let Some(index) = number.checked_sub(1) {
            let length = *self.lengths.get(index)?;
            if address.is_in(*self.starts.get(index)?, length) {
                return Some(length);
            }
            number = *self.around.get(index)? as usize;
        }
        None
    }

    fn iter(&self) -> impl Iterator<Item = (A, u8)> {
        self.starts
            .iter()
            .copied()
            .zip(self.lengths.iter().copied())
    }

    fn in_common(&self, other: &Self) -> usize {
        let mut others = other.iter().peekable();
        self.iter()
            .filter(|network| {
                while others.next_if(|other| other < network).is_some() {}
                others.peek() == Some(network)
            })
            .count()
    }
}

/// A set of networks, with 9 bytes for each of IPv4 and 21 for each of IPv6, and binary search.
#[derive(Debug, Default)]
pub struct Networks {
    v4: Table<u32>,
    v6: Table<u128>,
}

impl Networks {
    /// Returns the number of networks.
    pub fn len(&self) -> usize {
        self.v4.starts.len() + self.v6.starts.len()
    }

    /// Returns the smallest network that contains an address.
    pub fn find(&self, address: IpAddr) -> Option<IpNet> {
        match address {
            IpAddr::V4(address) => {
                let length = self.v4.find(address.to_bits())?;
                Ipv4Net::new(address, length).ok().map(IpNet::from)
            }
            IpAddr::V6(address) => {
                let length = self.v6.find(address.to_bits())?;
                Ipv6Net::new(address, length).ok().map(IpNet::from)
            }
        }
        .map(|network| network.trunc())
    }

    /// Returns the number of networks in both sets.
    pub fn in_common(&self, other: &Self) -> usize {
        self.v4.in_common(&other.v4) + self.v6.in_common(&other.v6)
    }
}

/// Collects networks.
#[derive(Debug, Default)]
pub struct NetworksBuilder {
    v4: Vec<(u32, u8)>,
    v6: Vec<(u128, u8)>,
}

impl NetworksBuilder {
    /// Returns how many networks were added; a repeated one counts each time.
    pub fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Adds the networks that a range consists of.
    pub fn insert(&mut self, range: Range) {
        match range {
            Range::Network(IpNet::V4(network), _) => self.push_v4(network),
            Range::Network(IpNet::V6(network), _) => self.push_v6(network),
            Range::V4(first, last) => {
                Ipv4Subnets::new(first, last, 0).for_each(|network| self.push_v4(network));
            }
            Range::V6(first, last) => {
                Ipv6Subnets::new(first, last, 0).for_each(|network| self.push_v6(network));
            }
        }
    }

    fn push_v4(&mut self, network: Ipv4Net) {
        self.v4
            .push((network.network().to_bits(), network.prefix_len()));
    }

    fn push_v6(&mut self, network: Ipv6Net) {
        self.v6
            .push((network.network().to_bits(), network.prefix_len()));
    }

    /// Builds the set, ready for lookups.
    pub fn build(self) -> Networks {
        Networks {
            v4: Table::new(self.v4),
            v6: Table::new(self.v6),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use ipnet::IpNet;
    use proptest::prelude::*;

    use super::{Networks, NetworksBuilder, Range};

    fn networks(entries: &[&str]) -> Networks {
        let mut builder = NetworksBuilder::default();
        for entry in entries {
            builder.insert(Range::parse(entry).unwrap_or_else(|| panic!("{entry}")));
        }
        builder.build()
    }

    fn addresses() -> impl Strategy<Value = IpAddr> {
        // The addresses differ in few bits, so that networks contain some of them.
        prop_oneof![
            (0_u32..64).prop_map(|bits| IpAddr::from(Ipv4Addr::from(0x0a00_0000 | bits))),
            (0_u128..64).prop_map(|bits| IpAddr::from(Ipv6Addr::from((0x2001_u128 << 112) | bits))),
        ]
    }

    #[test]
    fn parses_addresses_networks_and_ranges() {
        let networks = networks(&[
            "192.0.2.1",
            "10.1.2.3/8",
            "2001:db8::/32",
            "198.51.100.10-198.51.100.13",
            "203.0.113.0 - 203.0.113.255",
            "::ffff:203.0.114.0/120",
            "0.0.0.0/0",
        ]);
        let entry = |text: &str| {
            let address = super::address(text).unwrap();
            networks.find(address).map(|network| network.to_string())
        };
        assert_eq!(entry("192.0.2.1").as_deref(), Some("192.0.2.1/32"));
        assert_eq!(entry("192.0.2.2").as_deref(), Some("0.0.0.0/0"));
        assert_eq!(entry("10.9.9.9").as_deref(), Some("10.0.0.0/8"));
        assert_eq!(entry("::ffff:10.2.0.1").as_deref(), Some("10.0.0.0/8"));
        assert_eq!(entry("198.51.100.9").as_deref(), Some("0.0.0.0/0"));
        assert_eq!(entry("198.51.100.11").as_deref(), Some("198.51.100.10/31"));
        assert_eq!(entry("198.51.100.13").as_deref(), Some("198.51.100.12/31"));
        assert_eq!(entry("203.0.113.77").as_deref(), Some("203.0.113.0/24"));
        assert_eq!(entry("203.0.114.77").as_deref(), Some("203.0.114.0/24"));
        assert_eq!(entry("2001:db8::1").as_deref(), Some("2001:db8::/32"));
        assert_eq!(entry("2001:db9::1"), None);
        assert_eq!(networks.len(), 8);
    }

    #[test]
    fn rejects_texts_that_are_not_ranges() {
        for bad in [
            "",
            "-",
            "10.0.0.0/33",
            "1.2.3",
            "1.2.3.4/",
            "1.2.3.4-1.2.3.3",
            "::/129",
            "1.2.3.4-::1",
            "fe80::1%eth0",
            "01.2.3.4",
            "1.2.3.4-1.2.3.5-1.2.3.6",
        ] {
            assert_eq!(Range::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn finds_the_smallest_network_of_an_address(
            given in proptest::collection::vec((addresses(), 0_u8..=6), 0..12),
            address in addresses(),
        ) {
            let mut builder = NetworksBuilder::default();
            let mut all = Vec::new();
            for (base, host_bits) in given {
                let length = if base.is_ipv6() { 128 } else { 32 } - host_bits;
                let network = IpNet::new(base, length).unwrap();
                builder.insert(Range::parse(&network.to_string()).unwrap());
                all.push(network.trunc());
            }
            let expected = all
                .into_iter()
                .filter(|network| network.contains(&address))
                .max_by_key(IpNet::prefix_len);
            prop_assert_eq!(builder.build().find(address), expected);
        }

        #[test]
        fn range_contains_its_addresses(first in 0_u32..64, length in 0_u32..64, address in 0_u32..192) {
            let last = first + length;
            let (first_address, last_address) = (Ipv4Addr::from(first), Ipv4Addr::from(last));
            let networks = networks(&[&format!("{first_address}-{last_address}")]);
            let found = networks.find(Ipv4Addr::from(address).into());
            prop_assert_eq!(found.is_some(), (first..=last).contains(&address));
        }

        #[test]
        fn counts_common_networks(
            one in proptest::collection::btree_set(0_u32..32, 0..16),
            other in proptest::collection::btree_set(0_u32..32, 0..16),
        ) {
            let set = |numbers: &std::collections::BTreeSet<u32>| {
                let texts: Vec<String> = numbers.iter().map(|n| Ipv4Addr::from(*n).to_string()).collect();
                networks(&texts.iter().map(String::as_str).collect::<Vec<_>>())
            };
            let common = one.intersection(&other).count();
            prop_assert_eq!(set(&one).in_common(&set(&other)), common);
        }

        #[test]
        fn parses_any_text_without_panic(text in "[0-9a-f:./-]{0,24}|.{0,12}") {
            if let Some(range) = Range::parse(&text) {
                let mut builder = NetworksBuilder::default();
                builder.insert(range);
                prop_assert!(builder.build().len() > 0);
            }
        }
    }
}
