//! Sets of domain names.

use std::collections::HashMap;
use std::fmt;

/// Bytes of the longest name that DNS can carry, as text (RFC 1035, section 2.3.4).
const LONGEST: usize = 253;
/// Bytes of the longest label (the same section).
const LONGEST_LABEL: usize = 63;

/// Which names an entry means.
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

/// An entry: a domain name in lower case, without a dot at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    scope: Scope,
    name: Box<str>,
}

impl Domain {
    /// Reads a name in either case, with or without a dot at its end. Internationalised
    /// names are those of the wire (`xn--…`, RFC 5890). A name of one label is a domain
    /// only behind `*.` or `.`: alone it is more likely a word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(text, false)
    }

    /// The same where it is known that the text is to be a domain: one label will do.
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
        // A top-level domain is never a number (RFC 3696, section 2): `10.1.2` is a slip.
        if last.bytes().all(|byte| byte.is_ascii_digit()) || (needs_dot && !bare.contains('.')) {
            return None;
        }
        Some(Self {
            scope,
            name: bare.to_ascii_lowercase().into(),
        })
    }
}

/// With underscores: names of services have them (RFC 2782).
fn is_label(label: &str) -> bool {
    (1..=LONGEST_LABEL).contains(&label.len())
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// An entry that holds a name.
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

/// A set of domains. A lookup asks one hash table for each label of the name.
#[derive(Debug, Default)]
pub struct Domains {
    /// For each name the scopes that it is there with, as bits. The hash is keyed, since
    /// those who write a feed are not those who run the host.
    by_name: HashMap<Box<str>, u8>,
    count: usize,
}

impl Domains {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Adds an entry, unless it is there.
    pub fn insert(&mut self, domain: Domain) {
        let scopes = self.by_name.entry(domain.name).or_default();
        if *scopes & domain.scope.bit() == 0 {
            *scopes |= domain.scope.bit();
            self.count += 1;
        }
    }

    /// The nearest entry that holds a name: the name itself before those above it.
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

    /// How many entries both sets have.
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
    fn an_entry_holds_itself_or_what_is_below_or_both() {
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
    fn what_is_no_domain_is_refused() {
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
        fn a_lookup_finds_what_the_rule_says(
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
