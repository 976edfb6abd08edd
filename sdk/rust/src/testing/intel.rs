//! The operator's lists (`wit/v0.1/host.wit`, `intel`).

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::TestError;
use crate::contract::{Hit, IntelError};

/// The kind whose addresses are on no other list.
const TRUSTED: &str = "trusted";

#[derive(Debug)]
enum Entries {
    Addresses(Vec<IpNet>),
    /// In lower case and without a dot at the end; then as it was written.
    Domains(BTreeMap<String, String>),
    Names(BTreeSet<String>),
}

impl Entries {
    fn content(&self) -> &'static str {
        match self {
            Self::Addresses(_) => "addresses",
            Self::Domains(_) => "domains",
            Self::Names(_) => "names",
        }
    }

    fn insert(&mut self, text: &str) -> bool {
        match self {
            Self::Addresses(networks) => {
                let network = text
                    .parse()
                    .or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
                network.is_ok_and(|network| {
                    networks.push(network.trunc());
                    true
                })
            }
            Self::Domains(domains) => {
                let domain = normal(text);
                let bare = domain.strip_prefix("*.").unwrap_or(&domain);
                let good =
                    !bare.is_empty() && !bare.contains(|c: char| c.is_whitespace() || c == '*');
                if good {
                    domains.insert(domain, text.to_owned());
                }
                good
            }
            Self::Names(names) => {
                names.insert(text.to_owned());
                true
            }
        }
    }
}

/// What a new list is to hold.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content {
    Addresses,
    Domains,
    Names,
}

#[derive(Debug)]
struct List {
    kind: String,
    entries: Entries,
}

/// All lists, by name.
#[derive(Debug, Default)]
pub(super) struct Intel(BTreeMap<String, List>);

impl Intel {
    /// Adds a list, in place of one of the same name.
    pub fn insert(
        &mut self,
        name: &str,
        kind: &str,
        content: Content,
        texts: &[&str],
    ) -> Result<(), TestError> {
        let mut entries = match content {
            Content::Addresses => Entries::Addresses(Vec::new()),
            Content::Domains => Entries::Domains(BTreeMap::new()),
            Content::Names => Entries::Names(BTreeSet::new()),
        };
        for text in texts {
            if !entries.insert(text) {
                return Err(TestError::Intel {
                    list: name.to_owned(),
                    content: entries.content(),
                    entry: (*text).to_owned(),
                });
            }
        }
        let kind = kind.to_owned();
        self.0.insert(name.to_owned(), List { kind, entries });
        Ok(())
    }

    pub fn address(&self, name: &str, text: &str) -> Result<Option<Hit>, IntelError> {
        let list = self.list(name)?;
        let Entries::Addresses(networks) = &list.entries else {
            return Err(holds_no(name, "addresses"));
        };
        let address: IpAddr = text
            .parse()
            .map_err(|_| IntelError::Invalid(format!("`{text}` is not an IP address")))?;
        if list.kind != TRUSTED && self.is_trusted(address) {
            return Ok(None);
        }
        Ok(smallest(networks, address).map(|network| hit(name, network.to_string())))
    }

    /// The domain itself, or `*.` and a domain that it lies below.
    pub fn domain(&self, name: &str, text: &str) -> Result<Option<Hit>, IntelError> {
        let Entries::Domains(domains) = &self.list(name)?.entries else {
            return Err(holds_no(name, "domains"));
        };
        let text = normal(text);
        let mut found = domains.get(&text);
        let mut rest = text.as_str();
        while let (None, Some((_, above))) = (found, rest.split_once('.')) {
            found = domains.get(&format!("*.{above}"));
            rest = above;
        }
        Ok(found.map(|entry| hit(name, entry.clone())))
    }

    pub fn name(&self, name: &str, text: &str) -> Result<Option<Hit>, IntelError> {
        let Entries::Names(names) = &self.list(name)?.entries else {
            return Err(holds_no(name, "names"));
        };
        Ok(names.contains(text).then(|| hit(name, text.to_owned())))
    }

