//! The operator's lists (`wit/v0.1/host.wit`, `intel`).

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::TestError;
use crate::contract::{Hit, IntelError};

/// The kind whose entries are on no other list.
const TRUSTED: &str = "trusted";

/// What a name begins with that means all lists of a kind.
const KIND_PREFIX: &str = "kind:";

/// What a test gives a list.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content {
    Addresses,
    Domains,
    Names,
}

impl Content {
    fn as_str(self) -> &'static str {
        match self {
            Self::Addresses => "addresses",
            Self::Domains => "domains",
            Self::Names => "names",
        }
    }
}

#[derive(Debug, Default)]
struct List {
    kind: String,
    networks: Vec<IpNet>,
    /// In lower case and without a dot at the end.
    domains: BTreeSet<String>,
    /// Digests in lower case.
    names: BTreeSet<String>,
}

impl List {
    /// False if the text is no such entry.
    fn insert(&mut self, content: Content, text: &str) -> bool {
        match content {
            Content::Addresses => {
                let network = text
                    .parse()
                    .or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
                network.is_ok_and(|network| {
                    self.networks.push(network.trunc());
                    true
                })
            }
            Content::Domains => {
                let domain = normal(text);
                let bare = domain
                    .strip_prefix("*.")
                    .or_else(|| domain.strip_prefix('.'))
                    .unwrap_or(&domain);
                let is_good =
                    !bare.is_empty() && !bare.contains(|c: char| c.is_whitespace() || c == '*');
                if is_good {
                    self.domains.insert(domain);
                }
                is_good
            }
            Content::Names => {
                self.names.insert(folded(text));
                true
            }
        }
    }

    /// The smallest network that an address is in.
    fn address(&self, address: IpAddr) -> Option<String> {
        self.networks
            .iter()
            .filter(|network| network.contains(&address))
            .max_by_key(|network| network.prefix_len())
            .map(ToString::to_string)
    }

    /// The domain itself, or `*.` or `.` and the nearest that it lies below.
    fn domain(&self, name: &str) -> Option<String> {
        let there = |entry: String| self.domains.get(&entry).cloned();
        there(name.to_owned())
            .or_else(|| there(format!(".{name}")))
            .or_else(|| {
                let above = name.match_indices('.').map(|(dot, _)| name.split_at(dot).1);
                above.into_iter().find_map(|above| {
                    there(format!("*{above}")).or_else(|| there(above.to_owned()))
                })
            })
    }

    fn name(&self, value: &str) -> Option<String> {
        self.names.get(&folded(value)).cloned()
    }
}

/// All lists, by name.
#[derive(Debug, Default)]
pub(super) struct Intel(BTreeMap<String, List>);

impl Intel {
    /// Adds a list, or entries to one that is there.
    pub fn insert(
        &mut self,
        name: &str,
        kind: &str,
        content: Content,
        texts: &[&str],
    ) -> Result<(), TestError> {
        let list = self.0.entry(name.to_owned()).or_default();
        kind.clone_into(&mut list.kind);
        for text in texts {
            if !list.insert(content, text) {
                return Err(TestError::Intel {
                    list: name.to_owned(),
                    content: content.as_str(),
                    entry: (*text).to_owned(),
                });
            }
        }
        Ok(())
    }

    pub fn address(&self, name: &str, text: &str) -> Result<Option<Hit>, IntelError> {
        let lists = self.chosen(name)?;
        let address: IpAddr = text
            .parse()
            .map_err(|_| IntelError::Invalid(format!("`{text}` is not an IP address")))?;
        let address = address.to_canonical();
        Ok(self.first(&lists, |list| list.address(address)))
    }

    pub fn domain(&self, name: &str, text: &str) -> Result<Option<Hit>, IntelError> {
        let text = normal(text);
        Ok(self.first(&self.chosen(name)?, |list| list.domain(&text)))
    }

    pub fn name(&self, name: &str, text: &str) -> Result<Option<Hit>, IntelError> {
        Ok(self.first(&self.chosen(name)?, |list| list.name(text)))
    }

    pub fn lists(&self, kind: &str) -> Vec<String> {
        self.of_kind(kind)
            .map(|(name, _)| name.to_owned())
            .collect()
    }

    fn of_kind(&self, kind: &str) -> impl Iterator<Item = (&str, &List)> {
        self.0
            .iter()
            .filter(move |(_, list)| list.kind == kind)
            .map(|(name, list)| (name.as_str(), list))
    }

    fn chosen(&self, name: &str) -> Result<Vec<(&str, &List)>, IntelError> {
        if let Some(kind) = name.strip_prefix(KIND_PREFIX) {
            return Ok(self.of_kind(kind).collect());
        }
        let (name, list) = self.0.get_key_value(name).ok_or(IntelError::NoSuchList)?;
        Ok(vec![(name, list)])
    }

