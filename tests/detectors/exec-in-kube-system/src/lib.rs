//! Commands run in `kube-system` pods.
//!
//! The type and its severity are those of Amazon GuardDuty's EKS Protection
//! (<https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html>).
//! A command can reach a pod in two ways: through the pod's `exec` subresource, and through
//! the kubelet's own API behind `nodes/proxy`, which leaves no trace of the pod in
//! `objectRef`.

use wardline_sdk::prelude::*;
use wardline_sdk::view::KubeletCommand;

/// The severity is Medium, as in GuardDuty.
const EXEC: &str = "Execution:Kubernetes/ExecInKubeSystemPod";
const NAMESPACE: &str = "kube-system";

/// The detector.
pub struct ExecInKubeSystem;

impl Detector for ExecInKubeSystem {
    fn describe() -> Descriptor {
        Descriptor::new("exec-in-kube-system", env!("CARGO_PKG_VERSION"))
            .description("Finds commands run in kube-system pods.")
            .audit(
                AuditSubscription::new()
                    // WebSocket clients send a GET (KEP-4006), SPDY clients a POST.
                    .verbs(["get", "create"])
                    .resources(["pods/exec"])
                    .namespaces([NAMESPACE])
                    .outcomes(["success"]),
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["get", "create"])
                    .resources(["nodes/proxy"])
                    .outcomes(["success"]),
            )
            .finding(
                FindingType::new(EXEC, 5.0)
                    .title("A command was run in a pod of kube-system")
                    .description(
                        "Pods in kube-system run the cluster's own components, often with permissions on \
                         the whole cluster or its nodes. Legitimate users rarely run commands in them.",
                    )
                    .technique("T1609")
                    .remediation(
                        "Ask the user whether this was intended. If not, revoke the user's credentials, \
                         search the audit log for the user's other requests, replace the pod, and rotate \
                         the token of its service account. Remove the permission to create `pods/exec` in \
                         kube-system from everyone who does not need it.",
                    )
                    .false_positives(
                        "Administrators who debug DNS, networking, or etcd; backup jobs that run etcdctl \
                         in the etcd pod.",
                    )
                    .reference("https://attack.mitre.org/techniques/T1609/")
                    .reference(
                        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html",
                    ),
            )
    }

    fn configure(_: &Settings) -> Result<Self, String> {
        Ok(Self)
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        if event.resource_is("pods", "exec") {
            raise_exec(event, findings);
        } else if let Some(command) = event.kubelet_command() {
            raise_kubelet(event, &command, findings);
        }
        Ok(())
    }
}

fn raise_exec(event: AuditEvent<'_>, findings: &mut Findings) {
    let mut finding = Finding::new(EXEC)
        .on(event)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name);
    let mut title = format!(
        "A command was run in the pod {} of kube-system",
        event.name()
    );
    if let Some(connect) = event.connect() {
        let command = connect.command().join(" ");
        if !command.is_empty() {
            title = format!(
                "`{command}` was run in the pod {} of kube-system",
                event.name()
            );
            finding = finding.evidence(event, "requestURI?command", command);
        }
    }
    findings.raise(finding.field(&event, AuditField::Code).title(title));
}

fn raise_kubelet(event: AuditEvent<'_>, command: &KubeletCommand<'_>, findings: &mut Findings) {
    if command.namespace != NAMESPACE {
        return;
    }
    findings.raise(
        Finding::new(EXEC)
            .on(event)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Code)
            .title(format!(
                "A command was run in the pod {} of kube-system through the kubelet of {}",
                command.pod,
                event.name()
            ))
            .dedup_key(format!("{NAMESPACE}/{}", command.pod)),
    );
}

wardline_sdk::detector!(ExecInKubeSystem);
