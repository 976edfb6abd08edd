//! A suppression rule.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::expression::Expression;
use crate::Suppression;

/// The state of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleState {
    /// The rule is in force.
    Active,
    /// The rule's expiry date has passed.
    Expired,
    /// The operator has disabled the rule.
    Disabled,
}

impl RuleState {
    /// All states.
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

/// A rule that suppresses the findings that meet its conditions.
#[derive(Debug)]
pub struct Rule {
    /// The name, unique in the directory.
    pub name: String,
    /// The person or team responsible for it.
    pub owner: String,
    /// The reason for it.
    pub reason: String,
    /// The creation date, as given in the file.
    pub created: Option<String>,
    /// The time from which the rule is no longer in force.
    pub expires: Option<Timestamp>,
    /// Whether the operator has enabled it.
    pub enabled: bool,
    pub(super) conditions: Expression,
}

impl Rule {
    /// Returns true if a finding, as JSON, meets the conditions, regardless of its time.
    #[must_use]
    pub fn holds(&self, finding: &Value) -> bool {
        self.conditions.holds(finding)
    }

    /// Returns true if the rule was in force at an event's time. Event time is used instead of the
    /// current time, so that replaying a log suppresses the same findings. If the time is unknown,
    /// a rule that expires is not in force.
    #[must_use]
    pub fn is_in_force(&self, time: Option<Timestamp>) -> bool {
        self.enabled
            && self
                .expires
                .is_none_or(|end| time.is_some_and(|time| time < end))
    }

    /// Returns the rule's state at a point in time.
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

    /// Returns the reference to this rule that is written into a suppressed finding.
    #[must_use]
    pub fn suppression(&self) -> Suppression {
        Suppression {
            rule: self.name.clone(),
            owner: self.owner.clone(),
            reason: self.reason.clone(),
        }
    }

    /// Returns advice for the rule's owner.
    #[must_use]
    pub fn warnings(&self, now: Timestamp) -> Vec<String> {
        let mut warnings = Vec::new();
        match self.expires {
            None => warnings.push(
                "the rule never expires (add a date for its review, such as `expires = 2027-01-31`)"
                    .to_owned(),
            ),
            Some(end) if end <= now => {
                warnings.push(format!("the rule expired on {end} and hides nothing"));
            }
            Some(_) => {}
        }
        if self.holds(&stranger()) {
            warnings.push(
                "the rule hides everything that its conditions do not exclude, including future finding types (add a condition on `type`)"
                    .to_owned(),
            );
        }
        warnings
    }
}

/// Returns a finding that shares no value with any expected one.
fn stranger() -> Value {
    let text = "a text that occurs in no rule";
    serde_json::json!({
        "schema_version": text, "id": text, "type": text, "title": text, "description": text,
        "cluster": text, "first_seen": text, "last_seen": text, "time": text,
        "severity": {"label": text, "score": 10.0},
        "count": 1_000_000_000,
        "detector": {"name": text, "version": text},
        "actor": {
            "username": text, "uid": text, "groups": [text], "impersonated": text,
            "source_ips": [text], "peer_ip": text, "user_agent": text, "extra": [{"key": text, "value": text}],
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
