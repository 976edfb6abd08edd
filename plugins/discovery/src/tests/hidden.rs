//! Memories, none of which hides a finding behind a lesser one.

use wardline_sdk::testing::{Harness, TestError, hidden_findings};

use crate::Discovery;

#[test]
fn lesser_requests_hide_no_finding() -> Result<(), TestError> {
    let logs = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let hidden = hidden_findings(logs, &[], Harness::<Discovery>::new)?;
    let lines: Vec<String> = hidden.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
    Ok(())
}
