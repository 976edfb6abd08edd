//! Conditions, joined by AND, OR and NOT.

use std::ops::Range;

use serde_json::Value;

use super::RuleError;
use super::condition::Condition;
use super::tree::{Fields, Node};

/// Groups inside of groups.
const DEPTH: usize = 8;
/// Conditions of one rule.
const CONDITIONS: usize = 200;

/// The keys of a group.
pub(super) const GROUP: [&str; 3] = ["all", "any", "not"];

/// What must hold of a finding.
#[derive(Debug)]
pub(super) enum Expression {
    Condition(Box<Condition>),
    /// Every one holds.
    All(Vec<Self>),
    /// At least one holds.
    Any(Vec<Self>),
    /// None holds.
    Not(Vec<Self>),
}

/// Counts what a rule may have.
pub(super) struct Budget {
    conditions: usize,
}

impl Expression {
    /// The groups of a rule or of a group; all of them must hold. None where there is no
    /// group.
    pub fn groups(fields: &Fields<'_>) -> Result<Option<Self>, RuleError> {
        let mut budget = Budget { conditions: 0 };
        Self::read_groups(fields, 0, &mut budget)
    }

    pub fn holds(&self, finding: &Value) -> bool {
        match self {
            Self::Condition(condition) => condition.holds(finding),
            Self::All(parts) => parts.iter().all(|part| part.holds(finding)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(finding)),
            Self::Not(parts) => !parts.iter().any(|part| part.holds(finding)),
        }
    }

    fn read_groups(
        fields: &Fields<'_>,
        depth: usize,
        budget: &mut Budget,
    ) -> Result<Option<Self>, RuleError> {
        let mut groups = Vec::new();
        for (key, span, value) in fields.iter() {
            if GROUP.contains(&key) {
                groups.push(Self::read_group(key, span, value, depth, budget)?);
            }
        }
        Ok(match groups.len() {
            0 => None,
            1 => groups.pop(),
            _ => Some(Self::All(groups)),
        })
    }

    fn read_group(
        key: &str,
        span: &Range<usize>,
        value: Node<'_>,
        depth: usize,
        budget: &mut Budget,
    ) -> Result<Self, RuleError> {
        if depth >= DEPTH {
            return Err(value.wrong(format!("groups are nested more than {DEPTH} deep")));
        }
        // One condition may be negated without a list around it.
        let parts = if key == "not" {
            value.one_or_more()
        } else {
            value.list(key, "a list of conditions")?
        };
        if parts.is_empty() {
            let message = format!("`{key}` has no conditions");
            return Err(value.text.wrong(span, message));
        }
        let parts = parts
            .into_iter()
            .map(|part| Self::read_part(key, part, depth + 1, budget))
            .collect::<Result<_, _>>()?;
        Ok(match key {
            "all" => Self::All(parts),
            "any" => Self::Any(parts),
            _ => Self::Not(parts),
        })
    }

    /// A condition, or a group.
    fn read_part(
        key: &str,
        part: Node<'_>,
        depth: usize,
        budget: &mut Budget,
    ) -> Result<Self, RuleError> {
        let fields = part.table(key)?;
        let Some(group) = Self::read_groups(&fields, depth, budget)? else {
            budget.conditions += 1;
            if budget.conditions > CONDITIONS {
                return Err(part.wrong(format!("a rule has at most {CONDITIONS} conditions")));
            }
            return Condition::parse(&fields).map(|condition| Self::Condition(Box::new(condition)));
        };
        for (key, span, _) in fields.iter() {
            if !GROUP.contains(&key) {
                let message = format!(
                    "`{key}` stands beside a group (a table is a condition, or has `all`, `any` and `not`)"
                );
                return Err(fields.text.wrong(span, message));
            }
        }
        Ok(group)
    }
}
