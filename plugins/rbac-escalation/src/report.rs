//! A finding with what is decided about it in the end.

use wardline_sdk::Finding;
use wardline_sdk::rules::ObjectChange;

/// What is worth knowing, and is no alarm.
pub const LOW: f64 = 3.0;

/// A finding, and how severe it is.
#[derive(Debug)]
pub struct Report {
    pub finding: Finding,
    pub severity: f64,
}

impl Report {
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

    /// The same, no more severe than this.
    pub fn at_most(self, severity: f64) -> Self {
        let severity = self.severity.min(severity);
        Self {
            finding: self.finding.severity(severity),
            severity,
        }
    }
}
