//! Commands in pods that have power over their node.
//!
//! An exec event does not describe its pod, so the pod's spec comes from the inventory. Pods that
//! were created before the audit log began are unknown and not reported, except for those of the
//! control plane, which are recognized by name.

use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::Requester;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::view::Container;

use crate::pods::is_control_plane;
use crate::stream::Stream;

const EXEC: &str = "PrivilegeEscalation:Kubernetes/ExecInPrivilegedPod";

const NODE_POWER: SeverityRule = SeverityRule::new(
    7.0,
    "the container is privileged, shares the node's processes, or is a control-plane component",
);
const HOST_PATH: SeverityRule = SeverityRule::new(
    6.0,
    "it can write to a directory or socket that allows it to take over the node",
);
const NETWORK_ONLY: SeverityRule =
    SeverityRule::new(MEDIUM, "it shares only the node's network or IPC");
const OWN_POD: SeverityRule = SeverityRule::at_most(
    LOW,
    "a service account created the pod itself, as CI runners do",
);

/// Directories and sockets of the node with which a container can take over the node.
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
    /// A noun phrase for the title.
    name: &'static str,
    /// The field of the pod or event that gives the reason.
    field: String,
    value: String,
    rule: SeverityRule,
}

pub fn judge(stream: &Stream<'_>, findings: &mut Findings) -> bool {
    let event = stream.event;
    let mut reasons = inventory::pod_spec(event, "pods", stream.namespace, stream.pod)
        .map(|pod| reasons(pod.workload(), stream.container))
        .unwrap_or_default();
    if is_control_plane(stream.namespace, stream.pod) {
        reasons.push(Reason {
            name: "control-plane component",
            field: "requestURI".to_owned(),
            value: event.request_uri().to_owned(),
            rule: NODE_POWER,
        });
    }
    let severity = reasons
        .iter()
        .map(|reason| reason.rule.severity)
        .fold(0.0, f64::max);
    let severity = match is_own_pod(stream) {
        true => OWN_POD.apply(severity),
        false => severity,
    };
    let names: Vec<&str> = reasons.iter().map(|reason| reason.name).collect();
    let title = format!(
        "A command was run in pod {} with node access: {}",
        stream.target(),
        names.join(", ")
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

/// Whether the user is a service account that created the pod itself, as CI runners do. The
/// command then adds no power to that of the pod, whose creation is reported on its own.
fn is_own_pod(stream: &Stream<'_>) -> bool {
    let actor = stream.event.actor();
    Requester::is_program(stream.event)
        && inventory::changed_by(stream.event, "pods", stream.namespace, stream.pod).as_deref()
            == Some(actor.username())
}

fn reasons(pod: Workload<'_>, container: &str) -> Vec<Reason> {
    let targets = || {
        pod.containers()
            .filter(move |one| is_target(*one, container))
    };
    let set = |name, field, rule| Reason {
        name,
        field,
        value: "true".to_owned(),
        rule,
    };
    let mut reasons: Vec<Reason> = targets()
        .filter(|one| one.security().privileged() == Some(true))
        .map(|privileged| {
            let field = format!(
                "pod.spec.containers[{}].securityContext.privileged",
                privileged.name()
            );
            set("privileged container", field, NODE_POWER)
        })
        .collect();
    for (is_set, name, field, rule) in [
        (pod.host_pid(), "host processes", "hostPID", NODE_POWER),
        (pod.host_ipc(), "host IPC", "hostIPC", NETWORK_ONLY),
        (
            pod.host_network(),
            "host network",
            "hostNetwork",
            NETWORK_ONLY,
        ),
    ] {
        if is_set {
            reasons.push(set(name, format!("pod.spec.{field}"), rule));
        }
    }
    let mounts = targets().flat_map(|one| one.mounts());
    let volumes = pod.volumes_by_name("hostPath");
    for mount in mounts.filter(|mount| !mount.read_only()) {
        let volume = volumes.get(mount.name());
        if let Some(volume) = volume.filter(|volume| is_powerful(volume.source())) {
            reasons.push(Reason {
                name: "writable host path",
                field: format!("pod.spec.volumes[name={}].hostPath.path", volume.name()),
                value: volume.source().to_owned(),
                rule: HOST_PATH,
            });
        }
    }
    reasons
}

fn is_powerful(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    HOST_PATHS.contains(&if path.is_empty() { "/" } else { path })
}

/// Whether a command may run in this container. A request without a container name means the
/// default container, which only the kubelet knows, so every container counts.
fn is_target(container: Container<'_>, named: &str) -> bool {
    named.is_empty() || container.name() == named
}

pub fn finding_type() -> FindingType {
    FindingType::new(EXEC, NODE_POWER.severity)
        .title("A command was run in a pod with power over its node")
        .description(
            "The container is privileged, can write to a critical path of the node, shares a \
             namespace of the node, or is a control-plane component. A command in it can escape \
             to the node and reach every pod and credential there.",
        )
        .technique("T1609")
        .technique("T1611")
        .remediation(
            "Ask the user whether this was intended. If not, revoke the user's credentials, \
             cordon and replace the node, and rotate the credentials of the pods that ran on it. \
             Remove `create pods/exec` from roles that do not need it, and restrict such pods to \
             the namespaces that need them with Pod Security Admission (`baseline`).",
        )
        .false_positives(
            "Administrators who troubleshoot node agents and CNI or CSI drivers, `kubectl debug \
             node/...` followed by a second attach, and backups that run etcdctl in the etcd pod. \
             The user and the pod tell them apart.",
        )
        .severity_rules([NODE_POWER, HOST_PATH, NETWORK_ONLY, OWN_POD])
        .tuning(
            "Add the account of a backup job to `trusted-users`, or the namespace of a node agent \
             to `trusted-namespaces`.",
        )
        .aggregated_by("actor, namespace, and pod")
        .reference("https://attack.mitre.org/techniques/T1611/")
        .reference("https://kubernetes.io/docs/concepts/security/pod-security-standards/")
}
