//! The detector's finding types.

use wardline_sdk::FindingType;
use wardline_sdk::rules::severity::{LOW, MEDIUM, SeverityRule};
use wardline_sdk::rules::{ObjectChange, UnseenOwner};

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
const TUNING: &str = "Add image prefixes of your platform's agents to `trusted-images`.";
const AGGREGATED_BY: &str =
    "actor and resource; pods of one image in one namespace are reported once";

// The rules of all types for access to the node.
pub const MAY_BE_OLD: SeverityRule = SeverityRule::at_most(
    LOW,
    "a whole object was replaced, or applied again by a service account, and the audit log does not \
     contain its previous state",
);

pub const AGENT: SeverityRule = SeverityRule::at_most(
    LOW,
    "the image is that of a published network, storage, or monitoring agent, which runs its own program \
     without a writable mount of `/`, and no person created the pod by hand",
);

// The rules of `SENSITIVE_MOUNT`.
pub const CREDENTIAL_PATH: SeverityRule = SeverityRule::new(
    MEDIUM,
    "the path holds credentials, process environments (`/proc/1`), or a socket that grants root \
     access to the node",
);
pub const PROGRAM_PATH: SeverityRule = SeverityRule::new(
    MEDIUM,
    "the mount is writable, and files at the path cause programs to run on the node",
);
pub const VOLUME_BY_PERSON: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a person created a persistent volume of a path that would be rated 5.0 in a writable mount",
);
pub const VOLUME_BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    LOW,
    "a service account created such a volume; once per sensitive directory within `remember`",
);
pub const WHOLE_TREE: SeverityRule = SeverityRule::new(
    LOW,
    "a whole tree (`/`, `/etc`, `/var`, `/var/lib`, `/run`, `/proc`) is mounted read-only",
);
pub const COMMON_PATH: SeverityRule = SeverityRule::new(
    LOW,
    "the mount is writable, and many agents have the path (`/opt`, `/dev`, `/sys`, `/var/log`, CNI \
     directories, or files for time zone and name resolution)",
);

// The rules of `HOST_NAMESPACE`.
pub const HOST_PROCESSES: SeverityRule =
    SeverityRule::new(MEDIUM, "the pod sets `hostPID` or `hostIPC`");
pub const HOST_NETWORK: SeverityRule = SeverityRule::new(LOW, "the pod sets only `hostNetwork`");

// The rules of `CAPABILITIES`.
pub const ESCAPE: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a container adds ALL, SYS_ADMIN, SYS_MODULE, SYS_RAWIO, SYS_BOOT, DAC_READ_SEARCH, BPF, PERFMON, \
     MAC_ADMIN, MAC_OVERRIDE, CHECKPOINT_RESTORE, SYSLOG, or SYS_PTRACE together with `hostPID`",
);
pub const DISRUPTION: SeverityRule = SeverityRule::new(
    LOW,
    "a container that admission did not inject adds SYS_PTRACE alone, NET_ADMIN, NET_RAW, \
     NET_BROADCAST, DAC_OVERRIDE, SYS_TIME, IPC_OWNER, or LINUX_IMMUTABLE",
);

// The rules of `ISOLATION`.
pub const SYSCTL_INJECTION: SeverityRule =
    SeverityRule::new(6.0, "a sysctl has `+` or `=` in its value (CVE-2022-0811)");
pub const UNMASKED: SeverityRule =
    SeverityRule::new(MEDIUM, "`procMount` is Unmasked without a user namespace");
pub const UNCONFINED: SeverityRule = SeverityRule::new(MEDIUM, "the SELinux type is unconfined");
pub const GIT_REPOSITORY: SeverityRule = SeverityRule::new(
    MEDIUM,
    "the workload has a `gitRepo` volume (CVE-2024-10220)",
);
pub const NO_PROFILE: SeverityRule = SeverityRule::new(LOW, "seccomp or AppArmor is Unconfined");
pub const UNMASKED_IN_NAMESPACE: SeverityRule =
    SeverityRule::new(LOW, "`procMount` is Unmasked with a user namespace");
