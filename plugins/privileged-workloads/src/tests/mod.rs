mod placement;
mod probes;
mod reach;

use wardline_sdk::testing::{AuditLine, Harness, RaisedFinding, TestError};

use crate::PrivilegedWorkloads;

fn judge(lines: &[AuditLine]) -> Result<Vec<RaisedFinding>, TestError> {
    let text: Vec<String> = lines.iter().map(AuditLine::to_string).collect();
    Harness::<PrivilegedWorkloads>::new().audit_lines(&text.join("\n"))
}

/// The families of the finding types, with their severities.
fn summary(found: &[RaisedFinding]) -> Vec<(&str, f64)> {
    found
        .iter()
        .map(|finding| {
            let family = finding.finding_type.rsplit('/').next().unwrap();
            (family, finding.severity)
        })
        .collect()
}

/// A request for a pod with additional fields of its spec and of its container.
fn pod(spec: &str, container: &str) -> AuditLine {
    AuditLine::new("create", "/api/v1/namespaces/shop/pods").request(&format!(
        r#"{{"kind": "Pod", "metadata": {{"name": "p"}}, "spec": {{{spec} "containers": [{{"name": "c", "image": "alpine:3" {container}}}]}}}}"#
    ))
}
