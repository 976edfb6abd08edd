//! Memories, none of which hides a finding behind a lesser one.

use wardline_sdk::testing::{AuditLine, Harness, TestError, hidden_findings};

use crate::Impact;

const LOCATIONS: &str = "/apis/velero.io/v1/namespaces/velero/backupstoragelocations";

/// A storage location of backups.
const LOCATION: &str = r#"{"kind": "BackupStorageLocation", "metadata": {"name": "NAME"}, "spec": {"provider": "aws", "objectStorage": {"bucket": "b"}}}"#;

/// Requests of which the logs have none.
fn more() -> [AuditLine; 5] {
    let location = |verb, name| {
        let path = match verb {
            "create" => LOCATIONS.to_owned(),
            _ => format!("{LOCATIONS}/{name}"),
        };
        AuditLine::new(verb, &path).request(&LOCATION.replace("NAME", name))
    };
    [
        location("create", "a"),
        location("update", "b"),
        location("patch", "c"),
        AuditLine::new("delete", "/apis/apps/v1/namespaces/shop/deployments/web"),
        AuditLine::new(
            "deletecollection",
            "/apis/acid.zalan.do/v1/namespaces/shop/postgresqls",
        ),
    ]
}

#[test]
fn lesser_requests_hide_no_finding() -> Result<(), TestError> {
    let logs = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let hidden = hidden_findings(logs, &more(), Harness::<Impact>::new)?;
    let lines: Vec<String> = hidden.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
    Ok(())
}
