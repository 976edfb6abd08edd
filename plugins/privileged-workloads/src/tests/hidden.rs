//! Memories, none of which hides a finding behind a lesser one.

use wardline_sdk::testing::{AuditLine, Harness, TestError, hidden_findings};

use crate::PrivilegedWorkloads;

/// One pod for each danger: further fields of its spec, and of its container.
const DANGERS: [(&str, &str); 15] = [
    (r#""hostNetwork": true,"#, ""),
    (r#""hostPID": true,"#, ""),
    (r#""hostIPC": true,"#, ""),
    (r#""hostIPC": true, "hostNetwork": true,"#, ""),
    ("", r#", "securityContext": {"privileged": true}"#),
    (
        "",
        r#", "securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}"#,
    ),
    (
        "",
        r#", "securityContext": {"capabilities": {"add": ["SYS_PTRACE"]}}"#,
    ),
    (
        r#""hostPID": true,"#,
        r#", "securityContext": {"capabilities": {"add": ["SYS_PTRACE"]}}"#,
    ),
    ("", r#", "securityContext": {"procMount": "Unmasked"}"#),
    (
        r#""hostUsers": false,"#,
        r#", "securityContext": {"procMount": "Unmasked"}"#,
    ),
    (
        "",
        r#", "securityContext": {"seccompProfile": {"type": "Unconfined"}}"#,
    ),
    (
        r#""volumes": [{"name": "v", "hostPath": {"path": "/etc"}}],"#,
        r#", "volumeMounts": [{"name": "v", "mountPath": "/x", "readOnly": true}]"#,
    ),
    (
        r#""volumes": [{"name": "v", "hostPath": {"path": "/etc"}}],"#,
        r#", "volumeMounts": [{"name": "v", "mountPath": "/x"}]"#,
    ),
    (r#""nodeName": "worker-1","#, ""),
    (r#""nodeName": "kind-control-plane","#, ""),
];

#[test]
fn lesser_requests_hide_no_finding() -> Result<(), TestError> {
    let logs = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let pods: Vec<AuditLine> = DANGERS
        .iter()
        .enumerate()
        .map(|(index, (spec, container))| {
            AuditLine::new("create", "/api/v1/namespaces/shop/pods").request(&format!(
                r#"{{"kind": "Pod", "metadata": {{"name": "p{index}"}}, "spec": {{{spec} "containers": [{{"name": "c", "image": "alpine:3" {container}}}]}}}}"#
            ))
        })
        .collect();
    let hidden = hidden_findings(logs, &pods, Harness::<PrivilegedWorkloads>::new)?;
    let lines: Vec<String> = hidden.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
    Ok(())
}
