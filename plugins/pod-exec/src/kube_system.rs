//! Commands that are run in pods of `kube-system`.
//!
//! The type and its severity are those of Amazon GuardDuty's EKS Protection
//! (<https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html>).

use wardline_sdk::prelude::*;

use crate::stream::{Stream, Way};

/// Severity Medium, as in GuardDuty.
const EXEC: &str = "Execution:Kubernetes/ExecInKubeSystemPod";
const NAMESPACE: &str = "kube-system";

pub fn judge(stream: &Stream<'_>, findings: &mut Findings) -> bool {
    // Who attaches without an input only looks. With one they type into what runs there, which
    // is as good as a command.
    if stream.namespace != NAMESPACE || (stream.way == Way::Attach && !stream.has_input()) {
        return false;
    }
    if stream.way == Way::Attach {
        findings.raise(
            stream
                .finding(EXEC)
                .evidence(stream.event, "requestURI?stdin", "true")
                .title(format!(
                    "{} attached an input to the pod {} of kube-system",
                    stream.event.user().username(),
                    stream.pod
                )),
        );
        return true;
    }
    let what = if stream.line.is_empty() {
        "A command".to_owned()
    } else {
        format!("`{}`", stream.line)
    };
    let way = if stream.way == Way::Kubelet {
        format!(" through the kubelet of {}", stream.event.name())
    } else {
        String::new()
    };
    findings.raise(stream.finding(EXEC).title(format!(
        "{what} was run in the pod {} of kube-system{way}",
        stream.pod
    )));
    true
}

pub fn finding_type() -> FindingType {
    FindingType::new(EXEC, 5.0)
        .title("A command was run in a pod of kube-system")
        .description(
            "Pods of kube-system run the cluster's own components, often with rights over the whole \
             cluster or its nodes. Commands are seldom run in them, and seldom does somebody attach an \
             input to what runs there.",
        )
        .technique("T1609")
        .remediation(
            "Ask the user whether this was intended. If not, revoke the user's credentials, see what \
             else they did in the audit log, replace the pod, and rotate the token of its service \
             account. Take `create pods/exec` in kube-system from everybody who does not need it.",
        )
        .false_positives(
            "Administrators who look for faults in DNS, networking or etcd; backup jobs that run \
             etcdctl in the etcd pod.",
        )
        .tuning("Add the account of a backup job to `trusted-users`.")
        .aggregated_by("actor, namespace and pod")
        .reference("https://attack.mitre.org/techniques/T1609/")
        .reference(
            "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html",
        )
}
