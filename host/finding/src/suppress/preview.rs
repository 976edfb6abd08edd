//! Shows which findings a rule would have hidden.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use wardline_text::shown;

use super::rule::{Rule, RuleState};

/// Maximum length of a text in a preview, in bytes.
const TEXT_BYTES: usize = 200;

/// The effect of rules on a file of findings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Findings examined; each time a finding was written counts.
    pub findings: u64,
    /// Findings that at least one rule would have hidden.
    pub hidden: u64,
    /// Lines that are not findings.
    pub malformed: u64,
    /// The effect of each rule on its own.
    pub rules: Vec<RulePreview>,
}

/// The effect of a rule if it were the only one, and in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RulePreview {
    /// The rule's name.
    pub rule: String,
    /// The state of the rule now.
    pub state: RuleState,
    /// Advice for the rule's owner.
    pub warnings: Vec<String>,
    /// Findings that it would have hidden.
    pub hidden: u64,
    /// Counts for each type of which it would have hidden a finding.
    pub types: BTreeMap<String, Types>,
    /// Findings that it would have hidden, by severity.
    pub severities: BTreeMap<String, u64>,
    /// The first findings that it would have hidden.
    pub first: Vec<Shown>,
    /// The first findings of the same types that it would not have hidden.
    pub not_hidden: Vec<Shown>,
}

/// Counts of findings of one type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Types {
    /// Findings that would have been hidden.
    pub hidden: u64,
    /// Findings that would not have been hidden.
    pub kept: u64,
}

/// The fields that identify a finding to a reader.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The id.
    pub id: String,
    /// The time.
    pub time: String,
    /// The type.
    #[serde(rename = "type")]
    pub finding_type: String,
    /// The title.
    pub title: String,
    /// The actor's user name.
    pub actor: String,
}

/// Reads findings, one per line, and applies each rule to each of them, even if the rule has
/// expired or is disabled. At most `examples` findings of each kind are shown.
///
/// # Errors
/// Returns an error if the findings cannot be read.
pub fn preview(
    rules: &[Rule],
    findings: &mut dyn BufRead,
    examples: usize,
    now: Timestamp,
) -> io::Result<Preview> {
    let mut watched: Vec<Watched<'_>> = rules.iter().map(|rule| Watched::new(rule, now)).collect();
    let mut preview = Preview::default();
    let mut line = Vec::new();
    while findings.read_until(b'\n', &mut line)? > 0 {
        let text = line.trim_ascii();
        if !text.is_empty() {
            match serde_json::from_slice::<Value>(text) {
                Ok(finding) if part(&finding, "/type").is_some() => {
                    preview.findings += 1;
                    let mut is_hidden = false;
                    for rule in &mut watched {
                        is_hidden |= rule.look(&finding, examples);
                    }
                    preview.hidden += u64::from(is_hidden);
                }
                _ => preview.malformed += 1,
            }
        }
        line.clear();
    }
    preview.rules = watched.into_iter().map(Watched::finish).collect();
    Ok(preview)
}

/// The preview of a rule while findings are read.
struct Watched<'r> {
    rule: &'r Rule,
    done: RulePreview,
    /// The first findings that the rule does not hide, by type. Only at the end is it known whether
    /// the rule hides others of the type.
    kept: BTreeMap<String, Vec<Shown>>,
    examples: usize,
}

impl<'r> Watched<'r> {
    fn new(rule: &'r Rule, now: Timestamp) -> Self {
        Self {
            rule,
            done: RulePreview {
                rule: rule.name.clone(),
                state: rule.state(now),
                warnings: rule.warnings(now),
                hidden: 0,
                types: BTreeMap::new(),
                severities: BTreeMap::new(),
                first: Vec::new(),
                not_hidden: Vec::new(),
            },
            kept: BTreeMap::new(),
            examples: 0,
        }
    }

    /// Records a finding; returns true if the rule hides it.
    fn look(&mut self, finding: &Value, examples: usize) -> bool {
        self.examples = examples;
        let text = |pointer| shown(part(finding, pointer).unwrap_or_default(), TEXT_BYTES);
        let example = || Shown {
            id: text("/id"),
            time: text("/time"),
            finding_type: text("/type"),
            title: text("/title"),
            actor: text("/actor/username"),
        };
        let of_type = self.done.types.entry(text("/type")).or_default();
        if self.rule.holds(finding) {
            of_type.hidden += 1;
            self.done.hidden += 1;
            *self
                .done
                .severities
                .entry(text("/severity/label"))
                .or_default() += 1;
            if self.done.first.len() < examples {
                self.done.first.push(example());
            }
            return true;
        }
        of_type.kept += 1;
        let kept = self.kept.entry(text("/type")).or_default();
        if kept.len() < examples {
            kept.push(example());
        }
        false
    }

    fn finish(mut self) -> RulePreview {
        self.done.types.retain(|_, types| types.hidden > 0);
        let types = &self.done.types;
        self.kept
            .retain(|finding_type, _| types.contains_key(finding_type));
        self.done.not_hidden = self
            .kept
            .into_values()
            .flatten()
            .take(self.examples)
            .collect();
        self.done
    }
}

fn part<'v>(finding: &'v Value, pointer: &str) -> Option<&'v str> {
    finding.pointer(pointer).and_then(Value::as_str)
}

#[cfg(test)]
mod tests;
