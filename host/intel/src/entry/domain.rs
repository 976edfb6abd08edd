//! Sets of domain names.

use std::collections::HashMap;
use std::fmt;

/// The maximum length of a DNS name as text, in bytes (RFC 1035, section 2.3.4).
const LONGEST: usize = 253;
/// The maximum length of a label, in bytes (same section).
const LONGEST_LABEL: usize = 63;

/// The names that an entry stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    /// `example.org`: the domain itself.
    Itself,
    /// `*.example.org`: every name below it.
    Below,
    /// `.example.org`: both.
    Both,
}

impl Scope {
    fn bit(self) -> u8 {
        match self {
            Self::Itself => 1,
            Self::Below => 2,
            Self::Both => 4,
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Itself => "",
            Self::Below => "*.",
            Self::Both => ".",
        }
    }
}

/// A domain entry: a name in lower case, without a trailing dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    scope: Scope,
    name: Box<str>,
}

impl Domain {
    /// Returns whether the entry holds all names below a single label.
    pub fn is_broad(&self) -> bool {
        self.scope != Scope::Itself && !self.name.contains('.')
    }

    /// Parses a name in either case, with or without a trailing dot. Internationalized names
    /// have the wire format (`xn--…`, RFC 5890). A name of a single label is accepted only
    /// after `*.` or `.`: alone it is more likely a word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(text, false)
    }

    /// Parses a text that is meant to be a domain, so that a single label is accepted.
    pub fn parse_any(text: &str) -> Option<Self> {
        Self::read(text, true)
    }

    fn read(text: &str, is_one_label_enough: bool) -> Option<Self> {
        let (scope, bare) = if let Some(rest) = text.strip_prefix("*.") {
            (Scope::Below, rest)
        } else if let Some(rest) = text.strip_prefix('.') {
            (Scope::Both, rest)
        } else {
            (Scope::Itself, text)
        };
        let bare = bare.strip_suffix('.').unwrap_or(bare);
        let needs_dot = scope == Scope::Itself && !is_one_label_enough;
        if bare.len() > LONGEST || !bare.split('.').all(is_label) {
            return None;
        }
        let last = bare.rsplit('.').next().unwrap_or_default();
        // A top-level domain is never a number (RFC 3696, section 2): `10.1.2` is a mistake.
        if last.bytes().all(|byte| byte.is_ascii_digit()) || (needs_dot && !bare.contains('.')) {
            return None;
        }
        Some(Self {
            scope,
            name: bare.to_ascii_lowercase().into(),
        })
    }
}

/// Underscores are allowed, since names of services contain them (RFC 2782).
fn is_label(label: &str) -> bool {
    (1..=LONGEST_LABEL).contains(&label.len())
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The entry that contains a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundDomain<'d> {
    scope: Scope,
    name: &'d str,
}

impl fmt::Display for FoundDomain<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.scope.prefix(), self.name)
    }
}

/// A set of domains. A lookup queries a hash table once for each label of the name.
#[derive(Debug, Default)]
pub struct Domains {
    /// The scopes of each name, as bits. The hash is keyed, since feeds are written by people
    /// other than the operator.
    by_name: HashMap<Box<str>, u8>,
    count: usize,
}

impl Domains {
    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Adds an entry, unless it is present.
    pub fn insert(&mut self, domain: Domain) {
        let scopes = self.by_name.entry(domain.name).or_default();
        if *scopes & domain.scope.bit() == 0 {
            *scopes |= domain.scope.bit();
            self.count += 1;
        }
    }

