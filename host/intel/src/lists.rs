//! The intel lists, as detectors query them.

use std::collections::BTreeMap;
use std::sync::Arc;

use wardline_contract::{Hit, IntelError};

use super::entry::{self, Found, Sha256};
use super::list::{List, TRUSTED};

/// The prefix of a name that stands for all lists of a kind.
pub(super) const KIND_PREFIX: &str = "kind:";

/// How much of an invalid text an error shows, in bytes.
const SHOWN_BYTES: usize = 64;

/// All intel lists. They are immutable: a new version is another `Intel`, which shares the
/// unchanged lists.
#[derive(Debug, Default)]
pub struct Intel {
    by_name: BTreeMap<String, Arc<List>>,
    /// The lists of each kind, ordered by name.
    by_kind: BTreeMap<String, Vec<Arc<List>>>,
}

impl FromIterator<Arc<List>> for Intel {
    /// If several lists have the same name, keeps the last.
    fn from_iter<I: IntoIterator<Item = Arc<List>>>(lists: I) -> Self {
        let by_name: BTreeMap<_, _> = lists
            .into_iter()
            .map(|list| (list.name.clone(), list))
            .collect();
        let mut by_kind: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for list in by_name.values() {
            let kind = by_kind.entry(list.kind.clone()).or_default();
            kind.push(Arc::clone(list));
        }
        Self { by_name, by_kind }
    }
}

impl Intel {
    /// Creates a set without lists.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Finds the entry of a list that contains an address.
    ///
    /// `list` is a name, or `kind:` and a kind; for a kind, the first list by name that
    /// contains the address counts. An address on a trusted list is on no other. A miss
    /// allocates nothing.
    ///
    /// # Errors
    /// Returns [`IntelError::NoSuchList`] if there is no such list, and [`IntelError::Invalid`]
    /// if the text is not an address.
    pub fn address(&self, list: &str, text: &str) -> Result<Option<Hit>, IntelError> {
        let lists = self.chosen(list)?;
        let address = entry::address(text).ok_or_else(|| {
            let shown = wardline_text::shown(text, SHOWN_BYTES);
            IntelError::Invalid(format!("`{shown}` is not an IP address"))
        })?;
        Ok(self.first(lists, |list| list.entries.address(address)))
    }

    /// Finds the entry that contains a domain name: the domain itself or one above it. A text
    /// that is not a domain name is on no list.
    ///
    /// # Errors
    /// Returns [`IntelError::NoSuchList`] if there is no such list.
    pub fn domain(&self, list: &str, name: &str) -> Result<Option<Hit>, IntelError> {
        let lists = self.chosen(list)?;
        Ok(self.first(lists, |list| list.entries.domain(name)))
    }

    /// Finds the entry that equals the text, or is the same SHA-256 in either case.
    ///
    /// # Errors
    /// Returns [`IntelError::NoSuchList`] if there is no such list.
    pub fn name(&self, list: &str, value: &str) -> Result<Option<Hit>, IntelError> {
        let lists = self.chosen(list)?;
        let digest = Sha256::parse(value);
        Ok(self.first(lists, |list| list.entries.name(value, digest)))
    }

    /// Returns the names of the lists of a kind, in order.
    #[must_use]
    pub fn lists(&self, kind: &str) -> Vec<String> {
        self.of_kind(kind)
            .iter()
            .map(|list| list.name.clone())
            .collect()
    }

    /// Returns all lists that contain a value, with the entry, ordered by name. Trusted lists
    /// do not hide others. This is for people; detectors query one list or kind.
    #[must_use]
    pub fn search(&self, value: &str) -> Vec<(&List, Found<'_>)> {
        let address = entry::address(value);
        let digest = Sha256::parse(value);
        self.by_name
            .values()
            .filter_map(|list| {
                let entries = &list.entries;
                let found = address
                    .and_then(|address| entries.address(address))
                    .or_else(|| entries.name(value, digest))
                    .or_else(|| entries.domain(value))?;
                Some((list.as_ref(), found))
            })
            .collect()
    }

