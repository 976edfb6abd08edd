//! Helpers for tests with many cases: one harness for each case, and short forms of its findings.
//!
//! ```
//! use wardline_sdk::prelude::*;
//! use wardline_sdk::testing::{Request, TestError, judge, summary};
//!
//! const DELETED: &str = "Impact:Kubernetes/NamespaceDeleted";
//!
//! struct Deletions;
//!
//! impl Detector for Deletions {
//!     fn describe() -> Descriptor {
//!         Descriptor::new("deletions", "1.0.0")
//!             .description("Reports deleted namespaces.")
//!             .audit(AuditSubscription::new().verbs(["delete"]).resources(["namespaces"]))
//!             .finding(FindingType::new(DELETED, 5.0).title("Namespace deleted"))
//!     }
//!
//!     fn configure(_: &Settings) -> Result<Self, String> {
//!         Ok(Self)
//!     }
//!
//!     fn on_audit_event(
//!         &mut self,
//!         event: AuditEvent<'_>,
//!         findings: &mut Findings,
//!     ) -> Result<(), DetectError> {
//!         findings.raise(Finding::new(DELETED).on(event).field(&event, AuditField::Name));
//!         Ok(())
//!     }
//! }
//!
//! let found = judge::<Deletions>([Request::new("delete", "namespaces").name("shop")])?;
//! assert_eq!(summary(&found), [("NamespaceDeleted", 5.0)]);
//! # Ok::<(), TestError>(())
//! ```

use super::{AuditLine, Harness, RaisedFinding, TestError};
use crate::Detector;
use crate::contract::AuditEvent;

/// Feeds audit events to a new harness with default settings, and returns the findings.
///
/// # Errors
/// As [`Harness::audit_events`].
pub fn judge<D: Detector>(
    events: impl IntoIterator<Item = impl Into<AuditEvent>>,
) -> Result<Vec<RaisedFinding>, TestError> {
    Harness::<D>::new().audit_events(events)
}

/// Feeds lines of an audit log to a new harness with default settings, and returns the findings.
///
/// # Errors
/// As [`Harness::audit_lines`].
pub fn judge_lines<'l, D: Detector>(
    lines: impl IntoIterator<Item = &'l AuditLine>,
) -> Result<Vec<RaisedFinding>, TestError> {
    let lines: Vec<String> = lines.into_iter().map(AuditLine::to_string).collect();
    Harness::<D>::new().audit_lines(&lines.join("\n"))
}

/// Returns the family of each finding's type (the part after the `/`) and its severity, in order.
#[must_use]
pub fn summary(findings: &[RaisedFinding]) -> Vec<(&str, f64)> {
    findings
        .iter()
        .map(|finding| {
            let finding_type = finding.finding_type.as_str();
            let family = finding_type.rsplit_once('/');
            (
                family.map_or(finding_type, |(_, family)| family),
                finding.severity,
            )
        })
        .collect()
}

/// Returns the type and the severity of each finding, in order.
#[must_use]
pub fn types_and_severities(findings: &[RaisedFinding]) -> Vec<(&str, f64)> {
    findings
        .iter()
        .map(|finding| (finding.finding_type.as_str(), finding.severity))
        .collect()
}

/// Returns the severity of each finding, in order.
#[must_use]
pub fn severities(findings: &[RaisedFinding]) -> Vec<f64> {
    findings.iter().map(|finding| finding.severity).collect()
}