    /// Returns the nearest entry that contains a name: the name itself before those above it.
    pub fn find(&self, name: &str) -> Option<FoundDomain<'_>> {
        let name = name.strip_suffix('.').unwrap_or(name);
        let mut buffer = [0; LONGEST];
        let lower = buffer.get_mut(..name.len())?;
        lower.copy_from_slice(name.as_bytes());
        lower.make_ascii_lowercase();
        let name = std::str::from_utf8(lower).ok()?;
        if self.by_name.is_empty() {
            return None;
        }
        self.at(name, [Scope::Itself, Scope::Both]).or_else(|| {
            let above = name.match_indices('.');
            above
                .filter_map(|(dot, _)| name.get(dot + 1..))
                .find_map(|above| self.at(above, [Scope::Below, Scope::Both]))
        })
    }

    fn at(&self, name: &str, scopes: [Scope; 2]) -> Option<FoundDomain<'_>> {
        let (name, there) = self.by_name.get_key_value(name)?;
        scopes
            .into_iter()
            .find(|scope| there & scope.bit() != 0)
            .map(|scope| FoundDomain { scope, name })
    }

    /// Returns the number of entries in both sets.
    pub fn in_common(&self, other: &Self) -> usize {
        self.by_name
            .iter()
            .filter_map(|(name, scopes)| Some((scopes & other.by_name.get(name)?).count_ones()))
            .sum::<u32>() as usize
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Domain, Domains};

    fn domains(entries: &[&str]) -> Domains {
        let mut domains = Domains::default();
        for entry in entries {
            domains.insert(Domain::parse(entry).unwrap());
        }
        domains
    }

    #[test]
    fn entry_matches_the_name_or_names_below_or_both() {
        let domains = domains(&["*.Pool.example.", "evil.example", ".both.example"]);
        let entry = |name| domains.find(name).map(|found| found.to_string());
        assert_eq!(
            entry("a.b.POOL.example.").as_deref(),
            Some("*.pool.example")
        );
        assert_eq!(entry("pool.example"), None);
        assert_eq!(entry("Evil.example").as_deref(), Some("evil.example"));
        assert_eq!(entry("x.evil.example"), None);
        assert_eq!(entry("both.example").as_deref(), Some(".both.example"));
        assert_eq!(entry("a.both.example").as_deref(), Some(".both.example"));
        assert_eq!(entry("notboth.example"), None);
        assert_eq!(entry(""), None);
        assert_eq!(entry(&"a.".repeat(200)), None);
        assert_eq!(domains.len(), 3);
    }

    #[test]
    fn rejects_texts_that_are_not_domains() {
        for bad in [
            "",
            ".",
            "*.",
            "*",
            "word",
            "a..b",
            "a b.example",
            "10.1.2",
            "1.2.3.400",
            "http://a.example",
            "a.*.example",
            "bücher.example",
            "-.1",
            "a@b.example",
        ] {
            assert_eq!(Domain::parse(bad), None, "{bad}");
        }
        for good in [
            "*.internal",
            ".onion",
            "_dmarc.example.org",
            "xn--bcher-kva.example",
        ] {
            assert!(Domain::parse(good).is_some(), "{good}");
        }
        assert!(Domain::parse_any("localhost").is_some());
    }

    proptest! {
        #[test]
        fn lookup_agrees_with_the_rule(
            entries in proptest::collection::vec("(\\*?\\.)?[ab](\\.[ab]){0,3}", 1..8),
            name in "[abAB](\\.[abAB]){0,4}\\.?",
        ) {
            let mut domains = Domains::default();
            for entry in &entries {
                domains.insert(Domain::parse_any(entry).unwrap());
            }
            let bare = name.trim_end_matches('.').to_lowercase();
            let holds = |entry: &str| match entry.strip_prefix('*') {
                Some(suffix) => bare.ends_with(suffix),
                None => match entry.strip_prefix('.') {
                    Some(itself) => bare == itself || bare.ends_with(entry),
                    None => bare == entry,
                },
            };
            let found = domains.find(&name).map(|found| found.to_string());
            prop_assert_eq!(found.is_some(), entries.iter().any(|entry| holds(entry)));
            if let Some(found) = found {
                prop_assert!(holds(&found) && entries.contains(&found));
            }
        }
    }
}