    fn of_kind(&self, kind: &str) -> &[Arc<List>] {
        self.by_kind.get(kind).map_or(&[], Vec::as_slice)
    }

    fn chosen(&self, name: &str) -> Result<&[Arc<List>], IntelError> {
        if let Some(kind) = name.strip_prefix(KIND_PREFIX) {
            return Ok(self.of_kind(kind));
        }
        let list = self.by_name.get(name).ok_or(IntelError::NoSuchList)?;
        Ok(std::slice::from_ref(list))
    }

    /// Returns the first list that contains a value, unless a trusted list contains it too.
    fn first<'l>(
        &self,
        lists: &'l [Arc<List>],
        find: impl Fn(&List) -> Option<Found<'_>>,
    ) -> Option<Hit> {
        let (list, found) = lists
            .iter()
            .find_map(|list: &'l Arc<List>| Some((list, find(list)?)))?;
        let is_trusted = || {
            self.of_kind(TRUSTED)
                .iter()
                .any(|list| find(list).is_some())
        };
        if !list.is_trusted() && is_trusted() {
            return None;
        }
        Some(Hit {
            list_name: list.name.clone(),
            entry: found.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::{Intel, List};
    use crate::entry::{Content, EntriesBuilder, Entry};
    use wardline_contract::IntelError;

    fn list(name: &str, kind: &str, entries: &[&str]) -> Arc<List> {
        let mut builder = EntriesBuilder::default();
        for text in entries {
            let entry =
                Entry::parse(text, Content::Auto).or_else(|| Entry::parse(text, Content::Names));
            builder.insert(entry.unwrap());
        }
        Arc::new(List {
            name: name.into(),
            kind: kind.into(),
            entries: builder.build(),
        })
    }

    fn digest(pair: &str) -> String {
        pair.repeat(32)
    }

    fn intel() -> Intel {
        [
            list(
                "b-feed",
                "threat",
                &["203.0.113.0/24", "evil.example", &digest("ab")],
            ),
            list(
                "a-feed",
                "threat",
                &["203.0.113.7", "*.evil.example", "mallory"],
            ),
            list("exits", "tor", &["203.0.113.7", "2001:db8::1"]),
            list(
                "ours",
                "trusted",
                &["203.0.113.128/25", "*.safe.evil.example", &digest("cd")],
            ),
            list(
                "c-feed",
                "threat",
                &["203.0.113.200", &digest("cd"), "safe.evil.example"],
            ),
        ]
        .into_iter()
        .collect()
    }

    fn hit(found: Result<Option<wardline_contract::Hit>, IntelError>) -> Option<(String, String)> {
        found.unwrap().map(|hit| (hit.list_name, hit.entry))
    }

    fn named(list: &str, entry: &str) -> Option<(String, String)> {
        Some((list.to_owned(), entry.to_owned()))
    }

    #[test]
    fn kind_queries_its_lists_ordered_by_name() {
        let intel = intel();
        let address = |list, text| hit(intel.address(list, text));
        assert_eq!(
            address("kind:threat", "203.0.113.7"),
            named("a-feed", "203.0.113.7/32")
        );
        assert_eq!(
            address("kind:threat", "203.0.113.8"),
            named("b-feed", "203.0.113.0/24")
        );
        assert_eq!(
            address("b-feed", "203.0.113.7"),
            named("b-feed", "203.0.113.0/24")
        );
        assert_eq!(address("kind:tor", "203.0.113.8"), None);
        assert_eq!(address("kind:nothing", "203.0.113.7"), None);
        assert_eq!(
            hit(intel.domain("kind:threat", "a.evil.example")),
            named("a-feed", "*.evil.example")
        );
        assert_eq!(
            hit(intel.domain("kind:threat", "EVIL.example.")),
            named("b-feed", "evil.example")
        );
        assert_eq!(
            hit(intel.name("kind:threat", &digest("AB"))),
            named("b-feed", &digest("ab"))
        );
        assert_eq!(
            hit(intel.name("a-feed", "mallory")),
            named("a-feed", "mallory")
        );
        assert_eq!(intel.lists("threat"), ["a-feed", "b-feed", "c-feed"]);
    }

    #[test]
    fn trusted_lists_win_for_all_types_and_lengths() {
        let intel = intel();
        // More specific than the trusted network, and still trusted.
        assert_eq!(hit(intel.address("c-feed", "203.0.113.200")), None);
        assert_eq!(hit(intel.address("kind:threat", "203.0.113.200")), None);
        assert_eq!(
            hit(intel.address("kind:threat", "::ffff:203.0.113.200")),
            None
        );
        assert_eq!(
            hit(intel.domain("kind:threat", "x.safe.evil.example")),
            None
        );
        assert_eq!(
            hit(intel.domain("c-feed", "safe.evil.example")),
            named("c-feed", "safe.evil.example")
        );
        assert_eq!(hit(intel.name("kind:threat", &digest("cd"))), None);
        assert_eq!(
            hit(intel.address("ours", "203.0.113.200")),
            named("ours", "203.0.113.128/25")
        );
        assert_eq!(
            hit(intel.name("kind:trusted", &digest("CD"))),
            named("ours", &digest("cd"))
        );
    }

    #[test]
    fn returns_errors_of_the_contract() {
        let intel = intel();
        assert_eq!(intel.name("none", "a"), Err(IntelError::NoSuchList));
        assert_eq!(intel.address("none", "::1"), Err(IntelError::NoSuchList));
        assert!(matches!(
            intel.address("kind:none", "x"),
            Err(IntelError::Invalid(_))
        ));
        assert_eq!(hit(intel.domain("a-feed", "")), None);
        assert_eq!(hit(intel.domain("a-feed", &"x".repeat(1000))), None);
    }

    #[test]
    fn search_returns_every_list() {
        let intel = intel();
        let names = |value: &str| -> Vec<String> {
            let found = intel.search(value);
            found
                .iter()
                .map(|(list, found)| format!("{} {found}", list.name))
                .collect()
        };
        assert_eq!(
            names("203.0.113.200"),
            [
                "b-feed 203.0.113.0/24",
                "c-feed 203.0.113.200/32",
                "ours 203.0.113.128/25"
            ]
        );
        assert_eq!(names("mallory"), ["a-feed mallory"]);
    }

    proptest! {
        #[test]
        fn trusted_addresses_are_on_no_other_list(
            trusted in proptest::collection::vec((0_u32..64, 26_u8..=32), 0..4),
            threat in proptest::collection::vec((0_u32..64, 26_u8..=32), 0..8),
            address in 0_u32..64,
        ) {
            let network = |(bits, length): &(u32, u8)| {
                format!("{}/{length}", std::net::Ipv4Addr::from(0xcb00_7100 | bits))
            };
            let texts = |all: &[(u32, u8)]| all.iter().map(network).collect::<Vec<_>>();
            let (trusted, threat) = (texts(&trusted), texts(&threat));
            let refs = |all: &'static str, texts: &[String], kind: &str| {
                list(all, kind, &texts.iter().map(String::as_str).collect::<Vec<_>>())
            };
            let intel: Intel = [refs("t", &trusted, "trusted"), refs("x", &threat, "threat")]
                .into_iter()
                .collect();
            let text = std::net::Ipv4Addr::from(0xcb00_7100 | address).to_string();
            let on = |name: &str| hit(intel.address(name, &text)).is_some();
            let alone: Intel = [refs("x", &threat, "threat")].into_iter().collect();
            let is_threat = hit(alone.address("x", &text)).is_some();
            prop_assert_eq!(on("x"), is_threat && !on("t"));
            prop_assert_eq!(on("kind:threat"), on("x"));
        }
    }
}
