mod agents;
mod excuses;
mod hidden;
mod placement;
mod probes;
mod reach;
mod unseen;

use wardline_sdk::testing::{AuditLine, RaisedFinding, TestError, judge_lines};

use crate::PrivilegedWorkloads;

fn judge(lines: &[AuditLine]) -> Result<Vec<RaisedFinding>, TestError> {
    judge_lines::<PrivilegedWorkloads>(lines)
}

/// A request for a pod with additional fields of its spec and of its container.
fn pod(spec: &str, container: &str) -> AuditLine {
    AuditLine::new("create", "/api/v1/namespaces/shop/pods").request(&format!(
        r#"{{"kind": "Pod", "metadata": {{"name": "p"}}, "spec": {{{spec} "containers": [{{"name": "c", "image": "alpine:3" {container}}}]}}}}"#
    ))
}