pub const UNSAFE_SYSCTL: SeverityRule =
    SeverityRule::new(LOW, "an unsafe sysctl outside of `net.` is set");
pub const SHARED_PROCESSES: SeverityRule = SeverityRule::new(
    LOW,
    "containers share a process namespace and one adds SYS_PTRACE",
);
pub const NETWORK_SYSCTL: SeverityRule =
    SeverityRule::new(2.0, "an unsafe sysctl of `net.` is set");
pub const HOST_USERS: SeverityRule =
    SeverityRule::new(2.0, "the pod runs as root and sets `hostUsers` to true");

// The rules of `MIRROR_POD`.
pub const HAND_MADE: SeverityRule = SeverityRule::new(
    6.0,
    "no kubelet created it: the user, node, name, client, or manifest hash is not that of a kubelet",
);
pub const OUTSIDE_SYSTEM: SeverityRule = SeverityRule::new(
    LOW,
    "a kubelet created it outside of the system namespaces; once per pod within `remember`",
);
pub const UNCOMMON: SeverityRule = SeverityRule::new(
    2.0,
    "a kubelet created it in a system namespace with an uncommon name; once per pod within `remember`",
);

// The rules of `BOUND`.
pub const CONTROL_PLANE_NODE: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a person chose a node whose name is that of a control-plane node",
);
pub const OTHER_NODE: SeverityRule = SeverityRule::new(
    LOW,
    "the user is a service account or the node is another one; once per user and namespace within \
     `remember`",
);

// The rules of `DENIED`.
pub const MANY_DENIED: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a person reached `probes` different rejections within `probe-window`",
);
pub const MANY_DENIED_TO_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    3.5,
    "a service account reached `probes` different rejections within `probe-window`",
);
pub const ONE_DENIED: SeverityRule = SeverityRule::new(
    LOW,
    "the rejection is a single one; once per user, namespace, and kind within `remember`",
);

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

/// Adds the texts that the types for access to the node have in common.
fn with_node_access(finding: FindingType) -> FindingType {
    finding
        .technique("T1610")
        .technique("T1611")
        .remediation(
            "Ask the user who created the workload whether it needs this access. If not, delete \
             the workload, examine what ran in it and on its node, and revoke the user's \
             credentials. Restrict such pods to the namespaces that need them with Pod Security \
             Admission.",
        )
        .tuning(TUNING)
        .aggregated_by(AGGREGATED_BY)
        .reference(STANDARDS)
        .reference("https://attack.mitre.org/techniques/T1611/")
}

fn privileged_type() -> FindingType {
    FindingType::new(PRIVILEGED, MEDIUM)
        .title("A workload with a privileged container was created or changed")
        .description(
            "A workload with a privileged container was created or changed. Such a container has \
             every capability and every device of its node: an attacker who controls it controls \
             the node.",
        )
        .technique("T1610")
        .technique("T1611")
        .remediation(
            "Ask the user who created the workload whether it needs this access. If not, delete \
             the workload, examine what ran in it and on its node, and revoke the user's \
             credentials. Restrict such pods to the namespaces that need them with Pod Security \
             Admission (`baseline`).",
        )
        .false_positives(
            "Network, storage, security, and monitoring agents during installation, and CI \
             runners that run a container engine. The attributes of the finding name the images.",
        )
        .severity_rules([AGENT, MAY_BE_OLD, UnseenOwner::COMPONENT])
        .tuning(TUNING)
        .aggregated_by(AGGREGATED_BY)
        .reference("https://kubernetes.io/docs/concepts/security/pod-security-standards/")
        .reference("https://attack.mitre.org/techniques/T1611/")
}

