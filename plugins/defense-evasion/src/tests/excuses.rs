//! Values that a client chooses excuse no finding.

use wardline_sdk::testing::{Harness, TestError, excused_findings};

use crate::DefenseEvasion;

#[test]
fn tools_and_labels_excuse_no_finding() -> Result<(), TestError> {
    let logs = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let excused = excused_findings(logs, &[], Harness::<DefenseEvasion>::new)?;
    let lines: Vec<String> = excused.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
    Ok(())
}
