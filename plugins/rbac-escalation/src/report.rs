//! A finding together with its severity, which later rules may lower.

use wardline_sdk::Finding;
use wardline_sdk::rules::ObjectChange;
use wardline_sdk::rules::severity::SeverityRule;

/// A finding with its severity.
#[derive(Debug)]
pub struct Report {
    pub finding: Finding,
    pub severity: f64,
}

impl Report {
    /// Sets the severity and names the installer, if any.
    pub fn new(changed: &ObjectChange<'_>, finding: Finding, severity: impl Into<f64>) -> Self {
        let severity = severity.into();
        let finding = match changed.installer {
            Some(tool) => finding.attribute("installed-by", tool),
            None => finding,
        };
        Self {
            finding: finding.severity(severity),
            severity,
        }
    }

    /// Applies a severity rule.
    pub fn with_rule(self, rule: SeverityRule) -> Self {
        let severity = rule.apply(self.severity);
        Self {
            finding: self.finding.severity(severity),
            severity,
        }
    }
}
