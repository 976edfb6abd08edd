//! Networks, found by the addresses in them.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

use ipnet::IpNet;

/// A set of networks. A lookup asks one hash table for each length of prefix that
/// occurs, the longest first, so that its cost does not grow with the entries.
#[derive(Debug, Default)]
pub(super) struct Networks {
    by_length: BTreeMap<(bool, u8), HashSet<IpNet>>,
}

impl Networks {
    /// Adds an address or a network; false if the text is neither.
    pub fn insert(&mut self, text: &str) -> bool {
        let network = text
            .parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        let Ok(network) = network else {
            return false;
        };
        let network = network.trunc();
        self.by_length
            .entry((network.addr().is_ipv6(), network.prefix_len()))
            .or_default()
            .insert(network);
        true
    }

    /// The smallest network that an address is in.
    pub fn find(&self, address: IpAddr) -> Option<IpNet> {
        let address = address.to_canonical();
        self.by_length
            .iter()
            .rev()
            .find_map(|(&(v6, length), networks)| {
                if v6 != address.is_ipv6() {
                    return None;
                }
                let network = IpNet::new(address, length).ok()?.trunc();
                networks.get(&network).copied()
            })
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use ipnet::IpNet;
    use proptest::prelude::*;

    use super::Networks;

    fn addresses() -> impl Strategy<Value = IpAddr> {
        // Few bits differ, so that networks do hold addresses.
        prop_oneof![
            (0_u32..64).prop_map(|bits| IpAddr::from(Ipv4Addr::from(0x0a00_0000 | bits))),
            (0_u128..64).prop_map(|bits| IpAddr::from(Ipv6Addr::from((0x2001_u128 << 112) | bits))),
        ]
    }

    proptest! {
        #[test]
        fn the_smallest_network_that_holds_an_address_is_found(
            given in proptest::collection::vec((addresses(), 0_u8..=6), 0..12),
            address in addresses(),
        ) {
            let mut networks = Networks::default();
            let mut all = Vec::new();
            for (base, host_bits) in given {
                let length = if base.is_ipv6() { 128 } else { 32 } - host_bits;
                let network = IpNet::new(base, length).unwrap();
                prop_assert!(networks.insert(&network.to_string()));
                all.push(network.trunc());
            }
            let expected = all
                .into_iter()
                .filter(|network| network.contains(&address))
                .max_by_key(IpNet::prefix_len);
            prop_assert_eq!(networks.find(address), expected);
        }

        #[test]
        fn any_text_is_an_entry_or_is_not(text in "[0-9a-f:./]{0,24}|.{0,12}") {
            let is_one = text.parse::<IpNet>().is_ok() || text.parse::<IpAddr>().is_ok();
            prop_assert_eq!(Networks::default().insert(&text), is_one);
        }
    }
}
