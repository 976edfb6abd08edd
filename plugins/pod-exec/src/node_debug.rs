//! Pods created by `kubectl debug node/...`.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::MEDIUM;

use crate::settings::Tuning;

const DEBUG: &str = "PrivilegeEscalation:Kubernetes/NodeDebugPod";

pub fn judge(event: AuditEvent<'_>, tuning: &Tuning, findings: &mut Findings) {
    if event.dry_run() || tuning.trusts(event, event.namespace()) {
        return;
    }
    let username = event.user().username();
    let workload = event.workload();
    let node = workload.map(|pod| pod.node_name()).unwrap_or_default();
    let on_node = match node.is_empty() {
        true => String::new(),
        false => format!(" on node {node}"),
    };
    let mut finding = Finding::new(DEBUG)
        .on(event)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name)
        .dedup_key(format!("{username}/{node}"))
        .title(format!("A debug pod was started{on_node} by {username}"));
    if let Some(pod) = workload {
        let shares = [
            ("hostPID", pod.host_pid()),
            ("hostNetwork", pod.host_network()),
            ("hostIPC", pod.host_ipc()),
        ];
        for (field, _) in shares.into_iter().filter(|(_, is_set)| *is_set) {
            finding = finding.evidence(event, format!("requestObject.spec.{field}"), "true");
        }
        for volume in pod.volumes_of_kind("hostPath") {
            let field = format!(
                "requestObject.spec.volumes[name={}].hostPath.path",
                volume.name()
            );
            finding = finding.evidence(event, field, volume.source());
        }
    }
    findings.raise(finding);
}

pub fn finding_type() -> FindingType {
    FindingType::new(DEBUG, MEDIUM)
        .title("A node debug pod was started")
        .description(
            "`kubectl debug node/...` creates a pod with the node's processes, network, and root \
             directory. Its user controls the node, every credential on it, and all of its pods.",
        )
        .technique("T1611")
        .technique("T1610")
        .remediation(
            "Ask the user whether this was intended. If so, delete the pod when the work is done, \
             because nothing else does. If not, revoke the user's credentials, replace the node, \
             and rotate the credentials of the pods on it. Pod Security Admission (`baseline`) \
             rejects such pods: allow them in one namespace only.",
        )
        .false_positives("Administrators who troubleshoot a node without SSH.")
        .tuning(
            "Add node administrators to `trusted-users`, or their namespace to \
             `trusted-namespaces`.",
        )
        .aggregated_by("actor and node")
        .reference("https://kubernetes.io/docs/tasks/debug/debug-cluster/kubectl-node-debug/")
        .reference("https://attack.mitre.org/techniques/T1611/")
}
