//! Labelled cases.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

/// The class of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// An attack, which must be found.
    Attack,
    /// Only looks like an attack: no finding above Low is allowed.
    BenignHard,
    /// Must be found unless an operator declares it legitimate.
    Confusable,
}

/// A recording with its label.
#[derive(Debug, Clone, Deserialize)]
pub struct Case {
    /// The name of the case.
    #[serde(rename = "case")]
    pub name: String,
    /// The log, in the folder of the list of cases.
    pub file: String,
    /// The class of the case.
    pub class: Class,
    /// GuardDuty types, one of which must be found.
    pub expected: Vec<String>,
    /// Types without a GuardDuty counterpart, one of which must be found if `expected` is
    /// empty.
    pub extra: Vec<String>,
    /// A description of the activity.
    pub description: String,
    /// The lists that contain an address of the attacker.
    #[serde(default)]
    pub address_lists: Vec<String>,
    /// The `auditID` of each request of the attacker.
    pub attack_audit_ids: Vec<String>,
}

/// Reads the cases of a folder from its `cases.jsonl`.
///
/// # Errors
/// Returns an error if the list cannot be read or parsed.
pub fn cases(folder: &Path) -> Result<Vec<Case>> {
    let list = folder.join("cases.jsonl");
    let text = std::fs::read_to_string(&list)
        .with_context(|| format!("cannot read {}", list.display()))?;
    text.lines()
        .enumerate()
        .map(|(index, line)| {
            serde_json::from_str(line)
                .with_context(|| format!("{}, line {}", list.display(), index + 1))
        })
        .collect()
}
