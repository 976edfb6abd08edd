//! Labelled cases.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

/// What a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Something that should be found.
    Attack,
    /// Something that only looks like it: nothing above Low.
    BenignHard,
    /// Something that is found where nobody says it is meant.
    Confusable,
}

/// A recording with its label.
#[derive(Debug, Clone, Deserialize)]
pub struct Case {
    /// Its name.
    #[serde(rename = "case")]
    pub name: String,
    /// The log, beside the list of cases.
    pub file: String,
    /// What it is.
    pub class: Class,
    /// GuardDuty's types.
    pub expected: Vec<String>,
    /// Types without a counterpart at GuardDuty.
    pub extra: Vec<String>,
    /// What happens.
    pub description: String,
    /// Which lists an address of the attacker is on.
    #[serde(default)]
    pub address_lists: Vec<String>,
    /// The `auditID` of each request of the attacker.
    pub attack_audit_ids: Vec<String>,
}

/// The cases of a folder, from its `cases.jsonl`.
///
/// # Errors
/// Where the list cannot be read.
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
