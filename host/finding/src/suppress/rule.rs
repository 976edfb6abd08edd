//! One rule.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::expression::Expression;
use crate::Suppression;

/// Whether a rule is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleState {
    /// It is.
    Active,
    /// Its time is over.
    Expired,
    /// The operator has turned it off.
    Disabled,
}

impl RuleState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Active, Self::Expired, Self::Disabled];

    /// The name in reports and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Disabled => "disabled",
        }
    }
}

/// Which findings need nobody's attention, who says so, and why.
#[derive(Debug)]
pub struct Rule {
    /// Its name; no other rule of the directory has it.
    pub name: String,
    /// Who answers for it.
    pub owner: String,
    /// Why it is there.
    pub reason: String,
    /// When it was written, as the file says.
    pub created: Option<String>,
    /// The first moment at which it is not in force any more.
    pub expires: Option<Timestamp>,
    /// Whether the operator has turned it on.
    pub enabled: bool,
    pub(super) conditions: Expression,
}

impl Rule {
    /// Whether its conditions hold of a finding, in its JSON form, whenever it was.
    #[must_use]
    pub fn holds(&self, finding: &Value) -> bool {
        self.conditions.holds(finding)
    }

    /// Whether it was in force when an event happened. It is asked for the time of the event
    /// and not of the day, so that a replay suppresses what was suppressed. Where no time is
    /// known, a rule that expires is not in force.
    #[must_use]
    pub fn is_in_force(&self, time: Option<Timestamp>) -> bool {
        self.enabled
            && self
                .expires
                .is_none_or(|end| time.is_some_and(|time| time < end))
    }

    /// Where it stands at a moment.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> RuleState {
        if !self.enabled {
            RuleState::Disabled
        } else if self.is_in_force(Some(now)) {
            RuleState::Active
        } else {
            RuleState::Expired
        }
    }

    /// What a finding says of the rule that suppressed it.
    #[must_use]
    pub fn suppression(&self) -> Suppression {
        Suppression {
            rule: self.name.clone(),
            owner: self.owner.clone(),
            reason: self.reason.clone(),
        }
    }

    /// What its owner should think about.
    #[must_use]
    pub fn warnings(&self, now: Timestamp) -> Vec<String> {
        let mut warnings = Vec::new();
        match self.expires {
            None => warnings.push(
                "it never expires (give it `expires = 2027-01-31`, and look at it again then)"
                    .to_owned(),
            ),
            Some(end) if end <= now => {
                warnings.push(format!("it has expired on {end} and hides nothing"));
            }
            Some(_) => {}
        }
        if self.holds(&stranger()) {
            warnings.push(
                "it hides whatever its conditions do not exclude, also of types that do not exist yet (name the types that it is for)"
                    .to_owned(),
            );
        }
        warnings
    }
}

/// A finding that has nothing in common with any that somebody has thought of.
fn stranger() -> Value {
    let text = "a text that stands in no rule";
    serde_json::json!({
        "schema_version": text, "id": text, "type": text, "title": text, "description": text,
        "cluster": text, "first_seen": text, "last_seen": text, "time": text,
        "severity": {"label": text, "score": 10.0},
        "count": 1_000_000_000,
        "detector": {"name": text, "version": text},
        "actor": {
            "username": text, "uid": text, "groups": [text], "impersonated": text,
            "source_ips": [text], "user_agent": text, "extra": [{"key": text, "value": text}],
        },
        "resource": {
            "api_group": text, "resource": text, "subresource": text, "namespace": text,
            "name": text,
        },
        "request": {"verb": text, "uri": text, "response_code": 999},
        "event_ids": [text],
        "evidence": [{"event_id": text, "field": text, "value": text}],
        "techniques": [text],
        "remediation": text, "false_positives": text, "references": [text],
        "attributes": [{"key": text, "value": text}],
        "source": {"name": text, "line": 1_000_000_000},
    })
}
