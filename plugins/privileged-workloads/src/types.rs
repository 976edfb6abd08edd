//! The types of findings.

use wardline_sdk::FindingType;

pub const PRIVILEGED: &str = "PrivilegeEscalation:Kubernetes/PrivilegedContainer";
pub const SENSITIVE_MOUNT: &str = "Persistence:Kubernetes/ContainerWithSensitiveMount";
pub const HOST_NAMESPACE: &str = "PrivilegeEscalation:Kubernetes/HostNamespace";
pub const CAPABILITIES: &str = "PrivilegeEscalation:Kubernetes/DangerousCapabilities";
pub const ISOLATION: &str = "PrivilegeEscalation:Kubernetes/WeakenedIsolation";
pub const MIRROR_POD: &str = "Persistence:Kubernetes/MirrorPod";
pub const BOUND: &str = "Execution:Kubernetes/PodBoundToNode";
pub const DRY_RUN: &str = "PrivilegeEscalation:Kubernetes/DryRunProbe";
pub const DENIED: &str = "PrivilegeEscalation:Kubernetes/PodSecurityDenied";

const STANDARDS: &str = "https://kubernetes.io/docs/concepts/security/pod-security-standards/";
const MAY_BE_OLD: &str = "3.0 if somebody replaced a whole object, or a service account applied it again, and the log has not told what it was";
const PACKAGED: &str = "3.0 if the object carries the labels of Helm, Argo CD, Flux, OLM or another package, or has an owner; if the platform did it";

pub fn all() -> [FindingType; 9] {
    [
        privileged_type(),
        sensitive_mount_type(),
        host_namespace(),
        capabilities(),
        isolation(),
        mirror_pod(),
        bound(),
        dry_run(),
        denied(),
    ]
}

/// What all types of pods that reach for their node say.
fn of_pods(finding: FindingType) -> FindingType {
    finding
        .technique("T1610")
        .technique("T1611")
        .severity_rule(PACKAGED)
        .severity_rule(MAY_BE_OLD)
        .remediation(
            "Ask who made the workload whether it needs this. If not, delete it, look at what ran in it \
             and on its node, and revoke the credentials of who made it. Let Pod Security Admission \
             keep such pods to the namespaces that need them.",
        )
        .tuning("Set `trusted-images`.")
        .aggregated_by("actor and resource; pods of one image in one namespace are told once")
        .reference(STANDARDS)
        .reference("https://attack.mitre.org/techniques/T1611/")
}

fn privileged_type() -> FindingType {
    FindingType::new(PRIVILEGED, 5.0)
        .title("A privileged container was asked for")
        .description(
            "A privileged container has every capability and every device of its node: whoever controls \
             it controls the node.",
        )
        .technique("T1610")
        .technique("T1611")
        .remediation(
            "Ask who made the workload whether it needs this. If not, delete it, look at what ran in it \
             and on its node, and revoke the credentials of who made it. Let Pod Security Admission \
             (`baseline`) keep such pods to the namespaces that need them.",
        )
        .false_positives(
            "Network, storage, security and monitoring agents when they are installed; build robots that \
             run a container engine. Set `trusted-images` for those of your platform.",
        )
        .severity_rule(MAY_BE_OLD)
        .tuning("Set `trusted-images`.")
        .aggregated_by("actor and resource; pods of one image in one namespace are told once")
        .reference("https://kubernetes.io/docs/concepts/security/pod-security-standards/")
        .reference("https://attack.mitre.org/techniques/T1611/")
}

fn sensitive_mount_type() -> FindingType {
    FindingType::new(SENSITIVE_MOUNT, 5.0)
        .title("A container has a sensitive directory of its node")
        .description(
            "The container sees files of its node that hold credentials, or that make programs run: it \
             can take over the node, and stay after the pod is gone.",
        )
        .technique("T1610")
        .technique("T1611")
        .technique("T1552.001")
        .remediation(
            "Ask who made the workload whether it needs this directory, and whether it must write. If \
             not, delete it, check the files on the nodes where it ran, rotate the credentials that it \
             could read, and forbid `hostPath` with Pod Security Admission (`baseline`).",
        )
        .false_positives(
            "Agents that watch nodes mount them for reading, and are rated Low; storage drivers and \
             installers of network plugins write. Set `trusted-images` for those of your platform.",
        )
        .severity_rule("of a persistent volume of such a directory: 5.0 if a person made it, 3.0 if a service account did, once for each directory")
        .severity_rule("3.0 for directories that many agents have, and for reading what only writing makes dangerous")
        .severity_rule(MAY_BE_OLD)
        .tuning("Set `trusted-images`.")
        .aggregated_by("actor and resource; pods of one image in one namespace are told once")
        .reference("https://kubernetes.io/docs/concepts/storage/volumes/#hostpath")
        .reference("https://attack.mitre.org/techniques/T1611/")
}

fn host_namespace() -> FindingType {
    of_pods(FindingType::new(HOST_NAMESPACE, 5.0))
        .title("A pod shares namespaces of its node")
        .description(
            "The pod sees the node's processes, shared memory or network: it can enter the node through \
             its first process, read the environment of others, and reach what listens on the node alone.",
        )
        .severity_rule("5.0 for hostPID and hostIPC; 3.0 for hostNetwork alone, which is not told besides another finding")
        .false_positives(
            "Monitoring agents have the node's processes; network plugins and ingress controllers its network.",
        )
}