fn sensitive_mount_type() -> FindingType {
    FindingType::new(SENSITIVE_MOUNT, MEDIUM)
        .title("A sensitive host path was mounted in a container")
        .description(
            "The container has access to files of its node that hold credentials or cause \
             programs to run. An attacker can take over the node with them, and persist after the \
             pod is gone. Persistent volumes of such paths are reported too, because Pod Security \
             does not check them.",
        )
        .technique("T1610")
        .technique("T1611")
        .technique("T1552.001")
        .remediation(
            "Ask the user who created the workload whether it needs this path, and whether it \
             must write to it. If not, delete the workload, check the files on the nodes where it \
             ran, rotate the credentials that it could read, and forbid `hostPath` with Pod \
             Security Admission (`baseline`).",
        )
        .false_positives(
            "Monitoring agents, which mount whole trees read-only and are rated Low, and storage \
             drivers and installers of network plugins, which write. The attributes of the \
             finding name the images.",
        )
        .severity_rules([
            CREDENTIAL_PATH,
            PROGRAM_PATH,
            VOLUME_BY_PERSON,
            VOLUME_BY_SERVICE_ACCOUNT,
            WHOLE_TREE,
            COMMON_PATH,
            AGENT,
            MAY_BE_OLD,
            UnseenOwner::COMPONENT,
        ])
        .tuning(TUNING)
        .aggregated_by(AGGREGATED_BY)
        .reference("https://kubernetes.io/docs/concepts/storage/volumes/#hostpath")
        .reference("https://attack.mitre.org/techniques/T1611/")
}

fn host_namespace() -> FindingType {
    with_node_access(FindingType::new(HOST_NAMESPACE, MEDIUM))
        .title("Host namespaces were shared with a pod")
        .description(
            "The pod shares the node's processes, shared memory, or network. An attacker can \
             enter the node through its first process, read the environment of other processes, \
             and reach services that listen only on the node. A shared network alone is not \
             reported beside another finding about the same request.",
        )
        .severity_rules([
            HOST_PROCESSES,
            HOST_NETWORK,
            AGENT,
            ObjectChange::PACKAGED,
            ObjectChange::PLATFORM,
            MAY_BE_OLD,
            UnseenOwner::COMPONENT,
        ])
        .false_positives(
            "Monitoring agents, which share the node's processes, and network plugins and ingress \
             controllers, which share its network. The attributes of the finding name the images.",
        )
}

fn capabilities() -> FindingType {
    with_node_access(FindingType::new(CAPABILITIES, MEDIUM))
        .title("Dangerous capabilities were added to a container")
        .description(
            "With these Linux capabilities a container can mount file systems, trace processes, \
             load kernel code, or read every file, which makes it equivalent to a privileged \
             container. Privileged containers, which have all capabilities, have a finding type \
             of their own.",
        )
        .severity_rules([
            ESCAPE,
            DISRUPTION,
            AGENT,
            ObjectChange::PACKAGED,
            ObjectChange::PLATFORM,
            MAY_BE_OLD,
            UnseenOwner::COMPONENT,
        ])
        .false_positives(
            "Agents that use eBPF, VPN and storage drivers, profilers, and debuggers. The \
             attributes of the finding name the images.",
        )
        .reference("https://man7.org/linux/man-pages/man7/capabilities.7.html")
}

fn isolation() -> FindingType {
    with_node_access(FindingType::new(ISOLATION, LOW))
        .title("Isolation from the node was weakened in a workload")
        .description(
            "The workload disables seccomp, AppArmor, or SELinux, unmasks /proc, sets sysctls, or \
             mounts a volume that runs code on the node. Each makes an escape from the container \
             easier. Privileged containers, which have all of this, have a finding type of their \
             own.",
        )
        .severity_rules([
            SYSCTL_INJECTION,
            UNMASKED,
            UNCONFINED,
            GIT_REPOSITORY,
            NO_PROFILE,
            UNMASKED_IN_NAMESPACE,
            UNSAFE_SYSCTL,
            SHARED_PROCESSES,
            NETWORK_SYSCTL,
            HOST_USERS,
            ObjectChange::PACKAGED,
            ObjectChange::PLATFORM,
            MAY_BE_OLD,
            UnseenOwner::COMPONENT,
        ])
        .false_positives(
            "Debuggers, databases that tune their node, and image builds in containers. The \
             attributes of the finding name the images.",
        )
        .reference("https://nvd.nist.gov/vuln/detail/CVE-2024-10220")
        .reference("https://nvd.nist.gov/vuln/detail/CVE-2022-0811")
}

