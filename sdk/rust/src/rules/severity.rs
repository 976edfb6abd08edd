//! One severity for each band, for rules that need no finer grade.
//!
//! The bands are those of GuardDuty
//! (<https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html>): Low from
//! 1.0 to 3.9, Medium from 4.0 to 6.9, High from 7.0 to 8.9, Critical from 9.0 to 10.0.

use std::fmt;

/// In the band Low: an attempt that did not compromise anything.
pub const LOW: f64 = 3.0;

/// In the band Medium: a deviation from normal behavior that may be a compromise.
pub const MEDIUM: f64 = 5.0;

/// In the band High: a resource is compromised.
pub const HIGH: f64 = 8.0;

/// In the band Critical: an attack is in progress or has happened.
pub const CRITICAL: f64 = 9.0;

/// A severity other than the finding type's own, with the condition under which it applies.
///
/// Declare a rule as a constant, document it with
/// [`FindingType::severity_rules`](crate::FindingType::severity_rules), and pass it to
/// [`Finding::severity`](crate::Finding::severity) in the branch that it describes: the number is
/// then written once, and the documentation names it.
///
/// ```
/// use wardline_sdk::prelude::*;
/// use wardline_sdk::rules::severity::{self, SeverityRule};
///
/// const DELETED: &str = "DefenseEvasion:Kubernetes/EventsDeleted";
/// const DENIED: SeverityRule = SeverityRule::new(severity::LOW, "the request was denied");
///
/// fn finding_type() -> FindingType {
///     FindingType::new(DELETED, severity::MEDIUM).severity_rules([DENIED])
/// }
///
/// fn judge(event: AuditEvent<'_>, findings: &mut Findings) {
///     let mut finding = Finding::new(DELETED).on(event).field(&event, AuditField::Verb);
///     if event.denied() {
///         finding = finding.severity(DENIED);
///     }
///     findings.raise(finding);
/// }
/// # let _ = (finding_type, judge);
/// assert_eq!(DENIED.to_string(), "3.0 if the request was denied");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeverityRule {
    /// From 1.0 to 10.0.
    pub severity: f64,
    /// The condition, as a clause that follows "if" and has no final period.
    pub when: &'static str,
    /// Whether a severity that is lower already stays as it is.
    pub is_maximum: bool,
}

impl SeverityRule {
    /// Returns a rule with this severity and condition.
    #[must_use]
    pub const fn new(severity: f64, when: &'static str) -> Self {
        Self {
            severity,
            when,
            is_maximum: false,
        }
    }

    /// Returns a rule that lowers a severity and never raises one.
    #[must_use]
    pub const fn at_most(severity: f64, when: &'static str) -> Self {
        Self {
            severity,
            when,
            is_maximum: true,
        }
    }

    /// Returns the severity of a finding that had this one and to which the rule applies.
    #[must_use]
    pub fn apply(self, severity: f64) -> f64 {
        if self.is_maximum {
            severity.min(self.severity)
        } else {
            self.severity
        }
    }
}

impl From<SeverityRule> for f64 {
    fn from(rule: SeverityRule) -> Self {
        rule.severity
    }
}

/// `3.0 if the request was denied`, or `at most 3.0 if …`.
impl fmt::Display for SeverityRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = if self.is_maximum { "at most " } else { "" };
        write!(formatter, "{limit}{:?} if {}", self.severity, self.when)
    }
}

#[cfg(test)]
mod tests {
    use super::{CRITICAL, HIGH, LOW, MEDIUM, SeverityRule};
    use crate::contract::AuditEvent as Event;
    use crate::{AuditEvent, Finding, FindingType};

    #[test]
    fn each_severity_lies_in_its_band() {
        for (severity, band) in [
            (LOW, 1.0..4.0),
            (MEDIUM, 4.0..7.0),
            (HIGH, 7.0..9.0),
            (CRITICAL, 9.0..10.1),
        ] {
            assert!(band.contains(&severity), "{severity} {band:?}");
        }
    }

    #[test]
    fn rule_documents_and_sets_a_severity() {
        const DENIED: SeverityRule = SeverityRule::new(2.5, "the request was denied");
        const ROUTINE: SeverityRule = SeverityRule::new(LOW, "a service account made it");
        let declared = FindingType::new("A:B/C", MEDIUM).severity_rules([ROUTINE, DENIED]);
        let typed = FindingType::new("A:B/C", MEDIUM)
            .severity_rule("3.0 if a service account made it")
            .severity_rule("2.5 if the request was denied");
        assert_eq!(declared, typed);
        let event = Event::default();
        let event = AuditEvent::from(&event);
        let of = |rule: SeverityRule| {
            Finding::new("A:B/C")
                .on(event)
                .evidence(event, "verb", "get")
                .severity(rule)
                .into_contract()
                .severity
        };
        assert_eq!([of(DENIED), of(ROUTINE)], [Some(2.5), Some(3.0)]);
    }

    #[test]
    fn maximum_never_raises_a_severity() {
        const FAILED: SeverityRule = SeverityRule::at_most(LOW, "the request failed");
        const SET: SeverityRule = SeverityRule::new(LOW, "the request failed");
        assert_eq!(FAILED.to_string(), "at most 3.0 if the request failed");
        assert_eq!([FAILED.apply(8.0), FAILED.apply(2.0)], [3.0, 2.0]);
        assert_eq!([SET.apply(8.0), SET.apply(2.0)], [3.0, 3.0]);
    }
}