fn capabilities() -> FindingType {
    of_pods(FindingType::new(CAPABILITIES, 5.0))
        .title("A container was given dangerous capabilities")
        .description(
            "With these capabilities of Linux a container can mount, trace, load code into the kernel or \
             read every file: a privileged container by another name.",
        )
        .severity_rule("5.0 for ALL, SYS_ADMIN, SYS_PTRACE together with hostPID, SYS_MODULE, SYS_RAWIO, SYS_BOOT, DAC_READ_SEARCH, BPF, PERFMON, MAC_ADMIN, MAC_OVERRIDE, CHECKPOINT_RESTORE, SYSLOG")
        .severity_rule("3.0 for SYS_PTRACE alone, NET_ADMIN, NET_RAW, NET_BROADCAST, DAC_OVERRIDE, SYS_TIME, IPC_OWNER, LINUX_IMMUTABLE; not told of containers that admission put in")
        .severity_rule("not told of privileged containers, which have them all")
        .false_positives("Agents that use eBPF, VPN and storage drivers, profilers and debuggers.")
        .reference("https://man7.org/linux/man-pages/man7/capabilities.7.html")
}

fn isolation() -> FindingType {
    of_pods(FindingType::new(ISOLATION, 3.0))
        .title("A workload weakens what keeps it from its node")
        .description(
            "The workload asks to run without seccomp, AppArmor or SELinux, with an open /proc, with \
             sysctls of the node, or with a volume that runs code there.",
        )
        .severity_rule("6.0 for a sysctl with `+` or `=` in its value (CVE-2022-0811)")
        .severity_rule("5.0 for procMount Unmasked without users of its own, SELinux types that confine nothing, and gitRepo volumes (CVE-2024-10220)")
        .severity_rule("3.0 for seccomp or AppArmor Unconfined, unsafe sysctls of the kernel, and a shared process namespace with SYS_PTRACE")
        .severity_rule("2.0 for other sysctls of the network, and for root with the node's users where that is asked for")
        .severity_rule("not told of privileged containers, which have it all")
        .false_positives("Debuggers, databases that tune their node, and builds of images within containers.")
        .reference("https://nvd.nist.gov/vuln/detail/CVE-2024-10220")
        .reference("https://nvd.nist.gov/vuln/detail/CVE-2022-0811")
}

fn mirror_pod() -> FindingType {
    FindingType::new(MIRROR_POD, 6.0)
        .title("A static pod appeared that clusters do not have")
        .description(
            "A static pod is run by a kubelet from a file on its node, past every admission check. This \
             mirror of one is unusual, or was made by something that is no kubelet.",
        )
        .technique("T1610")
        .technique("T1543")
        .severity_rule("6.0 if no kubelet made it: another user, another node, a name, hash or client that kubelets do not have")
        .severity_rule("3.0 outside of the cluster's own namespaces, 2.0 within for names that few clusters have; what it can do is told besides")
        .remediation(
            "Look into the kubelet's directory of manifests (/etc/kubernetes/manifests) on that node and \
             who wrote there. If no kubelet made the pod, revoke the credential and replace the node.",
        )
        .false_positives("Static pods of on-premises set-ups, once for each node.")
        .tuning("Set `remember` longer.")
        .aggregated_by("actor and pod")
        .reference("https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/")
}

fn bound() -> FindingType {
    FindingType::new(BOUND, 3.0)
        .title("A pod was put on a chosen node past the scheduler")
        .description(
            "A pod that names its node, or is bound to it by who is no scheduler, runs there whatever \
             taints and policies say: next to a pod whose token or memory is wanted.",
        )
        .technique("T1610")
        .severity_rule("5.0 if a person chose a node that by its name is of the control plane")
        .severity_rule("not told besides another finding that is Medium, and once for each actor and namespace")
        .remediation("Ask who did it why this node. Look at what else runs there, and move it if it is sensitive.")
        .false_positives("`kubectl debug node`, schedulers of one's own, benchmarks, and storage tools.")
        .tuning("Set `remember` longer.")
        .aggregated_by("actor, namespace and node")
        .reference("https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename")
}

fn dry_run() -> FindingType {
    FindingType::new(DRY_RUN, 3.0)
        .title("Dangerous pods were tried in dry runs")
        .description(
            "Several dry runs asked for privileged pods, host namespaces or sensitive directories: a way \
             to learn what admission lets through, which leaves no object behind.",
        )
        .technique("T1613")
        .severity_rule("once there were as many as `probes` within `probe-window`")
        .remediation("Ask who did it. Look for pods that they made afterwards.")
        .false_positives("Checks of manifests in pipelines, which make agents for the first time.")
        .tuning("Raise `probes`.")
        .aggregated_by("actor")
        .reference("https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run")
}

fn denied() -> FindingType {
    FindingType::new(DENIED, 5.0)
        .title("Dangerous pods were refused")
        .description(
            "Pod Security or another admission refused pods that reach for their node. Several different \
             ones are somebody who looks for a gap.",
        )
        .technique("T1610")
        .technique("T1611")
        .severity_rule("5.0 if a person was refused as many different ones as `probes` within `probe-window`; 3.5 if a service account was")
        .severity_rule("3.0 for a single one, once for each actor, namespace and kind")
        .severity_rule("not told where only the level `restricted` was violated")
        .remediation("Ask them what they wanted. If they do not know of it, revoke the credential.")
        .false_positives("Agents that are installed into a namespace that enforces `baseline`.")
        .tuning("Raise `probes`.")
        .aggregated_by("actor, and namespace or that it was a burst")
        .reference("https://kubernetes.io/docs/concepts/security/pod-security-admission/")
}
