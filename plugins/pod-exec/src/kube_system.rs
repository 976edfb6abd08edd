//! Commands that are run in pods of `kube-system`.
//!
//! The type and its severity are those of Amazon GuardDuty's EKS Protection
//! (<https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html>).

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::MEDIUM;

use crate::stream::{Stream, Way};

/// Severity Medium, as in GuardDuty.
const EXEC: &str = "Execution:Kubernetes/ExecInKubeSystemPod";
const NAMESPACE: &str = "kube-system";

pub fn judge(stream: &Stream<'_>, findings: &mut Findings) -> bool {
    // An attach without standard input only reads output. With it, the user can type into the
    // running process, which is equivalent to a command.
    if stream.namespace != NAMESPACE || (stream.way == Way::Attach && !stream.has_input()) {
        return false;
    }
    if stream.way == Way::Attach {
        findings.raise(
            stream
                .finding(EXEC)
                .evidence(stream.event, "requestURI?stdin", "true")
                .title(format!(
                    "Input was attached to pod kube-system/{} by {}",
                    stream.pod,
                    stream.event.user().username()
                )),
        );
        return true;
    }
    let command = if stream.line.is_empty() {
        String::new()
    } else {
        format!(": {}", stream.line)
    };
    let way = if stream.way == Way::Kubelet {
        format!(" through the kubelet of {}", stream.event.name())
    } else {
        String::new()
    };
    findings.raise(stream.finding(EXEC).title(format!(
        "A command was run in pod kube-system/{}{way}{command}",
        stream.pod
    )));
    true
}

pub fn finding_type() -> FindingType {
    FindingType::new(EXEC, MEDIUM)
        .title("A command was run in a pod of kube-system")
        .description(
            "A command was run in a pod of kube-system, or standard input was attached to one. \
             These pods run cluster components, often with rights over the whole cluster or its \
             nodes, and people seldom work in them.",
        )
        .technique("T1609")
        .remediation(
            "Ask the user whether this was intended. If not, revoke the user's credentials, \
             review the user's other requests in the audit log, replace the pod, and rotate the \
             token of its service account. Remove `create pods/exec` in kube-system from roles \
             that do not need it.",
        )
        .false_positives(
            "Administrators who troubleshoot DNS, networking, or etcd, and backup jobs that run \
             etcdctl in the etcd pod. The user and the command line tell them apart.",
        )
        .tuning("Add the account of a backup job to `trusted-users`.")
        .aggregated_by("actor, namespace, and pod")
        .reference("https://attack.mitre.org/techniques/T1609/")
        .reference(
            "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html",
        )
}