    pub fn lists(&self, kind: &str) -> Vec<String> {
        self.0
            .iter()
            .filter(|(_, list)| list.kind == kind)
            .map(|(name, _)| name.clone())
            .collect()
    }

    fn list(&self, name: &str) -> Result<&List, IntelError> {
        self.0.get(name).ok_or(IntelError::NoSuchList)
    }

    fn is_trusted(&self, address: IpAddr) -> bool {
        self.0.values().any(|list| match &list.entries {
            Entries::Addresses(networks) if list.kind == TRUSTED => {
                smallest(networks, address).is_some()
            }
            _ => false,
        })
    }
}

fn smallest(networks: &[IpNet], address: IpAddr) -> Option<IpNet> {
    let address = address.to_canonical();
    networks
        .iter()
        .filter(|network| network.contains(&address))
        .max_by_key(|network| network.prefix_len())
        .copied()
}

fn hit(list: &str, entry: String) -> Hit {
    Hit {
        list_name: list.to_owned(),
        entry,
    }
}

fn holds_no(list: &str, content: &str) -> IntelError {
    IntelError::Invalid(format!("the list `{list}` does not hold {content}"))
}

fn normal(domain: &str) -> String {
    domain.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{Content, Intel};
    use crate::contract::IntelError;

    fn intel() -> Intel {
        let mut intel = Intel::default();
        for (name, kind, content, entries) in [
            (
                "bad",
                "threat",
                Content::Addresses,
                &["203.0.113.0/24", "203.0.113.7", "2001:db8::/32"][..],
            ),
            ("office", "trusted", Content::Addresses, &["203.0.113.200"]),
            (
                "mining",
                "threat",
                Content::Domains,
                &["*.Pool.example.", "xmr.example"],
            ),
            ("digests", "malware", Content::Names, &["abc"]),
        ] {
            intel.insert(name, kind, content, entries).unwrap();
        }
        intel
    }

    #[test]
    fn the_smallest_network_answers_and_a_trusted_address_is_on_no_other_list() {
        let intel = intel();
        let entry = |text| intel.address("bad", text).unwrap().map(|hit| hit.entry);
        assert_eq!(entry("203.0.113.7").as_deref(), Some("203.0.113.7/32"));
        assert_eq!(
            entry("::ffff:203.0.113.9").as_deref(),
            Some("203.0.113.0/24")
        );
        assert_eq!(entry("2001:db8::1").as_deref(), Some("2001:db8::/32"));
        assert_eq!(entry("203.0.113.200"), None);
        assert_eq!(entry("198.51.100.1"), None);
        assert!(intel.address("office", "203.0.113.200").unwrap().is_some());
    }

    #[test]
    fn a_wildcard_holds_what_is_below_it_only() {
        let intel = intel();
        let entry = |text| intel.domain("mining", text).unwrap().map(|hit| hit.entry);
        assert_eq!(
            entry("a.b.pool.example").as_deref(),
            Some("*.Pool.example.")
        );
        assert_eq!(entry("XMR.example.").as_deref(), Some("xmr.example"));
        assert_eq!(entry("pool.example"), None);
        assert_eq!(entry("a.xmr.example"), None);
    }

    #[test]
    fn names_are_exact_and_kinds_are_listed_in_order() {
        let intel = intel();
        assert!(intel.name("digests", "abc").unwrap().is_some());
        assert!(intel.name("digests", "ABC").unwrap().is_none());
        assert_eq!(intel.lists("threat"), ["bad", "mining"]);
    }

    #[test]
    fn errors_are_those_of_the_contract() {
        let mut intel = intel();
        assert_eq!(intel.name("none", "a"), Err(IntelError::NoSuchList));
        assert!(matches!(
            intel.address("bad", "x"),
            Err(IntelError::Invalid(_))
        ));
        assert!(matches!(
            intel.address("mining", "10.0.0.1"),
            Err(IntelError::Invalid(_))
        ));
        let error = intel
            .insert("bad", "threat", Content::Addresses, &["10.0.0.0/33"])
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "`10.0.0.0/33` cannot be on the intel list `bad`, which holds addresses"
        );
    }
}
