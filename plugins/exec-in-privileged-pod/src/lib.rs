//! Commands in pods that have power over their node.
//!
//! An exec event does not say what its pod may do; what the log told when the pod was
//! created does. Pods that were created before the log began are not known, and not
//! found here.

use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::view::Container;

const EXEC: &str = "PrivilegeEscalation:Kubernetes/ExecInPrivilegedPod";

/// Where the node's network or its IPC is all that a pod shares.
const NETWORK_ONLY: f64 = 5.0;

/// The detector.
pub struct ExecInPrivilegedPod;

impl Detector for ExecInPrivilegedPod {
    fn describe() -> Descriptor {
        Descriptor::new("exec-in-privileged-pod", env!("CARGO_PKG_VERSION"))
            .description(
                "Finds commands that are run in privileged containers and in pods that share a namespace \
                 of their node.",
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["get", "create"])
                    .resources(["pods/exec", "pods/attach", "nodes/proxy"])
                    .outcomes(["success"]),
            )
            .remembers(["pods"])
            .finding(
                FindingType::new(EXEC, 7.0)
                    .title("A command was run in a pod with power over its node")
                    .description(
                        "The container is privileged, or its pod sees the node's processes: a command in it \
                         can leave the container and take over the node, and with it every pod and \
                         credential there.",
                    )
                    .technique("T1609")
                    .technique("T1611")
                    .remediation(
                        "Ask the user whether this was intended. If not, revoke the user's credentials, \
                         cordon the node and replace it, and rotate the credentials of the pods that ran on \
                         it. Take `create pods/exec` away from those who do not need it, and let Pod \
                         Security Admission (`baseline`) keep such pods to the namespaces that need them.",
                    )
                    .false_positives(
                        "Administrators who look for faults in node agents, CNI and CSI drivers; \
                         `kubectl debug node/...` followed by a second attach.",
                    )
                    .reference("https://attack.mitre.org/techniques/T1611/")
                    .reference("https://kubernetes.io/docs/concepts/security/pod-security-standards/"),
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
        let target = Target::of(event);
        let Some(target) = target else {
            return Ok(());
        };
        let Some(pod) = inventory::pod_spec(event, "pods", target.namespace, target.pod) else {
            return Ok(());
        };
        let reasons = reasons(pod.workload(), target.container);
        let severity = reasons
            .iter()
            .map(|reason| reason.severity)
            .fold(0.0, f64::max);
        let command = event
            .connect()
            .map(|connect| connect.command().join(" "))
            .unwrap_or_default();
        let what = reasons
            .iter()
            .map(|reason| reason.name)
            .collect::<Vec<_>>()
            .join(", ");
        let finding = Finding::new(EXEC).on(event).evidence_if_any(
            event,
            reasons.iter().map(|reason| (reason.field.clone(), "true")),
        );
        findings.raise(finding.map(|finding| {
            let finding = finding
                .field(&event, AuditField::RequestUri)
                .field(&event, AuditField::Code)
                .severity(severity)
                .dedup_key(format!("{}/{}", target.namespace, target.pod))
                .title(format!(
                    "A command was run in the pod {}/{}, which has: {what}",
                    target.namespace, target.pod
                ));
            if command.is_empty() {
                finding
            } else {
                finding.evidence(event, "requestURI?command", command)
            }
        }));
        Ok(())
    }
}

/// Where a command runs.
struct Target<'a> {
    namespace: &'a str,
    pod: &'a str,
    /// Empty where the request names none.
    container: &'a str,
}

impl<'a> Target<'a> {
    fn of(event: AuditEvent<'a>) -> Option<Self> {
        if let Some(command) = event.kubelet_command() {
            return Some(Self {
                namespace: command.namespace,
                pod: command.pod,
                container: command.container,
            });
        }
        let streams = event.resource_is("pods", "exec") || event.resource_is("pods", "attach");
        streams.then(|| Self {
            namespace: event.namespace(),
            pod: event.name(),
            container: event
                .connect()
                .map(|connect| connect.container())
                .unwrap_or_default(),
        })
    }
}

struct Reason {
    name: &'static str,
    /// Where it stands in the pod that the inventory remembers.
    field: String,
    severity: f64,
}

fn reasons(pod: Workload<'_>, container: &str) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = pod
        .privileged_containers()
        .filter(|privileged| is_target(*privileged, container))
        .map(|privileged| Reason {
            name: "a privileged container",
            field: format!(
                "pod.spec.containers[{}].securityContext.privileged",
                privileged.name()
            ),
            severity: 7.0,
        })
        .collect();
    for (set, name, field, severity) in [
        (pod.host_pid(), "the node's processes", "hostPID", 7.0),
        (pod.host_ipc(), "the node's IPC", "hostIPC", NETWORK_ONLY),
        (
            pod.host_network(),
            "the node's network",
            "hostNetwork",
            NETWORK_ONLY,
        ),
    ] {
        if set {
            reasons.push(Reason {
                name,
                field: format!("pod.spec.{field}"),
                severity,
            });
        }
    }
    reasons
}

/// A request that names no container means the pod's first or default one; which that
/// is, only the kubelet knows.
fn is_target(container: Container<'_>, named: &str) -> bool {
    named.is_empty() || container.name() == named
}

wardline_sdk::detector!(ExecInPrivilegedPod);
