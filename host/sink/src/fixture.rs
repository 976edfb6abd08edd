//! Findings for tests.

use serde_json::json;
use wardline_finding::Finding;

use crate::Outgoing;

/// A finding as JSON, with its id made of a number.
pub fn json(number: u64, status: &str) -> Vec<u8> {
    let severity = json!({"label": "High", "score": 8.0});
    let finding = json!({
        "schema_version": "1.0",
        "id": format!("{number:032x}"),
        "type": "Policy:Kubernetes/AnonymousAccessGranted",
        "severity": severity,
        "title": "Access was granted to anonymous users",
        "description": "",
        "status": status,
        "count": 1,
        "first_seen": "",
        "last_seen": "",
        "time": "2026-11-25T10:00:00.000001Z",
        "detector": {"name": "anonymous-access", "version": "0.1.0"},
        "actor": {"username": "bob", "groups": [], "source_ips": [], "user_agent": ""},
        "resource": {"api_group": "", "resource": "", "subresource": "", "namespace": "", "name": ""},
        "request": {"verb": "", "uri": ""},
        "event_ids": ["a"],
        "evidence": [],
        "techniques": [],
        "remediation": "",
        "false_positives": "",
        "references": [],
        "source": {"name": "audit", "line": number},
    });
    serde_json::to_vec(&finding).unwrap()
}

/// An active finding.
pub fn finding(number: u64) -> Finding {
    serde_json::from_slice(&json(number, "active")).unwrap()
}

/// Findings with the same content, and texts of their own.
pub fn outgoing<'f>(finding: &'f Finding, texts: &'f [(u64, String)]) -> Vec<Outgoing<'f>> {
    texts
        .iter()
        .map(|(number, text)| Outgoing {
            number: *number,
            finding,
            text,
        })
        .collect()
}
