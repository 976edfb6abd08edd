mod admission;
mod api;
mod configuration;
mod excuses;
mod hidden;
mod installs;
mod machines;
mod namespaces;

use wardline_sdk::testing::{AuditLine, RaisedFinding, TestError, judge_lines};

use crate::ControlPlaneIntegrity;

fn judge(lines: &[AuditLine]) -> Result<Vec<RaisedFinding>, TestError> {
    judge_lines::<ControlPlaneIntegrity>(lines)
}
