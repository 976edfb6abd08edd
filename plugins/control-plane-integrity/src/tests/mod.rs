mod admission;
mod api;
mod configuration;
mod installs;
mod machines;
mod namespaces;

use wardline_sdk::testing::{AuditLine, Harness, RaisedFinding, TestError};

use crate::ControlPlaneIntegrity;

fn judge(lines: &[AuditLine]) -> Result<Vec<RaisedFinding>, TestError> {
    let text: Vec<String> = lines.iter().map(AuditLine::to_string).collect();
    Harness::<ControlPlaneIntegrity>::new().audit_lines(&text.join("\n"))
}

/// Returns the family and the severity of each finding.
fn summary(found: &[RaisedFinding]) -> Vec<(&str, f64)> {
    found
        .iter()
        .map(|finding| {
            let family = finding.finding_type.rsplit('/').next().unwrap();
            (family, finding.severity)
        })
        .collect()
}
