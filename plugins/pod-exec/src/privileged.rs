//! Commands in pods that have power over their node.
//!
//! An exec event does not say what its pod may do; what the log told when the pod was
//! created does. Pods that were created before the log began are not known, and not
//! found here, but for those of the control plane, which have their names.

use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::view::Container;

use crate::pods::is_control_plane;
use crate::stream::Stream;

const EXEC: &str = "PrivilegeEscalation:Kubernetes/ExecInPrivilegedPod";

/// Where the node's network or its IPC is all that a pod shares.
const NETWORK_ONLY: f64 = 5.0;

/// Where a robot runs commands in the pods that it makes.
const LOW: f64 = 3.0;

/// Directories of the node, and sockets, with which a container can take the node over.
const HOST_PATHS: [&str; 14] = [
    "/",
    "/boot",
    "/dev",
    "/etc",
    "/etc/kubernetes",
    "/home",
    "/proc",
    "/root",
    "/run/containerd/containerd.sock",
    "/run/docker.sock",
    "/var/lib/etcd",
    "/var/lib/kubelet",
    "/var/run",
    "/var/run/docker.sock",
];

struct Reason {
    name: &'static str,
    /// Where it stands in the pod that the inventory remembers, and its value.
    field: String,
    value: String,
    severity: f64,
}

pub fn judge(stream: &Stream<'_>, findings: &mut Findings) -> bool {
    let event = stream.event;
    let mut reasons = inventory::pod_spec(event, "pods", stream.namespace, stream.pod)
        .map(|pod| reasons(pod.workload(), stream.container))
        .unwrap_or_default();
    if is_control_plane(stream.namespace, stream.pod) {
        reasons.push(Reason {
            name: "a part of the control plane",
            field: "requestURI".to_owned(),
            value: event.request_uri().to_owned(),
            severity: 7.0,
        });
    }
    let severity = reasons
        .iter()
        .map(|reason| reason.severity)
        .fold(0.0, f64::max);
    let severity = match made_by_itself(stream) {
        true => severity.min(LOW),
        false => severity,
    };
    let what: Vec<&str> = reasons.iter().map(|reason| reason.name).collect();
    let title = format!(
        "A command was run in the pod {}, which has: {}",
        stream.target(),
        what.join(", ")
    );
    if reasons.is_empty() {
        return false;
    }
    let finding = reasons
        .into_iter()
        .fold(stream.finding(EXEC), |finding, reason| {
            finding.evidence(event, reason.field, reason.value)
        });
    findings.raise(finding.severity(severity).title(title));
    true
}

/// Whether a service account made the pod itself, as runners of CI jobs do: the command gives it
/// nothing that it has not given itself with the pod, which is reported for what it is.
fn made_by_itself(stream: &Stream<'_>) -> bool {
    let actor = stream.event.actor();
    actor.service_account().is_some()
        && inventory::changed_by(stream.event, "pods", stream.namespace, stream.pod).as_deref()
            == Some(actor.username())
}

fn reasons(pod: Workload<'_>, container: &str) -> Vec<Reason> {
    let targets = || {
        pod.containers()
            .filter(move |one| is_target(*one, container))
    };
    let set = |name, field, severity| Reason {
        name,
        field,
        value: "true".to_owned(),
        severity,
    };
    let mut reasons: Vec<Reason> = targets()
        .filter(|one| one.security().privileged() == Some(true))
        .map(|privileged| {
            let field = format!(
                "pod.spec.containers[{}].securityContext.privileged",
                privileged.name()
            );
            set("a privileged container", field, 7.0)
        })
        .collect();
    for (is_set, name, field, severity) in [
        (pod.host_pid(), "the node's processes", "hostPID", 7.0),
        (pod.host_ipc(), "the node's IPC", "hostIPC", NETWORK_ONLY),
        (
            pod.host_network(),
            "the node's network",
            "hostNetwork",
            NETWORK_ONLY,
        ),
    ] {
        if is_set {
            reasons.push(set(name, format!("pod.spec.{field}"), severity));
        }
    }
    let mounts = targets().flat_map(|one| one.mounts());
    for mount in mounts.filter(|mount| !mount.read_only()) {
        let volume = pod
            .volumes_of_kind("hostPath")
            .find(|volume| volume.name() == mount.name());
        if let Some(volume) = volume.filter(|volume| is_powerful(volume.source())) {
            reasons.push(Reason {
                name: "a directory of the node that it can write",
                field: format!("pod.spec.volumes[name={}].hostPath.path", volume.name()),
                value: volume.source().to_owned(),
                severity: 6.0,
            });
        }
    }
    reasons
}

fn is_powerful(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    HOST_PATHS.contains(&if path.is_empty() { "/" } else { path })
}

/// A request that names no container means the pod's first or default one; which that
/// is, only the kubelet knows.
fn is_target(container: Container<'_>, named: &str) -> bool {
    named.is_empty() || container.name() == named
}

pub fn finding_type() -> FindingType {
    FindingType::new(EXEC, 7.0)
        .title("A command was run in a pod with power over its node")
        .description(
            "The container is privileged, has a directory of its node, sees the node's processes, or is \
             a part of the control plane: a command in it can leave the container and take over the \
             node, and with it every pod and credential there.",
        )
        .technique("T1609")
        .technique("T1611")
        .remediation(
            "Ask the user whether this was intended. If not, revoke the user's credentials, cordon the \
             node and replace it, and rotate the credentials of the pods that ran on it. Take `create \
             pods/exec` away from those who do not need it, and let Pod Security Admission (`baseline`) \
             keep such pods to the namespaces that need them.",
        )
        .false_positives(
            "Administrators who look for faults in node agents, CNI and CSI drivers; `kubectl debug \
             node/...` followed by a second attach; backups that run etcdctl in the etcd pod.",
        )
        .severity_rule("7.0 if the container is privileged, shares the node's processes, or is of the control plane")
        .severity_rule("6.0 if it can write a directory of the node with which it can be taken over")
        .severity_rule("5.0 if it shares the node's network or IPC only")
        .severity_rule("3.0 if a service account made the pod itself, as runners of CI jobs do")
        .tuning("Add the account of a backup job to `trusted-users`, the namespace of a node agent to `trusted-namespaces`.")
        .aggregated_by("actor, namespace and pod")
        .reference("https://attack.mitre.org/techniques/T1611/")
        .reference("https://kubernetes.io/docs/concepts/security/pod-security-standards/")
}
