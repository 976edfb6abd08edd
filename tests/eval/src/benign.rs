//! The findings on an ordinary day.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};

use crate::{Finding, Program};

/// The findings in a log without attacks.
#[derive(Debug, Clone, Default)]
pub struct Benign {
    /// The name of the log.
    pub name: String,
    /// The number of events in the log.
    pub events: usize,
    /// The number of findings by type and severity label.
    pub counts: BTreeMap<(String, String), usize>,
    /// The findings above Low, with their evidence.
    pub above_low: Vec<String>,
}

impl Benign {
    /// The number of findings of all severities for every 10,000 events.
    #[must_use]
    pub fn rate(&self) -> f64 {
        let findings: usize = self.counts.values().sum();
        findings as f64 * 10_000.0 / self.events.max(1) as f64
    }
}

/// Scans a log without attacks, which is packed with zstd.
///
/// # Errors
/// Returns an error if the log cannot be read or the program fails.
pub fn judge_ordinary_day(program: &Program, log: &Path) -> Result<Benign> {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut text = Vec::new();
        zstd::Decoder::new(std::fs::File::open(log)?)?.read_to_end(&mut text)?;
        Ok(text)
    };
    let text = read().with_context(|| format!("cannot read {}", log.display()))?;
    let events = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .count();
    let name = log
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    Ok(count(&name, events, &program.scan(log)?))
}

fn count(name: &str, events: usize, findings: &[Finding]) -> Benign {
    let mut benign = Benign {
        name: name.to_owned(),
        events,
        ..Benign::default()
    };
    for finding in findings {
        let key = (finding.finding_type.clone(), finding.severity.label.clone());
        *benign.counts.entry(key).or_default() += 1;
        if finding.is_above_low() {
            let evidence: Vec<String> = finding
                .evidence
                .iter()
                .map(|item| format!("{} = {}", item.field, item.value))
                .collect();
            benign.above_low.push(format!(
                "{} {:.1}: {} ({})",
                finding.finding_type,
                finding.severity.score,
                finding.title,
                evidence.join("; ")
            ));
        }
    }
    benign
}
