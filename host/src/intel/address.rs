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
