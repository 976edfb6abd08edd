//! A finding together with its severity, which later rules may lower.

use wardline_sdk::Finding;
use wardline_sdk::rules::ObjectChange;

/// Severity of findings that are context and not an alarm.
pub const LOW: f64 = 3.0;

/// A finding with its severity.
#[derive(Debug)]
pub struct Report {
    pub finding: Finding,
    pub severity: f64,
}

impl Report {
    /// Sets the severity and names the installer, if any.
    pub fn new(changed: &ObjectChange<'_>, finding: Finding, severity: f64) -> Self {
        let finding = match changed.installer {
            Some(tool) => finding.attribute("installed-by", tool),
            None => finding,
        };
        Self {
            finding: finding.severity(severity),
            severity,
        }
    }

    /// Caps the severity.
    pub fn at_most(self, severity: f64) -> Self {
        let severity = self.severity.min(severity);
        Self {
            finding: self.finding.severity(severity),
            severity,
        }
    }
}
