//! The intel lists of a test.

use std::collections::BTreeMap;
use std::sync::Arc;

use wardline_intel::{Content, EntriesBuilder, Entry, Intel, List};

use super::TestError;

/// The entries of all lists, by name. The host's lists are immutable, so they are built anew when
/// the test adds entries.
#[derive(Debug, Default)]
pub(super) struct Lists(BTreeMap<String, (String, Vec<Entry>)>);

impl Lists {
    /// Adds a list, or entries to an existing one.
    pub fn insert(
        &mut self,
        list: &str,
        kind: &str,
        content: Content,
        texts: &[&str],
    ) -> Result<(), TestError> {
        let (known_kind, entries) = self.0.entry(list.to_owned()).or_default();
        kind.clone_into(known_kind);
        for text in texts {
            let entry = match content {
                // A file of digests has a content of its own.
                Content::Names => {
                    Entry::parse(text, Content::Hashes).or_else(|| Entry::parse(text, content))
                }
                _ => Entry::parse(text, content),
            };
            entries.push(entry.ok_or_else(|| TestError::Intel {
                list: list.to_owned(),
                content: name(content),
                entry: (*text).to_owned(),
            })?);
        }
        Ok(())
    }

    /// Returns the lists as the host queries them.
    pub fn build(&self) -> Intel {
        self.0
            .iter()
            .map(|(name, (kind, entries))| {
                let mut builder = EntriesBuilder::default();
                for entry in entries {
                    builder.insert(entry.clone());
                }
                Arc::new(List {
                    name: name.clone(),
                    kind: kind.clone(),
                    entries: builder.build(),
                })
            })
            .collect()
    }
}

fn name(content: Content) -> &'static str {
    match content {
        Content::Addresses => "addresses",
        Content::Domains => "domains",
        Content::Hashes => "hashes",
        Content::Names => "names",
        Content::Auto => "addresses, domains, and digests",
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, Lists};
    use crate::contract::{Hit, IntelError};

    #[test]
    fn lists_have_entries_of_several_contents() {
        let mut lists = Lists::default();
        let digest = "ab".repeat(32);
        for (content, entries) in [
            (Content::Addresses, ["203.0.113.0/24", "2001:db8::/32"]),
            (Content::Domains, ["*.Pool.example.", ".both.example"]),
            (Content::Names, ["abc", digest.as_str()]),
        ] {
            lists.insert("bad", "threat", content, &entries).unwrap();
        }
        let intel = lists.build();
        let entry = |found: Result<Option<Hit>, IntelError>| found.unwrap().map(|hit| hit.entry);
        assert_eq!(
            entry(intel.address("kind:threat", "::ffff:203.0.113.9")).as_deref(),
            Some("203.0.113.0/24")
        );
        assert_eq!(
            entry(intel.domain("bad", "a.pool.example")).as_deref(),
            Some("*.pool.example")
        );
        assert_eq!(entry(intel.name("bad", "abc")).as_deref(), Some("abc"));
        assert_eq!(
            entry(intel.name("bad", &digest.to_uppercase())),
            Some(digest)
        );
    }

    #[test]
    fn refuses_entries_of_other_contents() {
        let mut lists = Lists::default();
        let error = lists
            .insert("bad", "threat", Content::Addresses, &["10.0.0.0/33"])
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "`10.0.0.0/33` cannot be on the intel list `bad`, which holds addresses"
        );
    }
}
