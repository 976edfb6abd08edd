//! A detector's own tests: recorded logs with expected findings.

use std::path::{Path, PathBuf};

use serde::Serialize;
use wardline_finding::{EvidenceItem, Finding, Severity};
use wardline_text::Hint;

/// The reason why a fixture cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FixtureError {
    /// A file cannot be read or written.
    #[error("cannot access {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        #[source]
        error: std::io::Error,
    },
    /// The detector has no fixtures.
    #[error("{} has no fixtures", .0.display())]
    None(PathBuf),
}

impl Hint for FixtureError {
    fn hint(&self) -> Option<String> {
        matches!(self, Self::None(_)).then(|| {
            "put audit events into tests/NAME.ndjson, and run `wardline plugin test --update` to write tests/NAME.findings.jsonl".into()
        })
    }
}

/// A fixture: a log, and the file of expected findings beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// `tests/NAME.ndjson`.
    pub log: PathBuf,
    /// `tests/NAME.findings.jsonl`; if it does not exist, no findings are expected.
    pub findings: PathBuf,
}

/// The part of a finding that a fixture covers: the detector's decisions, without the host's
/// additions.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Expected<'a> {
    #[serde(rename = "type")]
    finding_type: &'a str,
    severity: Severity,
    title: &'a str,
    event_ids: &'a [String],
    evidence: &'a [EvidenceItem],
}

/// Returns all fixtures of a detector, sorted by name.
///
/// # Errors
/// Returns [`FixtureError::File`] if the directory cannot be read, and [`FixtureError::None`] if it
/// has no fixtures.
pub fn fixtures(directory: &Path) -> Result<Vec<Expectation>, FixtureError> {
    let tests = directory.join("tests");
    let fail = |error| FixtureError::File {
        path: tests.clone(),
        error,
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&tests).map_err(fail)? {
        let log = entry.map_err(fail)?.path();
        if log
            .extension()
            .is_some_and(|extension| extension == "ndjson")
        {
            found.push(Expectation {
                findings: log.with_extension("findings.jsonl"),
                log,
            });
        }
    }
    if found.is_empty() {
        return Err(FixtureError::None(directory.to_owned()));
    }
    found.sort_by(|one, other| one.log.cmp(&other.log));
    Ok(found)
}

impl Expectation {
    /// Returns the differences, or `None` if there are none. Lines that begin with `-` were
    /// expected but not found; lines that begin with `+` were found but not expected.
    ///
    /// # Errors
    /// Returns [`FixtureError::File`] if the file of expected findings cannot be read.
    pub fn compare(&self, found: &[Finding]) -> Result<Option<String>, FixtureError> {
        let expected = match std::fs::read_to_string(&self.findings) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => {
                return Err(FixtureError::File {
                    path: self.findings.clone(),
                    error,
                });
            }
        };
        let found = lines(found);
        let expected: Vec<&str> = expected
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        if expected.iter().eq(found.iter()) {
            return Ok(None);
        }
        let mut text = String::new();
        for line in expected
            .iter()
            .filter(|line| !found.iter().any(|other| other == **line))
        {
            text.push_str(&format!("- {line}\n"));
        }
        for line in found
            .iter()
            .filter(|line| !expected.contains(&line.as_str()))
        {
            text.push_str(&format!("+ {line}\n"));
        }
        if text.is_empty() {
            text.push_str("the findings are the same, but their order or number differs\n");
        }
        Ok(Some(text))
    }

    /// Replaces the expected findings.
    ///
    /// # Errors
    /// Returns [`FixtureError::File`] if the file cannot be written.
    pub fn update(&self, found: &[Finding]) -> Result<(), FixtureError> {
        let mut text = lines(found).join("\n");
        if !text.is_empty() {
            text.push('\n');
        }
        std::fs::write(&self.findings, text).map_err(|error| FixtureError::File {
            path: self.findings.clone(),
            error,
        })
    }
}

fn lines(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .filter_map(|finding| {
            serde_json::to_string(&Expected {
                finding_type: &finding.finding_type,
                severity: finding.severity,
                title: &finding.title,
                event_ids: &finding.event_ids,
                evidence: &finding.evidence,
            })
            .ok()
        })
        .collect()
}
