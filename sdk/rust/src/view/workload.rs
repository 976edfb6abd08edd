//! Pods, and the pod templates of the objects that create pods.

use super::{Attribute, ContainerRole, List};

views! {
    /// The pods that an object defines: the spec of a Pod, or the pod template of a Deployment,
    /// DaemonSet, StatefulSet, ReplicaSet, ReplicationController, Job, CronJob, or PodTemplate.
    Workload {
        /// Containers, init containers, and ephemeral containers.
        containers: list(Container),
        /// The volumes.
        volumes: list(Volume),
        /// Whether the pods share the node's network (`hostNetwork`).
        host_network: value(bool),
        /// Whether they share the node's process namespace (`hostPID`).
        host_pid: value(bool),
        /// Whether they share the node's IPC namespace (`hostIPC`).
        host_ipc: value(bool),
        /// `spec.hostUsers`; false means that the pod has its own user namespace.
        host_users: maybe(bool),
        /// Whether a pod's containers see each other's processes.
        share_process_namespace: value(bool),
        /// The service account; empty means `default`.
        service_account: text,
        /// Whether its token is mounted, if the spec sets it.
        automount_service_account_token: maybe(bool),
        /// The node that the pod is bound to.
        node_name: text,
        /// The labels that a node must have.
        node_selector: attributes,
        /// Keys of tolerated taints; an empty key tolerates all.
        tolerations: texts,
        /// The priority class.
        priority_class: text,
        /// The runtime class.
        runtime_class: text,
        /// `Always`, `OnFailure`, or `Never`.
        restart_policy: text,
        /// The pod's security context.
        security: record(SecurityContext),
        /// The kernel settings.
        sysctls: attributes,
        /// Names of the image pull secrets.
        image_pull_secrets: texts,
        /// The labels of the pod template; empty for a Pod, whose labels are the object's.
        template_labels: attributes,
        /// The annotations of the pod template.
        template_annotations: attributes,
        /// The requested number of pods.
        replicas: maybe(i64),
        /// The schedule of a CronJob.
        schedule: text,
    }

    /// A container, init container, or ephemeral container.
    Container {
        /// Its name.
        name: text,
        /// The list of the pod spec that contains the container.
        role: value(ContainerRole),
        /// The image, as written.
        image: text,
        /// The command; empty for that of the image.
        command: texts,
        /// The arguments.
        arguments: texts,
        /// The commands of lifecycle hooks and probes. The key is the field that holds the command,
        /// such as `lifecycle.postStart`.
        hooks: attributes,
        /// Variables with their values; a reference has the value `secret:NAME/KEY`,
        /// `configMap:NAME/KEY`, or `field:PATH`.
        environment: attributes,
        /// The entries of `envFrom`: `secret:NAME` or `configMap:NAME`.
        environment_from: texts,
        /// Its security context.
        security: record(SecurityContext),
        /// Its mounts of volumes.
        mounts: list(Mount),
        /// Paths of block devices.
        devices: texts,
        /// Its ports.
        ports: list(ContainerPort),
        /// `limits.cpu`, `requests.nvidia.com/gpu`, and so on.
        quantities: attributes,
        /// `targetContainerName` of an ephemeral container.
        target: text,
        /// Whether it keeps standard input open.
        stdin: value(bool),
        /// Whether it has a terminal.
        tty: value(bool),
        /// The working directory.
        working_directory: text,
    }

    /// The security context of a container or pod; unset fields are none or empty.
    SecurityContext {
        /// `privileged`.
        privileged: maybe(bool),
        /// `allowPrivilegeEscalation`.
        allow_privilege_escalation: maybe(bool),
        /// `runAsUser`.
        run_as_user: maybe(i64),
        /// `runAsGroup`.
        run_as_group: maybe(i64),
        /// `runAsNonRoot`.
        run_as_non_root: maybe(bool),
        /// `readOnlyRootFilesystem`.
        read_only_root_filesystem: maybe(bool),
        /// `capabilities.add`, as written.
        capabilities_added: texts,
        /// `capabilities.drop`, as written.
        capabilities_dropped: texts,
        /// `RuntimeDefault`, `Unconfined`, or `Localhost`.
        seccomp: text,
        /// The AppArmor profile.
        apparmor: text,
        /// `Default` or `Unmasked`.
        proc_mount: text,
        /// The SELinux type, role, user, and level that are set: `type=spc_t`.
        selinux: attributes,
        /// `windowsOptions.hostProcess`.
        windows_host_process: value(bool),
    }

    /// A port of a container.
    ContainerPort {
        /// `containerPort`.
        port: value(i64),
        /// `hostPort`; 0 for none.
        host_port: value(i64),
        /// `TCP`, `UDP`, or `SCTP`.
        protocol: text,
    }

    /// A mount of a volume into a container.
    Mount {
        /// The name of the volume.
        name: text,
        /// The path.
        path: text,
        /// The path inside the volume.
        sub_path: text,
        /// Whether it is mounted read-only.
        read_only: value(bool),
        /// `None`, `HostToContainer`, or `Bidirectional`.
        propagation: text,
    }

    /// A volume of a pod.
    Volume {
        /// Its name.
        name: text,
        /// The key in the volume's object: `hostPath`, `secret`, `projected`, `csi`, and so on.
        kind: text,
        /// The path of a `hostPath`, the name of a `secret`, `configMap`, or claim, the driver of a
        /// `csi`, the repository of a `gitRepo`.
        source: text,
        /// `hostPath.type`.
        path_type: text,
        /// Whether it is read-only.
        read_only: value(bool),
    }
}
