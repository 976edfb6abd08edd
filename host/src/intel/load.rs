//! Lists from files.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::list::{Entries, Intel, List};

/// What a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// IP addresses and networks in CIDR notation (RFC 4632).
    Addresses,
    /// Domain names; `*.` matches every name below.
    Domains,
    /// Texts that must be equal: hashes, user names.
    Names,
}

/// One list of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListConfig {
    /// How detectors and findings name it.
    pub name: String,
    /// `trusted`, `threat`, `tor`, or one of the operator's own.
    pub kind: String,
    /// What it holds.
    pub content: Content,
    /// A text file: one entry a line, `#` begins a comment.
    pub path: PathBuf,
}

/// A list's file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the list `{name}` from {}: {error}", path.display())]
pub struct LoadError {
    /// The list.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// What failed.
    pub error: std::io::Error,
}

/// What was read of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListReport {
    /// The list.
    pub name: String,
    /// Entries that are in force.
    pub entries: usize,
    /// Lines that are no entry of its kind, from 1; at most 100 of them.
    pub bad_lines: Vec<usize>,
    /// How many such lines there are.
    pub bad: usize,
}

/// Bad lines that a report names.
const REPORTED: usize = 100;

impl Intel {
    /// Reads lists. A line that is no entry is reported and left out.
    ///
    /// # Errors
    /// Where a file cannot be read.
    pub fn load(lists: &[ListConfig]) -> Result<(Self, Vec<ListReport>), LoadError> {
        let mut intel = Self::empty();
        let mut reports = Vec::with_capacity(lists.len());
        for config in lists {
            let fail = |error| LoadError {
                name: config.name.clone(),
                path: config.path.clone(),
                error,
            };
            let mut entries = Entries::new(config.content);
            let mut report = ListReport {
                name: config.name.clone(),
                entries: 0,
                bad_lines: Vec::new(),
                bad: 0,
            };
            let file = BufReader::new(File::open(&config.path).map_err(fail)?);
            for (index, line) in file.lines().enumerate() {
                let line = line.map_err(fail)?;
                let entry = line.split('#').next().unwrap_or_default().trim();
                if entry.is_empty() {
                    continue;
                }
                if entries.insert(entry) {
                    report.entries += 1;
                } else {
                    report.bad += 1;
                    if report.bad_lines.len() < REPORTED {
                        report.bad_lines.push(index + 1);
                    }
                }
            }
            let list = List {
                kind: config.kind.clone(),
                content: entries,
            };
            intel.lists.insert(config.name.clone(), list);
            reports.push(report);
        }
        Ok((intel, reports))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::{Content, ListConfig};
    use crate::contract::IntelError;
    use crate::intel::Intel;

    fn load(lists: &[(&str, &str, Content, &str)]) -> (Intel, Vec<super::ListReport>) {
        let directory = tempfile::tempdir().unwrap();
        let configs: Vec<ListConfig> = lists
            .iter()
            .map(|(name, kind, content, text)| {
                let path = directory.path().join(name);
                std::fs::File::create(&path)
                    .unwrap()
                    .write_all(text.as_bytes())
                    .unwrap();
                ListConfig {
                    name: (*name).into(),
                    kind: (*kind).into(),
                    content: *content,
                    path,
                }
            })
            .collect();
        Intel::load(&configs).unwrap()
    }

    #[test]
    fn the_smallest_network_answers_and_trusted_wins() {
        let (intel, reports) = load(&[
            (
                "bad",
                "threat",
                Content::Addresses,
                "10.0.0.0/8\n10.1.0.0/16 # lab\nnonsense\n2001:db8::/32\n192.0.2.1\n",
            ),
            ("ours", "trusted", Content::Addresses, "10.1.2.0/24\n"),
        ]);
        let entry = |text| intel.address("bad", text).unwrap().map(|hit| hit.entry);
        assert_eq!(entry("10.1.9.9").as_deref(), Some("10.1.0.0/16"));
        assert_eq!(entry("10.2.0.1").as_deref(), Some("10.0.0.0/8"));
        assert_eq!(entry("10.1.2.3"), None);
        assert_eq!(entry("::ffff:10.2.0.1").as_deref(), Some("10.0.0.0/8"));
        assert_eq!(entry("2001:db8::1").as_deref(), Some("2001:db8::/32"));
        assert_eq!(entry("192.0.2.1").as_deref(), Some("192.0.2.1/32"));
        assert_eq!(entry("192.0.2.2"), None);
        assert_eq!((reports[0].entries, &reports[0].bad_lines), (4, &vec![3]));
        assert!(matches!(
            intel.address("bad", "x"),
            Err(IntelError::Invalid(_))
        ));
        assert!(matches!(
            intel.address("none", "::1"),
            Err(IntelError::NoSuchList)
        ));
        assert!(matches!(
            intel.domain("bad", "a"),
            Err(IntelError::Invalid(_))
        ));
        assert_eq!(intel.lists("threat"), ["bad"]);
    }

    #[test]
    fn domains_match_themselves_or_below_a_star() {
        let (intel, _) = load(&[(
            "pools",
            "threat",
            Content::Domains,
            "*.pool.example\nevil.example.\n",
        )]);
        let entry = |name| intel.domain("pools", name).unwrap().map(|hit| hit.entry);
        assert_eq!(
            entry("a.b.POOL.example.").as_deref(),
            Some("*.pool.example")
        );
        assert_eq!(entry("pool.example"), None);
        assert_eq!(entry("Evil.example").as_deref(), Some("evil.example."));
        assert_eq!(entry("x.evil.example"), None);
    }
}