    /// The first list on which a value is found, unless a trusted one has it too.
    fn first(
        &self,
        lists: &[(&str, &List)],
        find: impl Fn(&List) -> Option<String>,
    ) -> Option<Hit> {
        let (name, list, entry) = lists
            .iter()
            .find_map(|(name, list)| Some((name, list, find(list)?)))?;
        let is_trusted = self.of_kind(TRUSTED).any(|(_, list)| find(list).is_some());
        if list.kind != TRUSTED && is_trusted {
            return None;
        }
        Some(Hit {
            list_name: (*name).to_owned(),
            entry,
        })
    }
}

fn normal(domain: &str) -> String {
    domain.trim_end_matches('.').to_ascii_lowercase()
}

/// A SHA-256 in lower case; any other text as it is.
fn folded(text: &str) -> String {
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return text.to_ascii_lowercase();
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Content, Intel};
    use crate::contract::IntelError;

    fn digest(pair: &str) -> String {
        pair.repeat(32)
    }

    fn intel() -> Intel {
        let mut intel = Intel::default();
        for (name, kind, content, entries) in [
            (
                "bad",
                "threat",
                Content::Addresses,
                &["203.0.113.0/24", "203.0.113.7", "2001:db8::/32"][..],
            ),
            (
                "office",
                "trusted",
                Content::Addresses,
                &["203.0.113.200", "203.0.113.128/26"],
            ),
            ("office", "trusted", Content::Domains, &["*.safe.example"]),
            (
                "mining",
                "threat",
                Content::Domains,
                &[
                    "*.Pool.example.",
                    "xmr.example",
                    ".both.example",
                    "a.safe.example",
                ],
            ),
            (
                "digests",
                "threat",
                Content::Names,
                &["abc", &digest("AB"), &digest("cd")],
            ),
            ("builds", "trusted", Content::Names, &[&digest("CD")]),
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
        assert_eq!(entry("203.0.113.130"), None);
        assert_eq!(entry("198.51.100.1"), None);
        assert!(intel.address("office", "203.0.113.200").unwrap().is_some());
    }

    #[test]
    fn a_wildcard_holds_what_is_below_it_and_a_dot_itself_too() {
        let intel = intel();
        let entry = |text| intel.domain("mining", text).unwrap().map(|hit| hit.entry);
        assert_eq!(entry("a.b.pool.example").as_deref(), Some("*.pool.example"));
        assert_eq!(entry("XMR.example.").as_deref(), Some("xmr.example"));
        assert_eq!(entry("pool.example"), None);
        assert_eq!(entry("a.xmr.example"), None);
        assert_eq!(entry("both.example").as_deref(), Some(".both.example"));
        assert_eq!(entry("a.both.example").as_deref(), Some(".both.example"));
        assert_eq!(entry("a.safe.example"), None, "trusted");
    }

    #[test]
    fn names_are_exact_and_digests_have_no_case() {
        let intel = intel();
        let entry = |text: &str| intel.name("digests", text).unwrap().map(|hit| hit.entry);
        assert_eq!(entry("abc").as_deref(), Some("abc"));
        assert_eq!(entry("ABC"), None);
        assert_eq!(entry(&digest("aB")), Some(digest("ab")));
        assert_eq!(entry(&digest("cd")), None, "trusted");
    }

    #[test]
    fn a_kind_asks_all_of_its_lists_and_the_hit_names_one() {
        let intel = intel();
        let hit = intel
            .address("kind:threat", "203.0.113.7")
            .unwrap()
            .unwrap();
        assert_eq!(
            (hit.list_name.as_str(), hit.entry.as_str()),
            ("bad", "203.0.113.7/32")
        );
        let hit = intel.domain("kind:threat", "xmr.example").unwrap().unwrap();
        assert_eq!(hit.list_name, "mining");
        assert_eq!(intel.address("kind:none", "203.0.113.7"), Ok(None));
        assert_eq!(intel.lists("threat"), ["bad", "digests", "mining"]);
    }

    #[test]
    fn errors_are_those_of_the_contract() {
        let mut intel = intel();
        assert_eq!(intel.name("none", "a"), Err(IntelError::NoSuchList));
        assert!(matches!(
            intel.address("bad", "x"),
            Err(IntelError::Invalid(_))
        ));
        assert_eq!(intel.address("mining", "10.0.0.1"), Ok(None));
        let error = intel
            .insert("bad", "threat", Content::Addresses, &["10.0.0.0/33"])
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "`10.0.0.0/33` cannot be on the intel list `bad`, which holds addresses"
        );
    }
}
