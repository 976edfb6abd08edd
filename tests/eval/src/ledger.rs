//! The record of earlier findings.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

use crate::{Class, Judged};

/// The labels that were found for each case, kept beside the corpus as `found.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger(BTreeMap<String, Vec<String>>);

/// A label of a case that was found before and is now missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regression {
    /// The case.
    pub case: String,
    /// The missing label: a type, or `nothing above Low`.
    pub missing: String,
}

/// The label of a benign case without findings above Low.
const QUIET: &str = "nothing above Low";
/// The label of an attack without types that has a finding.
const SOMETHING: &str = "something";

impl Ledger {
    /// Records the labels that were found for the cases of a folder.
    #[must_use]
    pub fn of(folder: &str, judged: &[Judged]) -> Self {
        Self(
            judged
                .iter()
                .map(|judged| {
                    let mut found: Vec<String> = judged
                        .expected
                        .iter()
                        .chain(&judged.extra)
                        .filter(|(_, found)| found.is_some())
                        .map(|(wanted, _)| wanted.clone())
                        .collect();
                    if found.is_empty() && judged.is_right() {
                        let is_found = judged.worst() > 0.0 && judged.case.class == Class::Attack;
                        found.push(if is_found { SOMETHING } else { QUIET }.to_owned());
                    }
                    (format!("{folder}/{}", judged.case.name), found)
                })
                .collect(),
        )
    }

    /// Adds the cases of another record.
    pub fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Reads a record.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read or parsed.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| {
            format!(
                "cannot read {} (`make eval UPDATE=1` writes it)",
                path.display()
            )
        })?;
        Ok(Self(serde_json::from_str(&text).with_context(|| {
            format!("cannot parse {}", path.display())
        })?))
    }

    /// Writes the record.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(&self.0)? + "\n";
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Returns the labels of this record that are missing in `now`.
    #[must_use]
    pub fn regressions(&self, now: &Self) -> Vec<Regression> {
        self.0
            .iter()
            .flat_map(|(case, before)| {
                let found = now.0.get(case).map(Vec::as_slice).unwrap_or_default();
                before
                    .iter()
                    .filter(|label| !found.contains(label))
                    .map(|label| Regression {
                        case: case.clone(),
                        missing: label.clone(),
                    })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Ledger, Regression};

    fn ledger(entries: &[(&str, &[&str])]) -> Ledger {
        Ledger(
            entries
                .iter()
                .map(|(case, labels)| {
                    let labels = labels.iter().map(|&label| label.to_owned()).collect();
                    ((*case).to_owned(), labels)
                })
                .collect(),
        )
    }

    #[test]
    fn missing_label_is_a_regression_and_new_label_is_not() {
        let before = ledger(&[("a", &["X", "Y"]), ("b", &["Z"]), ("c", &[])]);
        let now = ledger(&[("a", &["Y"]), ("c", &["W"])]);
        let missing = |case: &str, missing: &str| Regression {
            case: case.to_owned(),
            missing: missing.to_owned(),
        };
        assert_eq!(
            before.regressions(&now),
            [missing("a", "X"), missing("b", "Z")]
        );
        assert_eq!(before.regressions(&before), []);
    }
}
