//! All entries of one list.

use std::collections::HashSet;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::digest::Sha256;
use super::domain::{Domain, Domains, FoundDomain};
use super::network::{Networks, NetworksBuilder, Range};

/// The content of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// Addresses, domains, and SHA-256 digests, recognized by their form.
    #[default]
    Auto,
    /// IP addresses, networks in CIDR notation (RFC 4632), and ranges `FIRST-LAST`.
    Addresses,
    /// Domain names; `*.` matches every name below, `.` the name and every name below.
    Domains,
    /// SHA-256 digests.
    Hashes,
    /// Texts that must be equal, such as user names. Only in plain text.
    Names,
}

/// One entry of a list's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Addresses.
    Network(Range),
    /// A domain, the names below it, or both.
    Domain(Domain),
    /// A digest.
    Sha256(Sha256),
    /// Any other text.
    Name(Box<str>),
}

impl Entry {
    /// Parses an entry of a content, or returns `None` if the text is not one.
    #[must_use]
    pub fn parse(text: &str, content: Content) -> Option<Self> {
        let network = || Range::parse(text).map(Self::Network);
        let digest = || Sha256::parse(text).map(Self::Sha256);
        match content {
            Content::Auto => network()
                .or_else(digest)
                .or_else(|| Domain::parse(text).map(Self::Domain)),
            Content::Addresses => network(),
            Content::Domains => Domain::parse_any(text).map(Self::Domain),
            Content::Hashes => digest(),
            Content::Names => (!text.is_empty()).then(|| Self::Name(text.into())),
        }
    }

    /// Returns whether the entry holds a large part of all addresses, such as `0.0.0.0/0`, or all
    /// domains of a top level, such as `*.com`.
    #[must_use]
    pub fn is_broad(&self) -> bool {
        match self {
            Self::Network(range) => range.is_broad(),
            Self::Domain(domain) => domain.is_broad(),
            Self::Sha256(_) | Self::Name(_) => false,
        }
    }

    /// Returns whether a network had host bits, such as `10.1.2.3/8`.
    #[must_use]
    pub fn has_host_bits(&self) -> bool {
        matches!(self, Self::Network(Range::Network(_, true)))
    }
}

/// The entry that contains a value, in the form in which the host keeps it: networks without
/// host bits, domains and digests in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'e> {
    /// The smallest network.
    Network(IpNet),
    /// The nearest domain.
    Domain(FoundDomain<'e>),
    /// The digest.
    Sha256(Sha256),
    /// The text.
    Name(&'e str),
}

impl fmt::Display for Found<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) => network.fmt(formatter),
            Self::Domain(domain) => domain.fmt(formatter),
            Self::Sha256(digest) => digest.fmt(formatter),
            Self::Name(name) => formatter.write_str(name),
        }
    }
}

/// The number of entries of each type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Networks; a range counts as the networks that it consists of.
    pub addresses: usize,
    /// Domains.
    pub domains: usize,
    /// SHA-256 digests.
    pub hashes: usize,
    /// Other texts.
    pub names: usize,
}

impl Counts {
    /// Returns the total.
    #[must_use]
    pub fn all(&self) -> usize {
        self.addresses + self.domains + self.hashes + self.names
    }
}

impl fmt::Display for Counts {
    /// Formats as `3 addresses, 1 domains`, omitting types without entries.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sorts = [
            (self.addresses, "addresses"),
            (self.domains, "domains"),
            (self.hashes, "hashes"),
            (self.names, "names"),
        ];
        let mut is_first = true;
        for (count, sort) in sorts.into_iter().filter(|(count, _)| *count > 0) {
            let comma = if std::mem::take(&mut is_first) {
                ""
            } else {
                ", "
            };
            write!(formatter, "{comma}{count} {sort}")?;
        }
        if is_first {
            formatter.write_str("nothing")?;
        }
        Ok(())
    }
}

/// The entries of a list, ready for lookups. They are immutable.
#[derive(Debug, Default)]
pub struct Entries {
    networks: Networks,
    domains: Domains,
    digests: HashSet<Sha256>,
    names: HashSet<Box<str>>,
}

