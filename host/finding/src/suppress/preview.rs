//! What a rule would have hidden.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use wardline_files::text::shown;

use super::{Rule, RuleState};

/// Bytes of one text of a finding that is repeated.
const TEXT_BYTES: usize = 200;

/// What rules would have done to a file of findings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Findings that were looked at, as often as they were written.
    pub findings: u64,
    /// Of these, such as any of the rules would have hidden.
    pub hidden: u64,
    /// Lines that are no findings.
    pub malformed: u64,
    /// Each rule by itself.
    pub rules: Vec<RulePreview>,
}

/// What one rule would have done, were it the only one and in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RulePreview {
    /// Its name.
    pub rule: String,
    /// Whether it is in force now.
    pub state: RuleState,
    /// What its owner should think about.
    pub warnings: Vec<String>,
    /// Findings that it would have hidden.
    pub hidden: u64,
    /// Of each type of which it would have hidden one.
    pub types: BTreeMap<String, Types>,
    /// Those that it would have hidden, by severity.
    pub severities: BTreeMap<String, u64>,
    /// The first of those that it would have hidden.
    pub first: Vec<Shown>,
    /// The first of the same types that it would not have hidden.
    pub not_hidden: Vec<Shown>,
}

/// Findings of one type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Types {
    /// That would have been hidden.
    pub hidden: u64,
    /// That would not.
    pub kept: u64,
}

/// Enough of a finding to know it again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Its id.
    pub id: String,
    /// When it happened.
    pub time: String,
    /// Its type.
    #[serde(rename = "type")]
    pub finding_type: String,
    /// Its title.
    pub title: String,
    /// Who acted.
    pub actor: String,
}

/// Reads findings, one a line, and asks each rule of each. Whether a rule has expired or is
/// turned off makes no difference. At most `examples` findings are shown of each kind.
///
/// # Errors
/// Where the findings cannot be read.
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

/// A rule while findings are read.
struct Watched<'r> {
    rule: &'r Rule,
    done: RulePreview,
    /// The first that it does not hide, by type: whether it hides others of the type is
    /// known at the end only.
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

    /// Whether the rule hides the finding.
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