fn mirror_pod() -> FindingType {
    FindingType::new(MIRROR_POD, HAND_MADE.severity)
        .title("An unusual static pod was registered")
        .description(
            "A kubelet runs a static pod from a file on its node, without admission, and \
             registers a mirror pod for it. This mirror pod is unusual, or was not created by a \
             kubelet. The pod's access to the node is reported by other finding types.",
        )
        .technique("T1610")
        .technique("T1543")
        .severity_rules([HAND_MADE, OUTSIDE_SYSTEM, UNCOMMON])
        .remediation(
            "Inspect the kubelet's manifest directory (/etc/kubernetes/manifests) on that node, \
             and find out who wrote to it. If no kubelet created the pod, revoke the credential \
             and replace the node.",
        )
        .false_positives(
            "Static pods of on-premises installations. Each is reported once per node within \
             `remember`.",
        )
        .tuning("Raise `remember`.")
        .aggregated_by("actor and pod")
        .reference("https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/")
}

fn bound() -> FindingType {
    FindingType::new(BOUND, LOW)
        .title("The scheduler was bypassed for a pod on a chosen node")
        .description(
            "A pod spec names its node, or a user other than the scheduler bound a pod to a node. \
             The pod runs there regardless of taints and policies, for example next to a pod \
             whose token an attacker wants. Pods that have a Medium finding for access to their \
             node are not reported again.",
        )
        .technique("T1610")
        .severity_rules([CONTROL_PLANE_NODE, OTHER_NODE])
        .remediation(
            "Ask the user why this node was chosen. Examine what else runs on the node, and move \
             sensitive workloads away from it.",
        )
        .false_positives("`kubectl debug node`, custom schedulers, benchmarks, and storage tools.")
        .tuning("Raise `remember`.")
        .aggregated_by("actor, namespace, and node")
        .reference(
            "https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename",
        )
}

fn dry_run() -> FindingType {
    FindingType::new(DRY_RUN, LOW)
        .title("Dangerous pods were submitted as dry runs")
        .description(
            "At least `probes` dry runs within `probe-window` requested privileged pods, host \
             namespaces, dangerous capabilities, or sensitive host paths. An attacker learns in \
             this way what admission allows, without leaving an object behind.",
        )
        .technique("T1613")
        .remediation(
            "Ask the user about the purpose. Search for pods that the user created afterwards.",
        )
        .false_positives("Manifest checks in pipelines that create agents for the first time.")
        .tuning("Raise `probes`.")
        .aggregated_by("actor")
        .reference("https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run")
}

fn denied() -> FindingType {
    FindingType::new(DENIED, MEDIUM)
        .title("Dangerous pods were rejected by admission")
        .description(
            "Pod Security or another admission control rejected pods that request access to their \
             node. Several different ones suggest a search for a gap. Violations of only the \
             level `restricted` are not reported.",
        )
        .technique("T1610")
        .technique("T1611")
        .severity_rules([MANY_DENIED, MANY_DENIED_TO_SERVICE_ACCOUNT, ONE_DENIED])
        .remediation(
            "Ask the user about the purpose. If the user does not know of it, revoke the \
             credential.",
        )
        .false_positives("Agents that are installed in a namespace that enforces `baseline`.")
        .tuning("Raise `probes`.")
        .aggregated_by("actor, and namespace or burst")
        .reference("https://kubernetes.io/docs/concepts/security/pod-security-admission/")
}