impl Entries {
    /// Returns the number of entries.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            addresses: self.networks.len(),
            domains: self.domains.len(),
            hashes: self.digests.len(),
            names: self.names.len(),
        }
    }

    /// Returns the number of entries in both lists.
    #[must_use]
    pub fn in_common(&self, other: &Self) -> usize {
        self.networks.in_common(&other.networks)
            + self.domains.in_common(&other.domains)
            + self.digests.intersection(&other.digests).count()
            + self.names.intersection(&other.names).count()
    }

    /// Returns the smallest network that contains an address.
    #[must_use]
    pub fn address(&self, address: IpAddr) -> Option<Found<'_>> {
        self.networks.find(address).map(Found::Network)
    }

    /// Returns the nearest domain that contains a name.
    #[must_use]
    pub fn domain(&self, name: &str) -> Option<Found<'_>> {
        self.domains.find(name).map(Found::Domain)
    }

    /// Returns the text that is equal, or the same digest.
    #[must_use]
    pub fn name(&self, value: &str, digest: Option<Sha256>) -> Option<Found<'_>> {
        let digest = digest.filter(|digest| self.digests.contains(digest));
        digest
            .map(Found::Sha256)
            .or_else(|| self.names.get(value).map(|name| Found::Name(name)))
    }
}

/// Collects entries.
#[derive(Debug, Default)]
pub struct EntriesBuilder {
    networks: NetworksBuilder,
    domains: Domains,
    digests: HashSet<Sha256>,
    names: HashSet<Box<str>>,
}

impl EntriesBuilder {
    /// Returns how many entries were added; a repeated network counts each time.
    #[must_use]
    pub fn count(&self) -> usize {
        self.networks.len() + self.domains.len() + self.digests.len() + self.names.len()
    }

    /// Adds an entry.
    pub fn insert(&mut self, entry: Entry) {
        match entry {
            Entry::Network(range) => self.networks.insert(range),
            Entry::Domain(domain) => self.domains.insert(domain),
            Entry::Sha256(digest) => {
                self.digests.insert(digest);
            }
            Entry::Name(name) => {
                self.names.insert(name);
            }
        }
    }

    /// Builds the entries, ready for lookups.
    #[must_use]
    pub fn build(self) -> Entries {
        Entries {
            networks: self.networks.build(),
            domains: self.domains,
            digests: self.digests,
            names: self.names,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, EntriesBuilder, Entry};

    #[test]
    fn recognizes_and_counts_types() {
        let mut builder = EntriesBuilder::default();
        let digest = "ab".repeat(32);
        for text in ["192.0.2.1", "192.0.2.1/32", "*.example.org", &digest] {
            builder.insert(Entry::parse(text, Content::Auto).unwrap());
        }
        builder.insert(Entry::parse("system:admin", Content::Names).unwrap());
        let entries = builder.build();
        assert_eq!(
            entries.counts().to_string(),
            "1 addresses, 1 domains, 1 hashes, 1 names"
        );
        assert_eq!(entries.in_common(&entries), 4);
        assert!(entries.name("system:admin", None).is_some());
        assert!(entries.name("system:other", None).is_none());
    }

    #[test]
    fn content_rejects_other_types() {
        let digest = "ab".repeat(32);
        let fits = |text: &str, content| Entry::parse(text, content).is_some();
        assert!(!fits("example.org", Content::Addresses));
        assert!(!fits("192.0.2.1", Content::Domains));
        assert!(!fits("192.0.2.1", Content::Hashes));
        assert!(fits(&digest, Content::Hashes));
        assert!(!fits("", Content::Names));
        assert!(!fits("word", Content::Auto));
        assert!(fits("word", Content::Domains));
    }

    #[test]
    fn entries_that_hold_nearly_everything_are_broad() {
        let is_broad = |text| Entry::parse(text, Content::Auto).unwrap().is_broad();
        for text in [
            "0.0.0.0/0",
            "128.0.0.0/1",
            "0.0.0.0-255.255.255.255",
            "::/0",
            "2000::/3",
            "*.com",
            ".org",
        ] {
            assert!(is_broad(text), "{text}");
        }
        for text in [
            "10.0.0.0/8",
            "192.0.2.1",
            "2001:db8::/32",
            "*.example.com",
            "example.com",
        ] {
            assert!(!is_broad(text), "{text}");
        }
    }
}
