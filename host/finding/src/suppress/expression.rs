//! Conditions combined with AND, OR, and NOT.

use std::ops::Range;

use serde_json::Value;

use super::condition::Condition;
use super::error::RuleError;
use super::tree::{Fields, Node};

/// Maximum nesting depth of groups.
const DEPTH: usize = 8;
/// Maximum number of conditions in a rule.
const CONDITIONS: usize = 200;

/// The keys that begin a group.
pub(super) const GROUP: [&str; 3] = ["all", "any", "not"];

/// A combination of conditions.
#[derive(Debug)]
pub(super) enum Expression {
    Condition(Box<Condition>),
    /// All of them hold.
    All(Vec<Self>),
    /// At least one of them holds.
    Any(Vec<Self>),
    /// None of them holds.
    Not(Vec<Self>),
}

/// Ways in which an expression can hold, by whether they need values of a first and of a second field.
#[derive(Clone, Copy, Default)]
struct Ways([[bool; 2]; 2]);

impl Ways {
    fn one(needs_first: bool, needs_second: bool) -> Self {
        let is_way = |first: bool, second: bool| (first, second) == (needs_first, needs_second);
        Self([false, true].map(|first| [false, true].map(|second| is_way(first, second))))
    }

    fn or(self, other: Self) -> Self {
        let [[neither, second], [first, both]] = self.0;
        let [[other_neither, other_second], [other_first, other_both]] = other.0;
        Self([
            [neither || other_neither, second || other_second],
            [first || other_first, both || other_both],
        ])
    }

    fn and(self, other: Self) -> Self {
        let mut ways = Self::default();
        for (needs, is_way) in self.listed() {
            for (other_needs, is_other_way) in other.listed() {
                if is_way && is_other_way {
                    ways = ways.or(Self::one(
                        needs.0 || other_needs.0,
                        needs.1 || other_needs.1,
                    ));
                }
            }
        }
        ways
    }

    fn listed(self) -> [((bool, bool), bool); 4] {
        let [[neither, second], [first, both]] = self.0;
        [
            ((false, false), neither),
            ((false, true), second),
            ((true, false), first),
            ((true, true), both),
        ]
    }

    fn rest_on_first_alone(self) -> bool {
        let [_, [first, _]] = self.0;
        first
    }
}

/// Counts the conditions of a rule.
pub(super) struct Budget {
    conditions: usize,
}

impl Expression {
    /// Parses the groups of a rule, all of which must hold; returns `None` if there is none.
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

    /// Returns whether a value of `field` can be what makes the rule hold, without one of `beside`.
    pub fn rests_on(&self, field: &str, beside: &str) -> bool {
        self.ways(field, beside, false).rest_on_first_alone()
    }

    /// Returns the ways in which the expression, or its negation, can hold.
    fn ways(&self, field: &str, beside: &str, is_negated: bool) -> Ways {
        let (parts, is_all, is_negated) = match self {
            Self::Condition(condition) => {
                let needs = |name| condition.is_met_by(name, is_negated);
                return Ways::one(needs(field), needs(beside));
            }
            Self::All(parts) => (parts, !is_negated, is_negated),
            Self::Any(parts) => (parts, is_negated, is_negated),
            Self::Not(parts) => (parts, !is_negated, !is_negated),
        };
        let ways = parts
            .iter()
            .map(|part| part.ways(field, beside, is_negated));
        if is_all {
            ways.fold(Ways::one(false, false), Ways::and)
        } else {
            ways.fold(Ways::default(), Ways::or)
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
            return Err(value.wrong(format!("groups are nested more than {DEPTH} levels deep")));
        }
        // A single condition may be negated without a list.
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

    /// Parses a condition or a group.
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
                return Err(part.wrong(format!("the rule has more than {CONDITIONS} conditions")));
            }
            return Condition::parse(&fields).map(|condition| Self::Condition(Box::new(condition)));
        };
        for (key, span, _) in fields.iter() {
            if !GROUP.contains(&key) {
                let message = format!(
                    "`{key}` is next to a group (write either a condition or the groups `all`, `any`, and `not`)"
                );
                return Err(fields.text.wrong(span, message));
            }
        }
        Ok(group)
    }
}
